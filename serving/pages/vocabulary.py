"""What programs call things, in the words of people: cells, promises, stages, reasons, events, clicks."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from leadloop.settings import Settings
from models.attribute_words import label
from models.event_words import words_of
from models.reasons import FAMILIES, OTHER
from serving.pages.frame import Screen, plain
from serving.pages.page import marked

CELLS: Mapping[str, str] = {
    "call_now": marked("Call now"),
    "qualify": marked("Qualify"),
    "develop": marked("Develop"),
    "nurture": marked("Nurture"),
    "unknown": marked("Not known"),
}
STAGES: Mapping[str, str] = {
    "open": marked("New"),
    "mql": marked("MQL"),
    "accepted": marked("Accepted"),
    "contacted": marked("Contacted"),
    "sql": marked("SQL"),
    "opportunity": marked("Opportunity"),
    "won": marked("Won"),
    "rejected": marked("Rejected"),
    "lost": marked("Lost"),
    "recycled": marked("Put off"),
}
TONES: Mapping[str, str] = {"in_time": "good", "kept": "good", "at_risk": "warn", "late": "warn", "missed": "bad"}
DONE: Mapping[str, str] = {
    "accept": marked("Accepted"),
    "contact": marked("Marked as contacted"),
    "reject": marked("Rejected"),
    "snooze": marked("Put off"),
}


def stage(screen: Screen, name: str) -> str:
    """A stage."""
    return screen.say(STAGES[name]) if name in STAGES else screen.known(f"state {name}", name)


def reason(screen: Screen, name: str | None) -> str:
    """A reason, ours or the company's own."""
    return "" if name is None else screen.known(f"reason {name}", name)


def reasons(screen: Screen, settings: Settings) -> Sequence[tuple[str, str]]:
    """What a lead can be rejected for: ours by their words, then the company's own."""
    ours = [(name, reason(screen, name)) for name in (*FAMILIES, OTHER)]
    return [*ours, *((name, name) for name in settings.reasons)]


def event(screen: Screen, kind: str) -> str:
    """Something that a lead did."""
    noun = words_of(kind, screen.lang).noun
    return plain(kind) if noun[:1] in "“«" else noun


def attribute(screen: Screen, name: str) -> str:
    """What is known of a lead, by its name in the CRM."""
    return label(name, screen.lang).name


def deadline(screen: Screen, row: Mapping[str, Any]) -> str:
    """The time that a promise leaves."""
    hours, state = row["time_left_hours"], row["promise"]
    said = screen.figures.hours(hours)
    if state == "missed":
        return screen.say(marked("%(hours)s h late"), hours=said)
    if state in ("kept", "late"):
        return screen.say(marked("Contacted in time") if state == "kept" else marked("Contacted late"))
    return screen.say(marked("%(hours)s h left"), hours=said)


def briefly(text: str) -> str:
    """The first clause of an advice.

    >>> briefly("Call within the hour, while it is on their mind.")
    'Call within the hour'
    """
    return re.split(r"[,:;.!?](?=\s|$)|\s:", text, maxsplit=1)[0].strip()


def briefly_why(reasons: Sequence[Mapping[str, Any]]) -> str:
    """What speaks for a lead, in one line; where nothing does, what speaks against it."""
    speaking = [each["text"] for each in reasons if each["direction"] == "for"]
    return " · ".join(speaking[:2] or [each["text"] for each in reasons[:1]]) or "–"
