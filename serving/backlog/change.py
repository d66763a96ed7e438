"""What changed since yesterday and why: a lead's score now against the one before, split into exact parts."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from features.history import NEVER, Floats, History, Ints
from features.history import read as read_history
from leadloop.clock import DAY, isoformat
from leadloop.errors import BrokenModelError
from leadloop.settings import Settings
from leadloop.store import scores
from leadloop.store.ledger import Ledger
from models import bundle as bundles
from models.bundle import Bundle
from serving.scorer import Scored, existing, numbers

EVENTS_SHOWN = 5
SPLIT = ("p_win", "priority")
Row = dict[str, Any]


def changes_of(ledger: Ledger, settings: Settings, scored: Scored, lang: str) -> list[Row | None]:
    """For each lead scored, what became of its figures in the day before; None where nothing is dated.

    A score as of a day ago is, to the bit, the one of that day: so the parts are differences of scores. `waiting`: by
    the model of then, what was known then, looked at now, against then; `data`: what is known now against that;
    `model`: the model of now against the one of then, on what is known now.
    """
    if not len(scored.leads):
        return []
    at = int(scored.as_of[0])
    if at == NEVER:
        return [None] * len(scored.leads)
    names = [scored.history.lead_ids[i] for i in scored.leads.tolist()]
    steps = _steps(ledger, settings, scored, names, at - DAY)
    told = []
    for i, (lead, name) in enumerate(zip(scored.leads.tolist(), names, strict=True)):
        row: Row = {"since": isoformat(at - DAY), "events": _events(scored.history, lead, at)}
        for figure in SPLIT:
            after = float(getattr(scored.scores, figure)[i])
            row[figure] = _split([step[figure] for step in steps[name]], after) if name in steps else None
        told.append({**row, "text": said(row, lang, scored.version.chances)})
    return list(told)


Figures = Mapping[str, float]
Steps = tuple[Figures, Figures, Figures]
"""Of a lead: its figures a day ago, what was known then looked at now, and what is known now; by the model of then."""


def _steps(ledger: Ledger, settings: Settings, scored: Scored, names: Sequence[str], since: int) -> dict[str, Steps]:
    """Of the leads that were on record a day ago."""
    found: dict[str, Steps] = {}
    at, current = int(scored.as_of[0]), scored.version
    for version, some in _served(ledger, names, since, current.version).items():
        bundle = current.bundle if version == current.version else _bundle(settings.models_dir / version)
        if bundle is None:  # gone from this machine: what it gave can't be told apart
            continue
        then = read_history(ledger, since, some, bundle.catalogue.read_apart)
        known, waited = _scores(bundle, then, some, since, since), _scores(bundle, then, some, since, at)
        if bundle is current.bundle:
            fresh = _by_name(scored.history, scored.leads, {name: getattr(scored.scores, name) for name in SPLIT})
        else:
            now = read_history(ledger, at, some, bundle.catalogue.read_apart)
            fresh = _scores(bundle, now, some, since, at)
        found |= {name: (known[name], waited[name], fresh[name]) for name in known if name in fresh}
    return found


def _served(ledger: Ledger, names: Sequence[str], since: int, default: str) -> Mapping[str, list[str]]:
    """By version, the leads whose score it gave a day ago: as it was stored then, else the version of now."""
    with ledger.reading() as connection:
        stored = scores.before(connection, names, since)
    served: dict[str, list[str]] = {}
    for name in names:
        served.setdefault(stored[name].model_version if name in stored else default, []).append(name)
    return served


@lru_cache(maxsize=4)
def _bundle(folder: Path) -> Bundle | None:
    """A version of before, from its copy on this machine."""
    try:
        return bundles.load(folder)
    except BrokenModelError:
        return None


def _scores(bundle: Bundle, history: History, names: Sequence[str], there: int, at: int) -> dict[str, Figures]:
    """The figures at `at` of those of the leads that were on record at `there`."""
    leads = np.intersect1d(existing(history, there), numbers(history, names))
    given = bundle.score(history, leads, np.full(len(leads), at))
    return _by_name(history, leads, {name: getattr(given, name) for name in SPLIT})


def _by_name(history: History, leads: Ints, figures: Mapping[str, Floats]) -> dict[str, Figures]:
    return {
        history.lead_ids[lead]: {name: float(values[i]) for name, values in figures.items()}
        for i, lead in enumerate(leads.tolist())
    }


def _split(steps: Sequence[float], after: float) -> dict[str, float]:
    before, waited, fresh = steps
    parts = {"data": fresh - waited, "waiting": waited - before, "model": after - fresh}
    return {"before": before, "after": after, **parts}


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
