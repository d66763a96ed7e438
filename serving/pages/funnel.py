"""The funnel as a page: how many leads came how far, how long it took, and moves that cannot be."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.pages.exports import offer
from serving.pages.frame import screen_of
from serving.pages.page import Page, Section, marked
from serving.pages.reporting import Asked, made, values

router = APIRouter(include_in_schema=False)
PAGE = Page("/funnel", marked("Funnel"), Section.both, router)


@router.get("/funnel")
async def funnel(request: Request, wanted: Asked) -> Response:
    """The page."""
    screen = screen_of(request, PAGE)
    found = await made(request, "funnel", screen.lang, wanted)
    moves = await made(request, "transitions", screen.lang, wanted)
    rungs = {row["state"]: row for row in found.report.data["funnel"]}
    told = {"rungs": rungs, "leads": found.report.data["leads"], "moves": values(screen, moves, wanted)}
    return await run_in_threadpool(offer, screen, "funnel.html", {**values(screen, found, wanted), **told})
