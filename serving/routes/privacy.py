"""People's rights over their data, over HTTP: erasure and access."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from leadloop.errors import ModelError
from leadloop.store import erasure
from serving.access import Caller, caller_of
from serving.exported import everything
from serving.schemas import Problem
from serving.scorer import Scorer
from serving.state import State

router = APIRouter(prefix="/v1", tags=["privacy"], responses={code: {"model": Problem} for code in (404, 422, 503)})
LeadId = Annotated[str, Path(description="the lead's id", examples=["L-1001"], pattern="^[^\\x00]+$")]
Asking = Annotated[Caller, Depends(caller_of)]


_ERASED: JsonValue = {
    "erased": ["L-1001"],
    "already_erased": [],
    "rows": {"leads": 1, "identities": 1, "events": 12},
    "same_person": [],
    "file_is_clean": True,
}


class Erased(BaseModel):
    """What an erasure did."""

    model_config = ConfigDict(json_schema_extra={"example": _ERASED})

    erased: list[str]
    already_erased: list[str]
    rows: Annotated[dict[str, int], Field(description="how many rows left each table")]
    same_person: Annotated[list[str], Field(description="other leads that look like the same person, still there")]
    file_is_clean: Annotated[
        bool, Field(description="false: SQLite's file was busy and old pages may hold copies; delete once more later")
    ]


class Exported(BaseModel):
    """Everything held on a lead: beside these, the rows of each table that names it."""

    model_config = ConfigDict(extra="allow")

    exported_at: str
    lead_id: str
    identity: dict[str, str]
    attributes: dict[str, Any]
    score: Annotated[dict[str, Any] | None, Field(description="of this moment, with its reasons; null without a model")]


@router.delete("/leads/{lead_id}", response_model=None, responses={200: {"model": Erased}})
def erase(request: Request, lead_id: LeadId, caller: Asking) -> dict[str, Any]:
    """Erase a lead everywhere in the ledger, for good; a hash of the id keeps it from coming back."""
    state: State = request.app.state.leadloop
    return erasure.erase(state.ledger, [lead_id], caller.actor).as_json()


@router.get("/leads/{lead_id}/export", response_model=None, responses={200: {"model": Exported}})
def export(
    request: Request,
    lead_id: LeadId,
    caller: Asking,
    lang: Annotated[str | None, Query(pattern="^(en|fr)$", description="language of the score's reasons")] = None,
) -> dict[str, Any]:
    """Everything held on a lead, for access and portability."""
    state: State = request.app.state.leadloop
    return everything(state.ledger, lead_id, _scorer(state), lang or state.settings.language, caller.actor)


def _scorer(state: State) -> Scorer | None:
    try:
        return state.scorer()
    except ModelError:
        return None
