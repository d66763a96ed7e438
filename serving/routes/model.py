"""The model that is switched on, as a card: how it did, what it looks at, and what matters to it."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.exceptions import HTTPException

from leadloop.errors import NoModelError
from models import registry
from models.registry import Version
from serving.card import ModelCard, card
from serving.schemas import Problem
from serving.state import State
from serving.swap import shown

router = APIRouter(
    prefix="/v1", tags=["model"], responses={404: {"model": Problem}, 422: {"model": Problem}, 503: {"model": Problem}}
)


@router.get("/model", response_model=None, responses={200: {"model": ModelCard}})
def model(
    request: Request,
    version: Annotated[
        str | None,
        Query(pattern="^[A-Za-z0-9_.-]{1,255}$", description="number or alias; default: the one that is switched on"),
    ] = None,
) -> dict[str, Any]:
    """A model's card: version, verdict, metrics, features and importances."""
    state: State = request.app.state.leadloop
    chosen = state.scorer().version if version is None else _named(state, version)
    return card(chosen) | shown(state.champion)


def _named(state: State, version: str) -> Version:
    try:
        return registry.load(state.settings, version)
    except NoModelError as error:
        raise HTTPException(404, str(error)) from None
