"""A lead's sheet over HTTP."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Path, Request, Response

from leadloop.store import leads
from serving.routes.queue import Lang
from serving.schemas import LeadSheet, Problem
from serving.sheet import sheet
from serving.sight import Sees
from serving.state import State

router = APIRouter(prefix="/v1", tags=["leads"], responses={code: {"model": Problem} for code in (404, 422, 503)})


@router.get("/leads/{lead_id}", response_model=None, responses={200: {"model": LeadSheet}})
def lead(
    request: Request,
    lead_id: Annotated[str, Path(description="the lead's id", examples=["L-1001"])],
    sees: Sees,
    lang: Lang = None,
) -> Response:
    """One lead: score and why, moments, history, stage, what changed, what to do; who it is for those who may know."""
    state: State = request.app.state.leadloop
    row = sheet(state.ledger, state.settings, state.scorer(), lead_id, lang=lang or state.settings.language)
    sees.check(lead_id, row["owner"])
    if not sees.identity:  # a note may name somebody
        row["history"]["outcomes"] = [{**each, "note": None} for each in row["history"]["outcomes"]]
    else:
        with state.ledger.reading() as connection:
            row["identity"] = leads.names(connection, [row["lead_id"]]).get(row["lead_id"], {})
    return Response(msgspec.json.encode(row), media_type="application/json")
