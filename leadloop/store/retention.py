"""Retention: who has not been in touch for too long, and their erasure, a batch at a time."""

from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from leadloop.clock import DAY, PERIOD, from_micros, to_micros
from leadloop.errors import InputError
from leadloop.store import activity, erasure, outcomes, samples
from leadloop.store.content import among
from leadloop.store.ledger import Ledger
from leadloop.store.tables import leads

BATCH = 500
CUSTOMER = frozenset({"won", "promoter"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What a retention rule asks for.

    `due`: leads to erase. `undated`: leads nothing is dated of, which stay. `customers`: how many stay because they
    once bought. `in_hand`: how many of those due sales is working now.
    """

    due: tuple[str, ...]
    undated: int
    customers: int
    in_hand: int


def cutoff(now: int, period: str) -> int:
    """The instant a period (`3y`, `18m`, `90d`) before another; a day that a month lacks is its last.

    >>> from leadloop.clock import isoformat, parse_instant
    >>> isoformat(cutoff(parse_instant("2026-05-31T09:00:00Z"), "3m"))
    '2026-02-28T09:00:00Z'

    Raises: InputError when it is no period.
    """
    written = PERIOD.fullmatch(period.strip().casefold())
    if written is None:
        raise InputError(f"'{period}' is no period; write one such as 3y, 18m or 90d")
    count, unit = int(written[1]), written[2]
    if unit == "d":
        return now - count * DAY
    return _months_before(now, count * 12 if unit == "y" else count, period)


def _months_before(now: int, months: int, period: str) -> int:
    moment = from_micros(now)
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    if year < 1:
        raise InputError(f"'{period}' leads out of the calendar; write a shorter period")
    day = min(moment.day, monthrange(year, month + 1)[1])
    return to_micros(moment.replace(year=year, month=month + 1, day=day))


def plan(
    connection: Connection, before: int, *, customers_too: bool = False, lead_ids: Sequence[str] | None = None
) -> Plan:
    """Which leads (of those named, None: all) were last in touch before an instant, as the ledger stands."""
    touched = _last_touch(connection, lead_ids)
    silent = {lead_id for lead_id, at in touched.items() if at is not None and at < before}
    told = outcomes.read(connection, None, lead_ids)
    customers = set() if customers_too else silent & {row.lead_id for row in told if row.stage in CUSTOMER}
    open_now = {lead_id for lead_id, standing in outcomes.standings(told).items() if standing.open}
    due = silent - customers
    undated = sum(at is None for at in touched.values())
    return Plan(tuple(sorted(due)), undated, len(customers), len(due & open_now))


def _last_touch(connection: Connection, lead_ids: Sequence[str] | None) -> dict[str, int | None]:
    """When each lead came in or was last in touch of its own accord, whichever is later; None where undated.

    A lead that is in samples alone came in with the last of them.
    """
    query = select(leads.c.lead_id, func.max(leads.c.created_at)).group_by(leads.c.lead_id)
    if lead_ids is not None:
        query = query.where(among(connection, leads.c.lead_id, lead_ids))
    touched: dict[str, int | None] = {row[0]: row[1] for row in connection.execute(query)}
    for lead_id, did in activity.read(connection, None, lead_ids).items():
        touched[lead_id] = max(did.last_at, touched.get(lead_id) or did.last_at)
    for lead_id, at in samples.sampled_at(connection, lead_ids).items():
        touched.setdefault(lead_id, at)
    return touched


def enforce(
    ledger: Ledger, before: int, due: Sequence[str], *, customers_too: bool, done: Callable[[int], None]
) -> tuple[int, bool]:
    """Erase those due, each batch whole or not at all; who got in touch meanwhile stays.

    Returns how many were erased, and whether the database file is clean. Cut short, it is simply run again.
    """
    erased = 0
    for start in range(0, len(due), BATCH):
        with erasure.erasing(ledger) as connection:
            still = plan(connection, before, customers_too=customers_too, lead_ids=due[start : start + BATCH]).due
            erased += len(erasure.remove(connection, still).lead_ids) if still else 0
        done(start + BATCH)
    return erased, erasure.scrub_file(ledger, None) if erased else True
