"""Today's ranked list over HTTP."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response

from leadloop.errors import InputError
from serving.backlog.lines import Backlog
from serving.backlog.paging import Question
from serving.backlog.telling import today
from serving.schemas import Problem, Queue
from serving.scorer import shown_instant
from serving.sight import Sees, Sight
from serving.state import State

router = APIRouter(prefix="/v1", tags=["queue"], responses={code: {"model": Problem} for code in (403, 410, 422, 503)})


Owner = Annotated[str | None, Query(description="only this owner's leads")]
Team = Annotated[str | None, Query(description="only the leads of this team's owners (setting `teams`)")]
Lang = Annotated[str | None, Query(pattern="^(en|fr)$", description="language of what is told")]


@dataclass(frozen=True)
class Whose:
    """Whose leads are asked for; None: all that the caller sees."""

    owners: tuple[str, ...] | None
    sees: Sight


def whose(request: Request, sees: Sees, owner: Owner = None, team: Team = None) -> Whose:
    """Whose leads a request is about.

    Raises: InputError when there is no such team, HTTPException 403 when the caller does not see them.
    """
    teams = request.app.state.settings.teams
    if team is not None and team not in teams:
        raise InputError(f"team: there is no team '{team}'; the setting teams has {', '.join(sorted(teams)) or 'none'}")
    seen = sees.narrowed(owner)
    if team is not None:
        seen = frozenset(teams[team]) if seen is None else seen & frozenset(teams[team])
    return Whose(None if seen is None else tuple(sorted(seen)), sees)


Asking = Annotated[Whose, Depends(whose)]


@router.get("/queue", response_model=None, responses={200: {"model": Queue}})
def queue(
    request: Request,
    asking: Asking,
    capacity: Annotated[int | None, Query(ge=1, description="the list ends there; default: it does not")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
    lang: Lang = None,
) -> Response:
    """The open leads in the order to call them, each with its reasons, what to do and what changed."""
    state: State = request.app.state.leadloop
    asked = Question(asking.owners, capacity, limit)
    found = answer(state, state.keeper.current(), asked, cursor, lang)
    return Response(msgspec.json.encode(found), media_type="application/json")


def answer(state: State, backlog: Backlog, asked: Question, cursor: str | None, lang: str | None) -> dict[str, Any]:
    """A page of the list, and what all of today's should bring."""
    listed = state.drawer.listed(backlog, asked.owners)
    page = state.pages.page(backlog, asked, cursor, listed.within(backlog, asked.cell, asked.source))
    seen, chosen = page.view, lang or state.settings.language
    state.teller.asked(asked.owners, chosen)
    taken = 0 if asked.capacity else backlog.taken_by(asked.owners)
    return {
        "as_of": shown_instant(seen.as_of),
        "age_seconds": round(state.keeper.age_seconds(backlog), 3),
        "model_version": seen.scorer.version.version,
        "chances": seen.scorer.version.chances,
        "total": seen.total,
        "capacity": asked.capacity,
        "today": today(backlog, listed.mine, asked.capacity or state.settings.capacity, taken),
        "leads": listed.told(state.teller.rows(page, backlog, chosen), chosen),
        "next_cursor": page.next_cursor,
    }
