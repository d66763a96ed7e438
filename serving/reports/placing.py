"""Which persona each lead is of, as it came in, and whether it is within the target that the company declared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.history import ALWAYS, History, read
from features.kernel import matrix
from features.values import level, number
from leadloop.store.ledger import Ledger
from leadloop.store.rows import Value
from models.personas import Personas
from serving.scorer import Scorer, existing


@dataclass(frozen=True)
class Placed:
    """`of`: lead -> number of its persona; `aimed_at`: the leads within the target, None where none is declared."""

    personas: Personas | None
    version: str | None
    of: Mapping[str, int]
    aimed_at: frozenset[str] | None


def placed(ledger: Ledger, scorer: Scorer | None, target: Mapping[str, Sequence[str]], as_of: int) -> Placed:
    """Place every lead that was there at `as_of`. `scorer`: None where there is no model."""
    version = scorer.version if scorer else None
    saved = (version.importances or {}).get("personas") if version else None
    personas = Personas.from_json(saved) if saved else None
    if personas is None and not target:
        return Placed(None, version.version if version else None, {}, None)
    history = read(ledger, as_of)
    there = existing(history, as_of)
    at = np.maximum(history.created_at[there], history.version_at[history.start[there]])
    at = np.where(at == ALWAYS, as_of, at)
    ids = [history.lead_ids[i] for i in there.tolist()]
    of = (
        dict(zip(ids, personas.place(matrix(personas.catalogue, history, there, at)).tolist(), strict=True))
        if personas
        else {}
    )
    aimed = _aimed_at(history, there.tolist(), at.tolist(), target) if target else None
    return Placed(personas, version.version if version else None, of, aimed)


def _aimed_at(
    history: History, there: Sequence[int], at: Sequence[int], target: Mapping[str, Sequence[str]]
) -> frozenset[str]:
    return frozenset(
        history.lead_ids[lead]
        for lead, instant in zip(there, at, strict=True)
        if within(history.attributes_at(lead, instant), target)
    )


def within(attributes: Mapping[str, Value], target: Mapping[str, Sequence[str]]) -> bool:
    """Whether a lead is what the company aims at: each attribute named has one of the values, or a number in reach.

    >>> within({"country": "fr", "employees": "120"}, {"country": ["FR", "BE"], "employees": [">=50"]})
    True
    """
    return all(any(_fits(attributes.get(name), wanted) for wanted in values) for name, values in target.items())


def _fits(value: Value, wanted: str) -> bool:
    sign, bound = wanted[:2], number(wanted[2:])
    if sign in (">=", "<=") and bound == bound:
        known = number(value)
        return known >= bound if sign == ">=" else known <= bound
    return level(value) is not None and level(value) == level(wanted)
