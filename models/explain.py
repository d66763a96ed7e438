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
from models.packing import ints, pack
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
FEW_OF = 4
"""Facts are sorted where more than one in so many is asked for."""


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
        kept = len(self.sources) if most is None else most
        return self._told(row.tolist(), rank(parts, self._grouped, kept).tolist(), lang, given)

    def waterfall(
        self,
        row: Floats,
        parts: Floats,
        lang: str = "en",
        most: int | None = None,
        given: Mapping[str, Value] = NOTHING,
    ) -> Waterfall:
        """All of it, exactly: where leads start, the reasons, and the sum of what is not told (0 with `most` None)."""
        ranked = rank(parts, self._grouped, len(self.sources))
        reasons = self._told(row.tolist(), ranked[:, :most].tolist(), lang, given)
        rest = float(ranked[1, len(reasons) :].sum())
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

    def _told(self, row: list[float], ranked: list[list[float]], lang: str, given: Mapping[str, Value]) -> list[Reason]:
        facts, case, reasons = self._facts[lang], Case(row, given), list[Reason]()
        for number, total, place in zip(*ranked, strict=True):
            if total == 0.0:
                break
            (source, fact), column, against = facts[int(number)], int(place), total < 0.0
            reasons.append(
                {
                    "feature": source,
                    "text": fact.tell(case, column, against=against),
                    "value": self._value(column, row[column], lang, given),
                    "contribution": total,
                    "direction": "against" if against else "for",
                }
            )
        return reasons

    def _value(self, column: int, value: float, lang: str, given: Mapping[str, Value]) -> str | float | None:
        if value != value:
            return None
        feature = self._categories.get(column)
        if feature is None:
            return value
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
    def _categories(self) -> dict[int, Feature]:
        """Columns whose values have names, by their number."""
        return {i: feature for i, feature in enumerate(self.catalogue.features) if feature.kind == "category"}

    @cached_property
    def _grouped(self) -> Ints:
        """Where the columns of each fact begin, and these, as `rank` takes them."""
        start = np.cumsum([0, *map(len, self.columns)], dtype=np.int64)
        return pack(start, np.array([column for columns in self.columns for column in columns], dtype=np.int64))

    @cached_property
    def _group(self) -> Ints:
        place = {source: number for number, source in enumerate(self.sources)}
        return np.array([place[feature.source] for feature in self.catalogue.features], dtype=np.int64)

    @cached_property
    def _facts(self) -> dict[str, tuple[tuple[str, Fact], ...]]:
        """What each fact is known by, and how it is told."""
        return {
            lang: tuple((source, self._fact(n, lang)) for n, source in enumerate(self.sources)) for lang in LANGUAGES
        }

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
def rank(parts, grouped, most):  # type: ignore[no-untyped-def] # numba infers types
    """The `most` facts of greatest size, shape (3, those): their numbers, what each adds in all, and its column that
    adds most in that direction.

    `parts`: contributions by column; `grouped`: as `Explainer` packs them. Equal ones stay in their order.
    """
    start, columns = ints(grouped, 0), ints(grouped, 1)
    totals = np.zeros(len(start) - 1)
    for i in range(len(totals)):
        for k in range(start[i], start[i + 1]):
            totals[i] += parts[columns[k]]
    order = _largest(np.abs(totals), most)
    out = np.empty((3, len(order)))
    for place, i in enumerate(order):
        sign, column = 1.0 if totals[i] > 0.0 else -1.0, columns[start[i]]
        for k in range(start[i] + 1, start[i + 1]):
            if sign * parts[columns[k]] > sign * parts[column]:
                column = columns[k]
        out[0, place], out[1, place], out[2, place] = i, totals[i], column
    return out


@njit(cache=True, nogil=True)
def _largest(sizes, most):  # type: ignore[no-untyped-def] # numba infers types
    """The numbers of the largest, picked one by one where few of many are asked for."""
    if most * FEW_OF > len(sizes):
        return np.argsort(-sizes, kind="mergesort")[:most]
    found = np.empty(most, dtype=np.int64)
    for place in range(most):
        found[place] = np.argmax(sizes)
        sizes[found[place]] = -1.0
    return found
