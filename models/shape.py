"""How the contribution of a fact goes with its value: steps of a number, levels of a category, counts of an event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from features.engagement import AGE
from features.history import Floats
from features.profile import Attribute
from models.amounts import span, written
from models.explain import LANGUAGES, Explainer
from models.sentences import ANSWERS, level

Direction = Literal[
    "yes_is_better",
    "yes_is_worse",
    "more_is_better",
    "more_is_worse",
    "recent_is_better",
    "recent_is_worse",
    "it_depends",
    "by_value",
]
Shape = list[dict[str, Any]]
"""[{"fr", "en", "leads", "effect"}]: values in words, how many leads have them, their mean contribution in log-odds."""

BINS = 6
LEVELS_AT_MOST = 20
MONOTONE = 0.5  # a rank correlation from which on more is better, or worse
COUNTS = ((0, 0), (1, 1), (2, 2), (3, 5), (6, 10), (11, None))
"""How many times an event happened, from and to."""
RECENCY_DAYS = (7.0, 30.0, 90.0)
RECENCIES = (
    {"fr": "dans les 7 derniers jours", "en": "in the last 7 days"},
    {"fr": "il y a 7 à 30 jours", "en": "7 to 30 days ago"},
    {"fr": "il y a 30 à 90 jours", "en": "30 to 90 days ago"},
    {"fr": "il y a plus de 90 jours", "en": "more than 90 days ago"},
)
NEVER = {"fr": "jamais", "en": "never"}
DAYS = frozenset({"date", AGE.source})
"""Numbers that are days."""
DAYS_SINCE = 4  # the place of that column among those of a type of events
MISSING = {"fr": "non renseigné", "en": "not given"}
OTHER = {"fr": "toute autre valeur", "en": "any other value"}

Pick = tuple[dict[str, str], NDArray[np.bool_]]
"""A value in words, and the rows that have it."""


@dataclass(frozen=True)
class Axis:
    """The value of a fact in each row, NaN where it has none, shape (n,); `picks`: the values that are told apart.

    `ordered`: whether more of it means anything. `since`: days since the last event, for facts about events.
    `flag`: whether it is yes or no. `names`: what is shown, where a fact is more than that.
    """

    values: Floats
    ordered: bool
    picks: tuple[Pick, ...]
    since: Floats | None = None
    names: Mapping[str, str] | None = None
    flag: bool = False

    def of(self, rows: NDArray[np.bool_]) -> "Axis":
        """The same of some rows."""
        picks = tuple((name, there[rows]) for name, there in self.picks)
        since = None if self.since is None else self.since[rows]
        return Axis(self.values[rows], self.ordered, picks, since, self.names, self.flag)

    def direction(self, effect: Floats) -> Direction:
        """Whether more is better, or more recent, whichever the ranks go along with more."""
        if not self.ordered:
            return "by_value"
        if self.flag:
            return _yes(self.values, effect)
        more = _along(self.values, effect)
        recent = 0.0 if self.since is None else -_along(self.since, effect)
        if max(abs(more), abs(recent)) < MONOTONE:
            return "it_depends"
        if abs(recent) > abs(more):
            return "recent_is_better" if recent > 0 else "recent_is_worse"
        return "more_is_better" if more > 0 else "more_is_worse"

    def shape(self, effect: Floats, weight: Floats) -> Shape:
        """The mean contribution of each value that anybody has."""
        return _means(self.picks, effect, weight)

    def recency_shape(self, effect: Floats, weight: Floats) -> Shape:
        """The mean contribution by how long ago an event last happened; empty for what is no event."""
        return [] if self.since is None else _means(_lately(self.since), effect, weight)


def _yes(values: Floats, effect: Floats) -> Direction:
    """Whether yes is better than no, where there are both."""
    yes, no = effect[values > 0], effect[values <= 0]
    if not (len(yes) and len(no)):
        return "it_depends"
    return "yes_is_better" if yes.mean() > no.mean() else "yes_is_worse"


def _along(values: Floats, effect: Floats) -> float:
    known = ~np.isnan(values)
    return rank_correlation(values[known], effect[known])


def _means(picks: tuple[Pick, ...], effect: Floats, weight: Floats) -> Shape:
    return [
        {
            **name,
            "leads": round(float(weight[there].sum())),
            "effect": float(np.average(effect[there], weights=weight[there])),
        }
        for name, there in picks
        if there.any()
    ]


def axis_of(explainer: Explainer, number: int, X: Floats, parts: Floats) -> Axis:
    """The axis of a fact over rows X, of which `parts` are the contributions."""
    source, columns = explainer.sources[number], explainer.columns[number]
    attribute = explainer.attributes.get(source)
    if attribute and len(columns) == len(attribute.features):
        return _of_attribute(attribute, X[:, columns])
    feature = explainer.catalogue.features[columns[0]]
    if feature.name == f"{source}: count":
        values = X[:, columns[0]]
        return Axis(values, ordered=True, picks=_counts(values), since=X[:, columns[DAYS_SINCE]])
    strongest = columns[int(np.argmax(np.abs(parts[:, columns]).sum(axis=0)))]
    return _of_column(explainer, strongest, X[:, strongest])


def _of_column(explainer: Explainer, column: int, values: Floats) -> Axis:
    """A column that stands for its fact."""
    feature = explainer.catalogue.features[column]
    names = {"fr": feature.fr, "en": feature.en}
    if feature.words:
        steps = [dict(zip(("fr", "en"), both, strict=True)) for both in feature.words]
        return Axis(values, ordered=False, picks=_levels(values, steps), names=names)
    if feature.kind == "category":
        levels = [_same(text) for text in explainer.catalogue.levels(feature.source)]
        return Axis(values, ordered=False, picks=_levels(values, levels), names=names)
    if feature.kind == "flag":
        return Axis(values, ordered=True, picks=_flags(values), names=names, flag=True)
    shown = None if feature.source == AGE.source else names
    return Axis(values, ordered=True, picks=_bins(values, feature.source), names=shown)


def _of_attribute(attribute: Attribute, X: Floats) -> Axis:
    values = X[:, 0]
    if attribute.kind == "text":
        return Axis(values, ordered=False, picks=_words(attribute, X))
    if attribute.kind == "flag":
        return Axis(values, ordered=True, picks=_flags(values), flag=True)
    if attribute.kind in ("number", "date"):
        return Axis(values, ordered=True, picks=_bins(values, attribute.kind))
    steps = max(len(attribute.levels), len(attribute.features[0].words))
    names = [{lang: level(attribute, step, lang) for lang in LANGUAGES} for step in range(steps)]
    return Axis(values, ordered=attribute.features[0].kind == "number", picks=_levels(values, names))


def _levels(values: Floats, names: Sequence[dict[str, str]]) -> tuple[Pick, ...]:
    """The most frequent levels by their code, all others together, and nothing given."""
    shown = names[:LEVELS_AT_MOST]  # levels are sorted by frequency; steps are fewer
    told: tuple[Pick, ...] = tuple((name, values == code) for code, name in enumerate(shown))
    return (*told, (OTHER, values >= len(shown)), _missing(values))


def _flags(values: Floats) -> tuple[Pick, ...]:
    names = [{lang: ANSWERS[lang][answer] for lang in LANGUAGES} for answer in (0, 1)]
    return ((names[1], values > 0), (names[0], values <= 0), _missing(values))


def _words(attribute: Attribute, X: Floats) -> tuple[Pick, ...]:
    """Texts by the words they contain; the words are sorted by frequency."""
    told = tuple((_same(f"“{w}”"), X[:, i] > 0) for i, w in enumerate(attribute.levels[:LEVELS_AT_MOST], start=1))
    return (*told, _missing(X[:, 0]))


def _counts(values: Floats) -> tuple[Pick, ...]:
    ends = [(low, np.inf if high is None else high) for low, high in COUNTS]
    names = [_count(low, high) for low, high in COUNTS]
    return tuple((name, (values >= low) & (values <= high)) for name, (low, high) in zip(names, ends, strict=True))


def _lately(since: Floats) -> tuple[Pick, ...]:
    """How long ago the last event was."""
    starts = (-np.inf, *RECENCY_DAYS)
    ends = (*RECENCY_DAYS, np.inf)
    picks = [((since > low) & (since <= high)) for low, high in zip(starts, ends, strict=True)]
    return (*zip(RECENCIES, picks, strict=True), (NEVER, np.isnan(since)))


def _count(low: int, high: int | None) -> dict[str, str]:
    if low == 0:
        return NEVER
    if high is None:
        return {"fr": f"{low} fois ou plus", "en": f"{low} times or more"}
    if low == high:
        return {"fr": f"{low} fois", "en": "once" if low == 1 else f"{low} times"}
    return {"fr": f"{low} à {high} fois", "en": f"{low} to {high} times"}


def _bins(values: Floats, unit: str) -> tuple[Pick, ...]:
    """Between quantiles, so that each has about as many leads; few different values are told one by one."""
    known = values[~np.isnan(values)]
    different = np.unique(known)
    if len(different) <= BINS:
        return (*((_between(float(v), float(v), unit), values == v) for v in different), _missing(values))
    whole = bool((different == np.round(different)).all())
    quantiles = np.quantile(known, np.linspace(0, 1, BINS + 1))
    edges = np.unique(np.ceil(quantiles) if whole else quantiles).tolist()
    ends = [*(high - 1 if whole else high for high in edges[1:-1]), edges[-1]]
    picks = [(values >= low) & ((values < high) | (high == edges[-1])) for low, high in pairwise(edges)]
    names = [_between(low, high, unit) for low, high in zip(edges[:-1], ends, strict=True)]
    return (*zip(names, picks, strict=True), _missing(values))


def _between(low: float, high: float, unit: str) -> dict[str, str]:
    names = {}
    for lang, to in (("fr", "à"), ("en", "to")):
        first, last = (_measure(end, unit, lang) for end in (low, high))
        names[lang] = last if first == last else f"{first} {to} {last}"
    return names


def _measure(value: float, unit: str, lang: str) -> str:
    if unit not in DAYS:
        return written(value, lang)
    return span(value, lang) if value >= 0 else f"−{span(-value, lang)}"


def _missing(values: Floats) -> Pick:
    return MISSING, np.isnan(values)


def _same(text: str) -> dict[str, str]:
    return dict.fromkeys(LANGUAGES, text)


def rank_correlation(x: Floats, y: Floats) -> float:
    """Spearman's rho, 0 where one of them is always the same.

    >>> rank_correlation(np.array([1.0, 2.0, 9.0]), np.array([0.1, 0.3, 0.4]))
    1.0
    """
    if len(x) < 2:
        return 0.0
    a, b = _ranks(x), _ranks(y)
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return round(float((a * b).sum()) / norm, 12) if norm else 0.0


def _ranks(values: Floats) -> Floats:
    """Ranks, those of equal values their mean."""
    _, place, n = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(n) - (n - 1) / 2)[place])
