"""Webhooks as a page: who is told what at once, whether it arrives, and what was given up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from leadloop.errors import InputError
from leadloop.store.backlog import Dead
from leadloop.store.webhooks import KINDS, Wanted, Webhook
from serving.hook_desk import KEEP_HOURS, Desk, dead_shown, tested, with_secret
from serving.pages.exports import AT_MOST, Table, offer
from serving.pages.form import Form, Sent, back, just_done
from serving.pages.frame import Screen, plain, screen_of
from serving.pages.page import Page, Section, marked
from serving.state import State

router = APIRouter(include_in_schema=False)
PAGE = Page("/ops/webhooks", marked("Webhooks"), Section.operations, router)
KIND_WORDS = {
    "lead.hot": marked("A lead turns hot"),
    "deadline.at_risk": marked("A promise is at risk"),
    "model.changed": marked("Another model serves"),
    "model.drift": marked("Leads drift away from the model"),
}
DONE = {
    "removed": marked("%(about)s is told nothing any more."),
    "enabled": marked("%(about)s is told things again."),
    "replayed": marked("Deliveries taken up again: %(about)s."),
}
ASKS = ("remove", "rotate")
LETTERS = 50
TARGET = (
    *("id", "url", "kinds", "owner", "team", "created_at", "disabled_at", "disabled_why"),
    *("waiting", "dead", "error"),
)
GIVEN_UP = ("id", "kind", "lead_id", "webhook", "url", "attempts", "status", "error", "created_at", "dead_at")
"""Columns for spreadsheets."""
EMPTY = Form(tuple(("kinds", kind) for kind in KINDS))


@dataclass(frozen=True)
class Shown:
    """What else the page shows: what was asked to be confirmed, what was just made or tried, what went wrong."""

    ask: str = ""
    webhook: str = ""
    wrong: str = ""
    sent: Form = EMPTY
    made: Webhook | None = None
    tried: dict[str, Any] | None = None


@router.get("/ops/webhooks")
def listed(request: Request, ask: str = "", webhook: str = "") -> Response:
    """The page; `ask`: remove or rotate, to be confirmed."""
    return _page(screen_of(request, PAGE), Shown(ask if ask in ASKS else "", webhook))


@router.post("/ops/webhooks")
def change(request: Request, sent: Sent) -> Response:
    """Add, remove, switch on, try a target, give it another secret, or take up again what was given up."""
    screen, do = screen_of(request, PAGE), sent.get("do")
    desk, webhook = _desk(screen), sent.get("webhook")
    if do == "add":
        return _added(screen, desk, sent)
    if do == "rotate":  # no redirect, as with a new one: the secret is in this answer and nowhere else
        return _page(screen, Shown(made=desk.rotate(webhook, KEEP_HOURS)))
    if do == "test":
        return _page(screen, Shown(webhook=webhook, tried=tested(desk.test(webhook))))
    if do == "remove":
        return back(screen, PAGE.path, "removed", desk.remove(webhook).url)
    if do == "enable":
        return back(screen, PAGE.path, "enabled", desk.enable(webhook).url)
    if do == "replay":
        return _replayed(screen, desk, sent)
    raise InputError(f"do: '{do}' is nothing that can be done with webhooks")


def _added(screen: Screen, desk: Desk, sent: Form) -> Response:
    wanted = Wanted(sent.get("url"), tuple(sent.all("kinds")), sent.some("owner"), sent.some("team"))
    try:
        return _page(screen, Shown(made=desk.add(wanted)))
    except InputError as error:
        return _page(screen, Shown(wrong=str(error), sent=sent))


def _replayed(screen: Screen, desk: Desk, sent: Form) -> Response:
    event = sent.some("event")
    try:
        return back(screen, PAGE.path, "replayed", str(desk.replay([event] if event else None)))
    except InputError as error:
        return _page(screen, Shown(wrong=str(error)))


def _page(screen: Screen, shown: Shown) -> Response:
    desk = _desk(screen)
    every, (letters, total) = desk.all(), desk.dead(LETTERS)
    urls = {each["id"]: each["url"] for each in every}
    off = {each["id"] for each in every if each["disabled_at"]}
    values = {
        "rows": [each | {"tells": _kinds(screen, each["kinds"])} for each in every],
        "dead": [_dead(screen, each, urls) for each in letters],
        "total": total,
        "off": off,
        "ask": shown.ask if shown.webhook in urls else "",
        "webhook": shown.webhook,
        "url": urls.get(shown.webhook, ""),
        "wrong": shown.wrong,
        "sent": shown.sent,
        "made": None if shown.made is None else with_secret(shown.made),
        "tried": shown.tried,
        "kinds": [(kind, _kinds(screen, [kind])) for kind in KINDS],
        "chosen": shown.sent.all("kinds"),
        "teams": [(name, name) for name in sorted(screen.settings.teams)],
        "said": just_done(screen, DONE),
        "keep_hours": int(KEEP_HOURS),
        "figures": screen.figures,
    }
    tables = [
        Table("targets", TARGET, lambda: every),
        Table("given_up", GIVEN_UP, lambda: [_dead(screen, each, urls) for each in desk.dead(AT_MOST)[0]]),
    ]
    return offer(screen, "ops_webhooks.html", values, tables, 422 if shown.wrong else 200)


def _dead(screen: Screen, letter: Dead, urls: Mapping[str, str]) -> dict[str, Any]:
    named = {"what": _kinds(screen, [letter.kind]), "url": urls.get(letter.webhook, letter.webhook)}
    return dead_shown(letter) | named


def _kinds(screen: Screen, kinds: list[str]) -> str:
    return " · ".join(screen.say(KIND_WORDS[kind]) if kind in KIND_WORDS else plain(kind) for kind in kinds)


def _desk(screen: Screen) -> Desk:
    state: State = screen.request.app.state.leadloop
    return Desk(state.settings, state.ledger, screen.caller.actor)
