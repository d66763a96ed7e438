"""What we mean, as a page: a lead, an MQL, an SQL, reasons, cells, thresholds; operations writes it."""

from collections.abc import Sequence
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from leadloop.access import Role
from leadloop.clock import isoformat
from leadloop.store import definitions as store
from serving.pages.exports import offer
from serving.pages.frame import screen_of
from serving.pages.page import Page, Section, marked
from serving.pages.reporting import Asked, Wanted, ask_of, made, values
from serving.reports import definitions as report
from serving.reports.ask import Ask
from serving.reports.definitions import Defined
from serving.state import State
from serving.writing import write

router = APIRouter(include_in_schema=False)
PAGE = Page("/definitions", marked("Definitions"), Section.both, router)
WRITES = frozenset({Role.operations, Role.admin})


@router.get("/definitions")
async def definitions(request: Request, wanted: Asked) -> Response:
    """The page."""
    screen = screen_of(request, PAGE)
    state: State = request.app.state.leadloop
    found = await made(request, "definitions", screen.lang, wanted)
    told = {
        "groups": await run_in_threadpool(_groups, state, ask_of(state, screen.lang, Wanted())),
        "writes": screen.caller.role in WRITES,
        "at": isoformat,
        "longest": store.LONGEST,
    }
    return await run_in_threadpool(offer, screen, "definitions.html", {**values(screen, found, wanted), **told})


def _groups(state: State, ask: Ask) -> dict[str, Sequence[Defined]]:
    """The terms below the headings of the page."""
    with state.ledger.reading() as connection:
        found = report.grouped(connection, ask)
    return {ask.say(f"group {group}"): terms for group, terms in found.items()}


async def _sent(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode("utf-8", "replace")))


@router.post("/definitions")
def write_one(request: Request, sent: Annotated[dict[str, str], Depends(_sent)]) -> Response:
    """Write a definition, or go back to the shipped one."""
    state: State = request.app.state.leadloop
    name, actor = sent.get("name", ""), request.scope["caller"].actor
    report.check(name)
    en, fr = (None, None) if sent.get("do") == "shipped" else (sent.get("en", ""), sent.get("fr", ""))
    write(state.ledger, lambda connection: store.edit(connection, name, en, fr, actor))
    return RedirectResponse(screen_of(request).link("/definitions") + f"#{name}", 303)
