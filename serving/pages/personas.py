"""Personas, as a page: who wins, in rules that a person can read, beside the target that was declared."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.pages.exports import offer
from serving.pages.frame import screen_of
from serving.pages.page import Page, Section, marked
from serving.pages.reporting import Asked, made, values

router = APIRouter(include_in_schema=False)
PAGE = Page("/marketing/personas", marked("Personas"), Section.marketing, router)


@router.get("/marketing/personas")
async def personas(request: Request, wanted: Asked) -> Response:
    """The page."""
    screen = screen_of(request, PAGE)
    found = await made(request, "personas", screen.lang, wanted)
    rows = found.report.data["personas"]
    judged = sum(row["judged"] for row in rows)
    wins = sum(row["won_rate"]["reached"] for row in rows)
    told = {"rows": rows, "base": wins / judged if judged else None, "declared": found.report.data["target"]}
    return await run_in_threadpool(offer, screen, "personas.html", {**values(screen, found, wanted), **told})
