"""What is on its way to whom: who sends it now, and what became of each attempt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, or_, select, update

from leadloop.clock import HOUR, SECOND
from leadloop.store import webhooks as targets
from leadloop.store.tables import deliveries, outbox, webhooks
from leadloop.store.webhooks import Webhook

LEASE = 90 * SECOND
"""A sender that was killed holds its target for so long at most; one that lives renews it at each turn."""
AT_ONCE = 8
"""Deliveries to one target at the same time, each of another lead."""
FIRST_PAUSE, LONGEST_PAUSE = 5 * SECOND, 6 * HOUR
"""Between attempts at one delivery: doubled each time."""
LONGEST_REST = 60 * SECOND
"""Between turns at a target that can't be reached at all: doubled from FIRST_PAUSE up to this."""

_COLUMNS = deliveries.c
WAITING = and_(_COLUMNS.delivered_at.is_(None), _COLUMNS.dead_at.is_(None))
"""Neither delivered nor given up."""


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that is to be attempted now. `first_attempt_at`: None before the first."""

    sequence: int
    event: str
    payload: str
    attempts: int
    first_attempt_at: int | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What one sender does next at one target."""

    target: Webhook
    due: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of an attempt. `status`: None where nothing answered. `retry_after`: microseconds, as asked for."""

    status: int | None
    error: str | None = None
    retry_after: int = 0

    @property
    def delivered(self) -> bool:
        """The receiver has it."""
        return self.error is None

    @property
    def gone(self) -> bool:
        """The receiver wants no more."""
        return self.status == 410

    @property
    def unreachable(self) -> bool:
        """It says something about the receiver, not about this event."""
        return not self.delivered and self.status in (None, 429, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Patience:
    """After how many attempts, or how long after the first (microseconds), a delivery is given up."""

    attempts: int
    longest: int


def ready(connection: Connection, at: int) -> list[str]:
    """The targets at which something can be done now: enabled, rested, in nobody's hands, and something is due."""
    free = and_(webhooks.c.disabled_at.is_(None), webhooks.c.paused_until <= at, webhooks.c.leased_until <= at)
    able = connection.execute(select(webhooks.c.webhook).where(free)).scalars().all()
    return [each for each in able if connection.execute(_heads(each, at).limit(1)).first()]


def _heads(webhook: str, at: int) -> Select[Any]:
    """Deliveries that are due and the earliest of their line (their lead; all of no lead are one) at a target."""
    earlier = deliveries.alias("earlier")
    before = (earlier.c.webhook == webhook, earlier.c.line == _COLUMNS.line, earlier.c.sequence < _COLUMNS.sequence)
    first = ~exists().where(*before, earlier.c.delivered_at.is_(None), earlier.c.dead_at.is_(None))
    due = select(_COLUMNS.sequence).where(_COLUMNS.webhook == webhook, WAITING, _COLUMNS.next_attempt_at <= at)
    return due.where(first).order_by(_COLUMNS.sequence)


def claim(connection: Connection, webhook: str, sender: str, at: int) -> Turn | None:
    """What `sender` is to attempt now at a target, which is its own until the lease ends; None: nothing, let go."""
    rested = and_(webhooks.c.disabled_at.is_(None), webhooks.c.paused_until <= at)
    mine = or_(webhooks.c.leased_by == sender, webhooks.c.leased_until <= at)
    taken = update(webhooks).where(webhooks.c.webhook == webhook, rested, mine)
    if connection.execute(taken.values(leased_by=sender, leased_until=at + LEASE)).rowcount == 0:
        release(connection, webhook, sender)
        return None
    due = _due(connection, webhook, at)
    if not due:
        release(connection, webhook, sender)
        return None
    return Turn(targets.find(connection, webhook), due)


