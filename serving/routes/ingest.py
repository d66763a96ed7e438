"""Leads, events and outcomes as they happen, answered only when the ledger has them for good."""

from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from leadloop.errors import ModelError
from leadloop.store import content
from serving.access import caller_of
from serving.idempotency import Answer, check_key, once
from serving.ingest import Rescoring, ingest, refused
from serving.problems import problem
from serving.received import Received, Refused, receive
from serving.schemas import (
    EventIn,
    IngestedBatch,
    LeadIn,
    OutcomeIn,
    Problem,
    StoredEvent,
    StoredLead,
    StoredOutcome,
    one_or_many,
)
from serving.state import State
from serving.writing import write

router = APIRouter(
    prefix="/v1", tags=["ingest"], responses={code: {"model": Problem} for code in (409, 413, 415, 422, 503)}
)


async def _body(request: Request) -> bytes:
    """The whole body, once its type is known to be JSON."""
    stated = Message()
    stated["content-type"] = request.headers.get("content-type", "none/stated")
    subtype = stated.get_content_subtype()
    if stated.get_content_maintype() != "application" or not (subtype == "json" or subtype.endswith("+json")):
        raise HTTPException(415, "Content-Type: write application/json, and the body as JSON")
    try:
        return await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "The body ended before its announced length") from None


@dataclass(frozen=True)
class Sending:
    """What the three routes have in common."""

    body: bytes
    key: str | None
    score: bool
    lang: str | None


async def _sending(
    body: Annotated[bytes, Depends(_body)],
    idempotency_key: Annotated[
        str | None,
        Header(
            description="at most 255 characters; executes the request once, however often it is sent",
            json_schema_extra={"minLength": 1, "maxLength": 255},
        ),
    ] = None,
    score: Annotated[bool, Query(description="add the lead's new score, as /v1/score gives it")] = False,
    lang: Annotated[str | None, Query(pattern="^(en|fr)$", description="language of the score's reasons")] = None,
) -> Sending:
    return Sending(body, idempotency_key, score, lang)


Sent = Annotated[Sending, Depends(_sending)]


def _described(sent: type[BaseModel], stored: type[BaseModel]) -> dict[str, Any]:
    """For the OpenAPI file: the body is read by hand, so that a bad item is named and the good ones go in."""
    answers = {code: {"model": stored | IngestedBatch} for code in (200, 201)}
    return {"response_model": None, "responses": answers, "openapi_extra": one_or_many(sent)}


@router.post("/leads", **_described(LeadIn, StoredLead))
def leads(request: Request, sent: Sent) -> Response:
    """What became known about leads; one object or up to 1,000."""
    return _ingest("leads", request, sent)


@router.post("/events", **_described(EventIn, StoredEvent))
def events(request: Request, sent: Sent) -> Response:
    """What leads did; one object or up to 1,000."""
    return _ingest("events", request, sent)


@router.post("/outcomes", **_described(OutcomeIn, StoredOutcome))
def outcomes(request: Request, sent: Sent) -> Response:
    """What sales did with leads; one object or up to 1,000."""
    return _ingest("outcomes", request, sent)


def _ingest(table: str, request: Request, sent: Sending) -> Response:
    state: State = request.app.state.leadloop
    check_key(sent.key)
    received = receive(sent.body, table, state.settings)
    if not received.rows:
        return _nothing_good(received)
    rescoring = _rescoring(state, sent.lang) if sent.score else None
    return _response(_executed(state, request, sent, lambda connection: ingest(connection, received, rescoring)))


def _executed(state: State, request: Request, sent: Sending, work: Callable[[Connection], Answer]) -> Answer:
    if sent.key is None:
        return write(state.ledger, work)
    same = content.key(request.method, request.url.path, request.url.query, sent.body.decode())
    mine = f"{caller_of(request).key_id} {sent.key}"  # what another caller sent under the same key is theirs
    return once(state.ledger, mine, same, work)


def _rescoring(state: State, lang: str | None) -> Rescoring:
    """The model is loaded before the transaction, so that nobody waits for it there."""
    chosen = lang or state.settings.language
    try:
        return Rescoring(state.scorer(), chosen)
    except ModelError as error:
        return Rescoring(None, chosen, str(error))


def _nothing_good(received: Received) -> Response:
    """Nothing is stored, not even the answer: the Idempotency-Key stays free for the corrected request."""
    alone = None if received.batch else received.items[0]
    if isinstance(alone, Refused):
        errors: list[dict[str, object]] = [{"at": alone.field, "cause": alone.cause}]
        return problem(422, str(alone), errors)
    return _response(refused(received))


def _response(answer: Answer) -> Response:
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
    return Response(answer.body, answer.status, headers, "application/json")
