"""Whether today's leads are still those that a model was trained for: by feature, by value, and by its chances."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from features.catalogue import Catalogue
from features.history import Floats, History, Ints
from features.values import level
from models.drift_chance import Counts, more_often, none_since, share_moved, stability
from models.drift_reference import Reference, Shape

Level = Literal["steady", "watch", "alarm"]
ORDER: tuple[Level, ...] = ("steady", "watch", "alarm")
LEAST_LEADS = 100
"""Fewer say nothing of drift, then or now."""
RISK = 0.01
"""Of any alarm at all when nothing moved, over all that is looked at in one go (Bonferroni)."""
PSI = (0.10, 0.25)
"""From which a shift that is no chance is worth watching, and worth an alarm."""
MISSING = (0.05, 0.10)
"""The same of a change in the share of leads without a value."""
VALUE_SHARE = 0.01
"""Of the leads, that a value unknown to the model must have to be told of, or one that vanished must have had."""
AWAY = 1.5
"""Times the longest row of leads without a value at training, from which on it is gone."""
Strangers = Mapping[str, Mapping[str, int]]
"""By source, values that the model does not tell apart, and how many leads have each."""


@dataclass(frozen=True)
class Value:
    """A value of a category that appeared or vanished. `share`: of the leads then and now; `leads`: how many have it,
    or how many came in since the last one that had it; `chance`: of that without drift, among all that was looked at.
    """

    name: str
    kind: Literal["new", "gone"]
    leads: int
    share_before: float
    share: float
    chance: float


@dataclass(frozen=True)
class Moved:
    """A fact beside what it was at training, by the column of it that moved most.

    `psi`: less what chance alone gives; `chance`, `missing_chance`: of so much without drift, among all that was looked
    at.
    """

    source: str
    feature: str
    level: Level
    psi: float
    chance: float
    missing_before: float
    missing: float
    missing_chance: float
    values: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Drift:
    """What was found. `level`: of the worst; steady where there are too few leads to tell (`enough` False).

    `features`: a fact each, the worst first. `p_win`: of the chances given, None where nobody scored.
    """

    leads_before: int
    leads: int
    enough: bool
    level: Level
    features: tuple[Moved, ...]
    p_win: Moved | None

    @property
    def alarms(self) -> tuple[Moved, ...]:
        """The facts that raise the alarm."""
        return tuple(moved for moved in self.features if moved.level == "alarm")

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return asdict(self)


def compare(
    reference: Reference,
    X: Floats,
    catalogue: Catalogue,
    p_win: Floats | None = None,
    strangers: Strangers | None = None,
) -> Drift:
    """Leads of today, rows X of the kernel's matrix in the order of arrival, beside those of the reference.

    A lead has one row. `p_win`: their chances by the model; `strangers`: values to name, see `strangers_among`.
    """
    enough = min(reference.leads, len(X)) >= LEAST_LEADS
    looked = _Looked(reference, X, catalogue, strangers or {})
    found = sorted(looked.facts() if enough else (), key=lambda m: (-ORDER.index(m.level), -m.psi, m.source))
    chances = None if p_win is None or not enough else looked.column("p_win", "p_win", reference.p_win, p_win)
    worst = max((ORDER.index(m.level) for m in (*found, *([chances] if chances else []))), default=0)
    return Drift(reference.leads, len(X), enough, ORDER[worst], tuple(found), chances)


@dataclass(frozen=True)
class _Looked:
    """Both samples, and how many questions are asked of them."""

    reference: Reference
    X: Floats
    catalogue: Catalogue
    strangers: Strangers

    @property
    def questions(self) -> int:
        """Tests made in one go: of each column its spread and its missing values, of each value whether it is gone."""
        values = sum(len(self.catalogue.levels(self.catalogue.features[i].source)) for i in self.catalogue.categories)
        return 2 * (len(self.catalogue.features) + 1) + values + sum(map(len, self.strangers.values()))

    def facts(self) -> Iterator[Moved]:
        """Each fact by its worst column, with the values of it that came and went."""
        by_source: dict[str, Moved] = {}
        for f, shape, x in zip(self.catalogue.features, self.reference.columns, self.X.T, strict=True):
            moved = self.column(f.source, f.name, shape, x, self.catalogue.levels(f.source) if _named(f.kind) else ())
            before = by_source.get(f.source)
            if before is None or _severity(moved) > _severity(before):
                by_source[f.source] = moved
        yield from by_source.values()

    def column(self, source: str, name: str, shape: Shape, x: Floats, levels: Sequence[str] = ()) -> Moved:
        """One column."""
        before, after = np.array(shape.counts), shape.count(x)
        psi, chance = stability(before, after)
        missing = int(before[-1]), int(before.sum())
        missing_now = int(after[-1]), len(x)
        chance, of_missing = self._among_all(chance), self._among_all(share_moved(missing, missing_now))
        change = abs(missing_now[0] / missing_now[1] - missing[0] / missing[1])
        values = (*self._new(source, before, after), *self._gone(shape, x, levels)) if levels else ()
        levels_of = [level_of(psi, PSI, chance), level_of(change, MISSING, of_missing)]
        levels_of += ["alarm" if value.kind == "new" else "watch" for value in values]
        worst = max(levels_of, key=ORDER.index)
        shares = missing[0] / missing[1], missing_now[0] / missing_now[1]
        return Moved(source, name, worst, psi, chance, *shares, of_missing, values)

    def _new(self, source: str, before: Counts, after: Counts) -> Iterator[Value]:
        """Values that the model never told apart and that are too many now to have been as rare as they were: each may
        have been all of "other" then.
        """
        n, m, other = int(before.sum()), int(after.sum()), int(before[-2])
        for name, leads in sorted(self.strangers.get(source, {}).items(), key=lambda each: (-each[1], each[0])):
            chance = self._among_all(more_often((other, n), (leads, m)))
            if leads >= VALUE_SHARE * m and chance < RISK:
                yield Value(name, "new", leads, other / n, leads / m, chance)

    def _gone(self, shape: Shape, x: Floats, levels: Sequence[str]) -> Iterator[Value]:
        """Values that no lead has had for longer than chance lets happen at the share they had, and for much longer
        than they ever were away; or at all.
        """
        n = sum(shape.counts)
        for code, name in enumerate(levels):
            share, had = shape.counts[code] / n, np.flatnonzero(x == code)
            since = len(x) - (int(had[-1]) + 1 if len(had) else 0)
            chance = self._among_all(none_since((shape.counts[code], n), since))
            longer = since > AWAY * shape.away[code] or not len(had)
            if share >= VALUE_SHARE and chance < RISK and longer:
                yield Value(name, "gone", since, share, len(had) / len(x), chance)

    def _among_all(self, chance: float) -> float:
        return min(1.0, chance * self.questions)


def _named(kind: str) -> bool:
    return kind == "category"


def _severity(moved: Moved) -> tuple[int, float]:
    return ORDER.index(moved.level), moved.psi


def level_of(size: float, limits: tuple[float, float], chance: float) -> Level:
    """What is no chance, and large enough to matter."""
    if chance >= RISK or size < limits[0]:
        return "steady"
    return "alarm" if size >= limits[1] else "watch"


def strangers_among(history: History, leads: Ints, as_of: int, catalogue: Catalogue) -> Strangers:
    """By category, the values that the catalogue does not tell apart, and how many of these leads have each."""
    known = {a.name: frozenset(a.levels) for a in catalogue.attributes if a.kind == "category"}
    found: dict[str, Counter[str]] = {name: Counter() for name in known}
    for lead in leads.tolist():
        for name, value in history.attributes_at(lead, as_of).items():
            said = level(value) if name in known else None
            if said is not None and said not in known[name]:
                found[name][said] += 1
    return {name: dict(values) for name, values in found.items() if values}
