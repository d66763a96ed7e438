"""What a lead did, as columns: counts, recency and decayed counts of its events, by type and in all."""

from features.spec import Feature

ANY = "events"
"""The source under which events of all types are counted together."""

WINDOWS_DAYS = (7.0, 30.0)
HALF_LIFE_DAYS = 7.0
WIDTH = 5  # columns a type; the kernel fills them in the order below


def features_of(kind: str) -> tuple[Feature, ...]:
    """The columns of one event type, in the kernel's order.

    >>> [f.name for f in features_of("demo_request")][:2]
    ['demo_request: count', 'demo_request: last 7 days']
    """
    fr = "événement" if kind == ANY else f"« {kind} »"
    en = "event" if kind == ANY else f"“{kind}”"
    return (
        Feature(f"{kind}: count", "count", kind, f"nombre de {fr}", f"number of {en}"),
        Feature(f"{kind}: last 7 days", "count", kind, f"nombre de {fr} sur 7 jours", f"number of {en} in 7 days"),
        Feature(f"{kind}: last 30 days", "count", kind, f"nombre de {fr} sur 30 jours", f"number of {en} in 30 days"),
        Feature(f"{kind}: decayed", "count", kind, f"{fr}, de moitié moins chaque semaine", f"{en}, halved every week"),
        Feature(f"{kind}: days since", "count", kind, f"jours depuis le dernier {fr}", f"days since the last {en}"),
    )


AGE = Feature("lead age", "count", "lead age", "âge du lead en jours", "age of the lead in days")
