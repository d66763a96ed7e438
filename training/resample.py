"""Every figure of a scorecard over the same bootstrap resamples of the test leads, so that they can be paired."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.sparse import csr_array

from features.history import Floats, Ints
from models.calibration import log_odds
from training.calibrate import calibrate
from training.evaluate import BINS, LEAST

RESAMPLES = 300
ROWS_AT_MOST = 12_000
"""From more test leads than these, so many are drawn once, and what they vary by is brought down to all of them."""

STEPS_AT_MOST = 2_048
"""Finer scores than these are looked at in so many steps; the leads of one step count as tied."""

SHARES = (0.1, 0.2)

Figures = dict[str, Floats]
"""Metric -> its values over the resamples, shape (RESAMPLES,)."""


@dataclass(frozen=True)
class Resamples:
    """`counts`: how often each of the test leads `rows` was drawn, shape (len(rows), RESAMPLES); `of`: test leads."""

    rows: Ints
    counts: Floats
    of: int

    @property
    def share(self) -> float:
        """How much of the test the resampled leads are."""
        return len(self.rows) / self.of

    def take(self, among: Ints) -> "Resamples":
        """Of some of the test leads, by their number among `rows`."""
        return Resamples(self.rows[among], self.counts[among], round(len(among) / self.share))


@dataclass(frozen=True)
class Said:
    """The test leads: what happened, what it brought, and what somebody said of them."""

    won: Floats
    amount: Floats
    p: Floats
    score: Floats
    worth: Floats | None = None

    def take(self, rows: Ints) -> "Said":
        """Some of them."""
        worth = None if self.worth is None else self.worth[rows]
        return Said(self.won[rows], self.amount[rows], self.p[rows], self.score[rows], worth)


def draw(leads: int, seed: int) -> Resamples:
    """Resamples of so many test leads."""
    draws = np.random.default_rng(seed)
    rows = np.arange(leads)
    if leads > ROWS_AT_MOST:
        rows = np.sort(draws.choice(leads, ROWS_AT_MOST, replace=False))
    drawn = RESAMPLES * draws.integers(0, len(rows), (len(rows), RESAMPLES)) + np.arange(RESAMPLES)
    counts = np.bincount(drawn.ravel(), minlength=RESAMPLES * len(rows)).reshape(len(rows), RESAMPLES)
    return Resamples(rows, counts.astype(np.float64), leads)


def figures(said: Said, capacity: float, resamples: Resamples, *, slope: bool = True) -> Figures:
    """Every metric of `training.scorecard.measure` over the resamples; NaN where it can't be told.

    Where only some of the leads were resampled, values are of so many, spread as those of all would be (an m out of n
    bootstrap, Bickel, Götze & van Zwet 1997).
    """
    some = said.take(resamples.rows)
    cuts = [capacity * resamples.share, *(max(1, round(share * len(some.won))) for share in SHARES)]
    edges = np.linspace(0, len(some.p), min(BINS, len(some.p)) + 1)[1:].tolist()
    counts = resamples.counts
    found = {
        **_ranked(counts, some, Steps.by(some.score, cuts)),
        **_true(counts, some, Steps.by(some.p, edges)),
        **({"calibration_slope": slopes(counts, some)} if slope else {}),
    }
    if some.worth is not None:
        found["value_at_capacity"] = _brought(counts, some.amount, Steps.by(some.worth, cuts))
    found["wins_at_capacity"], found["value_at_capacity"] = (
        found[name] / resamples.share for name in ("wins_at_capacity", "value_at_capacity")
    )
    return found


def brought_down(values: Floats, figure: float, resamples: Resamples) -> Floats:
    """Values around the figure of all test leads, as near to it as those of so many leads are."""
    if resamples.share == 1:
        return values
    known = values[~np.isnan(values)]
    middle = known.mean() if len(known) else np.nan
    return np.asarray(figure + (values - middle) * np.sqrt(resamples.share))


@dataclass(frozen=True)
class Steps:
    """The leads from the best to the worst, in steps of equals. `cuts`: how many of the first to look at."""

    step: Ints
    cuts: tuple[float, ...]

    @classmethod
    def by(cls, values: Floats, cuts: Sequence[float]) -> Self:
        """Steps of equal values; of nearly equal ones where there are too many."""
        distinct, place = np.unique(-values, return_inverse=True)
        if len(distinct) > STEPS_AT_MOST:
            place = place * STEPS_AT_MOST // len(distinct)
        return cls(place.astype(np.int64), tuple(cuts))

    def so_far(self, counts: Floats, values: Floats) -> Floats:
        """The sum of `values` up to each step, shape (steps, resamples)."""
        rows = np.flatnonzero(values)
        adding = csr_array((values[rows], (self.step[rows], rows)), (int(self.step.max()) + 1, len(values)))
        return np.asarray(np.cumsum(adding @ counts, axis=0))

    def at(self, leads: Floats, sums: Sequence[Floats]) -> list[Floats]:
        """Running `sums` at each cut, shape (cuts, resamples) each; within a step by its share.

        `leads`: how many there are up to each step.
        """
        cuts = np.array(self.cuts)[:, None]
        place = np.stack([np.searchsorted(each, self.cuts) for each in np.ascontiguousarray(leads.T)], axis=1)
        place = np.minimum(place, len(leads) - 1)
        before, until = _around(leads, place)
        part = np.clip((cuts - before) / np.where(until > before, until - before, 1.0), 0.0, 1.0)
        return [low + part * (high - low) for low, high in (_around(each, place) for each in sums)]


def _around(running: Floats, place: Ints) -> tuple[Floats, Floats]:
    """What was reached before a step, and with it."""
    before = np.where(place > 0, np.take_along_axis(running, np.maximum(place - 1, 0), axis=0), 0.0)
    return before, np.take_along_axis(running, place, axis=0)


def _ranked(counts: Floats, said: Said, by: Steps) -> Figures:
    leads, wins, brought = (by.so_far(counts, values) for values in (np.ones_like(said.won), said.won, said.amount))
    at_wins, at_value = by.at(leads, (wins, brought))
    total, won = leads[-1], wins[-1]
    hits, misses = (np.diff(each, axis=0, prepend=0.0) for each in (wins, leads - wins))
    below = (total - won) - (leads - wins) + 0.5 * misses
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "roc_auc": _known((hits * below).sum(axis=0) / (won * (total - won))),
            "average_precision": _known((hits * wins / np.maximum(leads, 1.0)).sum(axis=0) / won),
            "wins_at_capacity": at_wins[0],
            "precision_at_capacity": at_wins[0] / by.cuts[0],
            "value_at_capacity": at_value[0],
            "lift_at_10": _known(at_wins[1] / by.cuts[1] / (won / total)),
            "lift_at_20": _known(at_wins[2] / by.cuts[2] / (won / total)),
        }


def _brought(counts: Floats, amount: Floats, by: Steps) -> Floats:
    """What the first leads by another order brought."""
    (brought,) = by.at(by.so_far(counts, np.ones_like(amount)), (by.so_far(counts, amount),))
    return np.asarray(brought[0])


def _known(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _true(counts: Floats, said: Said, by: Steps) -> Figures:
    """How true the chances are."""
    total, kept = counts.sum(axis=0), np.clip(said.p, LEAST, 1 - LEAST)
    losses = -np.where(said.won == 1, np.log(kept), np.log(1 - kept))
    lost, missed = _sums(counts, losses, (said.p - said.won) ** 2)
    leads = by.so_far(counts, np.ones_like(said.won))
    (off,) = by.at(leads, (by.so_far(counts, said.won - said.p),))
    return {
        "log_loss": lost / total,
        "brier": missed / total,
        "calibration_error": np.abs(np.diff(off, axis=0, prepend=0.0)).sum(axis=0) / total,
    }


def _sums(counts: Floats, *values: Floats) -> Floats:
    """Of each resample, shape (len(values), resamples); a sparse product, since threads of BLAS cost more than it."""
    return np.asarray(csr_array(np.stack(values)) @ counts)


def slopes(counts: Floats, said: Said) -> Floats:
    """The calibration slope of each resample: a step of Newton's method from the line of all leads.

    Shape (RESAMPLES,), NaN where chances are all alike or one class is all there is.
    """
    x = log_odds(said.p)
    if np.ptp(x) == 0 or not 0 < said.won.mean() < 1:
        return np.full(counts.shape[1], np.nan)
    line = calibrate(x, said.won, np.ones_like(x), strength=1e-6)
    p = 0.5 + 0.5 * np.tanh(0.5 * line(x))
    off, curve = said.won - p, p * (1 - p)
    pull, pull_x, a, b, c = _sums(counts, off, off * x, curve, curve * x, curve * x * x)
    room = a * c - b * b
    step = (a * pull_x - b * pull) / np.where(room > 0, room, 1.0)
    return np.where(room > 0, line.slope + step, np.nan)
