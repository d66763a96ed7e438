"""Today's ranked list over HTTP."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from leadloop.errors import InputError
from leadloop.settings import Settings
from serving.backlog.lines import Backlog
from serving.backlog.paging import Question
from serving.backlog.telling import today
from serving.schemas import Problem, Queue
from serving.scorer import shown_instant
from serving.state import State

router = APIRouter(prefix="/v1", tags=["queue"], responses={code: {"model": Problem} for code in (410, 422, 503)})


@router.get("/queue", response_model=None, responses={200: {"model": Queue}})
def queue(  # noqa: PLR0913 -- what may be asked
    request: Request,
    owner: Annotated[str | None, Query(description="only this owner's leads")] = None,
    team: Annotated[str | None, Query(description="only the leads of this team's owners (setting `teams`)")] = None,
    capacity: Annotated[int | None, Query(ge=1, description="the list ends there; default: it does not")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
    lang: Annotated[str | None, Query(pattern="^(en|fr)$")] = None,
) -> Response:
    """The open leads in the order to call them, each with its reasons, what to do and what changed."""
    state: State = request.app.state.leadloop
    backlog = state.keeper.current()
    asked = Question(owners(state.settings, owner, team), capacity, limit)
    return Response(json.dumps(answer(state, backlog, asked, cursor, lang)), media_type="application/json")


def owners(settings: Settings, owner: str | None, team: str | None) -> tuple[str, ...] | None:
    """Whose leads are asked for; None: everybody's.

    Raises: InputError when there is no such team.
    """
    if team is not None and team not in settings.teams:
        known = ", ".join(sorted(settings.teams)) or "none is configured"
        raise InputError(f"team: there is no team '{team}' (setting teams: {known})")
    of_team = None if team is None else tuple(settings.teams[team])
    if owner is None:
        return of_team
    return (owner,) if of_team is None or owner in of_team else ()


def answer(state: State, backlog: Backlog, asked: Question, cursor: str | None, lang: str | None) -> dict[str, Any]:
    """A page of the list, and what all of today's should bring."""
    page = state.pages.page(backlog, asked, cursor)
    seen, chosen = page.view, lang or state.settings.language
    taken = 0 if asked.capacity else backlog.taken_by(asked.owners)
    return {
        "as_of": shown_instant(seen.as_of),
        "age_seconds": round(state.keeper.age_seconds(backlog), 3),
        "model_version": seen.scorer.version.version,
        "chances": seen.scorer.version.chances,
        "total": seen.total,
        "capacity": asked.capacity,
        "today": today(backlog, backlog.of_owners(asked.owners), asked.capacity or state.settings.capacity, taken),
        "leads": state.teller.rows(page, backlog, chosen),
        "next_cursor": page.next_cursor,
    }
