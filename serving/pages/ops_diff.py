"""What another version would change, as a page: who comes into the top and drops out, owners, facts, figures."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from leadloop.errors import NoModelError
from models import aliases
from serving import model_diff, versions
from serving.pages import ops_words as words
from serving.pages import vocabulary
from serving.pages.exports import Rows, Table, offer
from serving.pages.frame import Screen, screen_of
from serving.pages.ops_model import chosen
from serving.pages.page import Page, Section, marked
from serving.pages.people import people
from serving.reports.cache import Answers
from serving.sight import Sees, Sight
from serving.state import State

router = APIRouter(include_in_schema=False)
PAGE = Page("/ops/models/diff", marked("What another version changes"), Section.operations, router, in_menu=False)
LEADS, FACTS = 15, 12
MOVED = (
    *("lead_id", "name", "company", "owner", "rank_a", "rank_b"),
    *("stars_a", "stars_b", "flames_a", "flames_b", "cell_a", "cell_b"),
)
FIGURES = ("metric", "a", "a_low", "a_high", "b", "b_low", "b_high")
"""Columns for spreadsheets."""
Found = Mapping[str, Any]


@router.get("/ops/models/diff")
async def difference(
    request: Request,
    sees: Sees,
    a: Annotated[str, Query(max_length=255)] = aliases.CHAMPION,
    b: Annotated[str | None, Query(max_length=255)] = None,
) -> Response:
    """The page, of the leads open today; nothing is switched. `b`: the newest other version where it is left out."""
    state: State = request.app.state.leadloop
    refs = await run_in_threadpool(_refs, state, a, b)
    numbers = refs[0]["version"], refs[1]["version"]
    screen = screen_of(request, PAGE)
    if numbers[0] == numbers[1]:
        return await run_in_threadpool(_page, screen, sees, None, refs)
    answers: Answers = request.app.state.reports
    body = await answers.get(("what changes", *numbers), lambda: _compared(state, numbers))
    return await run_in_threadpool(_page, screen, sees, json.loads(body), refs)


def _compared(state: State, numbers: tuple[str, str]) -> bytes:
    return json.dumps(model_diff.diff(state.settings, state.ledger, numbers)).encode()


def _refs(state: State, a: str, b: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    listed = versions.listed(state.settings)
    if not listed["versions"]:
        raise NoModelError
    first = chosen(listed, a)
    others = [each["version"] for each in listed["versions"] if each["version"] != first["version"]]
    return first, chosen(listed, b or next(iter(others), a))


def _page(screen: Screen, sees: Sight, found: Found | None, refs: tuple[Found, Found]) -> Response:
    """`found`: None where both are one version: then there is only the choice of another."""
    state: State = screen.request.app.state.leadloop
    values = {
        "found": found,
        "refs": refs,
        "every": [(each["version"], _named(screen, each)) for each in versions.listed(state.settings)["versions"]],
        "serves": "champion" in refs[1]["aliases"],
        "can_switch": aliases.short(state.settings) is not None,
        "figures": screen.figures,
    }
    if found is None:
        return offer(screen, "ops_diff.html", values, [])
    return offer(screen, "ops_diff.html", values | _shown(screen, sees, found), _tables(state, sees, found))


def _shown(screen: Screen, sees: Sight, found: Found) -> dict[str, Any]:
    state: State = screen.request.app.state.leadloop
    moved = [*found["queue"]["enter"][:LEADS], *found["queue"]["leave"][:LEADS]]
    return {
        "people": people(state.ledger, sees, [each["lead_id"] for each in moved]),
        "metrics": _metrics(screen, found["metrics"]),
        "facts": [_fact(screen, each) for each in found["features"][:FACTS]],
        "most": LEADS,
        "words": words,
        "cells": vocabulary.CELLS,
    }


def _tables(state: State, sees: Sight, found: Found) -> list[Table]:
    """The same as `found` has it: as many leads as were compared, and every fact."""
    queue = found["queue"]
    return [
        Table("enter", MOVED, lambda: _leads(state, sees, queue["enter"])),
        Table("leave", MOVED, lambda: _leads(state, sees, queue["leave"])),
        Table("figures", FIGURES, lambda: [_sides(each) for each in found["metrics"]]),
        Table("owners", ("team", "owner", "a", "b", "difference"), lambda: [*found["teams"], *found["owners"]]),
        Table("facts", ("feature", "en", "fr", "a", "b", "difference"), lambda: found["features"]),
    ]


def _leads(state: State, sees: Sight, rows: Sequence[Found]) -> Rows:
    who = people(state.ledger, sees, [each["lead_id"] for each in rows])
    for each in rows:
        apart = {f"{name}_{side}": each[name][side] for name in ("rank", "stars", "flames", "cell") for side in "ab"}
        yield {**each, **who[each["lead_id"]].named, **apart}


def _sides(each: Found) -> dict[str, Any]:
    told = {"metric": each["metric"]}
    for side in "ab":
        low, high = each[side]["interval"] or (None, None)
        told |= {side: each[side]["value"], f"{side}_low": low, f"{side}_high": high}
    return told


def _named(screen: Screen, each: Found) -> str:
    told = [text for text, _ in words.named(screen, each["aliases"])]
    return f"{each['version']} – {', '.join(told)}" if told else str(each["version"])


def _metrics(screen: Screen, found: Sequence[Found]) -> list[dict[str, Any]]:
    known = {each["metric"]: each for each in found}
    return [_metric(screen, known[name]) for name in words.METRICS if name in known]


def _metric(screen: Screen, each: Found) -> dict[str, Any]:
    name = each["metric"]
    sides = [
        (words.figure(screen, name, each[side]["value"]), words.between(screen, name, each[side]["interval"]))
        for side in "ab"
    ]
    return {"name": screen.say(words.METRICS[name][0]), "sides": sides}


def _fact(screen: Screen, each: Found) -> tuple[str, str, str, str]:
    percent, moved = screen.figures.percent, each["difference"]
    sign = "+" if moved > 0 else "−" if moved < 0 else ""
    return each[screen.lang], percent(each["a"], 1), percent(each["b"], 1), sign + percent(abs(moved), 1)
