"""The newest leads, on which the champion and its challenger are judged: neither has learned what became of them.

The champion is as it is, taught by what was recorded when it was trained. The challenger's recipe is played as of the
window's start. So every lead here was first touched by sales after both had learned (docs/retraining.md).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from features.history import NEVER, Floats
from leadloop.clock import DAY, isoformat, parse_as_of
from leadloop.settings import Settings
from models.registry import Version
from training import censoring
from training.censoring import Pace
from training.dataset import Dataset, teachable, to_judge
from training.recipe import Past, value_of

LEAST, LEAST_WINS = 50, 10
"""Leads, and wins among them, from which on two models can be told apart: wins that came or, by how far sales has come,
are on their way; or wins that the champion expected by now, for leads of which it promised ten and one came tell as
much.
"""


@dataclass(frozen=True)
class Window:
    """One moment a lead, oldest first, all at `start` (microseconds UTC) or later; until `as_of` is known what became
    of them. `amount`: what each brought so far. `pace`: how long ends take; None where none of the leads is open.
    """

    data: Dataset
    start: int
    as_of: int
    horizon_days: float
    amount: Floats
    pace: Pace | None

    @property
    def closed(self) -> NDArray[np.bool_]:
        """Of which leads it is known what became of them."""
        return self.data.closed

    @property
    def so_far(self) -> Floats:
        """The share of each lead's chance of a win that would have come true by now: wins take their time."""
        if self.pace is None:
            return np.ones(len(self.data))
        waited = np.clip((self.as_of - self.data.as_of) / DAY, 0.0, self.horizon_days)
        return 1.0 - self.pace.left(waited)[0]

    @property
    def coming(self) -> NDArray[np.bool_]:
        """Which leads are open, and by their age and how far sales has come with them rather won than not."""
        if self.pace is None:
            return np.zeros(len(self.data), dtype=bool)
        return ~self.closed & (censoring.won_after_all(self.pace.share, *self._left(self.pace)) > 0.5)

    def losses(self, p: Floats) -> Floats:
        """What was seen so far, in nats: the negative log likelihood of each lead by chances `p`, shape (leads,).

        A lead that is still open is not a loss: it has lasted, and come as far, as wins and other ends do in so long
        (Farewell 1982).
        """
        kept = np.clip(p, 1e-15, 1 - 1e-15)
        likely = np.where(self.data.won == 1, kept, 1 - kept)
        if self.pace is not None:
            late_win, late_other = self._left(self.pace)
            likely = np.where(self.closed, likely, kept * late_win + (1 - kept) * late_other)
        return -np.log(np.maximum(likely, 1e-12))

    def _left(self, pace: Pace) -> tuple[Floats, Floats]:
        """The shares of wins, and of other ends, that take longer than each lead has, and have come as far by then."""
        return pace.left_at(np.clip(self.data.days, 0.0, self.horizon_days), self.data.steps)

    def as_dict(self) -> dict[str, object]:
        """For the report."""
        return {
            "from": isoformat(self.start),
            "to": isoformat(self.as_of),
            "leads": len(self.data),
            "closed": int(self.closed.sum()),
            "wins": int(self.data.won.sum()),
        }


@dataclass(frozen=True)
class News:
    """How much came in that a version has not learned from: leads that it did not know how to end, and wins.

    `expected`: wins that the version expected of them by now. `coming`: open leads that are rather won than not.
    """

    leads: int
    wins: int
    expected: float = 0.0
    coming: int = 0

    @property
    def enough(self) -> bool:
        """Whether two models could be told apart on it."""
        return self.leads >= LEAST and max(self.wins + self.coming, self.expected) >= LEAST_WINS


def taught_until(version: Version) -> int | None:
    """Until when a version knows the outcomes, those that only mended its chances included; None where undated."""
    facts = version.bundle.facts
    known = [str(facts[name]) for name in ("as_of", "recalibrated_as_of") if facts.get(name)]
    return max(map(parse_as_of, known)) if known else None


Says = Callable[[Dataset], Floats]
"""The champion's chances of a win, one a row."""


def news(settings: Settings, past: Past, since: int, says: Says) -> tuple[News, Window | None]:
    """What is new since an instant, and its newer half to judge on; None where it is too little.

    The older half is what the challenger has and the champion lacks, as it would be if it were switched on later.
    """
    data, pace = _since(settings, past, since)
    amount = np.where(data.won == 1, np.nan_to_num(data.amount, nan=_mean_amount(past)), 0.0)
    every = Window(data, since, past.as_of, settings.horizon_days, amount, pace)
    expected = says(data) * every.so_far if len(data) else np.empty(0)
    wins, coming = data.won == 1, every.coming
    count = News(len(data), int(wins.sum()), float(expected.sum()), int(coming.sum()))
    if not count.enough:
        return count, None
    first = min(_newer_half(wins | coming, expected), len(data) - LEAST)
    judging = data.as_of >= data.as_of[first]
    taken = replace(every, data=data.take(judging), start=int(data.as_of[first]), amount=amount[judging])
    return count, taken


def _newer_half(won: NDArray[np.bool_], expected: Floats) -> int:
    """The row from which on half of the wins lie, at least LEAST_WINS; where there are fewer, of those expected."""
    wins = np.flatnonzero(won)
    if len(wins) >= LEAST_WINS:
        return int(wins[len(wins) - max(LEAST_WINS, len(wins) // 2)])
    return int(np.searchsorted(np.cumsum(expected), expected.sum() / 2))


def _since(settings: Settings, past: Past, since: int) -> tuple[Dataset, Pace | None]:
    """A moment a lead that sales first touched after `since`, oldest first, and how long ends take."""
    leads = np.flatnonzero(teachable(past.history, past.labels, past.as_of, settings.horizon_days))
    data = to_judge(past.history, past.labels, leads, settings.horizon_days, past.as_of)
    pace = _pace(data, settings.horizon_days)
    seen = data.closed if pace is None else data.closed | ~np.isnan(data.days)
    data = data.take(seen & (data.as_of > since) & (data.as_of != NEVER))
    return data.take(np.argsort(data.as_of, kind="stable")), pace


def _pace(data: Dataset, horizon_days: float) -> Pace | None:
    timed = ~np.isnan(data.days)
    open_, wins = timed & ~data.closed, int((timed & data.closed & (data.won == 1)).sum())
    if not open_.any() or min(wins, int((timed & data.closed).sum()) - wins) < censoring.LEAST:
        return None
    days = np.clip(data.days[timed], 0.0, horizon_days)
    return censoring.pace(days, data.won[timed], data.closed[timed], data.steps[timed])


def _mean_amount(past: Past) -> float:
    return value_of(past.labels, np.flatnonzero(past.labels.known)).mean
