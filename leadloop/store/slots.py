"""Slots of the queue that were drawn by lot: what each day's lists were, and with what chance each lead was on them."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass

from sqlalchemy import Connection, select

from leadloop.store.bulk import add_rows
from leadloop.store.tables import draws, slots
from leadloop.store.tombstones import admitted

RANKED, DRAWN, FILLER, OTHER = "ranked", "drawn", "filler", "other"
"""Kinds of slots; only the first two count, whose chances are known."""


@dataclass(frozen=True, slots=True)
class StoredDraw:
    """A list of a day. `list`: whose, "" for everybody's; `begins_at`: the day, microseconds UTC; `slots`: places for
    leads that nobody had taken on, of whom `eligible` waited; `p_win`, `importance`: what the model expected of these
    on average.
    """

    day: str
    list: str
    begins_at: int
    as_of: int
    model_version: str
    slots: int
    eligible: int
    share: float
    p_win: float
    importance: float
    recorded_at: int


@dataclass(frozen=True, slots=True)
class StoredSlot:
    """A lead of such a list, or one that another order would have put there (`position` None).

    `chance`: of being ranked or drawn. `rank`: from 1, among the eligible by the model; `newest`: the same with the
    newest first, None behind the list.
    """

    day: str
    list: str
    lead_id: str
    kind: str
    chance: float
    position: int | None
    rank: int
    newest: int | None
    p_win: float
    importance: float
    model_version: str
    recorded_at: int

    @property
    def counted(self) -> bool:
        """Whether it was on the list, by a known chance."""
        return self.kind in (RANKED, DRAWN)


def add(connection: Connection, draw: StoredDraw, rows: Sequence[StoredSlot]) -> bool:
    """Note a list; False, and nothing is noted, where the day has one already."""
    if not add_rows(connection, draws, [astuple(draw)]):
        return False
    add_rows(connection, slots, [astuple(row) for row in admitted(connection, rows)])
    return True


def drawn(connection: Connection, day: str, name: str) -> dict[str, int] | None:
    """The drawn leads of a day's list and their positions from 1; None where no list was noted."""
    mine = (draws.c.day == day, draws.c.list == name)
    if connection.execute(select(draws.c.day).where(*mine)).first() is None:
        return None
    query = select(slots.c.lead_id, slots.c.position).where(
        slots.c.day == day, slots.c.list == name, slots.c.kind == DRAWN
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def lists_with(connection: Connection, day: str, lead_id: str) -> list[str]:
    """The lists of a day for which a lead was drawn."""
    query = select(slots.c.list).where(slots.c.day == day, slots.c.lead_id == lead_id, slots.c.kind == DRAWN)
    return list(connection.execute(query.order_by(slots.c.list)).scalars())


def read(connection: Connection, as_of: int | None = None) -> tuple[list[StoredDraw], list[StoredSlot]]:
    """All lists noted by an instant (None: ever) and their leads, in the order of days."""
    found, leads = select(draws), select(slots)
    if as_of is not None:
        found, leads = found.where(draws.c.recorded_at <= as_of), leads.where(slots.c.recorded_at <= as_of)
    lists = [StoredDraw(*row) for row in connection.execute(found.order_by(draws.c.day, draws.c.list))]
    rows = leads.order_by(slots.c.day, slots.c.list, slots.c.rank)
    return lists, [StoredSlot(*row) for row in connection.execute(rows)]
