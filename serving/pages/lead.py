"""One lead as a page: its score and why, what it did and saw, who it is, what to do next."""

from typing import Any

from fastapi import APIRouter, Request, Response

from serving.backlog.draws import ADVICE, WHY
from serving.pages import lead_moves, lead_parts, lead_tables, vocabulary
from serving.pages.exports import offer
from serving.pages.frame import Screen, screen_of
from serving.pages.page import Page, Section, marked
from serving.pages.people import people
from serving.pages.queue import just_clicked, snoozes, works
from serving.sheet import sheet
from serving.sight import Sees, Sight
from serving.state import State

router = APIRouter(include_in_schema=False)
PAGE = Page("/leads/{lead_id}", marked("Lead"), Section.sales, router, in_menu=False)
DONE = frozenset({"won", "lost", "rejected"})
"""Stages after which nothing is to be clicked but to undo."""


@router.get("/leads/{lead_id}")
def lead(request: Request, lead_id: str, sees: Sees) -> Response:
    """The page."""
    state: State = request.app.state.leadloop
    screen = screen_of(request, PAGE)
    row = sheet(state.ledger, state.settings, state.scorer(), lead_id, lang=screen.lang)
    sees.check(lead_id, row["owner"])
    if not sees.identity:  # a note may name somebody
        row["history"]["outcomes"] = [{**each, "note": None} for each in row["history"]["outcomes"]]
    values = {**_frame(screen, state, sees, row), **_parts(screen, state, sees, row)}
    return offer(screen, "lead.html", values, lead_tables.tables(screen, state, values))


def _frame(screen: Screen, state: State, sees: Sight, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "lead": row,
        "person": people(state.ledger, sees, [row["lead_id"]])[row["lead_id"]],
        "words": vocabulary,
        "figures": screen.figures,
        "currency": screen.settings.currency,
        "works": works(screen.caller) and row["stage"] not in DONE,
        **_by_lot(screen, state, sees, row["lead_id"]),
        "reasons": vocabulary.reasons(screen, screen.settings),
        "snoozes": snoozes(screen),
        "said": just_clicked(screen),
        "whose": {},
    }


def _by_lot(screen: Screen, state: State, sees: Sight, lead_id: str) -> dict[str, str | None]:
    """Of a lead that was drawn for today's list: why it is there, and what to do with it in place of its tactic."""
    backlog = state.keeper.lately()
    drawn = backlog is not None and state.drawer.by_lot(backlog, sees.owners, lead_id)
    return {"why_here": WHY[screen.lang] if drawn else None, "advice": ADVICE[screen.lang] if drawn else None}


def _parts(screen: Screen, state: State, sees: Sight, row: dict[str, Any]) -> dict[str, Any]:
    lead_id = row["lead_id"]
    stored = lead_moves.kept(state, lead_id)
    return {
        "why": lead_parts.why(screen, row),
        "moved": lead_moves.line(screen, row, stored),
        "steps": lead_moves.steps(screen, state, row, stored),
        "timeline": lead_parts.timeline(screen, row),
        "seen": lead_parts.seen(screen, state, lead_id),
        "colleagues": lead_parts.company(state, sees, lead_id),
        "similar": lead_parts.similar(screen, state, screen.request.app.state.won, sees, lead_id),
        "facts": lead_parts.known_facts(screen, row),
    }
