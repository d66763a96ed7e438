"""The contract as a page: what was promised and delivered, contact in time, conversion, and what the goal takes."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.pages.exports import Table, offer
from serving.pages.frame import screen_of
from serving.pages.page import Page, Section, marked
from serving.pages.reporting import Asked, Wanted, made, values

router = APIRouter(include_in_schema=False)
PAGE = Page("/contract", marked("Contract"), Section.both, router)
TONES = {"kept": "good", "not_kept": "bad", "too_early": "warn"}


@router.get("/contract")
async def contract(request: Request, wanted: Asked) -> Response:
    """The page; `goal`, `capacity` and `rate` try out something else."""
    screen = screen_of(request, PAGE)
    found = await made(request, "contract", screen.lang, wanted)
    promised = await made(request, "sla", screen.lang, Wanted())
    data = found.report.data
    told = {
        **values(screen, found, wanted),
        "sla": values(screen, promised, Wanted()),
        "drawn": [*found.drawn, *promised.drawn],
        "asked": wanted,
        "total": promised.report.data["total"],
        "months": _months(data),
        "tones": TONES,
        "known": screen.known,
    }
    sides = Table("sides", ("month", "side", "verdict", "why"), lambda: data["months"])
    return await run_in_threadpool(offer, screen, "contract.html", told, [sides])


def _months(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each month with both sides, the newest first."""
    found: dict[str, dict[str, Any]] = {}
    for row in data["months"]:
        found.setdefault(row["month"], {"month": row["month"]})[row["side"]] = row
    return list(found.values())
