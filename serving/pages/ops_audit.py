"""The audit log as a page: who did what to what, the newest first."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from leadloop.clock import isoformat, now, parse_as_of
from leadloop.errors import InputError
from leadloop.store import audit, keys
from leadloop.store.audit import By, Entry
from leadloop.store.content import canonical
from leadloop.store.keys import ApiKey
from serving.pages import ops_words as words
from serving.pages.exports import AT_MOST, Rows, Table, offer
from serving.pages.frame import Screen, screen_of
from serving.pages.page import Page, Section, marked
from serving.state import State

router = APIRouter(include_in_schema=False)
PAGE = Page("/ops/audit", marked("Audit log"), Section.operations, router)
ROWS = 50
ENTRY = ("id", "at", "actor", "action", "subject", "lead_id", "detail")
"""Columns for spreadsheets."""
SINCE = ((marked("Today"), 0), (marked("A week ago"), 7), (marked("A month ago"), 30), (marked("A year ago"), 365))


@dataclass(frozen=True)
class Asked:
    """What the filters say."""

    actor: str | None
    area: str | None
    lead_id: str | None
    since: str | None

    @property
    def any(self) -> bool:
        """Whether anything is left out."""
        return any((self.actor, self.area, self.lead_id, self.since))


def _asked(
    actor: str | None = None, area: str | None = None, lead_id: str | None = None, since: str | None = None
) -> Asked:
    return Asked(actor or None, area or None, (lead_id or "").strip() or None, since or None)


@router.get("/ops/audit")
def log(
    request: Request,
    asked: Annotated[Asked, Depends(_asked)],
    cursor: Annotated[str | None, Query(pattern="^[0-9a-f]{24}$")] = None,
) -> Response:
    """The page."""
    state: State = request.app.state.leadloop
    screen, wrong, since = screen_of(request, PAGE), "", None
    try:
        since = parse_as_of(asked.since, screen.settings.zone) if asked.since else None
    except InputError as error:
        wrong = str(error)
    with state.ledger.reading() as connection:
        by = By(asked.actor, asked.area)
        found = audit.read(connection, since=since, lead_id=asked.lead_id, before=cursor, limit=ROWS + 1, by=by)
        known, actors = {key.key_id: key for key in keys.read(connection)}, audit.actors(connection)
    values = {
        "rows": [row(screen, known, entry) for entry in found[:ROWS]],
        "next_cursor": found[ROWS - 1].entry_id if len(found) > ROWS else None,
        "further": cursor is not None,
        "asked": asked,
        "actors": [(name, words.actor(screen, known, name)) for name in actors],
        "areas": [(name, screen.say(text)) for name, text in words.AREAS.items()],
        "days": _days(screen, asked.since),
        "wrong": wrong,
        "figures": screen.figures,
    }
    table = Table("entries", ENTRY, lambda: _entries(state, asked, since))
    return offer(screen, "ops_audit.html", values, [table], 422 if wrong else 200)


def _entries(state: State, asked: Asked, since: int | None) -> Rows:
    with state.ledger.reading() as connection:
        by = By(asked.actor, asked.area)
        found = audit.read(connection, since=since, lead_id=asked.lead_id, limit=AT_MOST, by=by)
    return ({**audit.shown(entry), "detail": canonical(entry.detail)} for entry in found)


def _days(screen: Screen, asked: str | None) -> list[tuple[str, str]]:
    """What to look back on, and the day that was asked for otherwise."""
    today = now().astimezone(screen.settings.zone).date()
    offered = [((today - timedelta(days=days)).isoformat(), screen.say(text)) for text, days in SINCE]
    known = {day for day, _ in offered}
    return [*offered, *([(asked, asked)] if asked and asked not in known else [])]


def row(screen: Screen, known: dict[str, ApiKey], entry: Entry) -> dict[str, Any]:
    """An entry as the page shows it."""
    kind, _, name = entry.subject.partition(":")
    return {
        "at": isoformat(entry.recorded_at),
        "who": words.actor(screen, known, entry.actor),
        "who_id": entry.actor,
        "did": words.told(screen, words.ACTIONS, entry.action),
        "kind": kind,
        "subject": words.actor(screen, known, entry.subject) if kind == "key" else name,
        "lead_id": entry.lead_id,
        "detail": words.detail(screen, entry),
    }
