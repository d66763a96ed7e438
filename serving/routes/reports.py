"""Closed-loop reports over HTTP: the figures that `leadloop report NAME --json` prints."""

import json
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from pydantic import WithJsonSchema

from features.history import NEVER
from leadloop.clock import parse_as_of
from leadloop.errors import InputError
from models import registry
from serving.reports.ask import Ask
from serving.reports.cache import Answers
from serving.reports.catalogue import make
from serving.schemas import Problem
from serving.scorer import when
from serving.state import State

router = APIRouter(
    prefix="/v1", tags=["reports"], responses={code: {"model": Problem} for code in (404, 409, 422, 503)}
)

Name = Literal[
    "rejections",
    "sources",
    "campaigns",
    "sla",
    "contract",
    "funnel",
    "transitions",
    "duplicates",
    "features",
    "personas",
    "samples",
    "definitions",
    "drift",
    "lift",
]


Rate = Annotated[str, WithJsonSchema({"type": "string", "pattern": r"^(sql|opportunity|won)=(1|0\.[1-9][0-9]{0,5})$"})]
"""What the OpenAPI file says of one; what is not is refused in words."""


@dataclass(frozen=True)
class Asked:
    """What a request says; equal ones share an answer."""

    lang: Literal["en", "fr"] | None
    as_of: str | None
    by: Literal["source", "campaign"] | None
    goal: float | None
    capacity: int | None
    rate: tuple[str, ...]
    within: float | None
    model: str | None


def _asked(  # noqa: PLR0913 -- what a request may say
    lang: Annotated[Literal["en", "fr"] | None, Query(description="of texts")] = None,
    as_of: Annotated[
        str | None,
        Query(description="as if nothing recorded later existed; ISO 8601", json_schema_extra={"format": "date-time"}),
    ] = None,
    by: Annotated[Literal["source", "campaign"] | None, Query(description="features: within each of these")] = None,
    goal: Annotated[float | None, Query(gt=0, le=1e15, description="contract: revenue a month")] = None,
    capacity: Annotated[int | None, Query(ge=1, le=10**9, description="contract: leads looked at a day")] = None,
    rate: Annotated[list[Rate] | None, Query(max_length=6, description="contract: assume STAGE=SHARE")] = None,
    within: Annotated[float | None, Query(gt=0, le=3_650, description="lift: days in which wins count")] = None,
    model: Annotated[
        str | None, Query(pattern="^[0-9]{1,9}$", description="lift: a version of this machine, as challenger")
    ] = None,
) -> Asked:
    return Asked(lang, as_of, by, goal, capacity, tuple(rate or ()), within, model)


@router.get("/reports/{name}", response_model=None, responses={200: {"model": dict[str, Any]}})
async def reports(request: Request, name: Name, asked: Annotated[Asked, Depends(_asked)]) -> Response:
    """A report; made at most once a minute."""
    state: State = request.app.state.leadloop
    answers: Answers = request.app.state.reports
    body = await answers.get((name, asked), lambda: _body(state, name, asked))
    return Response(body, media_type="application/json")


def _body(state: State, name: Name, asked: Asked) -> bytes:
    ask = Ask(
        state.settings,
        _instant(state, asked.as_of),
        asked.lang or ("fr" if state.settings.language == "fr" else "en"),
        by=asked.by,
        goal=asked.goal,
        capacity=asked.capacity,
        rates=dict(map(rate_of, asked.rate)),
        within=asked.within,
        challenger=challenger(state, asked.model),
    )
    return json.dumps(
        make(state.ledger, name, ask, state.scorer).as_json(), ensure_ascii=False, allow_nan=False
    ).encode()


def challenger(state: State, model: str | None) -> str | None:
    """A version that can be had without MLflow, which no server imports.

    Raises: HTTPException 404 where it is not on this machine.
    """
    if model is not None and not registry.has_copy(state.settings, model):
        raise HTTPException(
            404, f"model: version {model} is not on this machine; `leadloop report lift --model {model}` fetches it"
        )
    return model


def _instant(state: State, as_of: str | None) -> int:
    newest = when(state.ledger, None)
    if as_of is None:
        return newest
    if newest == NEVER:
        raise InputError("as_of: this ledger is undated: nothing in it says when; leave it out")
    return parse_as_of(as_of, state.settings.zone)


def rate_of(text: str) -> tuple[str, float]:
    """A stage and its share.

    >>> rate_of("won=0.3")
    ('won', 0.3)

    Raises: InputError when it is none.
    """
    stage, _, share = text.partition("=")
    try:
        return stage.strip(), float(share)
    except ValueError:
        raise InputError(f"rate: '{text}' is no rate; write such as won=0.3") from None
