"""From one score of a lead to the next in steps that add up: time, what became known, another model, other leads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from features.history import History
from leadloop.clock import isoformat
from leadloop.errors import BrokenModelError
from leadloop.settings import Settings
from models import bundle as bundles
from models.bundle import Bundle
from serving.scorer import with_tiers

EVENTS_SHOWN = 5
PARTS = ("data", "waiting", "model", "population")
Figures = Mapping[str, float]
Row = dict[str, Any]


@dataclass(frozen=True)
class Steps:
    """A lead's figures on the way, each a score that can be asked for by itself: as it was; the same looked at later;
    with what became known meanwhile; by the model of then until here; by the model of now, beside the open leads that
    the model of then was compared with; as it is.
    """

    before: Figures
    waited: Figures
    known: Figures
    judged: Figures
    after: Figures

    def split(self, name: str) -> dict[str, float]:
        """One figure: before + data + waiting + model + population = after."""
        before, waited, known, judged, after = (
            step[name] for step in (self.before, self.waited, self.known, self.judged, self.after)
        )
        parts = {"data": known - waited, "waiting": waited - before, "model": judged - known}
        return {"before": before, "after": after, **parts, "population": after - judged}


def bundle_of(settings: Settings, version: str) -> Bundle | None:
    """A version of before, from its copy on this machine, with the company's own tiers; None where it is gone."""
    found = _bundle(settings.models_dir / version) if version.isalnum() else None
    return None if found is None else with_tiers(found, settings.tiers)


@lru_cache(maxsize=4)
def _bundle(folder: Path) -> Bundle | None:
    try:
        return bundles.load(folder)
    except BrokenModelError:
        return None


def beside(bundle: Bundle, before: Bundle) -> Bundle:
    """The bundle, comparing with the open leads that one before it compared with."""
    return replace(bundle, population=before.population)


def events_between(history: History, lead: int, after: int, until: int) -> list[dict[str, str]]:
    """What became known of the lead's doing between two instants, newest first."""
    events, found = history.events, []
    for row in range(int(events.start[lead + 1]) - 1, int(events.start[lead]) - 1, -1):
        if after < events.recorded_at[row] <= until < events.superseded_at[row]:
            kind, when = events.kinds[events.kind[row]], isoformat(int(events.occurred_at[row]))
            found.append({"type": kind, "occurred_at": when})
    return found[:EVENTS_SHOWN]


WORDS = {
    "en": {
        "new": "New {since}",
        "same": "Unchanged {since}",
        "chance": "Chance of a win {before}% → {after}% {since}",
        "order": "{way} {since}",
        "why": ": {parts}",
        "up": "Higher",
        "down": "Lower",
        "data": "what became known",
        "waiting": "waiting",
        "model": "another model",
        "population": "the other open leads",
        "points": "{name} {points:+.1f} points",
        "yesterday": "since yesterday",
        "instant": "since {at}",
        "apart": "; version {version} is gone from this machine: its part is told by the newer one",
        "unknown": "; no model of then or now is on this machine: why can’t be told",
        "place": "; place {before} → {after} of {leads}",
        "score before": "since the score before",
    },
    "fr": {
        "new": "Nouveau {since}",
        "same": "Inchangé {since}",
        "chance": "Chance de gain {before} % → {after} % {since}",
        "order": "{way} {since}",
        "why": " : {parts}",
        "up": "Plus haut",
        "down": "Plus bas",
        "data": "ce que l’on a appris",
        "waiting": "l’attente",
        "model": "un autre modèle",
        "population": "les autres leads ouverts",
        "points": "{name} {points:+.1f} points",
        "yesterday": "depuis hier",
        "instant": "depuis le {at}",
        "apart": " ; la version {version} n’est plus sur cette machine : sa part est dite par la plus récente",
        "unknown": " ; aucun modèle d’alors ou d’aujourd’hui n’est sur cette machine : le pourquoi ne peut être dit",
        "place": " ; place {before} → {after} sur {leads}",
        "score before": "depuis le score précédent",
    },
}
"""What changed, as a sentence; decimals in French have a comma."""
LEAST = 0.0005
"""Of chance, that is told: less would be shown as 0.0 points."""


def said(split: Mapping[str, float | None] | None, lang: str, chances: str, since: str) -> str:
    """The change of a chance in one sentence; without percentages where a model is only good for the order."""
    words = WORDS[lang]
    if split is None:
        return words["new"].format(since=since)
    parts = {name: value for name in PARTS if abs(value := split[name] or 0.0) >= LEAST}
    before, after = split["before"] or 0.0, split["after"] or 0.0
    if not parts and abs(after - before) < LEAST:
        return words["same"].format(since=since)
    if chances == "order_only":
        way = words["up" if after > before else "down"]
        return words["order"].format(way=way, since=since) + _why(", ".join(words[name] for name in parts), lang)
    told = ", ".join(
        words["points"].format(name=words[name], points=100 * value).replace(".", _point(lang))
        for name, value in parts.items()
    )
    figures = [f"{100 * value:.1f}".replace(".", _point(lang)) for value in (before, after)]
    return words["chance"].format(before=figures[0], after=figures[1], since=since) + _why(told, lang)


def _why(parts: str, lang: str) -> str:
    """Nothing where nothing can be told, or each part is too small to be."""
    return WORDS[lang]["why"].format(parts=parts) if parts else ""


def _point(lang: str) -> str:
    return "," if lang == "fr" else "."