def _due(connection: Connection, webhook: str, at: int) -> tuple[Due, ...]:
    numbers = connection.execute(_heads(webhook, at).limit(AT_ONCE)).scalars().all()
    columns = (_COLUMNS.sequence, outbox.c.event, outbox.c.payload, _COLUMNS.attempts, _COLUMNS.first_attempt_at)
    told = select(*columns).join_from(deliveries, outbox, outbox.c.sequence == _COLUMNS.sequence)
    rows = connection.execute(told.where(_COLUMNS.webhook == webhook, _COLUMNS.sequence.in_(numbers)))
    return tuple(sorted((Due(*row) for row in rows), key=lambda due: due.sequence))


def release(connection: Connection, webhook: str, sender: str) -> None:
    """Let go of a target."""
    mine = and_(webhooks.c.webhook == webhook, webhooks.c.leased_by == sender)
    connection.execute(update(webhooks).where(mine).values(leased_by=None, leased_until=0))


@dataclass(frozen=True, slots=True)
class Settling:
    """At what instant attempts are settled, how patiently, and chance: `draw` gives 0 to 1."""

    at: int
    patience: Patience
    draw: Callable[[], float]


def settle(
    connection: Connection, target: Webhook, results: Sequence[tuple[Due, Reply]], settling: Settling
) -> list[Due]:
    """Keep what became of the attempts at one target; those that were given up."""
    dead = [due for due, reply in results if _settled(connection, target, due, reply, settling)]
    if any(reply.gone for _, reply in results):
        targets.disable(connection, target.webhook, settling.at, "the receiver answered 410 Gone")
    _rest(connection, target.webhook, [reply for _, reply in results], settling.at)
    return dead


def _settled(connection: Connection, target: Webhook, due: Due, reply: Reply, settling: Settling) -> bool:
    """Keep one result; whether the delivery is given up."""
    first = settling.at if due.first_attempt_at is None else due.first_attempt_at
    known = {"attempts": due.attempts + 1, "first_attempt_at": first, "status": reply.status, "error": reply.error}
    over = due.attempts + 1 >= settling.patience.attempts or settling.at - first >= settling.patience.longest
    if reply.delivered:
        became: dict[str, Any] = {"delivered_at": settling.at}
    elif over:
        became = {"dead_at": settling.at}
    else:
        became = {"next_attempt_at": settling.at + pause(due.attempts + 1, reply.retry_after, settling.draw())}
    mine = and_(_COLUMNS.webhook == target.webhook, _COLUMNS.sequence == due.sequence, WAITING)
    kept = connection.execute(update(deliveries).where(mine).values(**known, **became)).rowcount
    return bool(kept) and "dead_at" in became


def pause(attempts: int, retry_after: int, drawn: float) -> int:
    """How long to wait after so many attempts, in microseconds: doubled, spread by half, and not before asked for.

    >>> [pause(n, 0, 0.5) // SECOND for n in (1, 2, 3, 20)]
    [5, 10, 20, 21600]
    >>> pause(1, 60 * SECOND, 0.0) // SECOND
    60
    """
    doubled = min(FIRST_PAUSE << min(attempts - 1, 40), LONGEST_PAUSE)
    return max(int(doubled * (0.5 + drawn)), retry_after)


def _rest(connection: Connection, webhook: str, replies: Sequence[Reply], at: int) -> None:
    """A target that can't be reached is left alone for a while, so that an outage does not use up attempts."""
    resting = update(webhooks).where(webhooks.c.webhook == webhook)
    if not replies or not all(reply.unreachable for reply in replies):
        connection.execute(resting.where(webhooks.c.failures > 0).values(failures=0, paused_until=0))
        return
    failures = connection.execute(select(webhooks.c.failures).where(webhooks.c.webhook == webhook)).scalar() or 0
    longest = max(reply.retry_after for reply in replies)
    rest = max(min(FIRST_PAUSE << min(failures, 10), LONGEST_REST), longest)
    connection.execute(resting.values(failures=failures + 1, paused_until=at + rest))
