"""Feedback on a lead of the queue in one click, answered with what was stored and the next lead."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Header, Path, Request, Response
from pydantic import BaseModel
from sqlalchemy import Connection

from leadloop.clock import isoformat
from leadloop.errors import ModelError
from leadloop.store import content
from serving import feedback
from serving.backlog.keeping import NotRankedYetError
from serving.backlog.paging import Page, view
from serving.feedback import Done, Feedback
from serving.idempotency import Answer, check_key, once
from serving.routes.queue import Asking, Lang, Whose
from serving.schemas import Click, Clicked, Problem, Undo
from serving.state import State
from serving.writing import write

router = APIRouter(
    prefix="/v1/queue",
    tags=["queue"],
    responses={200: {"model": Clicked}, **{code: {"model": Problem} for code in (403, 404, 409, 422, 503)}},
)
NEW: dict[int | str, dict[str, Any]] = {201: {"model": Clicked}}


@dataclass(frozen=True)
class Clicking:
    """What the routes have in common: the lead, whose leads are asked for, and how to answer."""

    request: Request
    lead_id: str
    asking: Whose
    lang: str | None
    key: str | None

    @property
    def state(self) -> State:
        """Of the server."""
        state: State = self.request.app.state.leadloop
        return state


def _clicking(
    request: Request,
    lead_id: Annotated[str, Path(description="the lead's id", examples=["L-1001"])],
    asking: Asking,
    lang: Lang = None,
    idempotency_key: Annotated[str | None, Header(description="as for /v1/leads")] = None,
) -> Clicking:
    check_key(idempotency_key)
    return Clicking(request, lead_id, asking, lang, idempotency_key)


On = Annotated[Clicking, Depends(_clicking)]


@router.post("/{lead_id}/accept", response_model=None, responses=NEW)
def accept(on: On, sent: Click | None = None) -> Response:
    """Sales takes the lead on."""
    return _clicked(on, "accept", sent)


@router.post("/{lead_id}/contact", response_model=None, responses=NEW)
def contact(on: On, sent: Click | None = None) -> Response:
    """Sales was in touch with the lead."""
    return _clicked(on, "contact", sent)


@router.post("/{lead_id}/reject", response_model=None, responses=NEW)
def reject(on: On, sent: Click | None = None) -> Response:
    """Sales does not work the lead; the reason teaches the model."""
    return _clicked(on, "reject", sent)


@router.post("/{lead_id}/snooze", response_model=None, responses=NEW)
def snooze(on: On, sent: Click | None = None) -> Response:
    """The lead leaves the queue, and comes back by itself."""
    return _clicked(on, "snooze", sent)


@router.post("/{lead_id}/undo", response_model=None, responses=NEW)
def undo(on: On, sent: Undo | None = None) -> Response:
    """Take back the last click on the lead, or the one whose outcome is named."""
    outcome_id = sent.outcome_id if sent else None
    settings, sees = on.state.settings, on.asking.sees
    return _answered(on, sent, lambda connection: feedback.undo(connection, settings, sees, on.lead_id, outcome_id))


def _clicked(on: Clicking, action: str, sent: Click | None) -> Response:
    given = sent or Click()
    told = Feedback(on.lead_id, action, given.reason, given.note, given.until)
    settings, sees = on.state.settings, on.asking.sees
    return _answered(on, sent, lambda connection: feedback.click(connection, settings, sees, told))


def _answered(on: Clicking, sent: BaseModel | None, work: Callable[[Connection], Done]) -> Response:
    """What was stored and, from the list that knows of it, the next lead to work."""
    answer = _executed(on, sent, lambda connection: _stored(on.state, work(connection)))
    told = json.loads(answer.body)
    told["next"] = _next(on, told["outcome"]["lead_id"])
    headers = {"Idempotent-Replayed": "true"} if answer.replayed else {}
    return Response(msgspec.json.encode(told), answer.status, headers, "application/json")


def _executed(on: Clicking, sent: BaseModel | None, work: Callable[[Connection], Answer]) -> Answer:
    if on.key is None:
        return write(on.state.ledger, work)
    body = "" if sent is None else sent.model_dump_json()
    same = content.key(on.request.method, on.request.url.path, body)
    return once(on.state.ledger, f"{on.asking.sees.caller.key_id} {on.key}", same, work)


def _stored(state: State, done: Done) -> Answer:
    shown = json.dumps(_shown(state, done), ensure_ascii=False, separators=(",", ":"))
    return Answer(201 if done.new else 200, shown)


def _shown(state: State, done: Done) -> dict[str, Any]:
    row, click = done.outcome, done.click
    outcome = {
        "outcome_id": row.outcome_key,
        "lead_id": row.lead_id,
        "stage": row.stage,
        "occurred_at": None if row.occurred_at is None else isoformat(row.occurred_at),
        "reason": row.reason,
        "until": None if row.until_at is None else isoformat(row.until_at),
        "actor": row.actor,
    }
    undo = None
    if click is not None:
        outcome |= {"action": click.action, "note": click.note}
        undo = {
            "outcome_id": row.outcome_key,
            "until": isoformat(feedback.undoable_until(state.settings, click)),
        }
    return {"outcome": outcome, "undo": undo}


def _next(on: Clicking, lead_id: str) -> dict[str, Any] | None:
    """The best lead of the caller's that nobody took on today, but this one; null where no list can be made."""
    state = on.state
    try:
        backlog = state.keeper.caught_up()
    except (ModelError, NotRankedYetError):
        return None
    listed = state.drawer.listed(backlog, on.asking.owners)
    mine = listed.mine
    ids = enumerate(backlog.lead_ids[mine])
    first = next((i for i, each in ids if each != lead_id and each not in backlog.taken), None)
    if first is None:
        return None
    page = Page(view(backlog, mine[: first + 1], None, first), first, first + 1, None)
    lang = on.lang or state.settings.language
    return next(iter(listed.told(state.teller.rows(page, backlog, lang), lang)), None)
