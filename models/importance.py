"""What matters to a model over many leads: how much each fact moves it, which way, and for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.history import Floats, Ints
from features.titles import plain
from models.bundle import Bundle
from models.calibration import chance
from models.explain import LANGUAGES, Explainer
from models.shape import Axis, axis_of

ROWS_AT_MOST = 5_000
SEGMENTS = {
    "source": frozenset({"source", "lead source", "utm source", "leadsource", "origine", "origin", "lead origin"}),
    "campaign": frozenset({"campaign", "utm campaign", "campagne", "campaign name"}),
}
"""What leads are parted by, and what the attribute may be called."""
LEADS_AT_LEAST = 30  # in a segment, or what matters there is chance
LEVELS_AT_MOST = 20
TOLD_AT_MOST = 10  # facts of a segment

Importances = dict[str, Any]
"""JSON: {"leads", "p_win", "facts": […], "segments": {"source": […], "campaign": […]}}; see docs/explanations.md."""


def importances(bundle: Bundle, X: Floats, weight: Floats, seed: int = 0) -> Importances:
    """What matters over rows X of the kernel's matrix, of which each stands for `weight` leads, shape (len(X),).

    At most ROWS_AT_MOST rows are looked at, drawn by `seed`.
    """
    rows = _drawn(len(X), seed)
    return _over(bundle, X[rows], weight[rows] * (len(X) / max(1, len(rows)))).as_json()


def _drawn(n: int, seed: int) -> Ints:
    return np.sort(np.random.default_rng(seed).permutation(n)[:ROWS_AT_MOST])


def _over(bundle: Bundle, X: Floats, weight: Floats) -> "Looked":
    parts, explainer = bundle.outcome.contributions(X), bundle.explainer
    axes = tuple(axis_of(explainer, number, X, parts) for number in range(len(explainer.sources)))
    segments = {name: _codes(explainer, names, X) for name, names in SEGMENTS.items()}
    return Looked(explainer, explainer.by_fact(parts), axes, weight, chance(parts.sum(axis=1)), segments)


def _codes(explainer: Explainer, names: frozenset[str], X: Floats) -> "tuple[int, Floats] | None":
    """The fact that leads are parted by, where it is an attribute of levels, and the level of each row."""
    for number, source in enumerate(explainer.sources):
        attribute = explainer.attributes.get(source)
        if attribute and attribute.kind == "category" and plain(source.replace("_", " ")) in names:
            return number, X[:, explainer.columns[number][0]]
    return None


@dataclass(frozen=True)
class Looked:
    """n rows: `effects` of each fact, shape (n, facts), an axis a fact, `weight` and chance of each row.

    `segments`: the number of the fact that is the segment, and its level in each row.
    """

    explainer: Explainer
    effects: Floats
    axes: tuple[Axis, ...]
    weight: Floats
    p_win: Floats
    segments: dict[str, tuple[int, Floats] | None]

    def as_json(self) -> Importances:
        """All of it."""
        return {
            "leads": round(float(self.weight.sum())),
            "p_win": _mean(self.p_win, self.weight),
            "facts": self.facts(),
            "segments": {name: self._segment(*codes) if codes else [] for name, codes in self.segments.items()},
        }

    def facts(self) -> list[dict[str, Any]]:
        """Every fact that moves anybody, the one that moves most first."""
        shares = _shares(self.effects, self.weight)
        return [
            {
                **self._fact(number, shares[number]),
                "shape": self.axes[number].shape(self.effects[:, number], self.weight),
                "recency": self.axes[number].recency_shape(self.effects[:, number], self.weight),
            }
            for number in _by_share(shares)
        ]

    def _segment(self, number: int, codes: Floats) -> list[dict[str, Any]]:
        """What matters within each level that has enough leads, the most frequent level first."""
        levels = self.explainer.attributes[self.explainer.sources[number]].levels
        found = [(float(self.weight[codes == code].sum()), code) for code in range(len(levels))]
        chosen = sorted((-leads, code) for leads, code in found if leads >= LEADS_AT_LEAST)[:LEVELS_AT_MOST]
        return [{"level": levels[code], **self._within(number, codes == code)} for _, code in chosen]

    def _within(self, segment: int, rows: NDArray[np.bool_]) -> dict[str, Any]:
        """One level. The segment itself is left out of the shares: within a level it tells nobody apart."""
        here, weight = self.effects[rows].copy(), self.weight[rows]
        here[:, segment] = 0.0
        shares = _shares(here, weight)
        axes = tuple(axis.of(rows) for axis in self.axes)
        only = Looked(self.explainer, here, axes, weight, self.p_win[rows], {})
        facts = [only._fact(number, shares[number]) for number in _by_share(shares)[:TOLD_AT_MOST]]
        return {"leads": round(float(weight.sum())), "p_win": _mean(only.p_win, weight), "facts": facts}

    def _fact(self, number: int, share: float) -> dict[str, Any]:
        effect = self.effects[:, number]
        return {
            "feature": self.explainer.sources[number],
            **(self.axes[number].names or {lang: self.explainer.name(number, lang) for lang in LANGUAGES}),
            "share": share,
            "effect": _mean(np.abs(effect), self.weight),
            "direction": self.axes[number].direction(effect),
        }


def _shares(effects: Floats, weight: Floats) -> list[float]:
    """Mean |contribution| of each fact as a share of all, which sum to 1 (0 where nothing moves anybody)."""
    means = weight @ np.abs(effects)
    total = float(means.sum())
    return [float(mean) / total if total else 0.0 for mean in means]


def _by_share(shares: Sequence[float]) -> list[int]:
    return sorted((n for n, share in enumerate(shares) if share > 0), key=lambda n: (-shares[n], n))


def _mean(values: Floats, weight: Floats) -> float:
    return float(np.average(values, weights=weight)) if len(values) else 0.0
