"""What the page of one lead shows beside its sheet: its reasons, what it did and saw, its company, its like."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.history import NEVER
from features.history import read as read_history
from leadloop import charts
from leadloop.clock import isoformat
from leadloop.store import colleagues, events, outcomes, standing
from leadloop.store import leads as lead_table
from leadloop.store import people as people_table
from serving.pages import vocabulary
from serving.pages.drawing import Drawn, drawn
from serving.pages.frame import Screen, plain
from serving.pages.page import marked
from serving.pages.people import Person, people
from serving.scorer import when
from serving.sight import Sight
from serving.similar import Fact, WonLeads
from serving.state import State

COLLEAGUES, SEEN = 8, 12
CONTENT = ("content", "title", "asset", "document", "page", "webinar", "url", "subject", "name")
"""Properties of an event that say what was looked at, the best first."""
Row = Mapping[str, Any]


def why(screen: Screen, row: Row) -> Drawn:
    """The reasons as bars for and against, with what is left of them."""
    fall, say = row["waterfall"], screen.say
    told = [(each["text"], each["contribution"]) for each in row["reasons"]]
    if abs(fall["rest"]) >= 0.005:
        told.append((say(marked("All other facts together")), fall["rest"]))
    bars = [charts.Bar(text, value, screen.figures.signed(value, 2)) for text, value in told]
    columns = [say(marked("Fact")), say(marked("Weight, log-odds"))]
    title = say(marked("What speaks for and against this lead"))
    return drawn(title, charts.signed_bars(bars), columns, [(bar.text, bar.said) for bar in bars])


def timeline(screen: Screen, row: Row) -> list[dict[str, Any]]:
    """What the lead did and what sales did with it, newest first."""
    history = row["history"]
    did = [{"at": each["occurred_at"], "text": vocabulary.event(screen, each["type"]), "stage": False, "note": None}
           for each in history["events"]]  # fmt: skip
    came = [_stage(screen, each) for each in history["outcomes"] if each["occurred_at"] is not None]
    return sorted([*did, *came], key=lambda each: each["at"], reverse=True)


def _stage(screen: Screen, outcome: Row) -> dict[str, Any]:
    text = vocabulary.stage(screen, outcome["stage"])
    if outcome["reason"]:
        text += f" ({vocabulary.reason(screen, outcome['reason'])})"
    if outcome["amount"] is not None:
        text += f", {screen.figures.money(outcome['amount'], outcome['currency'] or screen.settings.currency)}"
    return {"at": outcome["occurred_at"], "text": text, "stage": True, "note": outcome["note"]}


def seen(screen: Screen, state: State, lead_id: str, at_most: int = SEEN) -> list[dict[str, Any]]:
    """What the lead looked at, each once with how often and when last, so that nobody sends it again."""
    with state.ledger.reading() as connection:
        members = people_table.read(connection, None, [lead_id]).all_of([lead_id])
        rows = events.read(connection, None, members)
    found: dict[str, dict[str, Any]] = {}
    for each in sorted(rows, key=lambda row: row.occurred_at):
        what = _content(each.properties) or vocabulary.event(screen, each.type)
        known = found.setdefault(what, {"what": what, "times": 0})
        known["times"] += 1
        known["last"] = isoformat(each.occurred_at)
    return sorted(found.values(), key=lambda each: each["last"], reverse=True)[:at_most]


def _content(properties: Mapping[str, Any] | str) -> str:
    given = json.loads(properties) if isinstance(properties, str) else properties
    return next((str(given[name]) for name in CONTENT if given.get(name)), "")


@dataclass(frozen=True)
class Colleague:
    """Another lead of the same company."""

    person: Person
    stage: str


def company(state: State, sees: Sight, lead_id: str) -> list[Colleague]:
    """The other leads of the lead's company, as far as the caller sees them."""
    with state.ledger.reading() as connection:
        rows = lead_table.read(connection, None, [lead_id])
        account = next((row.account for row in rows if row.account), None)
        names = colleagues.newest(connection, account, None, COLLEAGUES + 1) if account else []
        known = people_table.read(connection, None, names)
        others = sorted({known.of(name) for name in names} - {known.of(lead_id)})
        visible = [name for name in others if sees.visible(lead_table.owner(connection, known.all_of([name])))]
        stand = standing.of(outcomes.read(connection, None, known.all_of(visible)), known, int(NEVER) - 1)
    who = people(state.ledger, sees, visible)
    stages = {name: stand.last[name].stage if name in stand.last else "open" for name in visible}
    return [Colleague(who[name], stages[name]) for name in visible[:COLLEAGUES]]


def similar(screen: Screen, state: State, won: WonLeads, sees: Sight, lead_id: str) -> list[dict[str, Any]]:
    """Won leads that are like it, and in what."""
    at = when(state.ledger, None)
    history = read_history(state.ledger, None if at == NEVER else at, [lead_id])
    if lead_id not in history.lead_ids:
        return []
    alike = won.like(state.ledger, history, history.lead_ids.index(lead_id), at)
    who = people(state.ledger, sees, [each.lead.lead_id for each in alike])
    return [
        {
            "person": who[each.lead.lead_id],
            "amount": each.lead.amount,
            "days": each.lead.days,
            "shared": [_fact(screen, fact) for fact in each.shared],
        }
        for each in alike
    ]


def _fact(screen: Screen, fact: Fact) -> str:
    source, said = fact
    return (
        vocabulary.event(screen, said) if source == "did" else f"{vocabulary.attribute(screen, source)} {plain(said)}"
    )


def known_facts(screen: Screen, row: Row) -> Sequence[tuple[str, str]]:
    """What is known of the lead, but who it is."""
    return [
        (vocabulary.attribute(screen, name), str(value))
        for name, value in row["attributes"].items()
        if value not in (None, "")
    ]
