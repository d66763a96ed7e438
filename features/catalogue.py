"""The ordered list of features for a given ledger; its hash is the contract between a model and whoever serves it."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, Self

import numpy as np

from features.engagement import AGE, ANY, features_of
from features.history import History, Ints
from features.profile import Attribute, Refusal, learn
from features.spec import Feature

KINDS_AT_MOST = 30


@dataclass(frozen=True)
class Catalogue:
    """What a model may look at: attributes, age (dated ledgers) and event types, in the order of the matrix's columns.

    `excluded`: columns that are no features, each with the evidence.
    """

    attributes: tuple[Attribute, ...]
    kinds: tuple[str, ...]
    dated: bool
    excluded: tuple[Refusal, ...] = ()

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """One a column, in order; the last block counts events of every type."""
        slots = (*self.kinds, ANY) if self.kinds else ()
        return (
            *(feature for attribute in self.attributes for feature in attribute.features),
            *((AGE,) if self.dated else ()),
            *(feature for kind in slots for feature in features_of(kind)),
        )

    @cached_property
    def hash(self) -> str:
        """Changes with anything that changes what a column means."""
        saved = {name: value for name, value in self.as_json().items() if name != "excluded"}
        return blake2b(json.dumps(saved, sort_keys=True).encode(), digest_size=16).hexdigest()

    @property
    def categories(self) -> list[int]:
        """Numbers of the columns that hold codes of levels."""
        return [i for i, feature in enumerate(self.features) if feature.kind == "category"]

    def levels(self, source: str) -> tuple[str, ...]:
        """The levels of an attribute, by code."""
        return next((a.levels for a in self.attributes if a.name == source), ())

    def as_json(self) -> dict[str, Any]:
        """What must be kept to fill the same columns later."""
        return {
            "attributes": [attribute.as_json() for attribute in self.attributes],
            "kinds": list(self.kinds),
            "dated": self.dated,
            "excluded": [{"column": r.column, "evidence": r.evidence} for r in self.excluded],
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of as_json."""
        return cls(
            tuple(Attribute.from_json(attribute) for attribute in saved["attributes"]),
            tuple(saved["kinds"]),
            bool(saved["dated"]),
            tuple(Refusal(**refusal) for refusal in saved["excluded"]),
        )


def learn_catalogue(history: History, lead: Ints, as_of: Ints) -> Catalogue:
    """The features that tell these moments apart, from what was known at each; no outcome is looked at."""
    known = [history.attributes_at(i, t) for i, t in zip(lead.tolist(), as_of.tolist(), strict=True)]
    learned = [learn(name, [row[name] for row in known if name in row], len(known)) for name in _names(history)]
    return Catalogue(
        attributes=tuple(each for each in learned if isinstance(each, Attribute)),
        kinds=_kinds(history, lead, as_of),
        dated=history.dated,
        excluded=tuple(each for each in learned if isinstance(each, Refusal)),
    )


def _names(history: History) -> list[str]:
    return sorted({name for row in history.attributes for name in row})


def _kinds(history: History, lead: Ints, as_of: Ints) -> tuple[str, ...]:
    """Event types that enough of the leads had by then, most frequent first."""
    events, counts = history.events, Counter[str]()
    for i, t in zip(lead.tolist(), as_of.tolist(), strict=True):
        rows = slice(events.start[i], events.start[i + 1])
        known = (events.recorded_at[rows] <= t) & (events.superseded_at[rows] > t)
        seen = known & (events.occurred_at[rows] <= t)
        counts.update(events.kinds[k] for k in np.unique(events.kind[rows][seen]))
    enough = max(5, round(0.005 * len(lead)))
    ranked = sorted((item for item in counts.items() if item[1] >= enough), key=lambda item: (-item[1], item[0]))
    return tuple(kind for kind, _ in ranked[:KINDS_AT_MOST])
