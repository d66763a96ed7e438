"""Why leads are refused, as a page: the worst campaign, its reasons, examples and what it cost, a click each."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.pages.exports import offer
from serving.pages.frame import Screen, screen_of
from serving.pages.page import Page, Section, marked
from serving.pages.reporting import NONE, Asked, Wanted, made, values
from serving.reports.rates import Rate
from serving.reports.report import Report

router = APIRouter(include_in_schema=False)
PAGE = Page("/marketing/refusals", marked("Why leads are refused"), Section.marketing, router)
LEAST = 5
"""Leads that a campaign brought, from which on it can be the worst."""


@router.get("/marketing/refusals")
async def refusals(request: Request, wanted: Asked) -> Response:
    """The page."""
    screen = screen_of(request, PAGE)
    found = await made(request, "rejections", screen.lang, wanted)
    whole = found if not wanted.only else await made(request, "rejections", screen.lang, Wanted())
    data, report = found.report.data, found.report
    told = {
        **values(screen, found, wanted),
        "total": data["total"],
        "leads": data["leads"],
        "worst": None if "campaign" in wanted.narrowed else worst(data["campaigns"]),
        "chosen": wanted.narrowed,
        "choices": _choices(screen, whole.report.data),
        "links": {name: _links(screen, report, f"{name}s", name) for name in ("source", "campaign", "month")},
        "reason": lambda code: screen.known(f"reason {code}", code),
        "blank": NONE,
    }
    return await run_in_threadpool(offer, screen, "refusals.html", told)


def worst(campaigns: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The campaign of which most is surely refused: by the low end of the interval, for few leads prove little."""
    known = [
        (Rate(round(row["rejected_share"] * row["leads"]), row["leads"]), row)
        for row in campaigns
        if row["campaign"] and (row["leads"] or 0) >= LEAST
    ]
    if not known:
        return None
    _, row = max(known, key=lambda each: (each[0].interval or (0.0, 0.0))[0])
    return dict(row)


def _choices(screen: Screen, data: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """What each filter offers, of all refusals."""
    found = {}
    for name in ("source", "campaign", "month"):
        given = sorted({row[name] for row in data[f"{name}s"] if row[name]}, reverse=name == "month")
        blank = any(not row[name] for row in data[f"{name}s"]) and name != "month"
        found[name] = [(value, value.replace("_", " ")) for value in given]
        found[name] += [(NONE, screen.say(marked("not given")))] if blank else []
    return found


def _links(screen: Screen, report: Report, rows: str, name: str) -> list[str | None]:
    """From each row of a table to the refusals of that row alone."""
    given = [row[name] for row in report.data[rows]]
    order = reversed(given) if name == "month" else given
    return [screen.same(**{name: value or NONE}) if value or name != "month" else None for value in order]
