"""Requests that are sent again, in the ledger: who works on a key now, and what the first request was answered."""

import json
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, select, update

from leadloop.clock import DAY, SECOND
from leadloop.store.content import add_once
from leadloop.store.tables import idempotency

LEASE = 60 * SECOND
"""A request in flight for longer was killed: its key is free again. None that lives stores anything after that."""

KEPT = DAY + LEASE
"""Answers are kept for a day after they were given, which is at most a lease after the request came."""

_TRIES = 3


@dataclass(frozen=True)
class Claim:
    """The right to execute the request with this key; `started_at` tells it from a later claim of the same key."""

    key: str
    started_at: int


@dataclass(frozen=True)
class Earlier:
    """An earlier request with the same key; `status` and `body` are None while it is in flight."""

    request: str
    status: int | None
    body: str | None
    started_at: int


def find(connection: Connection, key: str, at: int) -> Earlier | None:
    """The earlier request with this key, None where the key is free at `at` (microseconds UTC)."""
    earlier = _earlier(connection, key)
    free = earlier is None or earlier.started_at < at - KEPT or _killed(earlier, at)
    return None if free else earlier


def claim(connection: Connection, key: str, request: str, at: int) -> Claim | Earlier:
    """Claim a key for the request, a hash of route and body, at `at` (microseconds UTC); else what came earlier."""
    connection.execute(delete(idempotency).where(idempotency.c.started_at < at - KEPT))
    row = {"key": key, "request": request, "status": None, "body": None, "started_at": at}
    for _ in range(_TRIES):  # on PostgreSQL an earlier claim may be given back between the two looks
        if add_once(connection, idempotency, [row]):
            return Claim(key, at)
        if (earlier := _earlier(connection, key)) is not None:
            return _took_over(connection, earlier, row) or earlier
    return Earlier(request, None, None, at)


def finish(connection: Connection, claimed: Claim, status: int, body: str) -> bool:
    """Keep the answer, in the transaction of what it answers; False when the claim was lost: then nothing may stay."""
    kept = update(idempotency).where(_mine(claimed)).values(status=status, body=body)
    return connection.execute(kept).rowcount == 1


def release(connection: Connection, claimed: Claim) -> None:
    """Give the key back: nothing was executed."""
    connection.execute(delete(idempotency).where(_mine(claimed)))


def forget(connection: Connection, lead_id: str) -> int:
    """Remove the answers that speak of a lead, for its erasure; returns how many there were."""
    named = f'"lead_id":{json.dumps(lead_id, ensure_ascii=False)}'
    return connection.execute(delete(idempotency).where(idempotency.c.body.contains(named, autoescape=True))).rowcount


def _earlier(connection: Connection, key: str) -> Earlier | None:
    columns = (idempotency.c.request, idempotency.c.status, idempotency.c.body, idempotency.c.started_at)
    row = connection.execute(select(*columns).where(idempotency.c.key == key)).one_or_none()
    return None if row is None else Earlier(*row)


def _killed(earlier: Earlier, at: int) -> bool:
    return earlier.status is None and earlier.started_at <= at - LEASE


def _took_over(connection: Connection, earlier: Earlier, row: dict[str, str | int | None]) -> Claim | None:
    """The claim of a request that was killed in flight; one of several who try gets it."""
    key, at = str(row["key"]), int(row["started_at"] or 0)
    if not _killed(earlier, at):
        return None
    taken = connection.execute(update(idempotency).where(_mine(Claim(key, earlier.started_at))).values(row))
    return Claim(key, at) if taken.rowcount == 1 else None


def _mine(claimed: Claim) -> ColumnElement[bool]:
    """Still in flight, and in flight by this claim."""
    columns = idempotency.c
    same = (columns.key == claimed.key) & (columns.started_at == claimed.started_at)
    return same & columns.status.is_(None)
