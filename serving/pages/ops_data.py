"""The data as a page: what came in by file and what was refused of it, and leads that may be one person, to decide."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from leadloop.clock import isoformat
from leadloop.errors import InputError
from leadloop.store import duplicates, imports, merges
from leadloop.store.imports import Import
from leadloop.store.merges import APART, Merge
from models.reasons import unknown
from serving.duplicate_desk import Desk
from serving.pages.exports import AT_MOST, Rows, Table, offer
from serving.pages.form import Sent, back, just_done
from serving.pages.frame import Screen, screen_of
from serving.pages.page import Page, Section, marked
from serving.pages.people import Person, people
from serving.reports.cache import Answers
from serving.sight import Sees, Sight
from serving.state import State

router = APIRouter(include_in_schema=False)
PAGE = Page("/ops/data", marked("Data"), Section.operations, router)
IMPORTS, ROWS, PAIRS, DECIDED = 20, 50, 10, 10
TABLES = {"leads": marked("Leads"), "events": marked("Events"), "outcomes": marked("Outcomes")}
DONE = {
    "merged": marked("%(about)s are one person now."),
    "apart": marked("%(about)s are two people; nobody is asked about them any more."),
    "unmerged": marked("%(about)s stands alone again."),
}
SHOWN = ("email", "phone", "company")
IMPORT = ("id", "at", *(f"{table}_{name}" for table in TABLES for name in ("read", "new", "known")), "bad")
REFUSED = ("file", "line", "column", "value", "cause")
PAIR = (
    "score",
    "why",
    *(f"{side}_{name}" for side in ("survivor", "lead") for name in ("id", "name", *SHOWN)),
)
DECISION = ("one", "other", "apart", "at")
"""Columns for spreadsheets."""


@dataclass(frozen=True)
class Survey:
    """How duplicates stand, as of a minute ago at most."""

    leads: int
    duplicates: int
    proposals: Sequence[Mapping[str, Any]]


@router.get("/ops/data")
async def data(
    request: Request,
    sees: Sees,
    of: Annotated[str | None, Query(alias="import", max_length=64)] = None,
    start: Annotated[int, Query(alias="from", ge=0)] = 0,
) -> Response:
    """The page; `import`: whose bad rows, from which one on."""
    state: State = request.app.state.leadloop
    answers: Answers = request.app.state.reports
    told = Survey(**json.loads(await answers.get("who may be one person", lambda: _surveyed(state))))
    return await run_in_threadpool(_page, screen_of(request, PAGE), sees, told, of or None, start)


def _surveyed(state: State) -> bytes:
    with state.ledger.reading() as connection:
        found = duplicates.survey(connection)
    proposals = [asdict(each) for each in found.proposals]
    return json.dumps({"leads": found.leads, "duplicates": found.duplicates, "proposals": proposals}).encode()


@router.post("/ops/data")
def decide(request: Request, sees: Sees, sent: Sent) -> Response:
    """Say of two leads that they are one person, or two; or take that back."""
    screen = screen_of(request, PAGE)
    state: State = request.app.state.leadloop
    desk, one, other = Desk(state.ledger, sees.caller.actor), sent.get("lead"), sent.get("other")
    if sent.get("do") == "merge":
        desk.merge(one, other)
        return back(screen, PAGE.path, "merged", f"{one}, {other}")
    if sent.get("do") == "apart":
        desk.keep_apart(one, other)
        return back(screen, PAGE.path, "apart", f"{one}, {other}")
    if sent.get("do") == "unmerge":
        desk.unmerge(one)
        return back(screen, PAGE.path, "unmerged", one)
    raise InputError(f"do: '{sent.get('do')}' is nothing that can be decided; merge, apart or unmerge can")


def _page(screen: Screen, sees: Sight, told: Survey, of: str | None, start: int) -> Response:
    state: State = screen.request.app.state.leadloop
    with state.ledger.reading() as connection:
        every, decided = imports.newest(connection, IMPORTS), merges.read(connection)
        chosen = imports.find(connection, of) if of else next((each for each in every if each.report["bad"]), None)
    known = {frozenset(each.pair) for each in decided}
    pairs = [each for each in told.proposals if frozenset((each["lead_id"], each["survivor_id"])) not in known]
    values = {
        "leads": told.leads,
        "twice": told.duplicates,
        "to_decide": len(pairs),
        "pairs": _pairs(screen, state, sees, pairs[:PAIRS]),
        "decided": _decided(decided),
        "imports": [_import(each) for each in every],
        "tables": [(name, screen.say(text)) for name, text in TABLES.items()],
        "chosen": None if chosen is None else _import(chosen) | _refused(screen, chosen, start),
        "said": just_done(screen, DONE),
        "figures": screen.figures,
    }
    tables = [
        Table("imports", IMPORT, lambda: _imports(state)),
        Table("refused", REFUSED, lambda: chosen.report["bad_rows"] if chosen else []),
        Table("pairs", PAIR, lambda: _alike(state, sees, pairs[:AT_MOST])),
        Table("decided", DECISION, lambda: _decided(decided, AT_MOST)),
    ]
    return offer(screen, "ops_data.html", values, tables)


def _imports(state: State) -> Rows:
    with state.ledger.reading() as connection:
        every = imports.newest(connection, AT_MOST)
    for each in map(_import, every):
        counts = {
            f"{table}_{name}": each["tables"][table][name] for table in TABLES for name in ("read", "new", "known")
        }
        yield {**each, **counts}


def _alike(state: State, sees: Sight, pairs: Sequence[Mapping[str, Any]]) -> Rows:
    """Every pair to decide, with what is known of either."""
    who = people(state.ledger, sees, sorted({each[name] for each in pairs for name in ("lead_id", "survivor_id")}))
    for each in pairs:
        sides = {"lead": who[each["lead_id"]], "survivor": who[each["survivor_id"]]}
        known = {f"{side}_{name}": sides[side].identity.get(name) for side in sides for name in SHOWN}
        yield {**each, **known, **{f"{side}_name": one.named["name"] for side, one in sides.items()}}


def _import(each: Import) -> dict[str, Any]:
    counts = each.report["tables"]
    return {"id": each.import_id, "at": isoformat(each.started_at), "tables": counts, "bad": each.report["bad"]}


def _refused(screen: Screen, each: Import, start: int) -> dict[str, Any]:
    """What of an import went nowhere, and why."""
    rows = each.report["bad_rows"]
    following = start + ROWS
    return {
        "rows": [{**row, "name": PurePath(row["file"]).name} for row in rows[start:following]],
        "from": start,
        "kept": len(rows),
        "next": following if following < len(rows) else None,
        "ignored_files": each.report["ignored_files"],
        "ignored_columns": each.report["ignored_columns"],
        "reasons": unknown(each.report["reasons"], screen.settings.reasons),
        "undated": each.report["undated"],
    }


def _pairs(screen: Screen, state: State, sees: Sight, pairs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    ids = sorted({each[name] for each in pairs for name in ("lead_id", "survivor_id")})
    known = people(state.ledger, sees, ids)
    return [
        {
            "stays": known[each["survivor_id"]],
            "goes": known[each["lead_id"]],
            "facts": _facts(known[each["survivor_id"]], known[each["lead_id"]]),
            "score": each["score"],
            "why": [screen.known(word, word) for word in each["why"]],
        }
        for each in pairs
    ]


def _facts(one: Person, other: Person) -> list[tuple[str, str, str]]:
    """What is known of either, side by side; the domain where no company is."""
    names = SHOWN if one.identity.get("company") or other.identity.get("company") else (*SHOWN[:-1], "domain")
    found = ((name, one.identity.get(name, ""), other.identity.get(name, "")) for name in names)
    return [(name, first, second) for name, first, second in found if first or second]


def _decided(decided: Sequence[Merge], at_most: int = DECIDED) -> list[dict[str, Any]]:
    newest = sorted(decided, key=lambda each: -each.recorded_at)[:at_most]
    return [
        {
            "one": each.duplicate_id,
            "other": each.survivor_id,
            "apart": each.rule == APART,
            "at": isoformat(each.recorded_at),
        }
        for each in newest
    ]
