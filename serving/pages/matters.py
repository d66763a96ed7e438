"""What makes a good lead, as a page: what matters to the model, which way, for whom, and what changed."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from leadloop.errors import ModelError
from serving.feature_report import DIRECTIONS, FeatureReport
from serving.pages.frame import Screen, screen_of, show
from serving.pages.page import Page, Section, marked
from serving.pages.reporting import Asked, Wanted, made, values

router = APIRouter(include_in_schema=False)
PAGE = Page("/marketing/features", marked("What makes a good lead"), Section.marketing, router)
SHOWN, SEGMENTS, FACTS = 12, 8, 5
TONES = {"better": "good", "worse": "bad"}


@router.get("/marketing/features")
async def features(request: Request, wanted: Asked) -> Response:
    """The page; without a model, or with rules alone, it says what to do."""
    screen = screen_of(request, PAGE)
    try:
        found = await made(request, "features", screen.lang, wanted)
    except ModelError as error:
        return await run_in_threadpool(show, screen, "matters_none.html", {"why": str(error)})
    return await run_in_threadpool(
        show, screen, "matters.html", {**values(screen, found, wanted), **_told(screen, found.report.data, wanted)}
    )


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
