"""Trains on one machine: reads the ledger, and has the features and the models of the recipe made in this process."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from features.blocks import OPTIONAL
from features.catalogue import Catalogue, learn_catalogue
from features.history import NEVER, Floats, History, Ints
from features.history import read as read_history
from features.kernel import matrix
from leadloop.clock import DAY
from leadloop.settings import Settings
from leadloop.store import outcomes
from leadloop.store.ledger import Ledger
from models.baseline import last_sign
from models.bundle import Bundle
from models.decay import Decay
from training import fit, leakage, recipe
from training.against import Peer
from training.blocks import unearned
from training.candidates import MANY_ROWS
from training.case import Background
from training.censoring import soften
from training.dataset import Dataset, to_teach
from training.decay import fit_decay
from training.labels import label
from training.recipe import (
    SILENT,
    Learned,
    Past,
    Progress,
    Seen,
    Standing,
    Trained,
    closed,
    past_of,
)
from training.rows import Recipe, Rows
from training.selection import drawn_chances, weights
from training.value import fit_value

__all__ = ["SILENT", "Learned", "Past", "Progress", "Trained", "train"]


def train(settings: Settings, ledger: Ledger, as_of: int, say: Progress = lambda _: None) -> Trained:
    """Learn from everything recorded by `as_of`, test that forward in time, register it, switch it on if the gate lets.

    Raises: NothingToLearnError when there is no lead at all.
    """
    say("reading the ledger")
    history = read_history(ledger, as_of, blocks=OPTIONAL)
    return recipe.train(settings, Local(settings, ledger, history), as_of, say)


@dataclass(frozen=True)
class Local:
    """The engine of this process, on the history of a ledger."""

    settings: Settings
    ledger: Ledger
    history: History
    ruling: leakage.Ruling | None = None
    follows_open: bool = True

    def judged(self, past: Past, leads: Ints, order: Floats) -> Self:
        """The same engine, which knows what leaks, seen on these leads."""
        data, catalogue, X = self._moments(past, leads)
        return replace(self, ruling=self._judge(catalogue, past, X, data, order))

    def past(self, as_of: int) -> Past:
        """Everybody on record today, with what had become of them by `as_of`."""
        return _past(self.settings, self.ledger, self.history, as_of)

    def learn(self, past: Past, leads: Ints, order: Floats, known: Recipe | None = None) -> Learned:
        """Blocks of features and a model, chosen and calibrated forward in time; what a win brings; the decay."""
        data, catalogue, X = self._moments(past, leads)
        ruling = self.ruling or self._judge(catalogue, past, X, data, order)
        catalogue, kept = leakage.without(catalogue, ruling)
        rows = Rows(X[:, kept], data.won, data.weight, data.reason, order[data.lead])
        catalogue, rows = self._earned(catalogue, rows, data.closed)
        drawn = drawn_chances(self.ledger, self.history, data, past.as_of)
        stands_for = weights(self.history, past.labels, data, (catalogue, rows.X), past.as_of, drawn)
        rows = replace(rows, stands_for=stands_for)
        taught = soften(catalogue, rows, data, self.settings.horizon_days)
        fitted = fit.fit_outcome(catalogue, taught, self.settings.seed, trials=self.settings.tune_trials, known=known)
        won = np.unique(np.where(data.won == 1, data.lead, -1), return_index=True)[1]
        won = won[data.won[won] == 1]
        return Learned(
            catalogue=catalogue,
            fitted=fitted,
            value=fit_value(catalogue, rows.X[won], data.amount[won], rows.order[won]),
            decay=self._decay(catalogue, rows, data),
            rows=len(data),
            data_hash=data.hash,
            taught=taught,
            ruling=ruling,
        )

    def _moments(self, past: Past, leads: Ints) -> tuple[Dataset, Catalogue, Floats]:
        data = to_teach(past.history, past.labels, leads, self.settings.horizon_days, past.as_of)
        catalogue = learn_catalogue(self.history, data.lead, data.as_of, self.settings.timezone)
        return data, catalogue, matrix(catalogue, self.history, data.lead, data.as_of)

    def _earned(self, catalogue: Catalogue, rows: Rows, closed: NDArray[np.bool_]) -> tuple[Catalogue, Rows]:
        """Without the optional blocks that do not help."""
        dropped = unearned(catalogue, rows.take(closed).newest(fit.CHOICE_ROWS), self.settings.seed)
        kept = catalogue.kept_columns(dropped)
        return catalogue.without(dropped), replace(rows, X=rows.X[:, kept])

    def _decay(self, catalogue: Catalogue, rows: Rows, data: Dataset) -> Decay:
        """From the last sign of each lead to its moment; an undated ledger knows no waits."""
        if (data.as_of == NEVER).any():
            return Decay()
        waited = (data.as_of - last_sign(self.history, data.lead, data.as_of)) / DAY
        newest = np.sort(np.argsort(rows.order, kind="stable")[-MANY_ROWS:])
        newest = newest[data.closed[newest]]
        return fit_decay(catalogue, rows.take(newest), waited[newest])

    def _judge(self, catalogue: Catalogue, past: Past, X: Floats, data: Dataset, order: Floats) -> leakage.Ruling:
        """What leaks, seen on these rows and beside them on the leads that nobody has closed."""
        lead, at = leakage.waiting(past.history, past.open & ~past.labels.known, self.settings.seed)
        still = matrix(catalogue, self.history, lead, at) if len(lead) else X[:0]
        background = Background(still, order[lead], leakage.changes(self.history))
        known = data.closed
        moments = leakage.Moments(X[known], data.won[known], data.lead[known], order[data.lead[known]])
        return leakage.judge(catalogue, moments, self.settings.allow_columns, background, self.settings.seed)

    def see(self, learned: Learned, peers: Mapping[str, Peer], train: Dataset, test: Dataset) -> Seen:
        """Predict the test leads with what was learned and with its peers on the same features."""
        X = self.columns(learned.catalogue, test)
        return Seen(
            p=learned.fitted.model.p_win(X),
            value=learned.value.expected(X),
            raw={name: peer.raw(X) for name, peer in peers.items()},
            heard_train=last_sign(self.history, train.lead, train.as_of),
            heard_test=last_sign(self.history, test.lead, test.as_of),
        )

    def columns(self, catalogue: Catalogue, data: Dataset) -> Floats:
        """The columns of a catalogue for these moments."""
        return matrix(catalogue, self.history, data.lead, data.as_of)

    def sketch(self, data: Dataset) -> tuple[Catalogue, Floats]:
        """The catalogue that these moments teach, without optional blocks, and its columns."""
        catalogue = learn_catalogue(self.history, data.lead, data.as_of, self.settings.timezone).without(OPTIONAL)
        return catalogue, self.columns(catalogue, data)

    def stand(self, bundle: Bundle, leads: Ints, as_of: int) -> Standing:
        """Score leads at an instant."""
        scores = bundle.score(self.history, leads, np.full(len(leads), as_of))
        return Standing(scores.importance, scores.urgency, scores.fit, scores.readiness)


def _past(settings: Settings, ledger: Ledger, history: History, as_of: int) -> Past:
    with ledger.reading() as connection:
        rows = outcomes.read(connection, None if as_of == NEVER else as_of)
    return past_of(settings, history, label(history, rows, settings.reasons), closed(history, rows, as_of), as_of)
