"""One write into the ledger while others write: tried again where they got in its way, waiting for a bounded time."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from leadloop.errors import StoreError
from leadloop.store.ledger import Ledger

TRIES = 5
LOCK_SECONDS = 30
"""How long a write waits for another on PostgreSQL; SQLite's bound is the ledger's own."""

_IN_THE_WAY = frozenset({"40001", "40P01"})  # serialization failure, deadlock: PostgreSQL asks to try again
Made = TypeVar("Made")


class StoredMeanwhileError(StoreError):
    """Other requests keep storing the same rows; send it again."""


def write(ledger: Ledger, work: Callable[[Connection], Made]) -> Made:
    """Do the work in one transaction; what it did is committed when this returns, and undone when it raises.

    Raises: StoreError when the database does not answer or other writers do not finish.
    """
    for _ in range(TRIES - 1):
        try:
            return _once(ledger, work)
        except StoreError as error:
            if not _worth_another_try(error):
                raise
    return _once(ledger, work)


def _once(ledger: Ledger, work: Callable[[Connection], Made]) -> Made:
    with ledger.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        return work(connection)


def _worth_another_try(error: StoreError) -> bool:
    cause = getattr(error.__cause__, "orig", None)
    return isinstance(error, StoredMeanwhileError) or getattr(cause, "sqlstate", None) in _IN_THE_WAY
