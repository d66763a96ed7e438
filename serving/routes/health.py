"""Is the process there, and can it do its work."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from leadloop.errors import StoreError
from serving.schemas import Problem
from serving.state import State
from serving.swap import shown

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"model": Problem}})
def readyz(request: Request) -> dict[str, Any]:
    """The database answers, a model is loaded and the server is not stopping; MLflow is not asked, as scoring does not.

    `refused`: a version that was switched on and does not serve; the one before it does.
    """
    state: State = request.app.state.leadloop
    if state.stopping:
        raise HTTPException(503, "The server is stopping; ask another")
    try:
        with state.ledger.reading() as connection:
            connection.execute(select(1))
    except SQLAlchemyError as error:
        raise StoreError(f"The ledger does not answer: {type(error).__name__}") from None
    refused = shown(state.champion) if state.champion.refused else {}
    return {"status": "ready", "model_version": state.scorer().version.version, **refused}


@router.get("/metrics", response_class=PlainTextResponse)
def metrics(request: Request) -> Response:
    """What Prometheus reads: latencies by route, the model, scores, and what waits."""
    state: State = request.app.state.leadloop
    return Response(state.metrics.page(state), media_type=CONTENT_TYPE_LATEST)
