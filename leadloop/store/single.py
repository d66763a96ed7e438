"""What a request asks about single leads, in one statement each: the packed history, who is alone, what time it is."""

import sqlite3
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from sqlalchemy import Connection

from leadloop.clock import instant
from leadloop.store import packed
from leadloop.store.bulk import matching
from leadloop.store.instant import LIVE
from leadloop.store.ledger import Ledger
from leadloop.store.packed import FORMAT
from leadloop.store.people import NOT_ALONE, not_alone

_ONE = f"""SELECT packed, EXISTS ({not_alone("= ?1")}),
    CASE WHEN packed IS NULL THEN EXISTS (SELECT 1 FROM leads WHERE lead_id = ?1) ELSE 1 END
    FROM (SELECT 1) LEFT JOIN histories ON lead_id = ?1 AND format = {FORMAT}"""  # noqa: S608 -- our own names
_IS_LIVE = f"SELECT EXISTS (SELECT 1 FROM imports WHERE import_id = '{LIVE}')"  # noqa: S608 -- our own name
_KNOWN = "SELECT DISTINCT lead_id FROM leads WHERE lead_id :keys"


class Single(NamedTuple):
    """A lead as it is stored. `packed`: its history, None where there is none.

    `plain`: whether that, or that there is none, is all there is to know: nobody else may be the same person, and the
    history of a known lead is packed.
    """

    packed: bytes | None
    plain: bool


CACHE_KB = 32_768
"""Of the file that is kept in memory while nobody writes: SQLite's own 2 MB hold the histories of 200 busy leads."""
UNKNOWN = Single(None, plain=True)
"""A lead that the ledger does not know."""


def read(connection: Connection, lead_ids: Sequence[str]) -> dict[str, Single]:
    """Some leads, each on its own."""
    if not lead_ids:
        return {}
    kept = packed.kept(connection, lead_ids)
    absent = [lead_id for lead_id in lead_ids if lead_id not in kept]
    unpacked = set(matching(connection, _KNOWN, absent).scalars()) if absent else set()
    queries = [query.format(which=":keys") for query in NOT_ALONE]
    shared = {each for query in queries for each in matching(connection, query, lead_ids).scalars()}
    return {each: Single(kept.get(each), plain=each not in shared and each not in unpacked) for each in lead_ids}


class Singles:
    """Reads single leads of an SQLite ledger at once or not at all, so that it may be asked where nobody can wait.

    One of it belongs to one thread.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._file = ledger.engine.url.database if ledger.engine.dialect.name == "sqlite" else None
        self._connection: sqlite3.Connection | None = None
        self._live = False
        self._newest: tuple[int, int] | None = None

    def read(self, lead_id: str) -> Single | None:
        """The lead; None where that can't be said at once."""
        found = self._asked(_ONE, lead_id)
        if found is None:
            return None
        history, shared, known = found
        return Single(history, plain=not shared and (history is not None or not known))

    def newest(self) -> int | None:
        """The instant that a question without one is about, as `instant.newest` has it; the end of time where undated.

        None where that can't be said at once: ask `instant.newest` then, after `mark`, and let it be `remembered`.
        """
        if self._live:
            return instant()
        mark = self.mark()
        if self._newest and self._newest[0] == mark:
            return self._newest[1]  # nothing was written since, so that it is not live either
        found = self._asked(_IS_LIVE)
        self._live = bool(found and found[0])
        return instant() if self._live else None

    def mark(self) -> int | None:
        """Changes whenever anybody writes to the ledger; None where that can't be said."""
        found = self._asked("PRAGMA data_version")
        return found[0] if found else None

    def remember(self, mark: int | None, newest: int) -> None:
        """What `instant.newest` said when nothing had been written since `mark`."""
        if mark is not None:
            self._newest = mark, newest

    def _asked(self, statement: str, *values: str) -> tuple[Any, ...] | None:
        if self._file is None:
            return None
        try:
            if self._connection is None:
                there = f"file:{quote(self._file)}?mode=rw"  # one that went away is not to be made anew
                self._connection = sqlite3.connect(
                    there, timeout=0, isolation_level=None, check_same_thread=False, cached_statements=8, uri=True
                )
                self._connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
            found: tuple[Any, ...] = self._connection.execute(statement, values).fetchone()
        except sqlite3.Error:
            self.close()
            return None
        return found

    def close(self) -> None:
        """Give the file back; the next question opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
