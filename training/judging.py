"""Plays a challenger's recipe as of the window's start; it and the champion say what becomes of the window's leads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from features.history import NEVER, Floats
from leadloop.clock import isoformat
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from models.registry import Version
from training.against import capacity
from training.compare import segments_of
from training.dataset import Dataset
from training.duel import Duel, Side
from training.recipe import Learned, Past, can_learn, order_by, teachers
from training.retrain import Local
from training.window import News, Window, news, taught_until

Timer = Callable[[Settings, Ledger, tuple[Version, Version]], tuple[float, float]]
"""Milliseconds of processor time that a score of one lead takes each of two versions."""
Drifting = Callable[[Settings, Ledger, int, Version], Mapping[str, Any]]
"""A report on how far the leads of an instant are from those that a version learned from."""


@dataclass(frozen=True)
class Judging:
    """A ledger as of today, and the champion that a challenger has to beat. `engine`: prepared, to measure."""

    settings: Settings
    engine: Local
    past: Past
    champion: Version

    def window(self) -> tuple[News | None, Window | None]:
        """What is new to the champion, and the part of it to judge on; None where there is none, or too little."""
        until = taught_until(self.champion)
        if until is None or self.past.as_of == NEVER or not self.past.labels.dated:
            return None, None
        count, window = news(self.settings, self.past, until, lambda data: self._champion(data).p)
        if window is None or not can_learn(self.settings, self.engine.past(window.start)):
            return count, None
        return count, window

    def measured(self, window: Window) -> dict[str, Any]:
        """The two over the window, and until when each had learned."""
        with threadpool_limits(1, user_api="blas"):
            learned = self._as_it_was(window)
        data = window.data
        duel = Duel(
            window=window,
            champion=self._champion(data),
            challenger=self._challenger(window, learned),
            capacity=capacity(self.settings, self.past.history, data),
            segments=segments_of(learned.catalogue, data, self.engine.columns),
            seed=self.settings.seed,
        )
        until = taught_until(self.champion)
        told = {"champion": None if until is None else isoformat(until), "challenger": isoformat(window.start)}
        return {**duel.report(), "taught_until": told, "chosen": learned.fitted.chosen, "taught_by": learned.rows}

    def _as_it_was(self, window: Window) -> Learned:
        """The recipe, taught by what was recorded before the first of the leads was touched; none of them teaches."""
        then = self.engine.past(window.start)
        leads = np.setdiff1d(teachers(self.settings, self.engine, then), window.data.lead)
        return self.engine.learn(then, leads, order_by(self.past.history, self.settings))

    def _champion(self, data: Dataset) -> Side:
        bundle = self.champion.bundle
        X = self.engine.columns(bundle.catalogue, data)
        return Side(bundle.outcome.p_win(X), bundle.value.expected(X))

    def _challenger(self, window: Window, learned: Learned) -> Side:
        X: Floats = self.engine.columns(learned.catalogue, window.data)
        return Side(learned.fitted.model.p_win(X), learned.value.expected(X))
