"""What people take along of a page: each of its tables as a file for spreadsheets, and the page itself as one file."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadloop.clock import isoformat, now, to_micros
from serving.pages.files import files
from serving.pages.frame import HEADERS, Screen, answer, rendered, show
from serving.pages.standalone import POLICY, standalone
from serving.reports.report import tame

AT_MOST = 10_000
"""Rows of a file for spreadsheets: the first of them, in the order of the page."""
Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Table:
    """A table of a page, whole where the page shows its beginning. `columns`: names of values of a row, which are the
    headings; `rows`: are read when somebody asks for them.
    """

    name: str
    columns: Sequence[str]
    rows: Callable[[], Rows]


def offer(
    screen: Screen, template: str, values: Mapping[str, Any], tables: Sequence[Table] = (), status: int = 200
) -> Response:
    """The page, or what its address asks to take along of it: `csv=NAME`, `file=html`. What forms answer is a page.

    Raises: HTTPException 404 where there is no such file.
    """
    asked = screen.request.query_params
    if status != 200 or screen.request.method != "GET" or not (asked.get("csv") or asked.get("file")):
        return show(screen, template, values, status)
    if name := asked.get("csv"):
        return _attached(screen, _csv(tables, name), f"-{name}.csv", "text/csv")
    if asked["file"] != "html":
        raise HTTPException(404, f"There is no file '{asked['file']}' of this page; ask for file=html")
    style = files()["leadloop.css"].body.decode()
    written = screen.figures.moment(isoformat(to_micros(now())))
    return _attached(screen, standalone(rendered(screen, template, values), style, written), ".html", "text/html")


def _attached(screen: Screen, text: str, ending: str, kind: str) -> Response:
    """A file that is called as its page is."""
    page = re.sub(r"[^A-Za-z0-9]+", "-", screen.request.url.path).strip("-") or "page"
    told = {"Content-Disposition": f'attachment; filename="{page}{ending}"', "Content-Security-Policy": POLICY}
    return answer(screen.request, text, 200, {**HEADERS, **told, "Content-Language": screen.lang}, kind)


def _csv(tables: Sequence[Table], name: str) -> str:
    """A table for a spreadsheet, which knows by its first mark that this is UTF-8."""
    found = next((each for each in tables if each.name == name), None)
    if found is None:
        known = ", ".join(each.name for each in tables) or "none; those of reports are at /reports/NAME.csv"
        raise HTTPException(404, f"This page has no table '{name}'. Its tables: {known}")
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([tame(column) for column in found.columns])
    for row in islice(found.rows(), AT_MOST):
        writer.writerow([tame(_plain(row.get(column))) for column in found.columns])
    return "\ufeff" + out.getvalue()


def _plain(value: Any) -> Any:
    """A value as a cell: several in one, and yes or no as JSON has it.

    >>> _plain(["a", "b"]), _plain(True), _plain(0.5)
    ('a; b', 'true', 0.5)
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else value
