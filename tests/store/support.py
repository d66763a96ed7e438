"""What the tests of the store room call: keep rows, look at whole tables, do things at the same time."""

from collections.abc import Callable, Sequence
from threading import Barrier, Thread
from typing import Any, Protocol

from sqlalchemy import Connection, select

from leadloop.store.ledger import Ledger
from leadloop.store.tables import metadata


class Noun(Protocol):
    """leads, events or outcomes."""

    def add(self, connection: Connection, rows: Sequence[Any], /) -> int:
        """Keep rows."""


def kept(ledger: Ledger, noun: Noun, *rows: object) -> int:
    """Add rows in a transaction of their own; how many were new."""
    with ledger.writing() as connection:
        return noun.add(connection, rows)


def contents(ledger: Ledger, *but: str) -> dict[str, list[str]]:
    """Every row of every table as text, sorted, to compare two ledgers by the byte; but for when it changed."""
    with ledger.reading() as connection:
        return {
            table.name: sorted(
                repr(tuple(row))
                for row in connection.execute(select(*(c for c in table.columns if c.name != "changed_at")))
            )
            for table in metadata.sorted_tables
            if table.name not in but
        }


def at_once(*works: Callable[[], object]) -> list[Exception]:
    """Do all works at the same time, each in a thread; what went wrong."""
    start, wrong = Barrier(len(works)), list[Exception]()

    def run(work: Callable[[], object]) -> None:
        start.wait()
        try:
            work()
        except Exception as error:
            wrong.append(error)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=40)
    return wrong
