"""Scores on demand; nothing is stored."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import parse_qs

import msgspec
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from leadloop.store.rows import Value
from serving.incoming import Sent
from serving.schemas import BATCH_AT_MOST, EVENTS_AT_MOST, BatchRequest, BatchScores, Problem, Score, ScoreRequest
from serving.short_ways import ShortWay
from serving.state import State

router = APIRouter(prefix="/v1", tags=["score"], responses={422: {"model": Problem}, 503: {"model": Problem}})
Lang = Annotated[str | None, Query(pattern="^(en|fr)$", description="language of the reasons")]
Reasons = Annotated[bool, Query(description="false: without reasons, which cost more than the score")]


@router.post("/score", response_model=None, responses={200: {"model": Score}})
def score(request: Request, body: ScoreRequest, lang: Lang = None, *, reasons: Reasons = True) -> dict[str, Any]:
    """Score one lead, with the reasons."""
    state: State = request.app.state.leadloop
    return _scores(state, [Sent(body.lead, body.events, body.as_of)], _told(state, lang, reasons=reasons))[0]


@router.post("/score/batch", response_model=None, responses={200: {"model": BatchScores}})
def score_batch(request: Request, body: BatchRequest, lang: Lang = None, *, reasons: Reasons = True) -> dict[str, Any]:
    """Score up to 1,000 leads in one go; they stand alone, so that the same lead may come twice."""
    state: State = request.app.state.leadloop
    sent = [_sent(item, body.as_of) for item in body.leads]
    return {"scores": _scores(state, sent, _told(state, lang, reasons=reasons))}


def _scores(state: State, sent: list[Sent], lang: str | None) -> list[dict[str, Any]]:
    found = state.answering().scores(sent, lang)
    state.metrics.scores.inc(len(found))
    return found


def _told(state: State, lang: str | None, *, reasons: bool) -> str | None:
    """The language of the reasons; None for none."""
    return (lang or state.settings.language) if reasons else None


def _sent(item: ScoreRequest | dict[str, Any], as_of: str | None) -> Sent:
    if isinstance(item, ScoreRequest):
        return Sent(item.lead, item.events, item.as_of or as_of)
    return Sent(item, (), as_of)


class _One(msgspec.Struct, forbid_unknown_fields=True):
    """`ScoreRequest`, read in a few microseconds; what does not fit is left to that."""

    lead: dict[str, Value]
    events: Annotated[list[dict[str, Value]], msgspec.Meta(max_length=EVENTS_AT_MOST)] = []
    as_of: str | None = None


class _Many(msgspec.Struct, forbid_unknown_fields=True):
    """`BatchRequest` of plain leads."""

    leads: Annotated[list[dict[str, Value]], msgspec.Meta(max_length=BATCH_AT_MOST)]
    as_of: str | None = None


_ONE, _MANY, _json = msgspec.json.Decoder(_One), msgspec.json.Decoder(_Many), msgspec.json.Encoder()


async def _score(scope: Scope, body: bytes) -> bytes | None:
    """One lead, on the loop where nothing is to be waited for: that takes less than going to a thread and back."""
    state: State = scope["app"].state.leadloop
    try:
        one = _ONE.decode(body)
        lang = _asked(state, scope)
    except (msgspec.DecodeError, _Unusual):
        return None
    sent, answering = Sent(one.lead, one.events, one.as_of), state.answering()
    newest = state.singles.newest() or await run_in_threadpool(state.look)
    found = answering.at_once(sent, state.singles, newest, lang) if newest is not None else None
    if found is None:
        return _json.encode((await run_in_threadpool(_scores, state, [sent], lang))[0])
    state.metrics.scores.inc()
    return _json.encode(found)


async def _score_batch(scope: Scope, body: bytes) -> bytes | None:
    """Many leads, in a thread."""
    state: State = scope["app"].state.leadloop
    try:
        batch = _MANY.decode(body)
        lang = _asked(state, scope)
    except (msgspec.DecodeError, _Unusual):
        return None
    sent = [Sent(lead, (), batch.as_of) for lead in batch.leads]
    return await run_in_threadpool(lambda: _json.encode({"scores": _scores(state, sent, lang)}))


class _Unusual(Exception):  # noqa: N818 -- never leaves this module
    """A query that FastAPI is to read."""


def _asked(state: State, scope: Scope) -> str | None:
    query, usual = scope["query_string"], state.settings.language
    return _read_query(query, usual) if query else usual


@lru_cache(maxsize=64)
def _read_query(query: bytes, usual: str) -> str | None:
    asked = parse_qs(query.decode("ascii", "replace"), keep_blank_values=True)
    lang, reasons = asked.pop("lang", [usual]), asked.pop("reasons", ["true"])
    if asked or lang not in (["en"], ["fr"]) or reasons not in (["true"], ["false"]):
        raise _Unusual
    return lang[0] if reasons == ["true"] else None


SHORT_WAYS: Mapping[str, ShortWay] = {"/v1/score": _score, "/v1/score/batch": _score_batch}
