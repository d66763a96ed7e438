"""The queue as a page: today's leads in the order to call them, and what to click."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import RedirectResponse

from leadloop.access import Role
from leadloop.clock import now
from leadloop.errors import UnknownLeadError
from models.priority import CELL_NAMES
from serving.access import Caller
from serving.backlog.lines import Backlog
from serving.backlog.paging import Page as Cut
from serving.backlog.paging import Question, view
from serving.pages import vocabulary
from serving.pages.exports import AT_MOST, offer
from serving.pages.frame import Screen, screen_of
from serving.pages.page import Page, Section, marked
from serving.pages.people import Person, people
from serving.pages.queue_table import queue_table
from serving.routes.queue import Asking, Whose, answer
from serving.state import State

router = APIRouter(include_in_schema=False)
PAGE = Page("/queue", marked("Queue"), Section.sales, router)
ROWS = 25
WORKS = frozenset({Role.sales, Role.admin})
"""Who clicks."""
SNOOZES = (
    (marked("In a week"), 7),
    (marked("In two weeks"), 14),
    (marked("In a month"), 30),
    (marked("In three months"), 91),
)


@dataclass(frozen=True)
class Chosen:
    """What the filters of the page say."""

    team: str | None
    owner: str | None
    cell: str | None
    source: str | None

    @property
    def any(self) -> bool:
        """Whether anything is left out."""
        return any((self.team, self.owner, self.cell, self.source))


def _chosen(
    team: str | None = None, owner: str | None = None, cell: str | None = None, source: str | None = None
) -> Chosen:
    return Chosen(team or None, owner or None, cell or None, source or None)


Filters = Annotated[Chosen, Depends(_chosen)]


@router.get("/")
def home(request: Request) -> Response:
    """To the queue, or for those who have none to their first page."""
    screen = screen_of(request)
    pages = [page for section in screen.menu.values() for page in section]
    return RedirectResponse(screen.link(pages[0].path if pages else "/docs"), 303)


@router.get("/queue")
def queue(request: Request, asking: Asking, chosen: Filters, cursor: Annotated[str | None, Query()] = None) -> Response:
    """The page."""
    screen, state = screen_of(request, PAGE), _state(request)
    backlog = state.keeper.current()
    asked = Question(asking.owners, None, ROWS, chosen.cell, chosen.source)
    found = answer(state, backlog, asked, cursor or None, screen.lang)
    values = {
        **told(screen, state, asking, found["leads"]),
        "found": found,
        "today": found["today"],
        "order_only": found["chances"] == "order_only",
        "chosen": chosen,
        "choices": choices(screen, backlog, asking),
        "further": cursor is not None,
        "said": just_clicked(screen),
    }
    every = replace(asked, limit=AT_MOST)
    table = queue_table(
        lambda: answer(state, backlog, every, None, screen.lang)["leads"],
        lambda ids: people(state.ledger, asking.sees, ids),
    )
    return offer(screen, "queue.html", values, [table])


def told(screen: Screen, state: State, asking: Whose, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the template of a row takes."""
    return {
        "leads": rows,
        "people": people(state.ledger, asking.sees, [row["lead_id"] for row in rows]),
        "words": vocabulary,
        "figures": screen.figures,
        "currency": screen.settings.currency,
        "works": works(screen.caller),
        "reasons": vocabulary.reasons(screen, screen.settings),
        "snoozes": snoozes(screen),
        "back": screen.here,
        "whose": whose(screen),
    }


def whose(screen: Screen) -> dict[str, str | None]:
    """Whose leads the page is about, for the buttons on it to say."""
    return {name: screen.request.query_params.get(name) for name in ("owner", "team")}


def works(caller: Caller) -> bool:
    """Whether somebody works leads, not only looks at them."""
    return caller.role in WORKS


def snoozes(screen: Screen) -> Sequence[tuple[str, str]]:
    """Days to put a lead off to, and what they are called."""
    today = now().astimezone(screen.settings.zone).date()
    return [((today + timedelta(days=days)).isoformat(), screen.say(name)) for name, days in SNOOZES]


def choices(screen: Screen, backlog: Backlog, asking: Whose) -> Mapping[str, Sequence[tuple[str, str]]]:
    """What each filter offers: values and what they are called."""
    seen = asking.sees.owners
    owners = [name for name in backlog.named("owner") if seen is None or name in seen]
    teams = sorted(screen.settings.teams) if seen is None else []
    return {
        "team": [(name, name) for name in teams],
        "owner": [(name, name) for name in owners],
        "cell": [(name, screen.say(vocabulary.CELLS[name])) for name in reversed(CELL_NAMES)],
        "source": [(name, name.replace("_", " ")) for name in backlog.named("source")],
    }


def one(state: State, backlog: Backlog, asking: Whose, lead_id: str, lang: str) -> dict[str, Any]:
    """One lead of the list, as the page has it.

    Raises: UnknownLeadError when it is in no list of the caller's.
    """
    listed, number = state.drawer.listed(backlog, asking.owners), int(backlog.find([lead_id])[0])
    mine = listed.mine
    at = next(iter(np.flatnonzero(mine == number).tolist()), None) if number >= 0 else None
    if at is None:
        raise UnknownLeadError(f"Lead '{lead_id}' is not in the queue; load the page again")
    page = Cut(view(backlog, mine[: at + 1], None, at), at, at + 1, None)
    return listed.told(state.teller.rows(page, backlog, lang), lang)[0]


def just_clicked(screen: Screen) -> dict[str, str] | None:
    """What was just clicked, where no script showed it in place."""
    asked = screen.request.query_params
    done = vocabulary.DONE.get(asked.get("done", ""))
    if done is None or "lead" not in asked:
        return None
    return {"text": screen.say(done), "lead_id": asked["lead"], "outcome": asked.get("outcome", "")}


def _state(request: Request) -> State:
    state: State = request.app.state.leadloop
    return state


def named(state: State, asking: Whose, lead_id: str) -> Person:
    """Who a lead is, as far as the caller may know."""
    return people(state.ledger, asking.sees, [lead_id])[lead_id]
