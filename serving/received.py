"""The body of a request as rows for the ledger: each object is read as a row of a file is, and a bad one is named."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from leadloop.errors import InputError
from leadloop.intake.block import Row, refuse_unstorable
from leadloop.intake.columns import layout_of
from leadloop.intake.report import ImportReport
from leadloop.intake.tables import Reading, event_maker, lead_maker, outcome_maker
from leadloop.intake.values import BadValueError, StageReader, TimeReader
from leadloop.settings import Settings
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow, Value
from serving.schemas import BATCH_AT_MOST

LedgerRow = LeadRow | EventRow | OutcomeRow
_Make = Callable[[Row], LedgerRow]
_MAKERS: dict[str, Callable[..., _Make]] = {"leads": lead_maker, "events": event_maker, "outcomes": outcome_maker}


@dataclass(frozen=True)
class Refused:
    """An object that can't be stored; `field` is None where the whole of it is wrong."""

    field: str | None
    cause: str

    def __str__(self) -> str:
        """As a sentence of an answer."""
        return f"{self.field}: {self.cause}" if self.field else self.cause


@dataclass(frozen=True)
class Received:
    """What a request sent, in its order; `batch`: as `{"items": […]}`."""

    items: list[LedgerRow | Refused]
    batch: bool

    @property
    def rows(self) -> list[LedgerRow]:
        """Those that can be stored."""
        return [item for item in self.items if not isinstance(item, Refused)]


def receive(body: bytes, table: str, settings: Settings) -> Received:
    """Read a body for one of the tables leads, events, outcomes.

    Raises: InputError when the body is no JSON object, or a batch without a list or of too many.
    """
    text, found = _parsed(body)
    batch = set(found) == {"items"}
    items = _listed(found["items"]) if batch else [found]
    reader = _ItemReader(table, settings, escaped="\\u" in text)
    return Received([reader.read(item) for item in items], batch)


def _parsed(body: bytes) -> tuple[str, dict[str, object]]:
    try:
        text = body.decode()
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError('The body is not JSON; write one object, or {"items": […]}, in UTF-8') from None
    if not isinstance(found, dict):
        raise InputError('The body is not a JSON object; write one object, or {"items": […]}')
    return text, found


def _listed(items: object) -> list[object]:
    if not isinstance(items, list):
        raise InputError('items: is not a list; write {"items": [{…}, {…}]}')
    if len(items) > BATCH_AT_MOST:
        raise InputError(f"items: {len(items):,} are more than {BATCH_AT_MOST:,}; send them in several requests")
    return items


class _ItemReader:
    """Reads objects of one table; a maker is kept for each set of keys, which mostly repeat."""

    def __init__(self, table: str, settings: Settings, *, escaped: bool) -> None:
        self._table, self._escaped = table, escaped
        self._reading = Reading(TimeReader(settings.zone), StageReader(settings.stages), ImportReport())
        self._makers: dict[tuple[str, ...], _Make] = {}

    def read(self, item: object) -> LedgerRow | Refused:
        """The row, or why there is none."""
        try:
            return self._row(item)
        except BadValueError as bad:
            return Refused(bad.column, bad.cause)

    def _row(self, item: object) -> LedgerRow:
        if not isinstance(item, dict):
            raise BadValueError(None, 'is not a JSON object; write {"lead_id": …}')
        columns = tuple(item)
        if self._escaped:  # only \u can bring in what no database holds; the names first, since messages quote them
            refuse_unstorable(["a key"] * len(columns), columns)
            refuse_unstorable(columns, list(item.values()))
        return self._maker(columns)([*(_plain(column, value) for column, value in item.items()), ""])

    def _maker(self, columns: tuple[str, ...]) -> _Make:
        if columns not in self._makers:
            layout = layout_of(columns, self._table)
            if layout.missing:
                raise BadValueError(layout.missing[0], "is missing")
            self._makers[columns] = _MAKERS[self._table](layout, self._reading)
        return self._makers[columns]


def _plain(column: str, value: Any) -> Value:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, dict | list):
        raise BadValueError(column, "is a list or an object; write one text, number, true, false or null")
    if isinstance(value, float) and not math.isfinite(value):
        raise BadValueError(column, "is not a finite number; write null when there is none")
    plain: Value = value
    return plain
