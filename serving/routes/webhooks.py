"""Who is told at once, over HTTP: for operations and admins."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from leadloop.errors import InputError
from leadloop.store.webhooks import Wanted
from serving.hook_desk import KEEP_HOURS, Desk, dead_shown, shown, tested, with_secret
from serving.hook_schemas import DeadLetters, Replayed, ReplayIn, Tested, WebhookIn, WebhookMade, Webhooks, WebhookShown
from serving.schemas import Problem
from serving.state import State

router = APIRouter(
    prefix="/v1/webhooks", tags=["webhooks"], responses={code: {"model": Problem} for code in (404, 422, 503)}
)
Id = Annotated[str, Path(pattern="^wh_[0-9a-f]{16}$", description="as `GET /v1/webhooks` names it")]


def _desk(request: Request) -> Desk:
    state: State = request.app.state.leadloop
    return Desk(state.settings, state.ledger, getattr(request.scope.get("caller"), "actor", "open"))


AtDesk = Annotated[Desk, Depends(_desk)]


@router.get("", response_model=None, responses={200: {"model": Webhooks}})
def webhooks(desk: AtDesk) -> dict[str, Any]:
    """Every target, without its secret, and what waits for it."""
    return {"webhooks": desk.all()}


@router.post("", status_code=201, response_model=None, responses={201: {"model": WebhookMade}})
def add(wanted: WebhookIn, desk: AtDesk) -> dict[str, Any]:
    """Subscribe a target; the answer alone shows its secret."""
    return with_secret(desk.add(Wanted(wanted.url, tuple(wanted.kinds), wanted.owner, wanted.team)))


@router.get("/dead", response_model=None, responses={200: {"model": DeadLetters}})
def dead(desk: AtDesk, limit: Annotated[int, Query(ge=1, le=1_000)] = 100) -> dict[str, Any]:
    """Deliveries that were given up, the newest first."""
    letters, total = desk.dead(limit)
    return {"dead": [dead_shown(each) for each in letters], "total": total}


@router.post("/replay", response_model=None, responses={200: {"model": Replayed}})
def replay(asked: ReplayIn, desk: AtDesk) -> dict[str, Any]:
    """Take up again what was given up."""
    if asked.all == bool(asked.events):
        raise InputError('write either "events": [ids] or "all": true')
    return {"replayed": desk.replay(None if asked.all else asked.events)}


@router.delete("/{webhook}", status_code=204)
def remove(webhook: Id, desk: AtDesk) -> Response:
    """Forget a target, and what waits for it."""
    desk.remove(webhook)
    return Response(status_code=204)


@router.post("/{webhook}/rotate", response_model=None, responses={200: {"model": WebhookMade}})
def rotate(webhook: Id, desk: AtDesk, keep_hours: Annotated[float, Query(ge=0, le=720)] = KEEP_HOURS) -> dict[str, Any]:
    """A new secret; the one before signs beside it for `keep_hours`."""
    return with_secret(desk.rotate(webhook, keep_hours))


@router.post("/{webhook}/enable", response_model=None, responses={200: {"model": WebhookShown}})
def enable(webhook: Id, desk: AtDesk) -> dict[str, Any]:
    """Tell a target things again that had answered 410."""
    return shown(desk.enable(webhook))


@router.post("/{webhook}/test", response_model=None, responses={200: {"model": Tested}})
def test(webhook: Id, desk: AtDesk) -> dict[str, Any]:
    """Send an event of kind `webhook.test` now, and say what became of it."""
    return tested(desk.test(webhook))
