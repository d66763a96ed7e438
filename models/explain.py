"""Contributions to the log-odds, summed to facts that a salesperson knows, and said in French and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit

from features.catalogue import Catalogue
from features.engagement import AGE, ANY, WIDTH
from features.history import Floats, Ints
from features.profile import Attribute
from features.spec import Feature
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
        ranked = rank(parts, *self._grouped, len(self.sources))
        return self._told(row.tolist(), ranked, lang, given, most)

    def waterfall(
        self,
        row: Floats,
        parts: Floats,
        lang: str = "en",
        most: int | None = None,
        given: Mapping[str, Value] = NOTHING,
    ) -> Waterfall:
        """All of it, exactly: where leads start, the reasons, and the sum of what is not told (0 with `most` None)."""
        ranked = rank(parts, *self._grouped, len(self.sources))
        reasons = self._told(row.tolist(), ranked, lang, given, most)
        rest = float(ranked[1][len(reasons) :].sum())
        return Waterfall(float(parts[-1]), reasons, rest, float(parts.sum()))

    def by_fact(self, parts: Floats) -> Floats:
        """Contributions of n rows by fact: shape (n, features + 1) becomes (n, sources)."""
        totals = [np.bincount(self._group, each[:-1], len(self.sources)) for each in parts]
        return np.array(totals, dtype=np.float64).reshape(len(parts), len(self.sources))

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

    def _told(
        self,
        row: list[float],
        ranked: tuple[Ints, Floats, Ints],
        lang: str,
        given: Mapping[str, Value],
        most: int | None,
    ) -> list[Reason]:
        facts, reasons = self._facts[lang], list[Reason]()
        for number, total, column in zip(*(each[:most].tolist() for each in ranked), strict=True):
            if total == 0.0:
                break
            reasons.append(
                {
                    "feature": self.sources[number],
                    "text": facts[number].tell(Case(row, column, total < 0.0, given)),
                    "value": self._value(column, row[column], lang, given),
                    "contribution": total,
                    "direction": "for" if total > 0.0 else "against",
                }
            )
        return reasons

    def _value(self, column: int, value: float, lang: str, given: Mapping[str, Value]) -> str | float | None:
        feature = self._features[column]
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
    def _features(self) -> tuple[Feature, ...]:
        return tuple(self.catalogue.features)

    @cached_property
    def _grouped(self) -> tuple[Ints, Ints]:
        """The columns fact by fact, and where those of each begin."""
        sizes = [len(columns) for columns in self.columns]
        start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        return np.array([column for columns in self.columns for column in columns], dtype=np.int64), start

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


@njit(cache=True, nogil=True)
def rank(parts, columns, start, n):  # type: ignore[no-untyped-def] # numba infers types
    """Facts by size: their numbers, what each adds in all, and its column that adds most in that direction.

    `parts`: contributions by column; fact i owns columns[start[i]:start[i + 1]]. Equal ones stay in their order.
    """
    totals, column = np.zeros(n), np.empty(n, dtype=np.int64)
    for i in range(n):
        for k in range(start[i], start[i + 1]):
            totals[i] += parts[columns[k]]
        sign, column[i] = 1.0 if totals[i] > 0.0 else -1.0, columns[start[i]]
        for k in range(start[i] + 1, start[i + 1]):
            if sign * parts[columns[k]] > sign * parts[column[i]]:
                column[i] = columns[k]
    order = np.argsort(-np.abs(totals), kind="mergesort")
    return order, totals[order], column[order]
