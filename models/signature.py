"""What the registered model takes and gives, as MLflow writes it down: columns, and rows to try it on."""

import json
from typing import TYPE_CHECKING

from features.profile import Attribute
from models.attribute_words import names_salespeople
from models.bundle import Bundle

if TYPE_CHECKING:
    import pandas as pd
    from mlflow.models import ModelSignature

EVENTS = "events"
BESIDE = ("lead_id", "created_at", "as_of", EVENTS)
"""Columns that are no attributes; all may be left out. `events`: what the lead did, a list or JSON."""
FIGURES = ("p_win", "expected_value", "importance", "urgency", "priority", "fit", "readiness")
TIERS = ("stars", "flames")
SCORES = ("p_win", "expected_value", "importance", "urgency", "priority", *TIERS, "fit", "readiness", "cell")
"""Of a score, in the order of the contract."""
_CAME_IN, _SCORED_AT = "2026-03-02T09:00:00Z", "2026-03-05T09:00:00Z"


def signature(bundle: Bundle) -> "ModelSignature":
    """Input columns are of any type, as in the files that we import; MLflow would refuse 3 where it was told of 3.0."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import AnyType, ColSpec, Schema

    given = [ColSpec(AnyType(), name, required=False) for name in accepted(bundle)]
    texts = [ColSpec("string", name, required=False) for name in ("lead_id", "as_of")]
    scores = [ColSpec(_type_of(name), name, required=name not in ("fit", "readiness")) for name in SCORES]
    reasons = [ColSpec("double", f"p_reject_{reason}") for reason in bundle.outcome.reasons.names]
    return ModelSignature(Schema(given), Schema([*texts, *scores, *reasons]))


def accepted(bundle: Bundle) -> tuple[str, ...]:
    """Names of the columns that it takes; others are ignored."""
    return (*BESIDE, *_attributes(bundle))


def _attributes(bundle: Bundle) -> dict[str, Attribute]:
    """By name; of an attribute that is read in several ways the first."""
    found: dict[str, Attribute] = {}
    for attribute in bundle.catalogue.attributes:
        if attribute.name not in BESIDE:
            found.setdefault(attribute.name, attribute)
    return found


def _type_of(name: str) -> str:
    if name == "cell":
        return "string"
    return "long" if name in TIERS else "double"


def example(bundle: Bundle) -> "pd.DataFrame":
    """Two made-up leads: one of which nothing is known, and one with something in each attribute but who owns it."""
    import pandas as pd

    told = _attributes(bundle).items()
    known = {name: _value(attribute) for name, attribute in told if not names_salespeople(name)}
    times = {"created_at": _CAME_IN, "as_of": _SCORED_AT}
    did = json.dumps([{"type": kind, "occurred_at": _CAME_IN} for kind in bundle.catalogue.kinds[:1]])
    rows = [
        {"lead_id": "made-up-1", **times, EVENTS: None, **dict.fromkeys(known)},
        {"lead_id": "made-up-2", **times, EVENTS: did, **known},
    ]
    table = pd.DataFrame(rows).astype(object)
    table.columns = table.columns.astype(
        object
    )  # names as pandas 3 has them are compared by MLflow in a deprecated way
    return table


def _value(attribute: Attribute) -> object:
    """Something that the attribute may hold; levels are values that many leads share."""
    if attribute.kind == "number":
        return 1.0
    return _CAME_IN if attribute.kind == "date" else (attribute.levels or ("1",))[0]
