"""Today's ranked list over HTTP."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from serving.schemas import Problem, Queue
from serving.scorer import shown_instant
from serving.sight import sight_of
from serving.state import State
from serving.worklist import explained, owned_by

router = APIRouter(prefix="/v1", tags=["queue"], responses={422: {"model": Problem}, 503: {"model": Problem}})


@router.get("/queue", response_model=None, responses={200: {"model": Queue}})
def queue(
    request: Request,
    owner: Annotated[str | None, Query(description="only this owner's leads")] = None,
    capacity: Annotated[int | None, Query(ge=1, description="how many the team can take on today")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
    cursor: Annotated[str | None, Query(pattern="^[0-9]{1,9}$", description="`next_cursor` of the page before")] = None,
    lang: Annotated[str | None, Query(pattern="^(en|fr)$")] = None,
) -> dict[str, Any]:
    """The open leads in the order to call them, each with its reasons."""
    state: State = request.app.state.leadloop
    owners = sight_of(request).narrowed(owner)
    worklist, scorer = state.queue(), state.scorer()
    rows = worklist.rows if owners is None else owned_by(worklist, owners)
    capped = rows if capacity is None else rows[:capacity]
    start = int(cursor or 0)  # beyond the end, as when leads left the list meanwhile, the page is empty
    page = capped[start : start + limit]
    return {
        "as_of": shown_instant(worklist.as_of),
        "model_version": scorer.version.version,
        "chances": scorer.version.chances,
        "total": len(rows),
        "capacity": capacity,
        "leads": explained(worklist, scorer, page, lang or state.settings.language),
        "next_cursor": str(start + limit) if start + limit < len(capped) else None,
    }
