"""Is the process there, and can it do its work."""

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from leadloop.errors import StoreError
from serving.schemas import Problem
from serving.state import State

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"model": Problem}})
def readyz(request: Request) -> dict[str, Any]:
    """The database answers and a model is loaded; MLflow is not asked, since scoring does not need it."""
    state: State = request.app.state.leadloop
    try:
        with state.ledger.reading() as connection:
            connection.execute(select(1))
    except SQLAlchemyError as error:
        raise StoreError(f"The ledger does not answer: {type(error).__name__}") from None
    return {"status": "ready", "model_version": state.scorer().version.version}
