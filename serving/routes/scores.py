"""How a lead's score came to be what it is: every score of it that was stored, and why each differs from the last."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection, select

from leadloop.clock import isoformat
from leadloop.errors import InputError, UnknownLeadError
from leadloop.store import leads, people, scores, tables
from leadloop.store.people import People
from leadloop.store.scores import StoredScore
from serving.change_schemas import ScoreChanges
from serving.changes import Place, changes
from serving.schemas import Problem, StoredScores
from serving.scorer import COLUMNS, shown_instant
from serving.sight import Sees, Sight
from serving.state import State

router = APIRouter(prefix="/v1", tags=["leads"], responses={code: {"model": Problem} for code in (404, 422, 503)})


@router.get("/leads/{lead_id}/scores", response_model=None, responses={200: {"model": StoredScores}})
def stored_scores(
    request: Request,
    lead_id: str,
    sees: Sees,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
    cursor: Annotated[
        str | None, Query(pattern=r"^[0-9]{1,18}\.[0-9A-Za-z_-]+$", description="`next_cursor` of the page before")
    ] = None,
) -> dict[str, Any]:
    """The scores of a lead that were stored, a duplicate's being those of the lead that stands for it."""
    name, found = _stored(request.app.state.leadloop, sees, lead_id, limit + 1, cursor)
    page = found[:limit]
    following = _cursor(page[-1]) if len(found) > limit else None
    return {"lead_id": name, "scores": [_shown(row) for row in page], "next_cursor": following}


@router.get("/leads/{lead_id}/changes", response_model=None, responses={200: {"model": ScoreChanges}})
def score_changes(
    request: Request,
    lead_id: str,
    sees: Sees,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
    cursor: Annotated[
        str | None, Query(pattern=r"^[0-9]{1,18}\.[0-9A-Za-z_-]+$", description="`next_cursor` of the page before")
    ] = None,
    lang: Annotated[Literal["en", "fr"] | None, Query()] = None,
) -> dict[str, Any]:
    """Why the score changed, from each score that was stored to the one before it, in parts that add up."""
    state: State = request.app.state.leadloop
    name, found = _stored(state, sees, lead_id, limit + 2, cursor)
    scorer = state.champion.scorer
    place = Place(state.ledger, state.settings, scorer.version if scorer else None, lang or state.settings.language)
    told = changes(place, found[: limit + 1])
    following = _cursor(found[limit - 1]) if len(found) > limit + 1 else None
    return {"lead_id": name, "changes": told, "next_cursor": following}


def _stored(state: State, sees: Sight, lead_id: str, most: int, cursor: str | None) -> tuple[str, list[StoredScore]]:
    """The lead that stands for the person, and its scores, newest first."""
    after = None if cursor is None else _after(cursor)
    with state.ledger.reading() as connection:
        known = _person(connection, lead_id)
        name = known.of(lead_id)
        sees.check(lead_id, leads.owner(connection, known.all_of([lead_id])))
        return name, scores.history(connection, name, most, after)


def _cursor(row: StoredScore) -> str:
    return f"{row.as_of}.{row.model_version}"


def _person(connection: Connection, lead_id: str) -> People:
    rows = tables.leads.c
    if (
        "\x00" in lead_id
        or not connection.execute(select(rows.version).where(rows.lead_id == lead_id).limit(1)).first()
    ):
        raise UnknownLeadError(f"There is no lead '{lead_id}' in the ledger; send it to /v1/leads")
    return people.read(connection, None, [lead_id])


def _after(cursor: str) -> tuple[int, str]:
    as_of, _, version = cursor.partition(".")
    if not (as_of.isascii() and as_of.isdigit() and version) or int(as_of) >= 2**63:
        raise InputError("cursor: is no page of this list; take next_cursor of the page before")
    return int(as_of), version


def _shown(row: StoredScore) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in COLUMNS}
    known = {"as_of": shown_instant(row.as_of), "model_version": row.model_version}
    plain = {name: None if value != value else value for name, value in values.items()}
    return {**known, **plain, "recorded_at": isoformat(row.recorded_at)}
