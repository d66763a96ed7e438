"""A request with an Idempotency-Key is executed once, however often it is sent: Stripe's rules."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection

from leadloop.clock import now, to_micros
from leadloop.errors import InputError, LeadLoopError, StoreError
from leadloop.store import idempotency
from leadloop.store.idempotency import Claim, Earlier
from leadloop.store.ledger import Ledger
from serving.writing import write

LONGEST_KEY = 255


class KeyInFlightError(LeadLoopError):
    """A request with this Idempotency-Key is being executed; send it again in a moment to get its answer."""


class KeyUsedError(InputError):
    """This Idempotency-Key was used for another request (another route, query or body); take a new one."""


@dataclass(frozen=True)
class Answer:
    """What a request is answered, byte for byte."""

    status: int
    body: str
    replayed: bool = False


def once(ledger: Ledger, key: str, request: str, work: Callable[[Connection], Answer]) -> Answer:
    """Execute and keep the answer in the same transaction, or give the answer that was kept.

    Whatever the work raises leaves the key free, as nothing was stored.

    Raises: KeyInFlightError, KeyUsedError, and what the work raises.
    """
    found = _claimed(ledger, key, request)
    if isinstance(found, Earlier):
        return _replayed(found, request)
    try:
        return write(ledger, lambda connection: _kept(connection, found, work(connection)))
    except BaseException:
        with suppress(StoreError):  # the database is away: the key is free when the lease is over
            write(ledger, lambda connection: idempotency.release(connection, found))
        raise


def _claimed(ledger: Ledger, key: str, request: str) -> Claim | Earlier:
    """A look first: on SQLite a claim waits for whoever writes, so for the very request that is in flight."""
    at = to_micros(now())
    with ledger.reading() as connection:
        earlier = idempotency.find(connection, key, at)
    return earlier or write(ledger, lambda connection: idempotency.claim(connection, key, request, at))


def check_key(key: str | None) -> None:
    """Refuse a key that says nothing or too much.

    Raises: InputError.
    """
    if key is not None and not 1 <= len(key) <= LONGEST_KEY:
        raise InputError(f"Idempotency-Key: write 1 to {LONGEST_KEY} characters, such as a random UUID")


def _replayed(earlier: Earlier, request: str) -> Answer:
    if earlier.request != request:
        raise KeyUsedError
    if earlier.status is None or earlier.body is None:
        raise KeyInFlightError
    return Answer(earlier.status, earlier.body, replayed=True)


def _kept(connection: Connection, claimed: Claim, answer: Answer) -> Answer:
    if not idempotency.finish(connection, claimed, answer.status, answer.body):
        raise KeyInFlightError  # it took longer than the lease and another took over
    return answer
