"""What matters to a model, as a table for marketing: how much, which way, best and worst, in French and English."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from leadloop.errors import InputError
from serving.reports.language import AND, COLON

FEW = 5  # leads; what fewer have is neither the best nor the worst value

DIRECTIONS = {
    "more_is_better": {"fr": "plus, c’est mieux", "en": "more is better"},
    "more_is_worse": {"fr": "plus, c’est moins bien", "en": "more is worse"},
    "recent_is_better": {"fr": "récent, c’est mieux", "en": "recent is better"},
    "recent_is_worse": {"fr": "récent, c’est moins bien", "en": "recent is worse"},
    "yes_is_better": {"fr": "oui, c’est mieux", "en": "yes is better"},
    "yes_is_worse": {"fr": "oui, c’est moins bien", "en": "yes is worse"},
    "it_depends": {"fr": "ça dépend de la valeur", "en": "it depends on the value"},
    "by_value": {"fr": "selon la valeur", "en": "by value"},
}
BY = ("source", "campaign")
WORDS = {
    "fr": {
        "title": "Ce qui compte pour le modèle {version}",
        "over": "Sur {leads} leads. Par rapport au lead moyen, +0,7 double la cote d’un gain, −0,7 la divise par 2.",
        "fact": "caractéristique",
        "share": "poids",
        "direction": "sens",
        "shape": "valeurs",
        "beside": "écart avec l’ensemble",
        "best": "au mieux",
        "worst": "au pire",
        "source": "source",
        "campaign": "campagne",
        "leads": "leads",
        "last": "la dernière fois",
        "p_win": "chance moyenne",
        "none": "Aucun niveau de « {by} » n’a assez de leads, ou les leads n’ont pas cette caractéristique.",
    },
    "en": {
        "title": "What matters to model {version}",
        "over": "Over {leads} leads. Beside the average lead, +0.7 doubles the odds of a win and −0.7 halves them.",
        "fact": "feature",
        "share": "share",
        "direction": "direction",
        "shape": "values",
        "beside": "beside all leads",
        "best": "best",
        "worst": "worst",
        "source": "source",
        "campaign": "campaign",
        "leads": "leads",
        "last": "the last time",
        "p_win": "mean chance",
        "none": "No level of “{by}” has enough leads, or leads have no such attribute.",
    },
}


@dataclass(frozen=True)
class FeatureReport:
    """The importances of a version in a language; `by`: one of BY, or None for all leads together."""

    version: str
    importances: Mapping[str, Any]
    lang: str = "en"
    by: str | None = None

    def __post_init__(self) -> None:
        if self.by not in (None, *BY):
            raise InputError(f"by: '{self.by}' is no way to part leads; write one of {', '.join(BY)}")

    @property
    def words(self) -> Mapping[str, str]:
        """What headings are called."""
        return WORDS[self.lang]

    @property
    def title(self) -> str:
        """The heading."""
        part = "" if self.by is None else f" ({self.words[self.by]})"
        return self.words["title"].format(version=self.version) + part

    @property
    def groups(self) -> Sequence[Mapping[str, Any]]:
        """All leads together, or a segment each, which has its `level`."""
        return [self.importances] if self.by is None else self.importances["segments"][self.by]

    def rows(self) -> list[dict[str, Any]]:
        """A row a feature (of each segment), the one that matters most first; `share` and `p_win` are from 0 to 1."""
        return [
            {**({} if self.by is None else _head(self.by, group)), **self.row(fact)}
            for group in self.groups
            for fact in group["facts"]
        ]

    def row(self, fact: Mapping[str, Any]) -> dict[str, Any]:
        """One feature; of a segment with how much more it matters there than over all leads, else with its values."""
        row = {
            "feature": fact["feature"],
            "name": fact[self.lang],
            "share": fact["share"],
            "direction": DIRECTIONS[fact["direction"]][self.lang],
        }
        if self.by is None:
            return {**row, "values": self.in_words(fact)}
        return {**row, "beside": fact["share"] - self._shares.get(fact["feature"], 0.0)}

    @cached_property
    def _shares(self) -> Mapping[str, float]:
        """Over all leads."""
        return {fact["feature"]: fact["share"] for fact in self.importances["facts"]}

    def in_words(self, fact: Mapping[str, Any]) -> str:
        """The shape in words, such as "best: 51 to 200 people (+0.42); worst: 1 person (−0.31)"."""
        steps = [step for step in _shape(fact) if step["leads"] >= FEW]
        if len(steps) < 2:
            return ""
        best, worst = max(steps, key=_effect), min(steps, key=_effect)
        return AND[self.lang].join(
            f"{self.words[end]}{COLON[self.lang]}{step[self.lang]} ({self.signed(step['effect'])})"
            for end, step in (("best", best), ("worst", worst))
        )

    def signed(self, effect: float) -> str:
        """An effect with its sign, as the language writes numbers."""
        text = f"{effect:+.2f}".replace("-", "−")
        return text.replace(".", ",") if self.lang == "fr" else text

    def points(self, difference: float) -> str:
        """A difference of shares, in points."""
        text = f"{100 * difference:+.1f}".replace("-", "−")
        return f"{text.replace('.', ',')} pt" if self.lang == "fr" else f"{text} pt"

    def percent(self, share: float) -> str:
        """A share."""
        text = f"{share:.1%}"
        return text.replace(".", ",").replace("%", "\u202f%") if self.lang == "fr" else text


def _shape(fact: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The side of a fact that its direction speaks of: how long ago, or what and how much."""
    steps: Sequence[Mapping[str, Any]] = fact["recency" if fact["direction"].startswith("recent") else "shape"]
    return steps


def _effect(step: Mapping[str, Any]) -> float:
    return float(step["effect"])


def _head(by: str, group: Mapping[str, Any]) -> dict[str, Any]:
    return {by: group["level"], "leads": group["leads"], "p_win": group["p_win"]}


def as_csv(report: FeatureReport) -> str:
    """The rows as CSV; a text that a spreadsheet would take for a formula is quoted."""
    rows = report.rows()
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]) if rows else ["feature"], lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _tame(value) for name, value in row.items()} for row in rows)
    return out.getvalue()


def _tame(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value
