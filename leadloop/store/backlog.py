"""How the outbox stands: what waits and for how long, what was given up, and how it is taken up again or forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update

from leadloop.clock import DAY, SECOND
from leadloop.errors import InputError
from leadloop.store.content import among
from leadloop.store.deliveries import WAITING
from leadloop.store.tables import deliveries, outbox, webhooks
from leadloop.store.webhooks import drop_undelivered

_COLUMNS = deliveries.c


@dataclass(frozen=True, slots=True)
class Dead:
    """A delivery that was given up. Times in microseconds UTC."""

    event: str
    webhook: str
    kind: str
    lead_id: str | None
    attempts: int
    status: int | None
    error: str | None
    created_at: int
    dead_at: int


@dataclass(frozen=True, slots=True)
class Depth:
    """How the outbox stands. `oldest_seconds`: how long the oldest event has waited."""

    waiting: int
    oldest_seconds: float
    dead: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How one target stands. `error`: of its newest delivery that has not succeeded."""

    waiting: int = 0
    dead: int = 0
    error: str | None = None


def dead(connection: Connection, limit: int | None = None) -> list[Dead]:
    """What was given up, the newest first."""
    columns = (outbox.c.event, _COLUMNS.webhook, outbox.c.kind, _COLUMNS.lead_id, _COLUMNS.attempts)
    more = (_COLUMNS.status, _COLUMNS.error, outbox.c.created_at, _COLUMNS.dead_at)
    query = select(*columns, *more).join_from(deliveries, outbox, outbox.c.sequence == _COLUMNS.sequence)
    newest = query.where(_COLUMNS.dead_at.is_not(None)).order_by(_COLUMNS.dead_at.desc(), _COLUMNS.sequence.desc())
    return [Dead(*row) for row in connection.execute(newest.limit(limit))]


def replay(connection: Connection, at: int, events: Sequence[str] | None = None) -> int:
    """Take up again what was given up (None: all of it) at targets that are enabled; how many deliveries.

    Raises: InputError when an event has no dead letter there; then none is taken up.
    """
    enabled = select(webhooks.c.webhook).where(webhooks.c.disabled_at.is_(None))
    which = and_(_COLUMNS.dead_at.is_not(None), _COLUMNS.webhook.in_(enabled))
    if events is not None:
        which = and_(which, _COLUMNS.sequence.in_(_numbers(connection, which, events)))
    anew = {"dead_at": None, "attempts": 0, "first_attempt_at": None, "next_attempt_at": at}
    return connection.execute(update(deliveries).where(which).values(**anew)).rowcount


def _numbers(connection: Connection, which: ColumnElement[bool], events: Sequence[str]) -> list[int]:
    query = select(outbox.c.event, outbox.c.sequence).join_from(
        outbox, deliveries, outbox.c.sequence == _COLUMNS.sequence
    )
    found: dict[str, int] = {
        row[0]: row[1] for row in connection.execute(query.where(which, among(connection, outbox.c.event, events)))
    }
    for event in events:
        if event not in found:
            raise InputError(
                f"There is no dead letter '{event}' at an enabled webhook; `leadloop webhooks dead` names them all"
            )
    return list(found.values())


def forget(connection: Connection, at: int, keep_days: float) -> int:
    """Remove what was delivered or given up longer ago, and events that nobody is to be told any more; how many."""
    before = at - int(keep_days * DAY)
    old = or_(_COLUMNS.delivered_at < before, _COLUMNS.dead_at < before)
    gone = connection.execute(delete(deliveries).where(old)).rowcount
    return gone + (drop_undelivered(connection) if gone else 0)


def depth(connection: Connection, at: int) -> Depth:
    """How many deliveries wait and are dead, and how old the oldest that waits is."""
    waiting = select(func.count(), func.min(_COLUMNS.sequence)).select_from(deliveries).where(WAITING)
    count, oldest = connection.execute(waiting).one()
    since = connection.execute(select(outbox.c.created_at).where(outbox.c.sequence == oldest)).scalar()
    given_up = select(func.count()).select_from(deliveries).where(_COLUMNS.dead_at.is_not(None))
    age = 0.0 if since is None else max(0.0, (at - since) / SECOND)
    return Depth(count, age, connection.execute(given_up).scalar_one())


def standings(connection: Connection) -> dict[str, Standing]:
    """How each target stands that something waits for or was given up at."""
    open_ones = _COLUMNS.delivered_at.is_(None)
    dead_ones = func.count(_COLUMNS.dead_at)
    query = select(_COLUMNS.webhook, func.count() - dead_ones, dead_ones).where(open_ones).group_by(_COLUMNS.webhook)
    failing = select(func.max(_COLUMNS.sequence)).where(open_ones, _COLUMNS.error.is_not(None))
    newest = failing.add_columns(_COLUMNS.webhook).group_by(_COLUMNS.webhook).subquery()
    same = and_(newest.c.webhook == _COLUMNS.webhook, newest.c[0] == _COLUMNS.sequence)
    failed = select(_COLUMNS.webhook, _COLUMNS.error).join_from(deliveries, newest, same)
    errors = {row[0]: row[1] for row in connection.execute(failed)}
    return {row[0]: Standing(row[1], row[2], errors.get(row[0])) for row in connection.execute(query)}
