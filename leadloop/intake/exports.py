"""Rows of a one-table CRM export to leads and what came of them, as its mapping file explains them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from leadloop.errors import MappingError
from leadloop.intake.block import Block, Row
from leadloop.intake.columns import PROFILE
from leadloop.intake.hints import did_you_mean, fold, listed
from leadloop.intake.mapping import LINE, ExportMapping, OutcomeMapping
from leadloop.intake.tables import Reading
from leadloop.intake.values import BadValueError, TimeReader, as_text, read_id, read_number
from leadloop.store.rows import IDENTITY, LeadRow, OutcomeRow, Value

_BY_FOLD = {fold(name): name for name in (*IDENTITY, *PROFILE)}


def check_export(mapping: ExportMapping, file: str, columns: Sequence[str]) -> None:
    """Refuse a mapping that names columns which the export doesn't have, or one column for two things.

    Raises: MappingError naming the key, the column, and likely ones.
    """
    for key, name in _named(mapping):
        if name not in columns and not (name == LINE and key in ("[leads] id", "[leads] order")):
            hint = did_you_mean(name, columns) or ";"
            raise MappingError(f"{mapping.file} {key}: {file} has no column '{name}'{hint} {listed(columns)}")
    used = _used(mapping)
    for name in mapping.attributes or ():
        if _original(mapping, name) in used:
            problem = f"'{name}' is used by another key, so it is no attribute; leave it out here"
            raise MappingError(f"{mapping.file} [leads] attributes: {problem}")
    _refuse_clash(mapping, file, columns)


def _named(mapping: ExportMapping) -> Iterator[tuple[str, str]]:
    """Every column that the mapping names, with the key that does."""
    single = {"id": mapping.id, "created_at": mapping.created_at, "order": mapping.order}
    yield from ((f"[leads] {key}", name) for key, name in single.items() if name)
    yield from (("[leads] rename", name) for name in mapping.rename)
    yield from (("[leads] attributes", _original(mapping, name)) for name in mapping.attributes or ())
    yield from (("[leads] exclude", _original(mapping, name)) for name in mapping.exclude)
    if mapping.outcome:
        single = {"column": mapping.outcome.column, "at": mapping.outcome.at, "amount": mapping.outcome.amount}
        yield from ((f"[outcome] {key}", name) for key, name in single.items() if name)
    if mapping.reason:
        yield "[reason] column", mapping.reason.column


def _used(mapping: ExportMapping) -> set[str | None]:
    """Columns that are something else than an attribute."""
    outcome = mapping.outcome
    of_outcome = (outcome.column, outcome.at, outcome.amount) if outcome else ()
    reason = mapping.reason.column if mapping.reason else None
    return {mapping.id, mapping.created_at, mapping.order, *of_outcome, reason}


def _original(mapping: ExportMapping, name: str) -> str:
    """The export's name of a column, whichever of its names the mapping uses."""
    return next((old for old, new in mapping.rename.items() if new == name), name)


