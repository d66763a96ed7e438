"""A lead on its way from one score to the next, by one model: what it looked at, and what each fact moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.history import Floats, History
from features.kernel import days_waited, matrix
from leadloop.store.rows import Value
from leadloop.store.scores import StoredScore
from models.bundle import Bundle
from models.calibration import log_odds
from serving.scorer import numbers
from serving.steps import LEAST

STORED = ("p_win", "expected_value", "importance", "urgency", "priority", "stars", "flames")
FIGURES = (*STORED, "log_odds")
"""What is split; the last is that of the chance, in which facts add up as they are."""
FACTS_SHOWN = 8
Row = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What a model looked at, or would have: features of one lead, shape (1, features), and its wait."""

    X: Floats
    waited: Floats

    def figures(self, bundle: Bundle) -> dict[str, float]:
        """What a model says of it."""
        given = bundle.score_features(self.X, self.waited)
        return _with_log_odds({name: float(getattr(given, name)[0]) for name in STORED})


def seen_by(score: StoredScore) -> Seen:
    """What a score looked at, as it was stored."""
    waited = np.nan if score.days_waited is None else score.days_waited
    return Seen(np.frombuffer(score.seen, dtype="<f8")[None].astype(np.float64), np.array([waited], dtype=np.float64))


def figures_of(score: StoredScore) -> dict[str, float]:
    """What it said."""
    return _with_log_odds({name: float(getattr(score, name)) for name in STORED})


def _with_log_odds(figures: dict[str, float]) -> dict[str, float]:
    return {**figures, "log_odds": float(log_odds(np.array([figures["p_win"]]))[0])}


@dataclass(frozen=True)
class Way:
    """A lead from one score to the next, all by one model: as it was scored; as the ledger says today that it was then;
    that looked at later; with what became known meanwhile.
    """

    bundle: Bundle
    scored: Seen
    then: Seen
    waited: Seen
    known: Seen

    def steps(self, part: str) -> list[tuple[Seen, Seen]]:
        """What a part is made of. What came in late, of before then, became known as well."""
        late = (self.scored, self.then)
        return [(self.then, self.waited)] if part == "waiting" else [late, (self.waited, self.known)]

    @cached_property
    def of_time(self) -> Mapping[str, Mapping[str, float]]:
        """Of each figure, the parts of what became known and of waiting."""
        found: dict[str, dict[str, float]] = {name: {} for name in FIGURES}
        for part in ("data", "waiting"):
            steps = [(begin.figures(self.bundle), end.figures(self.bundle)) for begin, end in self.steps(part)]
            for name in FIGURES:
                found[name][part] = sum(end[name] - begin[name] for begin, end in steps)
        return found

    def facts(self, part: str, lang: str, given: Mapping[str, Value]) -> Row:
        """The facts that are no longer the same and moved the chance, strongest first: in log-odds, and in the chance
        along the way from step to step; and what is left of the part: of facts that move it too little to be shown, or
        only by what is seen beside them, and of chances that are as near to certain as they go.
        """
        explainer = self.bundle.explainer
        by_column = self._moved(part)
        in_all = explainer.by_fact(by_column)
        told = explainer.reasons(self.known.X[0], self._worth_telling(part, by_column), lang, FACTS_SHOWN, given)
        shown = [explainer.sources.index(str(reason["feature"])) for reason in told]
        facts = [
            {**{name: reason[name] for name in ("feature", "text")}, "log_odds": float(odds), "p_win": float(points)}
            for reason, (odds, points) in zip(told, in_all[:, shown].T, strict=True)
        ]
        sums = {"log_odds": in_all[0, shown].sum(), "p_win": in_all[1, shown].sum()}
        rest = {name: self.of_time[name][part] - float(told_of) for name, told_of in sums.items()}
        return {"facts": facts, "rest": rest}

    def _moved(self, part: str) -> Floats:
        """By column, shape (2, features + 1): what its change adds to the log-odds, and to the chance."""
        parts = np.zeros((2, len(self.bundle.catalogue.features) + 1))
        for begin, end in self.steps(part):
            moved = self.bundle.outcome.moved(begin.X, end.X)[0]
            parts[:, :-1] += np.outer([1.0, self._pace(begin, end)], moved)
        return parts

    def _worth_telling(self, part: str, by_column: Floats) -> Floats:
        """The log-odds by column, 0 for the facts that are not named."""
        explainer, kept = self.bundle.explainer, np.zeros(by_column.shape[1])
        otherwise = np.any([_differs(begin.X[0], end.X[0]) for begin, end in self.steps(part)], axis=0)
        points = explainer.by_fact(by_column)[1]
        for number, columns in enumerate(explainer.columns):
            if otherwise[columns].any() and abs(points[number]) >= LEAST:
                kept[columns] = by_column[0, columns]
        return kept

    def _pace(self, begin: Seen, end: Seen) -> float:
        """How much chance a unit of log-odds is, on average along the straight way between two moments."""
        before, after = (float(self.bundle.outcome.p_win(seen.X)[0]) for seen in (begin, end))
        way = float(np.subtract(*log_odds(np.array([after, before]))))
        return (after - before) / way if abs(way) > 1e-9 else before * (1.0 - before)


def _differs(before: Floats, after: Floats) -> NDArray[np.bool_]:
    """Where two rows of features are not the same; what is unknown in both is."""
    return np.not_equal(before, after) & ~(np.isnan(before) & np.isnan(after))


def look_at(bundle: Bundle, history: History, lead_id: str, instants: Sequence[int]) -> Sequence[Seen | None]:
    """What a model would have looked at, at each instant; None for a lead that was not on record."""
    lead = np.repeat(numbers(history, [lead_id]), len(instants))
    if not len(lead):
        return [None] * len(instants)
    when = np.array(instants)
    X, waited = matrix(bundle.catalogue, history, lead, when), days_waited(history, lead, when)
    return [Seen(X[i : i + 1], waited[i : i + 1]) for i in range(len(instants))]
