"""What the order of the queue brings beyond others, as a page: what is sure, the figures, a challenger beside it."""

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from serving import versions
from serving.pages.exports import offer
from serving.pages.frame import Screen, screen_of
from serving.pages.page import Page, Section, marked
from serving.pages.reporting import Asked, Made, Wanted, made, values
from serving.state import State

router = APIRouter(include_in_schema=False)
PAGE = Page("/ops/lift", marked("What the order brings"), Section.operations, router)


@router.get("/ops/lift")
async def lift(request: Request, wanted: Asked) -> Response:
    """The page; `?model=2`: with version 2 as challenger."""
    screen = screen_of(request, PAGE)
    found = await made(request, "lift", screen.lang, wanted)
    return await run_in_threadpool(_page, screen, found, wanted)


def _page(screen: Screen, found: Made, wanted: Wanted) -> Response:
    told = {"rivals": _rivals(screen), "rival": wanted.model or ""}
    return offer(screen, "ops_lift.html", {**values(screen, found, wanted), **told})


def _rivals(screen: Screen) -> list[tuple[str, str]]:
    """The versions on this machine that do not serve."""
    state: State = screen.request.app.state.leadloop
    return [
        (each["version"], screen.say(marked("Version %(version)s"), version=each["version"]))
        for each in versions.listed(state.settings)["versions"]
        if each["copied"] and "champion" not in each["aliases"]
    ]
