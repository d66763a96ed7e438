"""Rows of leads, events and outcomes files to rows of the ledger.

Each maker is compiled once for a header and then called for every row, because events come by the million.
"""

from collections.abc import Callable
from dataclasses import dataclass

from leadloop.intake.block import Row
from leadloop.intake.columns import Layout
from leadloop.intake.report import ImportReport
from leadloop.intake.values import (
    BadValueError,
    StageReader,
    TimeReader,
    as_text,
    read_currency,
    read_id,
    read_number,
    read_optional_id,
    read_text,
)
from leadloop.store.rows import IDENTITY, EventRow, LeadRow, OutcomeRow, Value


@dataclass(frozen=True)
class Reading:
    """What the rows of a file are read with."""

    times: TimeReader
    stages: StageReader
    report: ImportReport


def lead_maker(layout: Layout, reading: Reading) -> Callable[[Row], LeadRow]:
    """Known columns, identity, and every other column as an attribute; null clears an attribute."""
    lead_id, created, recorded = (layout.known[name] for name in ("lead_id", "created_at", "recorded_at"))
    identity = [(layout.known[name], name) for name in IDENTITY]
    others, times = layout.others, reading.times

    def make(row: Row) -> LeadRow:
        created_at = times.read(row[created], "created_at")
        return LeadRow(
            read_id(row[lead_id]),
            created_at,
            times.read(row[recorded], "recorded_at") if row[recorded] not in _NOT_GIVEN else created_at,
            None,
            {name: row[at] for at, name in others if row[at] != ""},
            {name: as_text(row[at]) for at, name in identity if row[at] not in _NOT_GIVEN},
        )

    return make


def event_maker(layout: Layout, reading: Reading) -> Callable[[Row], EventRow]:
    """Known columns, and every other column as a property."""
    lead_id, kind, occurred = (layout.known[name] for name in ("lead_id", "type", "occurred_at"))
    recorded, event_id = layout.known["recorded_at"], layout.known["event_id"]
    others, read_time = layout.others, reading.times.read

    def make(row: Row) -> EventRow:
        occurred_at = read_time(row[occurred], "occurred_at")
        return EventRow(
            read_id(row[lead_id]),
            read_id(row[kind], "type"),
            occurred_at,
            read_time(row[recorded], "recorded_at") if row[recorded] not in _NOT_GIVEN else occurred_at,
            read_id(row[event_id], "event_id") if row[event_id] not in _NOT_GIVEN else None,
            {name: row[at] for at, name in others if row[at] != ""},
        )

    return make


def outcome_maker(layout: Layout, reading: Reading) -> Callable[[Row], OutcomeRow]:
    """Known columns only; reasons are counted in the report."""
    at, times, report = layout.known, reading.times, reading.report

    def make(row: Row) -> OutcomeRow:
        occurred_at = times.read(row[at["occurred_at"]], "occurred_at")
        recorded_at = row[at["recorded_at"]]
        outcome = OutcomeRow(
            read_id(row[at["lead_id"]]),
            reading.stages.read(row[at["stage"]]),
            occurred_at,
            occurred_at if recorded_at in _NOT_GIVEN else times.read(recorded_at, "recorded_at"),
            read_text(row[at["reason"]]),
            read_number(row[at["amount"]], "amount"),
            read_currency(row[at["currency"]]),
            read_text(row[at["actor"]]),
            read_optional_id(row[at["outcome_id"]], "outcome_id"),
            None if row[at["until"]] in _NOT_GIVEN else times.read(row[at["until"]], "until"),
        )
        if outcome.until_at is not None and outcome.stage != "recycled":
            raise BadValueError("until", f"is for recycled leads, and this one is {outcome.stage}; leave it out")
        if outcome.reason:
            report.add_reason(outcome.reason)
        return outcome

    return make


_NOT_GIVEN: tuple[Value, ...] = ("", None)
