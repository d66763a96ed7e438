"""Keys as a page: who may ask what; made, shown once, and ended."""

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from leadloop.access import Role
from leadloop.clock import instant, isoformat
from leadloop.errors import InputError
from leadloop.store import keys
from leadloop.store.keys import DAYS, ApiKey, Holder
from serving.key_desk import DAYS_AT_MOST, NAME_AT_MOST, Desk, grants
from serving.pages import ops_words as words
from serving.pages.exports import Table, offer
from serving.pages.form import Form, Sent, back, just_done
from serving.pages.frame import Screen, screen_of
from serving.pages.page import Page, Section, marked
from serving.state import State

router = APIRouter(include_in_schema=False)
PAGE = Page("/ops/keys", marked("API keys"), Section.operations, router)
TONES = {"live": "good", "revoked": "bad", "expired": "warn"}
STATES = {"live": marked("Valid"), "revoked": marked("Revoked"), "expired": marked("Expired")}
DONE = {"revoked": marked("The key %(about)s is revoked; servers refuse it within seconds.")}
KEY = ("key_id", "name", "role", "owner", "team", "state", "created_at", "expires_at", "last_used_at")
"""Columns for spreadsheets."""
EMPTY = Form((("days", str(DAYS)),))


@router.get("/ops/keys")
def listed(request: Request, revoke: str | None = None) -> Response:
    """The page; `revoke`: asks whether to end this key."""
    return _page(screen_of(request, PAGE), revoke=revoke)


@router.post("/ops/keys")
def change(request: Request, sent: Sent) -> Response:
    """Make a key, or end one."""
    screen = screen_of(request, PAGE)
    state: State = request.app.state.leadloop
    desk = Desk(state.settings, state.ledger, screen.caller.actor)
    if sent.get("do") == "revoke":
        ended = desk.revoke(sent.get("key_id"))
        return back(screen, PAGE.path, "revoked", ended.holder.name or ended.key_id)
    try:
        made, key = desk.create(_holder(screen, sent), sent.number("days"))
    except InputError as error:
        return _page(screen, wrong=str(error), sent=sent)
    return _page(screen, made=(made, key))  # no redirect: the key is in this answer and nowhere else


def _holder(screen: Screen, sent: Form) -> Holder:
    try:
        role = Role(sent.get("role"))
    except ValueError:
        raise InputError(f"'{sent.get('role')}' is no role; choose one of the list") from None
    if role not in grants(screen.caller.role):
        raise HTTPException(403, f"The role {screen.caller.role} can't hand out the role {role}: it may do more")
    return Holder(role, sent.get("name"), sent.some("owner"), sent.some("team"))


def _page(
    screen: Screen,
    *,
    revoke: str | None = None,
    wrong: str = "",
    sent: Form = EMPTY,
    made: tuple[ApiKey, str] | None = None,
) -> Response:
    state: State = screen.request.app.state.leadloop
    with state.ledger.reading() as connection:
        every = keys.read(connection)
    at, mine = instant(), grants(screen.caller.role)
    values = {
        "rows": [_row(screen, key, at) for key in reversed(every)],
        "asked": next((_row(screen, key, at) for key in every if key.key_id == revoke), None),
        "is_own": revoke is not None and revoke == screen.caller.key_id,
        "roles": [(str(role), screen.say(words.ROLES[role])) for role in Role if role in mine],
        "teams": [(name, name) for name in sorted(screen.settings.teams)],
        "wrong": wrong,
        "sent": sent,
        "made": None if made is None else {"key": made[1], **_row(screen, made[0], at)},
        "said": just_done(screen, DONE),
        "days_at_most": DAYS_AT_MOST,
        "name_at_most": NAME_AT_MOST,
        "figures": screen.figures,
    }
    table = Table("keys", KEY, lambda: [_plain(key, at) for key in reversed(every)])
    return offer(screen, "ops_keys.html", values, [table], 422 if wrong else 200)


def _plain(key: ApiKey, at: int) -> dict[str, Any]:
    """A key for spreadsheets: whose it is, never what it is."""
    holder = {name: getattr(key.holder, name) for name in ("name", "role", "owner", "team")}
    times = {name: _instant(getattr(key, name)) for name in ("created_at", "expires_at", "last_used_at")}
    return {"key_id": key.key_id, **holder, "state": key.standing(at), **times}


def _instant(at: int | None) -> str | None:
    return None if at is None else isoformat(at)


def _row(screen: Screen, key: ApiKey, at: int) -> dict[str, Any]:
    state = key.standing(at)
    return {
        "id": key.key_id,
        "name": key.holder.name or key.key_id,
        "role": words.told(screen, words.ROLES, key.holder.role),
        "of": " · ".join(filter(None, (key.holder.owner, key.holder.team))),
        "state": screen.say(STATES[state]),
        "tone": TONES[state],
        "live": state == "live",
        "created_at": isoformat(key.created_at),
        "expires_at": isoformat(key.expires_at),
        "last_used_at": _instant(key.last_used_at),
    }
