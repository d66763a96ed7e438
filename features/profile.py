"""Attributes of a lead as columns: how each kind is told apart, and how its values become numbers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np

from features.history import Floats
from features.readings import ENOUGH, READINGS, readings_of, source_of
from features.readings import READABLE as UNDERSTOOD
from features.spec import Feature
from features.values import flag, instant, level, number, words
from leadloop.store.rows import Value

AttributeKind = Literal[
    "number", "flag", "category", "date", "text", "seniority", "department", "company size", "language"
]

CLEARED = np.inf
"""What an attribute holds that was given and says nothing (cleared, unreadable); NaN is: not given in this row."""

LEVELS_AT_MOST = 60
WORDS_AT_MOST = 40
READABLE = 0.95  # share of an attribute's values that must read as its kind


@dataclass(frozen=True)
class Attribute:
    """One attribute: `levels` are the categories told apart (any other is one more, "other"), or a text's words."""

    name: str
    kind: AttributeKind
    levels: tuple[str, ...] = ()

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """The columns it makes, in order."""
        if self.kind in READINGS:
            return (READINGS[self.kind].feature(self.kind, self.name, self.levels),)
        if self.kind != "text":
            kind = {"flag": "flag", "category": "category"}.get(self.kind, "number")
            return (Feature(self.name, kind, self.name, self.name, self.name),)  # type: ignore[arg-type] # one of Kind
        return (
            Feature(
                f"{self.name} (words)",
                "count",
                self.name,
                f"{self.name} : nombre de mots",
                f"{self.name}: number of words",
            ),
            *(
                Feature(
                    f"{self.name}: {w}",
                    "flag",
                    self.name,
                    f"{self.name} contient « {w} »",
                    f"{self.name} contains “{w}”",
                )
                for w in self.levels
            ),
        )

    @property
    def block(self) -> str:
        """The optional block that it is of, "" where it is always looked at."""
        return READINGS[self.kind].block if self.kind in READINGS else ""

    @property
    def source(self) -> str:
        """What its columns are known by; a reading of an attribute is a fact of its own."""
        return source_of(self.kind, self.name) if self.kind in READINGS else self.name

    def encode(self, values: Sequence[Value]) -> Floats:
        """The columns for values that were given, shape (len(values), len(self.features)); CLEARED where unreadable."""
        if self.kind == "text":
            return self._encode_text(values)
        keys = [(type(value), value) for value in values]  # True is 1 as a key, and not the same
        read = {key: self._read(key[1]) for key in set(keys)}  # many leads say the same
        column = np.array([read[key] for key in keys], dtype=np.float64).reshape(-1, 1)
        return np.where(np.isnan(column), CLEARED, column)

    def _read(self, value: Value) -> float:
        """One value as a number, NaN where it says nothing."""
        read = {"number": number, "flag": flag, "date": instant, "category": self._code}.get(self.kind)
        if read:
            return read(value)
        found = READINGS[self.kind].read(value)
        return found if isinstance(found, float) else self._code(found)

    def _code(self, value: Value) -> float:
        name = level(value)
        return np.nan if name is None else float(self._codes.get(name, len(self.levels)))

    def _encode_text(self, values: Sequence[Value]) -> Floats:
        columns = np.zeros((len(values), len(self.levels) + 1))
        for row, value in enumerate(values):
            found = words(value)
            columns[row, 0] = len(found)
            columns[row, [self._codes[w] + 1 for w in found if w in self._codes]] = 1
            columns[row] = columns[row] if found else CLEARED
        return columns

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.levels)}

    def as_json(self) -> dict[str, Any]:
        """What must be kept to encode in the same way later."""
        return {"name": self.name, "kind": self.kind, "levels": list(self.levels)}

    @classmethod
    def from_json(cls, saved: dict[str, Any]) -> Self:
        """The inverse of as_json."""
        return cls(saved["name"], saved["kind"], tuple(saved["levels"]))


@dataclass(frozen=True)
class Refusal:
    """A column that is no feature, and why."""

    column: str
    evidence: str


def learn(name: str, values: Sequence[Value] | Counter[str], leads: int) -> Attribute | Refusal:
    """Tell which kind of attribute this is from the values that were given (or how often each level was), among
    `leads` leads.

    >>> learn("visits", ["1", "5", "7"], 3)
    Attribute(name='visits', kind='number', levels=())
    >>> learn("version", ["2", "2", "2"], 3)
    Refusal(column='version', evidence="always '2'")
    """
    levels = _counted(values)
    given = levels.total()
    if not given:
        return Refusal(name, "never filled when the leads were scored")
    if len(levels) == 1 and given == leads:
        return Refusal(name, f"always {next(iter(levels))!r}")
    for kind in ("flag", "number", "date"):
        if len(levels) > 1 and _share(levels, kind) >= READABLE:
            return Attribute(name, kind)
    return _words_or_levels(name, levels, given)


def _counted(values: Sequence[Value] | Counter[str]) -> Counter[str]:
    if isinstance(values, Counter):
        return values
    return Counter(found for value in values if (found := level(value)) is not None)


def learn_readings(name: str, values: Sequence[Value] | Counter[str]) -> list[Attribute]:
    """What can be read out of an attribute besides, where its name says what it is about and its values bear it out.

    >>> learn_readings("fonction", ["Directrice des achats", "Gérant", "Stagiaire", "Acheteur", "VP", "DSI"])
    [Attribute(name='fonction', kind='seniority', levels=())]
    """
    levels = _counted(values)
    learned = (_reading(name, kind, levels) for kind in readings_of(name))
    return [attribute for attribute in learned if attribute]


def _reading(name: str, kind: Any, levels: Counter[str]) -> Attribute | None:
    """None where too few values are understood, or all say the same."""
    found: Counter[float | str] = Counter()
    for text, n in levels.items():
        read = READINGS[kind].read(text)
        if read is not None and read == read:
            found[read] += n
    if found.total() < max(ENOUGH, UNDERSTOOD * levels.total()) or len(found) < 2:
        return None
    names = Counter({each: n for each, n in found.items() if isinstance(each, str)})
    frequent = _most_frequent(names, max(5, round(0.002 * levels.total())), LEVELS_AT_MOST)
    return Attribute(name, kind, frequent) if frequent or not names else None


def _share(levels: Counter[str], kind: str) -> float:
    """How many of the values given read as this kind."""
    read = {"flag": flag, "number": number, "date": instant}[kind]
    return sum(n for name, n in levels.items() if not np.isnan(read(name))) / levels.total()


def _words_or_levels(name: str, levels: Counter[str], given: int) -> Attribute | Refusal:
    enough = max(5, round(0.002 * given))
    frequent = _most_frequent(levels, enough, LEVELS_AT_MOST)
    if sum(levels[name_] for name_ in frequent) >= 0.6 * given or len(levels) <= LEVELS_AT_MOST:
        return (
            Attribute(name, "category", frequent) if frequent else Refusal(name, f"no value in {enough} leads or more")
        )
    found: Counter[str] = Counter()
    for text, n in levels.items():
        found.update(dict.fromkeys(words(text), n))
    common = _most_frequent(found, max(enough, round(0.005 * given)), WORDS_AT_MOST)
    return (
        Attribute(name, "text", common) if common else Refusal(name, f"{len(levels)} different values in {given} leads")
    )


def _most_frequent(counts: Counter[str], enough: int, at_most: int) -> tuple[str, ...]:
    """Sorted by frequency, then by name, so that the order of rows never matters."""
    ranked = sorted((item for item in counts.items() if item[1] >= enough), key=lambda item: (-item[1], item[0]))
    return tuple(name for name, _ in ranked[:at_most])
