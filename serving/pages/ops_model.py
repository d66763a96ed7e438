"""One version of the model as a page: its scorecard, whether its chances are true, and what its first calls catch."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from leadloop import model_charts as charts
from leadloop.errors import RegistryError
from leadloop.settings import Settings
from models import aliases, fetch, registry
from serving import versions
from serving.pages import ops_words as words
from serving.pages.drawing import Drawn, drawn
from serving.pages.exports import offer
from serving.pages.frame import Screen, screen_of
from serving.pages.ops_model_tables import SHOWN, rival, tables
from serving.pages.page import Page, Section, marked
from serving.state import State

router = APIRouter(include_in_schema=False)
PAGE = Page(
    "/ops/models/{version}",
    marked("Version of the model"),
    Section.operations,
    router,
    in_menu=False,
    example="/ops/models/champion",
)
SEGMENTS = 12
Card = Mapping[str, Any]


@router.get("/ops/models/{version}")
def model(request: Request, version: str) -> Response:
    """The page; `version`: a number or an alias."""
    state: State = request.app.state.leadloop
    screen = screen_of(request, PAGE)
    listed = versions.listed(state.settings)
    each = chosen(listed, version)
    card = _card(state.settings, each["version"])
    values = {
        "each": each,
        "card": card,
        "words": words,
        "serves": "champion" in each["aliases"],
        "can_switch": aliases.short(state.settings) is not None,
        "named": words.named(screen, each["aliases"]),
        "why": card.get("why_fr" if screen.lang == "fr" else "why") or card.get("why", []),
        "metrics": [(name, screen.say(words.METRICS[name][0])) for name in SHOWN],
        "lines": _lines(screen, card),
        "calibration": _calibration(screen, card),
        "gains": _gains(screen, card),
        "segments": card.get("segments", [])[:SEGMENTS],
        "figures": screen.figures,
    }
    return offer(screen, "ops_model.html", values, tables(card))


def chosen(listed: Mapping[str, Any], ref: str) -> dict[str, Any]:
    """A version of the list, by its number or alias.

    Raises: HTTPException 404.
    """
    number = listed["aliases"].get(ref, ref)
    found = next((each for each in listed["versions"] if each["version"] == number), None)
    if found is None:
        raise HTTPException(404, f"There is no model version '{ref}'; `leadloop models list` names all")
    return dict(found)


def _card(settings: Settings, version: str) -> Card:
    """Its scorecard; fetched by another process where no copy is here."""
    try:
        fetch.apart(settings, version)
    except RegistryError:
        return {}
    return registry.load(settings, version).scorecard


def _lines(screen: Screen, card: Card) -> list[dict[str, Any]]:
    """The model, then everyone that it is compared with."""
    if not card.get("metrics"):
        return []
    intervals, others = card.get("baseline_intervals", {}), card.get("baselines", {})
    ours = _line(screen, "leadloop", card["metrics"], card.get("intervals", {}))
    known = [name for name in words.RIVALS if name in others] + sorted(set(others) - set(words.RIVALS))
    rest = (
        _line(screen, words.told(screen, words.RIVALS, name), others[name], intervals.get(name, {})) for name in known
    )
    return [{**ours, "ours": True}, *({**each, "ours": False} for each in rest)]


def _line(screen: Screen, who: str, metrics: Card, intervals: Card) -> dict[str, Any]:
    cells = [(words.figure(screen, n, metrics.get(n)), words.between(screen, n, intervals.get(n))) for n in SHOWN]
    return {"who": who, "cells": cells}


def _calibration(screen: Screen, card: Card) -> Drawn | None:
    bins: Sequence[Card] = card.get("reliability", [])
    if not bins:
        return None
    say, percent = screen.say, screen.figures.percent
    columns = [say(marked("Predicted share of wins")), say(marked("Real share of wins")), say(marked("95 % interval"))]
    rows = [
        (
            percent(each["predicted"], 1),
            percent(each["real"], 1),
            f"{percent(each['low'], 1)} – {percent(each['high'], 1)}",
        )
        for each in bins
    ]
    axes = charts.Axes(columns[0], columns[1], screen.lang == "fr")
    return drawn(say(marked("Are the chances true?")), charts.calibration(bins, axes), columns, rows)


def _gains(screen: Screen, card: Card) -> Drawn | None:
    points = card.get("gains", [])
    if not points:
        return None
    others = card.get("baseline_gains", {})
    best = rival(card)
    curves = [charts.Curve("leadloop", points)]
    curves += [charts.Curve(words.told(screen, words.RIVALS, best), others[best])] if best else []
    say, percent = screen.say, screen.figures.percent
    axes = charts.Axes(
        say(marked("Share of leads called, best first")), say(marked("Share of wins caught")), screen.lang == "fr"
    )
    spec = charts.gains(curves, card["capacity"]["share"], axes)
    rows = [
        (percent(row[0][0]), *(percent(point[1]) for point in row))
        for row in zip(*(curve.points for curve in curves), strict=False)
    ]
    columns = [axes.across, *(curve.name for curve in curves)]
    return drawn(say(marked("How many wins do the first calls catch?")), spec, columns, rows[1::2])
