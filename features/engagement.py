"""What a lead did, as columns: counts, recency and decayed counts of its events, by type and in all."""

from typing import Any

from features.spec import Feature
from leadloop.store import activity

ANY = "events"
"""The source under which events of all types that are signs of the lead's own (features/signs.py) count together."""

WINDOWS_DAYS = (7.0, 30.0)
HALF_LIFE_DAYS = 7.0
WIDTH = 5  # columns a type; the kernel fills them in the order below


def features_of(kind: str) -> tuple[Feature, ...]:
    """The columns of one event type, in the kernel's order.

    >>> [f.name for f in features_of("demo_request")][:2]
    ['demo_request: count', 'demo_request: last 7 days']
    """
    fr = "geste du lead" if kind == ANY else f"« {kind} »"
    en = "own action" if kind == ANY else f"“{kind}”"
    return (
        Feature(f"{kind}: count", "count", kind, f"nombre de {fr}", f"number of {en}"),
        Feature(f"{kind}: last 7 days", "count", kind, f"nombre de {fr} sur 7 jours", f"number of {en} in 7 days"),
        Feature(f"{kind}: last 30 days", "count", kind, f"nombre de {fr} sur 30 jours", f"number of {en} in 30 days"),
        Feature(f"{kind}: decayed", "count", kind, f"{fr}, de moitié moins chaque semaine", f"{en}, halved every week"),
        Feature(f"{kind}: days since", "count", kind, f"jours depuis le dernier {fr}", f"days since the last {en}"),
    )


PACE = (
    Feature(
        "events: active days",
        "count",
        ANY,
        "nombre de jours avec un geste du lead",
        "number of days with an own action",
    ),
    Feature(
        "events: trend",
        "count",
        ANY,
        "rythme des 7 derniers jours, en multiple des 3 semaines d’avant",
        "pace of the last 7 days, as a multiple of the 3 weeks before",
    ),
    Feature("events: burst", "count", ANY, "gestes du lead, le jour le plus chargé", "own actions on the busiest day"),
)
"""How the signs of all types are spread, told once: a column for each type would drown small data."""

PACE_WIDTH = len(PACE)
BEFORE_DAYS = 28.0  # the trend compares the first window with what is between it and this

AGE = Feature("lead age", "count", "lead age", "âge du lead en jours", "age of the lead in days")


def trend(recent: float, before: float) -> float:
    """The pace of a week with `recent` events after three weeks with `before`; one more each way calms small counts.

    >>> trend(3, 3), trend(0, 9), trend(0, 0)
    (2.0, 0.25, 1.0)
    """
    return (recent + 1.0) / (before / 3.0 + 1.0)


def meaning() -> dict[str, Any]:
    """What the columns mean besides their names: a model taught with other windows must not be served with these."""
    blocks = [feature.name for feature in (*features_of(ANY), *PACE)]
    spans = {"windows": WINDOWS_DAYS, "half_life": HALF_LIFE_DAYS, "before": BEFORE_DAYS}
    return {**spans, "columns": blocks, "not_own": activity.meaning()}
