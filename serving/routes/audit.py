"""The audit log over HTTP: who did what to what, for those who run leadloop."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from leadloop.clock import parse_as_of
from leadloop.errors import InputError
from leadloop.store import audit as store
from serving.schemas import INSTANT, Problem, Scalar
from serving.state import State

router = APIRouter(prefix="/v1", tags=["audit"], responses={422: {"model": Problem}, 503: {"model": Problem}})

_EXAMPLE: JsonValue = {
    "id": "0006533b6c1f2a40d1e2f3a4",
    "at": "2026-03-04T15:00:00Z",
    "actor": "key:3f9a12bc45de",
    "action": "lead.exported",
    "subject": "lead:8f0c2a7be1d94c55a3f1e2d3c4b5a697",
    "lead_id": "L-1001",
    "detail": {},
}


class AuditEntry(BaseModel):
    """Something that was done."""

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    id: str
    at: str
    actor: Annotated[
        str, Field(description="`key:<id>`, `person:<id>`, `open` without keys, or `command` on the machine itself")
    ]
    action: str
    subject: Annotated[str, Field(description="what it was done to; a lead is a hash")]
    lead_id: Annotated[str | None, Field(description="of a lead that is not erased")]
    detail: dict[str, Scalar]


class AuditPage(BaseModel):
    """Entries, newest first; `next_cursor` leads to older ones, null on the last page."""

    entries: list[AuditEntry]
    next_cursor: str | None


@router.get("/audit", response_model=None, responses={200: {"model": AuditPage}})
def audit(
    request: Request,
    since: Annotated[
        str | None, Query(description="ISO 8601: not what was done before", json_schema_extra=INSTANT)
    ] = None,
    lead_id: Annotated[
        str | None, Query(description="only what was done to this lead", examples=["L-1001"], min_length=1)
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    cursor: Annotated[
        str | None, Query(pattern="^[0-9a-f]{24}$", description="`next_cursor` of the page before")
    ] = None,
) -> dict[str, Any]:
    """Who did what to what, newest first."""
    state: State = request.app.state.leadloop
    start = None if since is None else _instant(since, state)
    with state.ledger.reading() as connection:
        found = store.read(connection, since=start, lead_id=lead_id, before=cursor, limit=limit + 1)
    page = found[:limit]
    return {
        "entries": [store.shown(entry) for entry in page],
        "next_cursor": page[-1].entry_id if len(found) > limit else None,
    }


def _instant(since: str, state: State) -> int:
    try:
        return parse_as_of(since, state.settings.zone)
    except InputError as error:
        raise InputError(f"since: {error}") from None
