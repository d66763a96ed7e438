"""Personas: leads told apart by a few rules that a person can read, each lead in exactly one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.history import Floats, Ints
from features.profile import Attribute
from features.readings import READINGS
from features.spec import Feature

KINDS = frozenset({"number", "flag", "category", "seniority", "department", "company size", "language"})
"""Kinds of attributes that say who somebody is in one value."""
NAMED = 4
"""Levels that a sentence names; of more it says how many more there are."""
_WORDS = {
    "everyone": ("everybody", "tout le monde"),
    "missing": ("not given", "non renseigné"),
    "yes": ("yes", "oui"),
    "no": ("no", "non"),
    "from": ("from {low}", "à partir de {low}"),
    "up to": ("up to {high}", "jusqu’à {high}"),
    "between": ("{low} to {high}", "de {low} à {high}"),
    "or": ("or", "ou"),
    "other": ("others ({n})", "autres ({n})"),
}
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Condition:
    """What a persona asks of one attribute: a value of `low` < value <= `high`, or one of the codes `levels`.

    `missing`: whether leads that do not say fit as well. `levels`: None for attributes that are numbers.
    """

    source: str
    low: float | None = None
    high: float | None = None
    levels: tuple[int, ...] | None = None
    missing: bool = False

    def holds(self, column: Floats) -> Flags:
        """Which values of the attribute's column (of the kernel's matrix) fit, shape (n,)."""
        given = np.isfinite(column)
        if self.levels is not None:
            fits = np.isin(column, self.levels)
        else:
            fits = (column > (-np.inf if self.low is None else self.low)) & (
                column <= (np.inf if self.high is None else self.high)
            )
        return np.where(given, fits, self.missing)


@dataclass(frozen=True)
class Persona:
    """Conditions that all hold; `learned`, `judged`: {"leads", "wins", "value"} among the leads that the rules were
    found on, and among newer ones.
    """

    conditions: tuple[Condition, ...]
    learned: Mapping[str, float]
    judged: Mapping[str, float]


@dataclass(frozen=True)
class Personas:
    """All of them, and the attributes that tell them apart, as they are encoded."""

    attributes: tuple[Attribute, ...]
    each: tuple[Persona, ...]

    @cached_property
    def catalogue(self) -> Catalogue:
        """A catalogue of these attributes alone."""
        return Catalogue(self.attributes, (), dated=False)

    @cached_property
    def _features(self) -> dict[str, tuple[int, Feature, Attribute]]:
        pairs = zip(self.catalogue.features, self.attributes, strict=True)
        return {feature.source: (number, feature, attribute) for number, (feature, attribute) in enumerate(pairs)}

    def place(self, X: Floats) -> Ints:
        """The number of the persona of each row of the catalogue's matrix; -1 where none fits."""
        found = np.full(len(X), -1, dtype=np.int64)
        for number, persona in enumerate(self.each):
            fits = np.ones(len(X), dtype=bool)
            for condition in persona.conditions:
                fits &= condition.holds(X[:, self._features[condition.source][0]])
            found[fits & (found < 0)] = number
        return found

    def told(self, persona: Persona, lang: str) -> str:
        """The conditions in words."""
        if not persona.conditions:
            return _word("everyone", lang)
        return " · ".join(self._told(condition, lang) for condition in persona.conditions)

    def _told(self, condition: Condition, lang: str) -> str:
        _, feature, attribute = self._features[condition.source]
        known = READINGS.get(attribute.kind, feature)
        name = (known.fr if lang == "fr" else known.en).replace("_", " ")
        values = _values(condition, feature, attribute, lang)
        if condition.missing:
            values = [*values, _word("missing", lang)]
        joined = f" {_word('or', lang)} ".join((", ".join(values[:-1]), values[-1]) if len(values) > 1 else values)
        return f"{name}{' : ' if lang == 'fr' else ': '}{joined}"

    def as_json(self) -> dict[str, Any]:
        """What is kept beside a model."""
        return {
            "attributes": [each.as_json() for each in self.attributes],
            "each": [asdict(each) for each in self.each],
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of as_json."""
        each = (
            Persona(tuple(map(_condition, one["conditions"])), one["learned"], one["judged"]) for one in saved["each"]
        )
        return cls(tuple(map(Attribute.from_json, saved["attributes"])), tuple(each))


def _condition(saved: Mapping[str, Any]) -> Condition:
    levels = saved["levels"]
    return Condition(**{**saved, "levels": None if levels is None else tuple(levels)})


def _values(condition: Condition, feature: Feature, attribute: Attribute, lang: str) -> list[str]:
    if attribute.kind == "flag":
        return [_word("yes" if condition.high is None else "no", lang)]
    if condition.levels is not None:
        return _levels(condition.levels, feature, attribute, lang)
    low, high = condition.low, condition.high
    steps = [feature.words[n][lang != "fr"] for n in range(len(feature.words))]
    if steps:  # steps in words, such as of seniority: the first and the last that fit
        first = 0 if low is None else min(int(np.floor(low)) + 1, len(steps) - 1)
        last = len(steps) - 1 if high is None else int(np.floor(high))
        several = last - first >= NAMED
        return [_between(steps[first], steps[last], lang)] if several else steps[first : last + 1]
    start, end = (None if each is None else _written(each, lang) for each in (low, high))
    return [_between(start, end, lang)]


def _levels(codes: Sequence[int], feature: Feature, attribute: Attribute, lang: str) -> list[str]:
    names = [
        feature.words[code][lang != "fr"] if feature.words else attribute.levels[code].replace("_", " ")
        for code in codes
        if code < len(attribute.levels)
    ]
    left = len(codes) - min(len(names), NAMED)
    return names[:NAMED] + ([_word("other", lang, n=left)] if left else [])


def _between(low: str | None, high: str | None, lang: str) -> str:
    key = "between" if low is not None and high is not None else "from" if high is None else "up to"
    return _word(key, lang, low=low, high=high)


def _written(value: float, lang: str) -> str:
    """A bound with few digits.

    >>> _written(1234.567, "en"), _written(2.25, "fr")
    ('1,235', '2,25')
    """
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return text.replace(",", "\u202f").replace(".", ",") if lang == "fr" else text


def _word(key: str, lang: str, **values: object) -> str:
    en, fr = _WORDS[key]
    return (fr if lang == "fr" else en).format(**values)
