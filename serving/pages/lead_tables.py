"""The tables of the page of one lead, for spreadsheets: raw values, and no more than the caller sees on the page."""

from collections.abc import Mapping
from typing import Any

from features.history import NEVER
from leadloop.clock import isoformat
from serving.pages import lead_moves, lead_parts
from serving.pages.exports import AT_MOST, Rows, Table
from serving.pages.frame import Screen
from serving.pages.lead_parts import Colleague
from serving.state import State
from serving.steps import PARTS

REASONS = ("feature", "text", "value", "contribution")
SCORES = ("as_of", "model_version", "p_win", "priority", "stars", "flames", "cell")
MOVED = (*SCORES, *PARTS)
HISTORY = ("occurred_at", "event", "stage", "reason", "amount", "currency", "note")
SEEN = ("what", "times", "last")
SIMILAR = ("lead_id", "name", "company", "amount", "days", "shared")
COLLEAGUES = ("lead_id", "name", "company", "stage")
Values = Mapping[str, Any]


def tables(screen: Screen, state: State, values: Values) -> list[Table]:
    """All of them. `values`: what the template takes."""
    lead = values["lead"]
    attributes = [{"name": name, "value": value} for name, value in lead["attributes"].items()]
    return [
        Table("reasons", REASONS, lambda: _reasons(lead)),
        Table("scores", MOVED, lambda: _scores(screen, state, lead)),
        Table("history", HISTORY, lambda: _history(lead["history"])),
        Table("seen", SEEN, lambda: lead_parts.seen(screen, state, lead["lead_id"], AT_MOST)),
        Table("similar", SIMILAR, lambda: [each | each["person"].named for each in values["similar"]]),
        Table("facts", ("name", "value"), lambda: [each for each in attributes if each["value"] not in (None, "")]),
        Table("colleagues", COLLEAGUES, lambda: [_colleague(each) for each in values["colleagues"]]),
    ]


def _colleague(each: Colleague) -> dict[str, Any]:
    return {**each.person.named, "stage": each.stage}


def _reasons(lead: Values) -> Rows:
    """The reasons, and what is left of them."""
    return [*lead["reasons"], {"feature": "all_other", "contribution": lead["waterfall"]["rest"]}]


def _scores(screen: Screen, state: State, lead: Values) -> Rows:
    """The stored scores, the newest first, each with the parts of its chance less that of the one before; without
    chances where only the order holds.
    """
    stored = lead_moves.kept(state, lead["lead_id"], AT_MOST)
    ranks = lead["chances"] == "order_only"
    splits: list[Values] = [] if ranks else [each["p_win"] for each in lead_moves.told(screen, state, stored)]
    found = []
    for each, split in zip(stored, [*splits, *[{}] * (len(stored) - len(splits))], strict=True):
        row = {name: getattr(each, name) for name in SCORES} | {"as_of": _instant(each.as_of)}
        found.append(row | {name: split.get(name) for name in PARTS} | ({"p_win": None} if ranks else {}))
    return found


def _instant(at: int) -> str | None:
    return None if at == NEVER else isoformat(at)


def _history(history: Values) -> Rows:
    """What the lead did and what sales did with it, the newest first; what has no time comes last."""
    did = [{"occurred_at": each["occurred_at"], "event": each["type"]} for each in history["events"]]
    return sorted([*did, *history["outcomes"]], key=lambda each: each["occurred_at"] or "", reverse=True)
