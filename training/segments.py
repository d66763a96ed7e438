"""The scorecard by segment: whether the chances are as true, and the order as good, for each source or country."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from features.catalogue import Catalogue
from features.history import Floats, Ints
from features.profile import Attribute
from features.titles import plain
from training import evaluate
from training.resample import Resamples, Said, brought_down, figures
from training.verdict import interval
from training.words import Both, both

SEGMENTS = 3
LEVELS = 8
LEADS, EACH = 50, 10
"""A level is told where it has so many test leads, and so many of them won and not won."""

DOUBT = 0.05
"""The chance of calling any of the segments off where none is."""

_NAMES = (r"(.* )?(source|origin|origine|channel|canal)", r"(.* )?campa(ign|gne)( .*)?", r"country|pays")
NATURAL = tuple(re.compile(name) for name in _NAMES)


@dataclass(frozen=True)
class Segment:
    """A categorical attribute, and the code of its level for each test lead; NaN where it is not given."""

    attribute: Attribute
    codes: Floats


def natural(catalogue: Catalogue) -> tuple[Attribute, ...]:
    """Source, campaign and country where they are there, then the categories with the fewest levels."""
    categories = [a for a in catalogue.attributes if a.kind == "category"]
    rank = {a.name: _rank(a.name) for a in categories}
    first = {r: min(n for n in rank if rank[n] == r) for r in sorted(set(rank.values())) if r < len(NATURAL)}
    ordered = sorted(
        categories, key=lambda a: (rank[a.name] if a.name in first.values() else len(NATURAL), len(a.levels), a.name)
    )
    return tuple(ordered[:SEGMENTS])


def _rank(name: str) -> int:
    text = plain(name.replace("_", " "))
    return next((i for i, pattern in enumerate(NATURAL) if pattern.fullmatch(text)), len(NATURAL))


def by_segment(
    model: Said, segments: Sequence[Segment], resamples: Resamples
) -> tuple[list[dict[str, Any]], list[Both]]:
    """A row a level with enough leads, and a note on each whose chances are surely off."""
    rows, spreads = [], []
    for segment in segments:
        for level, leads in _levels(segment, model.won):
            row, spread = _measured(model, leads, resamples)
            rows.append({"segment": segment.attribute.name, "level": level, **row})
            spreads.append(spread)
    return rows, [_off(row) for row, spread in zip(rows, spreads, strict=True) if _surely_off(row, spread, len(rows))]


def _levels(segment: Segment, won: Floats) -> list[tuple[str | None, Ints]]:
    """Levels with enough leads of both kinds, the largest first; None for not given."""
    codes = np.where(np.isnan(segment.codes), -1, segment.codes).astype(np.int64)
    found = []
    for code in np.unique(codes).tolist():
        leads = np.flatnonzero(codes == code)
        wins = int(won[leads].sum())
        if code < len(segment.attribute.levels) and len(leads) >= LEADS and min(wins, len(leads) - wins) >= EACH:
            found.append((segment.attribute.levels[code] if code >= 0 else None, leads))
    return sorted(found, key=lambda each: -len(each[1]))[:LEVELS]


def _measured(model: Said, leads: Ints, resamples: Resamples) -> tuple[dict[str, Any], float]:
    """The row of a level, and how far the logarithm of its calibration varies."""
    among = np.flatnonzero(np.isin(resamples.rows, leads))
    some, mine = resamples.take(among), model.take(leads)
    varied = _varied(model, some)
    found = {
        "roc_auc": evaluate.roc_auc(mine.won, mine.score),
        "log_loss": evaluate.log_loss(mine.won, mine.p),
        "calibration": float(mine.p.mean() / mine.won.mean()),
    }
    spread = {name: brought_down(varied[name], found[name], some) for name in found}
    row = {
        "leads": len(leads),
        "wins": int(mine.won.sum()),
        "predicted": float(mine.p.mean()),
        "real": float(mine.won.mean()),
        **found,
        "interval": {name: interval(values) for name, values in spread.items()},
    }
    known = spread["calibration"][spread["calibration"] > 0]
    return row, float(np.log(known).std()) if len(known) else np.inf


def _varied(model: Said, some: Resamples) -> dict[str, Floats]:
    rows, counts = some.rows, some.counts
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (model.p[rows] @ counts) / (model.won[rows] @ counts)
    ranked = figures(model, 1, some, slope=False)
    calibration = np.where(np.isfinite(ratio), ratio, np.nan)
    return {"roc_auc": ranked["roc_auc"], "log_loss": ranked["log_loss"], "calibration": calibration}


def _surely_off(row: dict[str, Any], spread: float, looked_at: int) -> bool:
    """Corrected for how many levels were looked at (Bonferroni), by the normal distribution of the logarithm."""
    return bool(abs(np.log(row["calibration"])) > NormalDist().inv_cdf(1 - DOUBT / 2 / looked_at) * spread)


def _off(row: dict[str, Any]) -> Both:
    level = both("not given") if row["level"] is None else row["level"]
    told = {name: row[name] for name in ("segment", "predicted", "real", "leads")}
    return both("calibration off", **told, level=level)
