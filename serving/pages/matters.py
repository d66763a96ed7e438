"""What makes a good lead, as a page: what matters to the model, which way, for whom, and what changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from leadloop.errors import ModelError
from serving.feature_report import DIRECTIONS, FeatureReport
from serving.pages.exports import Rows, Table, offer
from serving.pages.frame import Screen, screen_of
from serving.pages.page import Page, Section, marked
from serving.pages.reporting import Asked, Wanted, made, values

router = APIRouter(include_in_schema=False)
PAGE = Page("/marketing/features", marked("What makes a good lead"), Section.marketing, router)
SHOWN, SEGMENTS, FACTS = 12, 8, 5
FACT = ("level", "feature", "feature_name", "share", "direction", "effect")
VALUE = ("feature", "feature_name", "of", "value", "leads", "effect")
"""Columns for spreadsheets."""
TONES = {"better": "good", "worse": "bad"}


@router.get("/marketing/features")
async def features(request: Request, wanted: Asked) -> Response:
    """The page; without a model, or with rules alone, it says what to do."""
    screen = screen_of(request, PAGE)
    try:
        found = await made(request, "features", screen.lang, wanted)
    except ModelError as error:
        return await run_in_threadpool(offer, screen, "matters_none.html", {"why": str(error)})
    data = found.report.data
    told = {**values(screen, found, wanted), **_told(screen, data, wanted)}
    return await run_in_threadpool(offer, screen, "matters.html", told, _tables(data["groups"], screen.lang))


def _tables(groups: Sequence[Mapping[str, Any]], lang: str) -> list[Table]:
    """The facts of each group by its number, from 1, and the values of the facts of all."""
    named = [Table(f"group-{n}", FACT, lambda group=group: _facts(group, lang)) for n, group in enumerate(groups, 1)]  # type: ignore[misc] # each its own
    return [*named, Table("values", VALUE, lambda: _values(groups[:1], lang))]


def _facts(group: Mapping[str, Any], lang: str) -> Rows:
    return [{**fact, "level": group.get("level"), "feature_name": fact[lang]} for fact in group["facts"]]


def _values(groups: Sequence[Mapping[str, Any]], lang: str) -> Rows:
    """Every value of every fact, and of the days since the fact last came about."""
    return [
        {"feature": fact["feature"], "feature_name": fact[lang], "of": of, "value": step[lang], **step}
        for group in groups
        for fact in group["facts"]
        for of, steps in (("value", fact["shape"]), ("last_time", fact["recency"]))
        for step in steps
    ]


def _told(screen: Screen, data: Mapping[str, Any], wanted: Wanted) -> dict[str, Any]:
    tell = FeatureReport(data["model_version"], data["groups"][0] if data["groups"] else {"facts": []}, screen.lang)
    named = (("", marked("All leads")), ("source", marked("By source")), ("campaign", marked("By campaign")))
    tabs = [(screen.say(text), screen.same(by=by or None), (wanted.by or "") == by) for by, text in named]
    most = FACTS if wanted.by else SHOWN
    return {
        "by": wanted.by,
        "tabs": tabs,
        "groups": [{**group, "facts": group["facts"][:most]} for group in data["groups"][:SEGMENTS]],
        "direction": lambda code: DIRECTIONS[code][screen.lang],
        "tone": lambda code: TONES.get(code.rpartition("_")[2], ""),
        "signed": tell.signed,
    }
