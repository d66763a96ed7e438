"""A demo world as its CRM would send it: rows as they become known, those that selling leaves behind among them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from leadloop.demo.market import Market
from leadloop.demo.profiles import Shown, lead_rows
from leadloop.demo.selling import Worked
from leadloop.demo.world import event_rows
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow

Row = LeadRow | EventRow | OutcomeRow


@dataclass(frozen=True)
class Batch:
    """What became known between two instants, in the order of recording."""

    leads: list[LeadRow]
    events: list[EventRow]
    outcomes: list[OutcomeRow]


@dataclass
class Feed:
    """Rows by when they are recorded. `given`: those that come whatever sales does, sorted; it is not changed."""

    given: Sequence[Row]
    _read: int = 0
    _later: list[tuple[int, int, Row]] = field(default_factory=list)
    _tie: count = field(default_factory=count)  # type: ignore[type-arg] # no generic at run time

    def add(self, worked: Sequence[Worked]) -> None:
        """Outcomes and notes of leads that were worked, each known in its time."""
        rows: list[Row] = []
        for one in worked:
            rows += one.outcomes
            rows += one.profile
        for row in rows:
            heappush(self._later, (_known_at(row), next(self._tie), row))

    def until(self, now: int) -> Batch:
        """Everything recorded up to `now` that was not handed out before."""
        rows: list[Row] = []
        while self._read < len(self.given) and _known_at(self.given[self._read]) <= now:
            rows.append(self.given[self._read])
            self._read += 1
        while self._later and self._later[0][0] <= now:
            rows.append(heappop(self._later)[2])
        return Batch(
            [row for row in rows if isinstance(row, LeadRow)],
            [row for row in rows if isinstance(row, EventRow)],
            [row for row in rows if isinstance(row, OutcomeRow)],
        )


def given_rows(market: Market, shown: Shown) -> list[Row]:
    """What a market's CRM learns whether or not anybody sells, in the order of recording."""
    rows: list[Row] = [*lead_rows(market, shown), *event_rows(market)]
    return sorted(rows, key=_known_at)


def _known_at(row: Row) -> int:
    return row.recorded_at or 0
