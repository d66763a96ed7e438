"""Our own learning without one of its ideas: what `benchmarks.truth` holds against all of it."""

from dataclasses import replace

import numpy as np

from benchmarks.sets import export, ledger_of, mapping_of
from features.catalogue import Catalogue
from features.history import Floats, read
from leadloop import console
from leadloop.clock import DAY
from leadloop.settings import Settings
from serving.scorer import when
from training import evaluate
from training.censoring import soften
from training.dataset import Dataset
from training.fit import fit_outcome
from training.recipe import try_out
from training.retrain import Local
from training.rows import Fitted, Rows

REAL = "ficzon"
LEAST_FOLLOWED = 0.05
"""A share of leads followed as long as that, below which a weight would be of a few leads alone."""


def fitted(catalogue: Catalogue, rows: Rows, settings: Settings) -> Fitted:
    """The ladder and the calibration as a training has them."""
    return fit_outcome(catalogue, rows, settings.seed, trials=settings.tune_trials)


def without_reasons(rows: Rows) -> Rows:
    """Nobody says why a lead was lost."""
    return replace(rows, reason=np.full(len(rows.won), "", dtype=object))


def followed(catalogue: Catalogue, rows: Rows, data: Dataset) -> Rows:
    """Leads that are still open as our learning has them: twice, weighted by the mixture."""
    return soften(catalogue, rows, data, Settings().horizon_days)


def censoring_weights(data: Dataset, as_of: int) -> Floats:
    """One a moment: 1 / G(t) where it was closed after t days, 0 where it is open (Robins & Rotnitzky 1992).

    G(t): the share of all leads that have been followed for t days or longer, which only the end of the history
    decides.
    """
    since = np.sort((as_of - data.as_of) / DAY)
    longer = 1.0 - np.searchsorted(since, data.days, side="left") / len(since)
    return np.where(data.closed, 1.0 / np.maximum(longer, LEAST_FOLLOWED), 0.0)


def on_real_leads() -> dict[str, dict[str, float]]:
    """A public export that gives reasons, forward in time, learned with them and without; nothing where it is not."""
    path = export(REAL)
    if path is None:
        return {}
    with ledger_of([path], mapping_of(REAL)) as (settings, ledger):
        as_of = when(ledger, None)
        engine = Local(settings, ledger, read(ledger, as_of))
        _, played = try_out(settings, engine, engine.past(as_of), console.say)
        catalogue, taught = played.learned.catalogue, played.learned.taught
        blank = fitted(catalogue, without_reasons(taught), settings)
        p = blank.model.p_win(engine.columns(catalogue, played.test))
    won = played.test.won
    return {
        f"{REAL}, leadloop": _figures(won, played.tested.model.p),
        f"{REAL}, leadloop without reasons": _figures(won, p),
    }


def _figures(won: Floats, p: Floats) -> dict[str, float]:
    return {"roc_auc": evaluate.roc_auc(won, p), "log_loss": evaluate.log_loss(won, p)}
