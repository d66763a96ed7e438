"""Models as a page: the versions, which serves, whether leads drift away from it, and who switched what."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool

from leadloop.errors import InputError, ModelError
from leadloop.store import keys, runs
from models import aliases
from serving import versions
from serving.pages import ops_words as words
from serving.pages.exports import AT_MOST, Table, offer
from serving.pages.form import Form, Sent, back, just_done
from serving.pages.frame import Screen, environment, screen_of
from serving.pages.page import Page, Section, marked
from serving.reports.ask import Ask
from serving.reports.cache import Answers
from serving.reports.catalogue import make
from serving.routes.models import desk_of
from serving.scorer import when
from serving.state import State
from serving.switching import NO

router = APIRouter(include_in_schema=False)
PAGE = Page("/ops/models", marked("Models"), Section.operations, router)
DONE = {
    "promoted": marked("Version %(about)s serves now; every server follows within seconds."),
    "rolled_back": marked("Version %(about)s serves again; rolling back once more brings the other one back."),
    "nothing": marked("Version %(about)s serves already; nothing was switched."),
}
SHOWN = ("roc_auc", "log_loss", "calibration_error", "precision_at_capacity")
LEVELS = {
    "unknown": (marked("Too little to tell"), ""),
    "steady": (marked("Steady"), "good"),
    "watch": (marked("Worth watching"), "warn"),
    "alarm": (marked("Alarm"), "bad"),
}
HISTORY, RUNS, MOVED = 20, 10, 12
VERSION = ("version", "aliases", "verdict", "created_at", *versions.SHOWN)
RUN = ("run_id", "started_at", "ended_at", "as_of", "version", "decision", "why")
"""Columns for spreadsheets."""


@router.get("/ops/models")
async def models(request: Request, promote: str = "", ask: str = "") -> Response:
    """The page; `promote`, `ask=rollback`: asks whether to switch to this version, or back."""
    return await _whole(screen_of(request, PAGE), promote, ask)


async def _whole(screen: Screen, promote: str = "", ask: str = "", wrong: str = "") -> Response:
    """The page, with the drift of the last minute."""
    state: State = screen.request.app.state.leadloop
    answers: Answers = screen.request.app.state.reports
    body = await answers.get(("page of drift", screen.lang, _serving(state)), lambda: _drift(state, screen))
    drift = Markup(body.decode())  # noqa: S704 -- a template of ours
    return await run_in_threadpool(_page, screen, drift, {"promote": promote, "ask": ask, "wrong": wrong})


@router.post("/ops/models")
async def switch(request: Request, sent: Sent) -> Response:
    """Switch a version on, or back."""
    screen = screen_of(request, PAGE)
    try:
        return await run_in_threadpool(_switched, screen, sent)
    except (ModelError, InputError) as error:
        return await _whole(screen, sent.get("version"), "", str(error))


def _switched(screen: Screen, sent: Form) -> Response:
    desk = desk_of(screen.request, screen.caller)
    if sent.get("do") == "promote":
        done = desk.promote(sent.get("version"), sent.get("reason"), force=sent.get("force") == "yes")
    elif sent.get("do") == "rollback":
        done = desk.roll_back(sent.get("reason"))
    else:
        raise InputError(f"do: '{sent.get('do')}' is nothing that can be done with models; promote and rollback can")
    return back(screen, PAGE.path, done.did, done.version)


def _page(screen: Screen, drift: Markup, asked: Mapping[str, str]) -> Response:
    state: State = screen.request.app.state.leadloop
    found = versions.listed(state.settings)
    with state.ledger.reading() as connection:
        known = {key.key_id: key for key in keys.read(connection)}
    every = {each["version"]: each for each in found["versions"]}
    values = {
        "rows": [_row(screen, each) for each in found["versions"]],
        "registry": found["registry"],
        "champion": every.get(found["aliases"].get("champion", "")),
        "previous": found["aliases"].get("previous"),
        "serving": _serving(state),
        "refused": state.champion.refused,
        "promote": every.get(asked["promote"]),
        "refuses": every.get(asked["promote"], {}).get("verdict") == NO,
        "ask": asked["ask"],
        "wrong": asked["wrong"],
        "can_switch": aliases.short(state.settings) is not None,
        "history": [_switch(screen, known, each) for each in found["history"][:HISTORY]],
        "runs": [_run(screen, run) for run in _runs(state, RUNS)],
        "drift": drift,
        "said": just_done(screen, DONE),
        "words": words,
        "metrics": [(name, screen.say(words.METRICS[name][0])) for name in SHOWN],
        "figures": screen.figures,
    }
    tables = _tables(screen, state, found, known)
    return offer(screen, "ops_models.html", values, tables, 422 if asked["wrong"] else 200)


def _tables(screen: Screen, state: State, found: Mapping[str, Any], known: Mapping[str, Any]) -> list[Table]:
    """Versions, retrainings and switches, all of them."""
    switches = ("at", "did", "version", "before", "by", "who", "reason", "reason_fr", "forced")
    return [
        Table("versions", VERSION, lambda: [{**each, **each["metrics"]} for each in found["versions"]]),
        Table("retrainings", RUN, lambda: [_run(screen, run) for run in _runs(state, AT_MOST)]),
        Table("switches", switches, lambda: [_switch(screen, known, each) for each in found["history"]]),
    ]


def _runs(state: State, at_most: int) -> list[dict[str, Any]]:
    with state.ledger.reading() as connection:
        return [run.as_json() for run in runs.newest(connection, at_most)]


def _row(screen: Screen, each: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **each,
        "named": words.named(screen, each["aliases"]),
        "figures": [words.figure(screen, name, each["metrics"].get(name)) for name in SHOWN],
        "serves": "champion" in each["aliases"],
    }


def _switch(screen: Screen, known: Mapping[str, Any], each: Mapping[str, Any]) -> dict[str, Any]:
    text, tone = words.DECISIONS.get(each["did"], (each["did"], ""))
    who = words.actor(screen, known, each["by"])
    why = (each["reason_fr"] if screen.lang == "fr" else "") or each["reason"]
    return {**each, "who": who, "text": screen.say(text), "tone": tone, "why": why}


def _run(screen: Screen, run: Mapping[str, Any]) -> dict[str, Any]:
    text, tone = words.DECISIONS.get(run["decision"] or "", (run["decision"] or "–", ""))
    report = run["report"]
    why = report.get("why_fr" if screen.lang == "fr" else "why") or report.get("why") or []
    return {**run, "text": screen.say(text), "tone": tone, "why": [why] if isinstance(why, str) else list(why)}


def _serving(state: State) -> str | None:
    return state.champion.scorer.version.version if state.champion.scorer else None


def _level(found: Mapping[str, Any]) -> str:
    """Of the worst; unknown where there was nothing to compare with."""
    level = str(found.get("level", "unknown"))
    looked = found.get("enough") or found.get("outcomes") or level != "steady"
    return level if looked else "unknown"


def _drift(state: State, screen: Screen) -> bytes:
    """How far leads, outcomes and refusals have moved since training."""
    ask = Ask(state.settings, when(state.ledger, None), "fr" if screen.lang == "fr" else "en")
    report = make(state.ledger, "drift", ask, state.scorer)
    text, tone = LEVELS[_level(report.data)]
    values = {
        "screen": screen,
        "report": report,
        "level": screen.say(text),
        "tone": tone,
        "most": MOVED,
    }
    return environment(screen.lang).get_template("parts/ops_drift.html").render(values).encode()
