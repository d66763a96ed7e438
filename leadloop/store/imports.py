"""What came in by file: the report that each import left, for whoever asks later."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from leadloop.errors import InputError
from leadloop.store.tables import imports


class UnknownImportError(InputError):
    """There is no such import."""


@dataclass(frozen=True, slots=True)
class Import:
    """An import. `started_at`: microseconds UTC; `report`: as `leadloop import --json` printed it."""

    import_id: str
    started_at: int
    report: Mapping[str, Any]


def newest(connection: Connection, at_most: int) -> list[Import]:
    """The last imports, the newest first."""
    query = select(imports).order_by(imports.c.started_at.desc(), imports.c.import_id).limit(at_most)
    return [_read(row) for row in connection.execute(query)]


def find(connection: Connection, import_id: str) -> Import:
    """One import.

    Raises: UnknownImportError.
    """
    row = connection.execute(select(imports).where(imports.c.import_id == import_id)).one_or_none()
    if row is None:
        raise UnknownImportError(f"There is no import '{import_id}'; the page on data lists the newest")
    return _read(row)


def _read(row: Row[Any]) -> Import:
    return Import(row.import_id, row.started_at, json.loads(row.report))
