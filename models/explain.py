"""Contributions to the log-odds, summed to facts that a salesperson knows, and said in French and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.catalogue import Catalogue
from features.engagement import AGE, ANY, WIDTH
from features.history import Floats, Ints
from features.profile import Attribute
from leadloop.store.rows import Value
from models.asides import Aside, show
from models.event_words import words_of
from models.sentences import Active, CameIn, Case, Did, Fact, Is, named, own

Reason = dict[str, str | float | None]
"""{"feature", "text", "value", "contribution", "direction"}; contributions are in log-odds of the chance shown,
"direction" is "for" or "against", by their sign."""

LANGUAGES = ("en", "fr")
NAMES = {
    ANY: {"fr": "activité en tout", "en": "activity in all"},
    AGE.source: {"fr": "ancienneté du lead", "en": "age of the lead"},
}
"""What facts are called in a table that are neither attributes nor events of one type."""
NOTHING: Mapping[str, Value] = {}


@dataclass(frozen=True)
class Waterfall:
    """From where all leads start to the log-odds of one: base + the reasons' contributions + rest = total."""

    base: float
    reasons: list[Reason]
    rest: float
    total: float


@dataclass(frozen=True)
class Explainer:
    """Tells the reasons of leads; what a catalogue's facts are and how they are said is worked out once."""

    catalogue: Catalogue

    def reasons(
        self,
        row: Floats,
        parts: Floats,
        lang: str = "en",
        most: int | None = 5,
        given: Mapping[str, Value] = NOTHING,
    ) -> list[Reason]:
        """The facts that move this lead's chance most, strongest first; `most` None: all that move it.

        `row`: its features, shape (features,); `parts`: their contributions, shape (features + 1,); `given`: its
        attributes as they were written, to be quoted.
        """
        totals = self._totals(parts)
        return self._told(row.tolist(), parts.tolist(), totals, _strongest(totals, most), lang, given)

    def waterfall(
        self,
        row: Floats,
        parts: Floats,
        lang: str = "en",
        most: int | None = None,
        given: Mapping[str, Value] = NOTHING,
    ) -> Waterfall:
        """All of it, exactly: where leads start, the reasons, and the sum of what is not told (0 with `most` None)."""
        totals = self._totals(parts)
        chosen = _strongest(totals, most)
        reasons = self._told(row.tolist(), parts.tolist(), totals, chosen, lang, given)
        rest = float(np.delete(totals, chosen).sum())
        return Waterfall(float(parts[-1]), reasons, rest, float(parts.sum()))

    def by_fact(self, parts: Floats) -> Floats:
        """Contributions of n rows by fact: shape (n, features + 1) becomes (n, sources)."""
        return np.array([self._totals(each) for each in parts]).reshape(len(parts), len(self.sources))

    def name(self, number: int, lang: str) -> str:
        """What a fact is called, for a table."""
        source, columns = self.sources[number], self.columns[number]
        attribute = self.attributes.get(source)
        if attribute:
            return named(attribute, lang)
        feature = self.catalogue.features[columns[0]]
        if source == ANY or source == AGE.source:
            return NAMES[source][lang]
        if source in self.catalogue.kinds:
            return words_of(source, lang).noun
        return feature.fr if lang == "fr" else feature.en

    def _totals(self, parts: Floats) -> Floats:
        """Contributions by fact, in the order of `sources`."""
        return np.bincount(self._group, parts[:-1], len(self.sources)).astype(np.float64, copy=False)

    def _told(
        self,
        row: list[float],
        parts: list[float],
        totals: Floats,
        chosen: Ints,
        lang: str,
        given: Mapping[str, Value],
    ) -> list[Reason]:
        facts, reasons = self._facts[lang], list[Reason]()
        for number in chosen.tolist():
            total = float(totals[number])
            sign = 1.0 if total > 0 else -1.0
            column = max(self.columns[number], key=lambda i: sign * parts[i])
            text = facts[number].tell(Case(row, column, total < 0, given))
            reasons.append(
                {
                    "feature": self.sources[number],
                    "text": text,
                    "value": self._value(column, row[column], lang, given),
                    "contribution": total,
                    "direction": "for" if total > 0 else "against",
                }
            )
        return reasons

    def _value(self, column: int, value: float, lang: str, given: Mapping[str, Value]) -> str | float | None:
        feature = self.catalogue.features[column]
        if value != value or feature.kind != "category":
            return None if value != value else value
        return own(given.get(feature.source)) or show(feature, self.catalogue.levels(feature.source), value, lang)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """What the facts are known by, sorted, so that facts of equal weight come in the order of their names."""
        return tuple(sorted({feature.source for feature in self.catalogue.features}))

    @cached_property
    def columns(self) -> tuple[list[int], ...]:
        """The numbers of each fact's columns."""
        by_source: dict[str, list[int]] = {source: [] for source in self.sources}
        for i, feature in enumerate(self.catalogue.features):
            by_source[feature.source].append(i)
        return tuple(by_source[source] for source in self.sources)

    @cached_property
    def _group(self) -> Ints:
        place = {source: number for number, source in enumerate(self.sources)}
        return np.array([place[feature.source] for feature in self.catalogue.features], dtype=np.int64)

    @cached_property
    def _facts(self) -> dict[str, tuple[Fact, ...]]:
        return {lang: tuple(self._fact(n, lang) for n in range(len(self.sources))) for lang in LANGUAGES}

    def _fact(self, number: int, lang: str) -> Fact:
        """How to tell the fact of this number."""
        source, columns = self.sources[number], self.columns[number]
        attribute = self.attributes.get(source)
        if attribute and len(columns) == len(attribute.features):
            return Is.of(attribute, lang, columns[0])
        if source == AGE.source:
            return CameIn(lang)
        names = {i: self.catalogue.features[i].name.removeprefix(f"{source}: ") for i in columns}
        at = {name: i for i, name in names.items()}
        if source == ANY and "count" in at:
            return Active(lang, names, at["count"], at["days since"])
        if source in self.catalogue.kinds and len(columns) == WIDTH:
            places = (at[name] for name in ("count", "last 7 days", "last 30 days", "days since"))
            return Did(words_of(source, lang), lang, *places)
        features = {i: self.catalogue.features[i] for i in columns}
        return Aside.of(features, self.catalogue.levels(source), lang)

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """Attributes and what is read out of them, by what they are known by."""
        return {attribute.source: attribute for attribute in self.catalogue.attributes}


def _strongest(totals: Floats, most: int | None) -> Ints:
    """Numbers of the facts that add anything, by size, at most so many."""
    order: Ints = np.argsort(-np.abs(totals), kind="stable")[:most]
    return np.asarray(order[totals[order] != 0.0])
