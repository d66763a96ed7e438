"""What changed since yesterday and why: a lead's score now against the one before, split into exact parts."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from features.history import NEVER, Floats, History, Ints
from features.history import read as read_history
from leadloop.clock import DAY, isoformat
from leadloop.store.ledger import Ledger
from serving.scorer import Scored, existing, numbers

EVENTS_SHOWN = 5
SPLIT = ("p_win", "priority")
Row = dict[str, Any]


def changes_of(ledger: Ledger, scored: Scored, lang: str) -> list[Row | None]:
    """For each lead scored, what became of its figures in the day before; None where nothing is dated.

    A score as of a day ago is, to the bit, the one of that day: so the parts are differences of scores. `waiting`: what
    was known then, looked at now, against then; `data`: what is known now against that; `model`: the model of now
    against the one of then, on what is known now.
    """
    if not len(scored.leads):
        return []
    at = int(scored.as_of[0])
    if at == NEVER:
        return [None] * len(scored.leads)
    names = [scored.history.lead_ids[i] for i in scored.leads.tolist()]
    before, waited = _before(ledger, scored, names, at - DAY)
    figures = {name: getattr(scored.scores, name) for name in SPLIT}
    told = []
    for i, (lead, name) in enumerate(zip(scored.leads.tolist(), names, strict=True)):
        row: Row = {"since": isoformat(at - DAY), "events": _events(scored.history, lead, at)}
        known = name in before
        for figure, now in figures.items():
            row[figure] = _split(before[name][figure], waited[name][figure], float(now[i])) if known else None
        told.append({**row, "text": said(row, lang, scored.version.chances)})
    return list(told)


Figures = Mapping[str, Mapping[str, float]]


def _before(ledger: Ledger, scored: Scored, names: Sequence[str], since: int) -> tuple[Figures, Figures]:
    """The figures at `since`, and those that what was known then gives now, of the leads that were there."""
    bundle = scored.version.bundle
    history = read_history(ledger, since, list(names), bundle.catalogue.read_apart)
    leads = np.intersect1d(existing(history, since), numbers(history, names))
    then = bundle.score(history, leads, np.full(len(leads), since))
    now = bundle.score(history, leads, np.full(len(leads), scored.as_of[0]))
    return tuple(_by_name(history, leads, {name: getattr(each, name) for name in SPLIT}) for each in (then, now))  # type: ignore[return-value] # two


def _by_name(history: History, leads: Ints, figures: Mapping[str, Floats]) -> Figures:
    return {
        history.lead_ids[lead]: {name: float(values[i]) for name, values in figures.items()}
        for i, lead in enumerate(leads.tolist())
    }


def _split(before: float, waited: float, after: float) -> dict[str, float]:
    return {"before": before, "after": after, "data": after - waited, "waiting": waited - before, "model": 0.0}


def _events(history: History, lead: int, at: int) -> list[dict[str, str]]:
    """What became known of the lead's doing in the day before, newest first."""
    events, found = history.events, []
    for row in range(int(events.start[lead + 1]) - 1, int(events.start[lead]) - 1, -1):
        if at - DAY < events.recorded_at[row] <= at < events.superseded_at[row]:
            kind, when = events.kinds[events.kind[row]], isoformat(int(events.occurred_at[row]))
            found.append({"type": kind, "occurred_at": when})
    return found[:EVENTS_SHOWN]


WORDS = {
    "en": {
        "new": "New since yesterday",
        "same": "Unchanged since yesterday",
        "chance": "Chance of a win {before:.1f} % → {after:.1f} % since yesterday: {parts}",
        "order": "{way} than yesterday: {parts}",
        "up": "Higher",
        "down": "Lower",
        "data": "what became known",
        "waiting": "waiting",
        "model": "another model",
        "points": "{name} {points:+.1f} points",
    },
    "fr": {
        "new": "Nouveau depuis hier",
        "same": "Inchangé depuis hier",
        "chance": "Chance de gain {before:.1f} % → {after:.1f} % depuis hier : {parts}",
        "order": "{way} qu’hier : {parts}",
        "up": "Plus haut",
        "down": "Plus bas",
        "data": "ce que l’on a appris",
        "waiting": "l’attente",
        "model": "un autre modèle",
        "points": "{name} {points:+.1f} points",
    },
}
"""What changed, as a sentence; decimals in French have a comma."""
LEAST = 0.0005


def said(row: Mapping[str, Any], lang: str, chances: str) -> str:
    """The change in one sentence; without percentages where a model is only good for the order."""
    words, split = WORDS[lang], row["p_win"]
    if split is None:
        return words["new"]
    parts = {name: split[name] for name in ("data", "waiting", "model") if abs(split[name]) >= LEAST}
    if not parts:
        return words["same"]
    if chances == "order_only":
        way = words["up" if split["after"] > split["before"] else "down"]
        return words["order"].format(way=way, parts=", ".join(words[name] for name in parts))
    told = ", ".join(words["points"].format(name=words[name], points=100 * value) for name, value in parts.items())
    text = words["chance"].format(before=100 * split["before"], after=100 * split["after"], parts=told)
    return text.replace(".", ",") if lang == "fr" else text
