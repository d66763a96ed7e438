"""From what models say of a lead to its score, in one compiled loop: chances, priority, stars, flames and its cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.history import Floats, Ints
from models.calibration import chances_of
from models.decay import Decay, urgency_after
from models.outcome import OutcomeModel
from models.packing import floats, ints, pack
from models.priority import CELL_NAMES, Population, cell, priority, tier
from models.sums import raw_of
from models.terms import scores_of, share_out

ROWS = (
    *("p_win", "p_win_low", "p_win_high", "expected_value", "importance", "urgency", "priority"),
    *("stars", "flames", "fit", "readiness", "cell"),
)
"""Of a table of scores; below them the chance of each reason."""
AGAINST_FIT, AGAINST_READINESS = 1, 2
"""What a reason for refusal may speak against."""
_PLACE = {name: i for i, name in enumerate(ROWS)}
_NAMES = np.array(CELL_NAMES)


@dataclass(frozen=True)
class Scores:
    """Scores of n moments, a column an array of shape (n,); `X` are the features they were made from.

    `table`: ROWS, then a row a reason of `reasons`, shape (rows, n); a cell by its place in CELL_NAMES. `p_win_low`,
    `p_win_high`: what the chance is at least and at most in nine cases of ten. `fit`, `readiness`: NaN where unknown.
    """

    X: Floats
    table: Floats
    reasons: tuple[str, ...]

    def _row(self, name: str) -> Floats:
        row: Floats = self.table[_PLACE[name]]
        return row

    p_win = property(lambda self: self._row("p_win"))
    p_win_low = property(lambda self: self._row("p_win_low"))
    p_win_high = property(lambda self: self._row("p_win_high"))
    expected_value = property(lambda self: self._row("expected_value"))
    importance = property(lambda self: self._row("importance"))
    urgency = property(lambda self: self._row("urgency"))
    priority = property(lambda self: self._row("priority"))
    fit = property(lambda self: self._row("fit"))
    readiness = property(lambda self: self._row("readiness"))

    @property
    def stars(self) -> Ints:
        """0 to 3, by importance."""
        return self._row("stars").astype(np.int64)

    @property
    def flames(self) -> Ints:
        """0 to 3, by urgency."""
        return self._row("flames").astype(np.int64)

    @property
    def cell(self) -> NDArray[np.str_]:
        """The corner of the fit x readiness matrix."""
        return _NAMES[self._row("cell").astype(np.int64)]

    @property
    def p_reject(self) -> dict[str, Floats]:
        """The chance of each reason."""
        return dict(zip(self.reasons, self.table[len(ROWS) :], strict=True))


def against(reasons: tuple[str, ...], families: Mapping[str, str], not_ready: set[str]) -> Ints:
    """What each reason speaks against: AGAINST_FIT, AGAINST_READINESS or 0."""
    of = [families.get(reason) for reason in reasons]
    kinds = [AGAINST_FIT if family == "fit" else AGAINST_READINESS if family in not_ready else 0 for family in of]
    return np.array(kinds, dtype=np.int64)


class Said(NamedTuple):
    """What is said of n moments: raw log-odds of a win, shape (n,), or of none where the loop is to add them up itself;
    what it would bring, shape (n,), or of 1 where that is the same for all; days waited since they came in, NaN where
    unknown.
    """

    raw: Floats
    value: Floats
    waited: Floats


def settled(told: Sequence[str], speaks_against: Ints, outcome: OutcomeModel, decay: Decay, at: Population) -> Ints:
    """What is the same for all leads, the models too, as the loop takes it. `told`: the reasons of the table, and what
    each `speaks_against`.
    """
    chances, reasons = outcome.calibration, outcome.reasons
    numbers = (decay.scale_days, decay.power, at.fit, at.readiness, at.reach_later)
    straight, spread = (chances.intercept, chances.below, chances.above), np.ravel(chances.spread)
    several = (straight, chances.knots, chances.values, spread, numbers, at.importance, at.urgency, reasons.shares)
    place = np.array([reasons.reasons.index(each) for each in told], dtype=np.int64)
    model = np.empty(0, dtype=np.int64) if reasons.model is None else reasons.model.packed
    win = np.empty(0, dtype=np.int64) if outcome.packed is None else outcome.packed
    return pack(*(np.array(each, dtype=np.float64) for each in several), place, speaks_against, model, win)


def judge(says: Said, X: Floats, last_sign: int, settled: Ints, told: int) -> Floats:
    """The table of `Scores`, with so many reasons `told`. `last_sign`: the column of X with the days since the last
    event, -1 where there is none.

    Waiting counts from the last sign a lead gave of its own: its last event, else its arrival.
    """
    table = np.empty((len(ROWS) + told, len(X)))
    _judge(*says, X, last_sign, settled, table)
    return table


@njit(cache=True, nogil=True)
def _judge(raws, values, waited, X, last_sign, settled, table):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba infers types, and takes arrays only
    straight, knots, mapped = floats(settled, 0), floats(settled, 1), floats(settled, 2)
    spread, numbers = floats(settled, 3), floats(settled, 4)
    spread = spread.reshape(len(spread) // 3, 3)
    scale_days, power = numbers[0], numbers[1]
    enough_fit, enough_readiness, reach_later = numbers[2], numbers[3], numbers[4]
    stars, flames, place, speaks_against = floats(settled, 5), floats(settled, 6), ints(settled, 8), ints(settled, 9)
    its, model, win = floats(settled, 7).copy(), ints(settled, 10), ints(settled, 11)
    for i in range(len(X)):
        raw = raws[i] if len(raws) > 0 else raw_of(win, X[i])
        p_win, low, high = chances_of(raw, straight[0], straight[1], straight[2], knots, mapped, spread)
        days, value = waited[i], values[min(i, len(values) - 1)]
        if last_sign >= 0 and (days != days or X[i, last_sign] < days):
            days = X[i, last_sign]
        importance, urgency = p_win * value, urgency_after(days, scale_days, power)
        fit, unready, some_fit, some_ready = 1.0, 0.0, False, False
        if len(model) > 0:
            scores_of(model, X[i], its)
            share_out(its)
        for r in range(len(place)):
            p = (1.0 - p_win) * its[place[r]]
            table[12 + r, i] = p
            if speaks_against[r] == AGAINST_FIT:
                fit, some_fit = fit - p, True
            elif speaks_against[r] == AGAINST_READINESS:
                unready, some_ready = unready + p, True
        ready = min(max(1.0 - unready / max(fit, 1e-9), 0.0), 1.0) if some_ready else np.nan
        fit = fit if some_fit else np.nan
        table[0, i], table[1, i], table[2, i], table[3, i] = p_win, low, high, value
        table[4, i], table[5, i] = importance, urgency
        table[6, i] = priority(importance, urgency, reach_later)
        table[7, i], table[8, i] = tier(importance, stars), tier(urgency, flames)
        table[9, i], table[10, i] = fit, ready
        table[11, i] = cell(fit, ready, enough_fit, enough_readiness)
