"""Trains on one machine: reads the ledger, and has the features and the models of the recipe made in this process."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from features.blocks import OPTIONAL
from features.catalogue import Catalogue, learn_catalogue
from features.history import NEVER, Floats, History, Ints
from features.history import read as read_history
from features.kernel import matrix
from leadloop.settings import Settings
from leadloop.store import outcomes
from leadloop.store.ledger import Ledger
from models.baseline import last_sign
from models.bundle import Bundle
from training import fit, leakage, recipe
from training.against import Peer
from training.case import Background
from training.dataset import Dataset, to_teach
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
    value_of,
)

__all__ = ["SILENT", "Learned", "Past", "Progress", "Trained", "train"]


def train(settings: Settings, ledger: Ledger, as_of: int, say: Progress = lambda _: None) -> Trained:
    """Learn from everything recorded by `as_of`, test that forward in time, register it, switch it on if the gate lets.

    Raises: NothingToLearnError when there are too few ripe outcomes to tell anything.
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

    def judged(self, past: Past, leads: Ints, order: Floats) -> Self:
        """The same engine, which knows what leaks, seen on these leads."""
        data, catalogue, X = self._moments(past, leads)
        return replace(self, ruling=self._judge(catalogue, past, X, data, order))

    def past(self, as_of: int) -> Past:
        """Everybody on record today, with what had become of them by `as_of`."""
        return _past(self.settings, self.ledger, self.history, as_of)

    def learn(self, past: Past, leads: Ints, order: Floats) -> Learned:
        """Candidates are chosen forward in time; with them comes the logistic regression to measure against."""
        data, catalogue, X = self._moments(past, leads)
        ruling = self.ruling or self._judge(catalogue, past, X, data, order)
        catalogue, kept = leakage.without(catalogue, ruling)
        X = X[:, kept]
        rows = fit.Rows(X, data.won, data.weight, data.reason, order[data.lead])
        fitted = fit.fit_outcome(catalogue, rows, self.settings.seed)
        return Learned(catalogue, fitted, value_of(past.labels, leads), len(data), data.hash, rows, ruling=ruling)

    def _moments(self, past: Past, leads: Ints) -> tuple[Dataset, Catalogue, Floats]:
        data = to_teach(past.history, past.labels, leads, self.settings.horizon_days)
        catalogue = learn_catalogue(self.history, data.lead, data.as_of, self.settings.timezone).without(OPTIONAL)
        return data, catalogue, matrix(catalogue, self.history, data.lead, data.as_of)

    def _judge(self, catalogue: Catalogue, past: Past, X: Floats, data: Dataset, order: Floats) -> leakage.Ruling:
        """What leaks, seen on these rows and beside them on the leads that nobody has closed."""
        lead, at = leakage.waiting(past.history, past.open & ~past.labels.known, self.settings.seed)
        still = matrix(catalogue, self.history, lead, at) if len(lead) else X[:0]
        background = Background(still, order[lead], leakage.changes(self.history))
        moments = leakage.Moments(X, data.won, data.lead, order[data.lead])
        return leakage.judge(catalogue, moments, self.settings.allow_columns, background, self.settings.seed)

    def see(self, learned: Learned, peers: Mapping[str, Peer], train: Dataset, test: Dataset) -> Seen:
        """Predict the test leads with what was learned and with its peers on the same features."""
        X = self.columns(learned.catalogue, test)
        return Seen(
            p=learned.fitted.model.p_win(X),
            raw={name: peer.raw(X) for name, peer in peers.items()},
            heard_train=last_sign(self.history, train.lead, train.as_of),
            heard_test=last_sign(self.history, test.lead, test.as_of),
        )

    def columns(self, catalogue: Catalogue, data: Dataset) -> Floats:
        """The columns of a catalogue for these moments."""
        return matrix(catalogue, self.history, data.lead, data.as_of)

    def stand(self, bundle: Bundle, leads: Ints, as_of: int) -> Standing:
        """Score leads at an instant."""
        scores = bundle.score(self.history, leads, np.full(len(leads), as_of))
        return Standing(scores.importance, scores.urgency, scores.fit, scores.readiness)


def _past(settings: Settings, ledger: Ledger, history: History, as_of: int) -> Past:
    with ledger.reading() as connection:
        rows = outcomes.read(connection, None if as_of == NEVER else as_of)
    return past_of(settings, history, label(history, rows, settings.reasons), closed(history, rows), as_of)
