"""A report as data and as tables, which a page, a file for spreadsheets and the console all show alike."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, NamedTuple, Protocol

from leadloop import console
from leadloop.page import document
from serving.reports.language import COLON, points
from serving.reports.words import Lang, number, say

MISSING = "–"
LEFT = ("text", "long")
ROOM = 8
"""Columns; on the console a table with more of them goes without intervals."""


class Figure(NamedTuple):
    """A number that has an interval, or is of another kind than its column."""

    value: float | None
    low: float | None = None
    high: float | None = None
    kind: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table. `kind`: text, long (text that may wrap), count, share, points (a difference of
    shares), money, days, hours or figure.
    """

    name: str
    kind: str = "text"


@dataclass(frozen=True)
class Table:
    """Rows of plain values and of figures. `note`: what to know about it."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    note: str = ""


class Picture(Protocol):
    """A chart that was drawn, as SVG; None where nothing draws."""

    @property
    def title(self) -> str:
        """What it shows."""

    @property
    def svg(self) -> str | None:
        """The drawing."""


@dataclass(frozen=True)
class Report:
    """What was found. `data`: for programs; `tables`, `notes`, `title`: for people, in `lang`.

    `file`: the table that a .csv file holds; the first where it is left out. `summary`: what comes before all else.
    """

    name: str
    lang: Lang
    title: str
    data: Mapping[str, Any]
    tables: Sequence[Table] = ()
    notes: Sequence[str] = ()
    file: Table | None = None
    summary: str = ""

    def as_json(self) -> dict[str, Any]:
        """The data, with the notes."""
        return {**self.data, "notes": list(self.notes)}

    def head(self, column: Column) -> str:
        """What a column is called."""
        return say(self.lang, column.name)

    def cell(self, value: Any, kind: str) -> tuple[str, str]:
        """A value as people read it, and its interval, "" where it has none."""
        if not isinstance(value, Figure):
            return self._plain(value, kind), ""
        kind = value.kind or kind
        bounds = "" if value.low is None else f"{self._plain(value.low, kind)} – {self._plain(value.high, kind)}"
        shown = points(value.value, self.lang) if kind == "points" and value.value is not None else None
        return shown or self._plain(value.value, kind), bounds

    def _plain(self, value: Any, kind: str) -> str:
        if value is None or value == "":
            return MISSING
        return str(value) if kind in LEFT else number(value, kind, self.lang)


def as_html(report: Report, drawn: Sequence["Picture"] = ()) -> str:
    """One page that needs nothing else; with the pictures that go with the report."""
    notes = "".join(f"<li>{escape(note)}</li>" for note in (report.summary, *report.notes) if note)
    told = f"<ul>{notes}</ul>" if notes else ""
    at = report.data.get("as_of")
    when = f"<p>{escape(say(report.lang, 'as of', at=at))}</p>" if at else ""
    head = f"<header><p>leadloop</p><h1>{escape(report.title)}</h1>{when}{told}</header>"
    body = "".join(_section(report, table) for table in report.tables)
    pictures = "".join(_figure(each) for each in drawn)
    return document(f"leadloop – {report.title}", report.lang, head + pictures + body)


def _figure(picture: "Picture") -> str:
    """A picture; its figures are in the tables below it."""
    if picture.svg is None:
        return ""
    return f'<section><h2>{escape(picture.title)}</h2><figure class="chart">{picture.svg}</figure></section>'


def _section(report: Report, table: Table) -> str:
    note = f"<p>{escape(table.note)}</p>" if table.note else ""
    if not table.rows:
        return f"<section><h2>{escape(table.title)}</h2>{note}<p>{escape(say(report.lang, 'nothing'))}</p></section>"
    heads = "".join(f'<th scope="col"{_side(column)}>{escape(report.head(column))}</th>' for column in table.columns)
    rows = "".join(_row(report, table, row) for row in table.rows)
    inside = f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<section><h2>{escape(table.title)}</h2>{note}<div class="wide" tabindex="0">{inside}</div></section>'


def _row(report: Report, table: Table, row: Sequence[Any]) -> str:
    first, *others = (_cell(report, column, value) for column, value in zip(table.columns, row, strict=True))
    side = _side(table.columns[0])
    cells = "".join(f"<td{_side(column)}>{cell}</td>" for column, cell in zip(table.columns[1:], others, strict=True))
    return f'<tr><th scope="row"{side}>{first}</th>{cells}</tr>'


def _side(column: Column) -> str:
    return ' class="text"' if column.kind in LEFT else ""


def _cell(report: Report, column: Column, value: Any) -> str:
    shown, bounds = report.cell(value, column.kind)
    return escape(shown) + (f"<small>{escape(bounds)}</small>" if bounds else "")


def as_csv(report: Report, number: int | None = None) -> str:
    """A table of the report (None: its main one) with plain numbers; a text that a spreadsheet would take for a formula
    is quoted.
    """
    table = (report.file or report.tables[0]) if number is None else report.tables[number]
    wide = [
        any(isinstance(row[i], Figure) and row[i].low is not None for row in table.rows)
        for i in range(len(table.columns))
    ]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    names = [column.name.replace(" ", "_") for column in table.columns]
    writer.writerow(_spread([(name, f"{name}_low", f"{name}_high") for name in names], wide))
    for row in table.rows:
        figures = [value[:3] if isinstance(value, Figure) else (value, None, None) for value in row]
        writer.writerow([tame(value) for value in _spread(figures, wide)])
    return out.getvalue()


def _spread(row: Sequence[tuple[Any, Any, Any]], wide: Sequence[bool]) -> list[Any]:
    """Each value, with its bounds in columns of their own where any row has some."""
    return [value for cell, with_bounds in zip(row, wide, strict=True) for value in (cell if with_bounds else cell[:1])]


def tame(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula.

    >>> tame("=1+1"), tame(-3)
    ("'=1+1", -3)
    """
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def show(report: Report) -> None:
    """The report on the console; intervals only where there is room for them."""
    if report.summary:
        console.note(report.summary)
    for table in report.tables:
        if not table.rows:
            console.note(f"{table.title}{COLON[report.lang]}{say(report.lang, 'nothing')}")
            continue
        heads = [report.head(column) for column in table.columns]
        right = [report.head(column) for column in table.columns if column.kind not in LEFT]
        console.print_table(table.title, heads, [_line(report, table, row) for row in table.rows], right)
        if table.note:
            console.note(table.note)
    for note in report.notes:
        console.note(note)


def _line(report: Report, table: Table, row: Sequence[Any]) -> list[str]:
    cells = [report.cell(value, column.kind) for column, value in zip(table.columns, row, strict=True)]
    room = len(table.columns) <= ROOM
    return [f"{shown} ({bounds})" if bounds and room else shown for shown, bounds in cells]


def first_rows(table: Table, most: int, lang: Lang) -> Table:
    """The table cut after so many rows, saying so."""
    left = len(table.rows) - most
    if left <= 0:
        return table
    note = f"{table.note} {say(lang, 'and more', more=left)}".strip()
    return replace(table, rows=table.rows[:most], note=note)
