"""Scores on demand; nothing is stored."""

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Query, Request

from serving.incoming import Sent, prepare
from serving.schemas import BatchRequest, BatchScores, Problem, Score, ScoreRequest
from serving.state import State

router = APIRouter(prefix="/v1", tags=["score"], responses={422: {"model": Problem}, 503: {"model": Problem}})
Lang = Annotated[str | None, Query(pattern="^(en|fr)$", description="language of the reasons")]


@router.post("/score", response_model=None, responses={200: {"model": Score}})
def score(request: Request, body: ScoreRequest, lang: Lang = None) -> dict[str, Any]:
    """Score one lead, with the reasons."""
    return _scores(request.app.state.leadloop, [Sent(body.lead, body.events, body.as_of)], lang)[0]


@router.post("/score/batch", response_model=None, responses={200: {"model": BatchScores}})
def score_batch(request: Request, body: BatchRequest, lang: Lang = None) -> dict[str, Any]:
    """Score up to 1,000 leads in one go; they stand alone, so that the same lead may come twice."""
    sent = [_sent(item, body.as_of) for item in body.leads]
    return {"scores": _scores(request.app.state.leadloop, sent, lang)}


def _sent(item: ScoreRequest | dict[str, Any], as_of: str | None) -> Sent:
    if isinstance(item, ScoreRequest):
        return Sent(item.lead, item.events, item.as_of or as_of)
    return Sent(item, (), as_of)


def _scores(state: State, sent: list[Sent], lang: str | None) -> list[dict[str, Any]]:
    scorer = state.scorer()
    catalogue = scorer.version.bundle.catalogue
    zone, blocks = state.settings.zone, catalogue.read_apart
    ready = prepare(state.ledger, sent, timezone=zone, dated=catalogue.dated, blocks=blocks)
    scored = scorer.score(ready.history, np.arange(len(sent)), ready.as_of)
    reasons = scored.reasons(lang or state.settings.language)
    rows = zip(scored.rows(), ready.lead_ids, reasons, strict=True)
    return [{**row, "lead_id": lead_id, "reasons": why} for row, lead_id, why in rows]
