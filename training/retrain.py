"""Trains on one machine: reads the ledger, and has the features and the models of the recipe made in this process."""

from dataclasses import dataclass

import numpy as np

from features.blocks import OPTIONAL
from features.catalogue import learn_catalogue
from features.history import NEVER, Floats, History, Ints
from features.history import read as read_history
from features.kernel import matrix
from leadloop.settings import Settings
from leadloop.store import outcomes
from leadloop.store.ledger import Ledger
from models.baseline import last_sign
from models.bundle import Bundle
from models.calibration import chance
from models.linear import LinearModel
from training import fit, recipe
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

    def past(self, as_of: int) -> Past:
        """Everybody on record today, with what had become of them by `as_of`."""
        return _past(self.settings, self.ledger, self.history, as_of)

    def learn(self, past: Past, leads: Ints, order: Floats) -> Learned:
        """Candidates are chosen forward in time; with them comes the logistic regression to measure against."""
        data = to_teach(past.history, past.labels, leads, self.settings.horizon_days)
        catalogue = learn_catalogue(self.history, data.lead, data.as_of, self.settings.timezone).without(OPTIONAL)
        X = matrix(catalogue, self.history, data.lead, data.as_of)
        rows = fit.Rows(X, data.won, data.weight, data.reason, order[data.lead])
        fitted = fit.fit_outcome(catalogue, rows, self.settings.seed)
        return Learned(catalogue, fitted, value_of(past.labels, leads), len(data), data.hash, rows)

    def see(self, learned: Learned, logistic: LinearModel, train: Dataset, test: Dataset) -> Seen:
        """Predict the test leads with what was learned and with a plain logistic regression on the same features."""
        X = matrix(learned.catalogue, self.history, test.lead, test.as_of)
        return Seen(
            p=learned.fitted.model.p_win(X),
            logistic=chance(logistic.raw(X)),
            heard_train=last_sign(self.history, train.lead, train.as_of),
            heard_test=last_sign(self.history, test.lead, test.as_of),
        )

    def stand(self, bundle: Bundle, leads: Ints, as_of: int) -> Standing:
        """Score leads at an instant."""
        scores = bundle.score(self.history, leads, np.full(len(leads), as_of))
        return Standing(scores.importance, scores.urgency, scores.fit, scores.readiness)


def _past(settings: Settings, ledger: Ledger, history: History, as_of: int) -> Past:
    with ledger.reading() as connection:
        rows = outcomes.read(connection, None if as_of == NEVER else as_of)
    return past_of(settings, history, label(history, rows, settings.reasons), closed(history, rows), as_of)
