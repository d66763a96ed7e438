"""Blocks of a file to the rows of a chunk: each good row goes in, each bad one into the report."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from leadloop.intake.block import Block, Row
from leadloop.intake.columns import layout_of
from leadloop.intake.exports import ExportMaker
from leadloop.intake.files import SourceFile
from leadloop.intake.mapping import ExportMapping
from leadloop.intake.report import BadRow, ImportReport
from leadloop.intake.tables import Reading, event_maker, lead_maker, outcome_maker
from leadloop.intake.values import BadValueError
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow

_LAYOUTS_KEPT = 1_000
_Make = Callable[[Row], LeadRow | EventRow | OutcomeRow]
_Faults = list[tuple[int, BadValueError]]


@dataclass
class Gathered:
    """The good rows of the chunk being filled; `read` counts the bad ones too."""

    leads: list[LeadRow] = field(default_factory=list)
    events: list[EventRow] = field(default_factory=list)
    outcomes: list[OutcomeRow] = field(default_factory=list)
    read: int = 0


class TableAdder:
    """Adds the rows of a leads, events or outcomes file; a maker is kept for each header, of which JSON has many."""

    def __init__(self, file: SourceFile, table: str, reading: Reading) -> None:
        self._file, self._table, self._reading = file, table, reading
        self._makers: dict[tuple[str, ...], _Make] = {}

    def add(self, block: Block, gathered: Gathered) -> None:
        """Add the good rows, report the bad ones."""
        make, good = self._maker(block.columns), self._list(gathered)
        before, add, faults = len(good), good.append, list(block.faults)
        for row, line in zip(block.rows, block.lines, strict=True):
            try:
                add(make(row))
            except BadValueError as refusal:
                faults.append((line, refusal))
        self._reading.report.add_read(self._table, len(good) - before)
        _report(self._reading.report, self._table, self._file, faults)

    def _list(self, gathered: Gathered) -> list[Any]:
        lists: dict[str, list[Any]] = {
            "leads": gathered.leads, "events": gathered.events, "outcomes": gathered.outcomes,
        }  # fmt: skip
        return lists[self._table]

    def _maker(self, columns: tuple[str, ...]) -> _Make:
        if columns not in self._makers:
            if len(self._makers) >= _LAYOUTS_KEPT:
                self._makers.clear()
            self._makers[columns] = self._compiled(columns)
        return self._makers[columns]

    def _compiled(self, columns: tuple[str, ...]) -> _Make:
        try:
            layout = layout_of(columns, self._table)
        except BadValueError as clash:
            return _refuser(clash)
        makers: dict[str, Callable[..., _Make]] = {
            "leads": lead_maker, "events": event_maker, "outcomes": outcome_maker,
        }  # fmt: skip
        return makers[self._table](layout, self._reading)


def _refuser(refusal: BadValueError) -> _Make:
    def refuse(row: Row) -> LeadRow:
        raise refusal

    return refuse


class ExportAdder:
    """Adds the rows of a mapped export: a lead each, and an outcome where something came of it."""

    def __init__(self, file: SourceFile, mapping: ExportMapping, reading: Reading, known_at: int | None) -> None:
        self._file, self._mapping, self._reading, self._known_at = file, mapping, reading, known_at
        self._makers: dict[tuple[str, ...], ExportMaker] = {}

    def add(self, block: Block, gathered: Gathered) -> None:
        """Add the good rows, report the bad ones."""
        make, faults, report = self._maker(block.columns).make, list(block.faults), self._reading.report
        leads, outcomes = len(gathered.leads), len(gathered.outcomes)
        for row, line in zip(block.rows, block.lines, strict=True):
            try:
                lead, outcome = make(row, line)
            except BadValueError as refusal:
                faults.append((line, refusal))
                continue
            gathered.leads.append(lead)
            if outcome is not None:
                gathered.outcomes.append(outcome)
        report.add_read("leads", len(gathered.leads) - leads)
        report.add_read("outcomes", len(gathered.outcomes) - outcomes)
        _report(report, "leads", self._file, faults)

    def _maker(self, columns: tuple[str, ...]) -> ExportMaker:
        if columns not in self._makers:
            if len(self._makers) >= _LAYOUTS_KEPT:
                self._makers.clear()
            self._makers[columns] = ExportMaker(self._mapping, columns, self._reading, self._known_at)
        return self._makers[columns]


def _report(report: ImportReport, table: str, file: SourceFile, faults: _Faults) -> None:
    for line, fault in sorted(faults, key=lambda one: one[0]):
        report.add_bad(table, BadRow(file.name, line, fault.column, fault.value, fault.cause))