def _refuse_clash(mapping: ExportMapping, file: str, columns: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for at, name in _attribute_columns(mapping, columns):
        if name in seen:
            problem = f"both '{seen[name]}' and '{columns[at]}' of {file} would be '{name}'; rename or exclude one"
            raise MappingError(f"{mapping.file} [leads] rename: {problem}")
        seen[name] = columns[at]


def _attribute_columns(mapping: ExportMapping, columns: Sequence[str]) -> list[tuple[int, str]]:
    """Positions and our names of attributes and identity; identity needs no place in `attributes`."""
    left_out = _used(mapping) | {_original(mapping, name) for name in mapping.exclude} | {""}
    wanted = None if mapping.attributes is None else {_original(mapping, name) for name in mapping.attributes}
    named = [(at, column, _our_name(mapping, column)) for at, column in enumerate(columns) if column not in left_out]
    return [(at, name) for at, column, name in named if wanted is None or column in wanted or name in IDENTITY]


def _our_name(mapping: ExportMapping, column: str) -> str:
    name = mapping.rename.get(column, column)
    return _BY_FOLD.get(fold(name), name)


@dataclass(frozen=True)
class _Judged:
    """What a row says came of its lead; the moment is None when the row doesn't say."""

    stage: str
    at: int | None
    amount: float | None
    reason: str | None


class ExportMaker:
    """Makes a lead, and an outcome where there is one, of each row under one header."""

    def __init__(self, mapping: ExportMapping, columns: Sequence[str], reading: Reading, known_at: int | None) -> None:
        """`known_at`: when outcomes without a time of their own were known, which is when the export was made."""
        self._mapping = mapping
        self._positions = {column: at for at, column in enumerate(columns)}
        self._nothing = len(columns)
        found = _attribute_columns(mapping, columns)
        self._attributes = [(at, name) for at, name in found if name not in IDENTITY]
        self._identity = [(at, name) for at, name in found if name in IDENTITY]
        self._reading = reading
        self._known_at = known_at

    def make(self, row: Row, line: int) -> tuple[LeadRow, OutcomeRow | None]:
        """The lead and its outcome.

        Raises: BadValueError when the row can't be used.
        """
        lead = self._lead(row, line)
        judged = self._judged(row)
        if judged is None:
            return lead, None
        if judged.reason:
            self._reading.report.add_reason(judged.reason)
        moment = self._known_at if judged.at is None else judged.at
        return lead, OutcomeRow(lead.lead_id, judged.stage, moment, moment, judged.reason, judged.amount)

    def _lead(self, row: Row, line: int) -> LeadRow:
        mapping = self._mapping
        created_at = self._time(row, mapping.created_at) if mapping.created_at else None
        return LeadRow(
            read_id(self._cell(row, mapping.id, line), mapping.id),
            created_at,
            created_at,
            self._position(row, line),
            {name: row[at] for at, name in self._attributes if not self._is_missing(row[at])},
            {name: as_text(row[at]) for at, name in self._identity if not self._is_missing(row[at])},
        )

    def _position(self, row: Row, line: int) -> float | None:
        if not self._mapping.undated or self._mapping.order is None:
            return None
        position = read_number(self._cell(row, self._mapping.order, line), self._mapping.order)
        if position is None:
            raise BadValueError(self._mapping.order, "is missing; it orders the rows, so write a number")
        return position

    def _judged(self, row: Row) -> _Judged | None:
        outcome = self._mapping.outcome
        stage = _stage(outcome, as_text(self._raw(row, outcome.column))) if outcome else None
        if outcome is None or stage is None:
            return None
        at = None if outcome.at is None or self._is_missing(self._raw(row, outcome.at)) else self._time(row, outcome.at)
        if stage != "won":
            return _Judged(stage, at, None, self._reason(row))
        amount = read_number(self._cell(row, outcome.amount, 0), outcome.amount) if outcome.amount else None
        return _Judged(stage, at, amount, None)

    def _reason(self, row: Row) -> str | None:
        if self._mapping.reason is None:
            return None
        value = self._raw(row, self._mapping.reason.column)
        mapped = self._mapping.reason.map.get(as_text(value))
        if mapped is not None:
            return mapped or None
        return None if self._is_missing(value) else as_text(value)

    def _time(self, row: Row, column: str) -> int:
        return self._reading.times.read(self._cell(row, column, 0), column)

    def _cell(self, row: Row, column: str, line: int) -> Value:
        """A value, "" where the mapping says that it is missing."""
        if column == LINE:
            return line
        value = self._raw(row, column)
        return "" if self._is_missing(value) else value

    def _raw(self, row: Row, column: str) -> Value:
        return row[self._positions.get(column, self._nothing)]

    def _is_missing(self, value: Value) -> bool:
        return as_text(value) in self._mapping.missing


def _stage(outcome: OutcomeMapping, value: str) -> str | None:
    """None: still open."""
    if value in outcome.won:
        return "won"
    if value in outcome.lost:
        return "lost"
    return "rejected" if value in outcome.rejected else None


def latest_time(mapping: ExportMapping, blocks: Iterable[Block], times: TimeReader) -> int | None:
    """The last moment that a dated export speaks of: when it was made, as far as it tells."""
    names = {mapping.created_at, mapping.outcome.at if mapping.outcome else None}
    latest: int | None = None
    for block in blocks:
        wanted = [at for at, column in enumerate(block.columns) if column in names]
        for row in block.rows:
            for at in wanted:
                found = None if as_text(row[at]) in mapping.missing else _time_or_none(row[at], times)
                latest = found if latest is None or (found is not None and found > latest) else latest
    return latest


def _time_or_none(value: Value, times: TimeReader) -> int | None:
    try:
        return times.read(value, "")
    except BadValueError:
        return None
