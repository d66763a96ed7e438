"""Reports for pages: made at most once a minute as for the API, with their charts, and as files to take along."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from serving.pages.drawing import Drawn
from serving.pages.frame import Screen, screen_of
from serving.reports.ask import Ask
from serving.reports.cache import Answers
from serving.reports.catalogue import REPORTS, make
from serving.reports.drawings import Drawing, drawings
from serving.reports.report import Report, as_csv, as_html
from serving.routes.reports import Rate, challenger, rate_of
from serving.scorer import when
from serving.state import State

router = APIRouter(include_in_schema=False)
LIVE = frozenset({"samples", "definitions"})
"""Reports on what people write on pages: they are never a minute old."""


@dataclass(frozen=True)
class Wanted:
    """What a page wants of its reports; equal wishes share an answer. `only`: a source, a campaign, a month; `model`:
    a challenger, by its number.
    """

    by: str | None = None
    goal: float | None = None
    capacity: int | None = None
    rates: tuple[str, ...] = ()
    only: tuple[tuple[str, str], ...] = ()
    model: str | None = None

    @property
    def narrowed(self) -> Mapping[str, str]:
        """The same as a table."""
        return dict(self.only)

    def query(self) -> dict[str, Any]:
        """For links to the same elsewhere."""
        narrowed = {name: value or NONE for name, value in self.only}
        return {"by": self.by, "goal": self.goal, "capacity": self.capacity, "model": self.model, **narrowed}


Narrowed = tuple[tuple[str, str], ...]
Text = Annotated[str | None, Query(max_length=500)]


def _wanted(
    by: Annotated[str | None, Query(pattern="^(source|campaign|)$")] = None,
    goal: Annotated[float | None, Query(gt=0, le=1e15)] = None,
    capacity: Annotated[int | None, Query(ge=1, le=10**9)] = None,
    rate: Annotated[list[Rate] | None, Query(max_length=6)] = None,
    model: Annotated[str | None, Query(pattern="^[0-9]{0,9}$")] = None,
) -> Wanted:
    return Wanted(by or None, goal, capacity, tuple(each for each in rate or () if each), model=model or None)


def _only(source: Text = None, campaign: Text = None, month: Text = None) -> Narrowed:
    """Filters; the empty source is that of leads that name none, so that no filter at all is another thing."""
    given = (("source", source), ("campaign", campaign), ("month", month))
    return tuple((name, "" if value == NONE else value) for name, value in given if value)


NONE = "-"
"""In an address, the source or campaign of leads that name none."""


def _asked(
    request: Request,
    only: Annotated[tuple[tuple[str, str], ...], Depends(_only)],
    given: Annotated[Wanted, Depends(_wanted)],
) -> Wanted:
    return replace(given, only=only)


Asked = Annotated[Wanted, Depends(_asked)]
"""For routes: `wanted: Asked`."""


@dataclass(frozen=True)
class Made:
    """A report and its charts."""

    report: Report
    drawings: Sequence[Drawing]

    @property
    def drawn(self) -> list[Drawn]:
        """The charts for a template."""
        return [
            Drawn(each.title, each.columns, each.rows, Markup(each.svg) if each.svg else None)  # noqa: S704 -- drawn by us
            for each in self.drawings
        ]


async def made(request: Request, name: str, lang: str, wanted: Wanted) -> Made:
    """A report for a page, in its language."""
    state: State = request.app.state.leadloop
    if name in LIVE:
        return await run_in_threadpool(_made, state, name, lang, wanted)
    answers: Answers = request.app.state.reports
    return await answers.get(("page", name, lang, wanted), lambda: _made(state, name, lang, wanted))


def _made(state: State, name: str, lang: str, wanted: Wanted) -> Made:
    found = make(state.ledger, name, ask_of(state, lang, wanted), state.scorer)
    return Made(found, drawings(found))


def ask_of(state: State, lang: str, wanted: Wanted) -> Ask:
    """The question behind a page."""
    return Ask(
        state.settings,
        when(state.ledger, None),
        "fr" if lang == "fr" else "en",
        by=wanted.by,
        goal=wanted.goal,
        capacity=wanted.capacity,
        rates=dict(map(rate_of, wanted.rates)),
        only=wanted.narrowed,
        challenger=challenger(state, wanted.model),
    )


def values(screen: Screen, made: Made, wanted: Wanted) -> dict[str, Any]:
    """What templates of reports take: the report, its charts, and addresses of it as files."""
    name, asked = made.report.name, {**wanted.query(), "lang": screen.lang}
    return {
        "report": made.report,
        "drawn": made.drawn,
        "figures": screen.figures,
        "currency": screen.settings.currency,
        "whole": screen.link(f"/reports/{name}.html", **asked),
        "csv": [screen.link(f"/reports/{name}.csv", **asked, table=n) for n in range(len(made.report.tables))],
    }


@router.get("/reports/{file}")
async def file(request: Request, file: str, wanted: Asked, table: Annotated[int, Query(ge=0)] = 0) -> Response:
    """A report as one page that needs nothing else, or one of its tables for a spreadsheet."""
    name, _, ending = file.rpartition(".")
    if name not in REPORTS or ending not in ("html", "csv"):
        raise HTTPException(404, "There is no such file")
    found = await made(request, name, screen_of(request).lang, wanted)
    kept = {
        "Content-Disposition": f'attachment; filename="{name}{f"-{table + 1}" if ending == "csv" else ""}.{ending}"'
    }
    if ending == "html":
        return Response(as_html(found.report, found.drawings), 200, kept, "text/html")
    if table >= len(found.report.tables):
        raise HTTPException(404, "The report has no such table")
    return Response("\ufeff" + as_csv(found.report, table), 200, kept, "text/csv; charset=utf-8")
