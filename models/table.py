"""A table of leads, as MLflow's tools hand it over, read into leads and events; errors name row and column."""

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd

from leadloop.clock import parse_as_of
from leadloop.errors import InputError
from leadloop.store.events import StoredEvent
from leadloop.store.leads import StoredLead
from models.signature import BESIDE, EVENTS

Row = dict[str, Any]


def rows_of(table: pd.DataFrame, accepted: Sequence[str]) -> list[Row]:
    """Its rows as JSON has them. `accepted`: columns that the model knows.

    MLflow drops the columns that it was not told of, and with the last of them the rows: no column is no empty table.
    Raises: InputError where there is no known column, and where a cell other than of events is a list or an object.
    """
    if not set(accepted) & set(table.columns) and (len(table) or not len(table.columns)):
        raise InputError(f"No column of the table is known to this model; give some of: {', '.join(accepted)}")
    rows: list[Row] = json.loads(
        table.to_json(orient="records", date_format="iso", date_unit="us", double_precision=15)
    )
    for i, row in enumerate(rows):
        for name, value in row.items():
            if name != EVENTS and isinstance(value, list | dict):
                kind = "a list" if isinstance(value, list) else "an object"
                raise InputError(f"Row {i}, {name}: {kind} is no single value; write a text or a number")
    return rows


def lead_of(number: int, row: Row) -> StoredLead:
    """The lead of a row, under a name that sorts as the rows do."""
    created = _time(row, "created_at", f"Row {number}")
    attributes = {name: value for name, value in row.items() if name not in BESIDE and value is not None}
    return StoredLead(_id(number), 0, created, None, None, attributes, None)


def lead_id_of(row: Row) -> str | None:
    """Its own id as text: 7, and the 7.0 that pandas makes of it beside an empty cell, are "7"."""
    told = row.get("lead_id")
    if isinstance(told, float) and told.is_integer():
        told = int(told)
    return None if told is None else str(told)


def as_of_of(number: int, row: Row, otherwise: int) -> int:
    """When it is scored."""
    told = _time(row, "as_of", f"Row {number}")
    return otherwise if told is None else told


def events_of(number: int, row: Row) -> list[StoredEvent]:
    """What it did: a list of {"type", "occurred_at", …}, or that as JSON; any other name is a property."""
    told, where = row.get(EVENTS), f"Row {number}, {EVENTS}"
    if isinstance(told, str) and told.strip():
        try:
            told = json.loads(told)
        except ValueError as error:
            raise InputError(f"{where}: this is no JSON: {error}") from None
    if told in (None, ""):
        return []
    if not isinstance(told, list):
        raise InputError(f"{where}: give a list of objects with type and occurred_at, or the same as JSON")
    return [_event(number, i, each) for i, each in enumerate(told)]


def _event(number: int, place: int, told: Any) -> StoredEvent:
    where = f"Row {number}, {EVENTS}[{place}]"
    if not isinstance(told, dict):
        raise InputError(f"{where}: this is no object with type and occurred_at")
    occurred = _time(told, "occurred_at", where)
    if occurred is None or not told.get("type"):
        raise InputError(f"{where}: {'type' if occurred is not None else 'occurred_at'} is missing")
    recorded = _time(told, "recorded_at", where)
    properties = {name: value for name, value in told.items() if name not in ("type", "occurred_at", "recorded_at")}
    at = occurred if recorded is None else recorded
    return StoredEvent(f"{number}-{place}", 0, _id(number), str(told["type"]), occurred, at, properties)


def _time(told: Row, name: str, where: str) -> int | None:
    """A time in a row or an event, None where there is none."""
    if told.get(name) in (None, ""):
        return None
    try:
        return parse_as_of(str(told[name]))
    except InputError as error:
        raise InputError(f"{where}, {name}: {error}") from None


def _id(number: int) -> str:
    return f"{number:09d}"
