"""The ordered list of features for a given ledger; its hash is the contract between a model and whoever serves it."""

import json
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from typing import Any, Self

import numpy as np

from features import account, arrival, blocks, contact, engagement, languages, readings, touch
from features.counts import Counts, count
from features.engagement import AGE, ANY, PACE, features_of
from features.history import History, Ints
from features.profile import Attribute, Refusal, learn, learn_readings
from features.spec import Feature

KINDS_AT_MOST = 30


@dataclass(frozen=True)
class Catalogue:
    """What a model may look at: attributes, age (dated ledgers), event types and optional blocks, in the order of the
    matrix's columns.

    `excluded`: columns that are no features, each with the evidence.
    `blocks`: the optional blocks with columns of their own, in their order; `timezone`: of their clock, "" for UTC;
    `calling_codes`: those that they tell apart, most frequent first.
    """

    attributes: tuple[Attribute, ...]
    kinds: tuple[str, ...]
    dated: bool
    excluded: tuple[Refusal, ...] = ()
    blocks: tuple[str, ...] = ()
    timezone: str = ""
    calling_codes: tuple[str, ...] = ()

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """One a column, in order."""
        slots = (*self.kinds, ANY) if self.kinds else ()
        return (
            *(feature for attribute in self.attributes for feature in attribute.features),
            *((AGE,) if self.dated else ()),
            *(feature for kind in slots for feature in features_of(kind)),
            *(PACE if slots else ()),
            *blocks.columns_of(self.blocks),
        )

    @property
    def read_apart(self) -> frozenset[str]:
        """The blocks for which a history must be read."""
        return blocks.READ_APART.intersection(self.blocks)

    @property
    def optional(self) -> frozenset[str]:
        """The optional blocks that it has."""
        return frozenset(feature.block for feature in self.features if feature.block)

    def without(self, dropped: Set[str]) -> Self:
        """The same without some optional blocks; its matrix is this one's at `kept_columns(dropped)`."""
        kept = tuple(name for name in self.blocks if name not in dropped)
        return replace(
            self,
            attributes=tuple(attribute for attribute in self.attributes if attribute.block not in dropped),
            blocks=kept,
            timezone=self.timezone if arrival.BLOCK in kept else "",
            calling_codes=self.calling_codes if contact.BLOCK in kept else (),
        )

    def kept_columns(self, dropped: Set[str]) -> Ints:
        """Numbers of the columns that remain without some optional blocks."""
        return np.flatnonzero([feature.block not in dropped for feature in self.features])

    @cached_property
    def place(self) -> dict[str, int]:
        """The number of each feature's column."""
        return {feature.name: number for number, feature in enumerate(self.features)}

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
        """The levels of an attribute, or of what is read out of it, by code."""
        if source == contact.EMAIL:
            return tuple(contact.EMAILS)
        if source == contact.CODE:
            return self.calling_codes
        return next((a.levels for a in self.attributes if a.source == source), ())

    def as_json(self) -> dict[str, Any]:
        """What must be kept to fill the same columns later."""
        return {
            "attributes": [attribute.as_json() for attribute in self.attributes],
            "kinds": list(self.kinds),
            "dated": self.dated,
            **(self._blocks_as_json() if self.blocks else {}),
            "meaning": self._meaning(),
            "excluded": [{"column": r.column, "evidence": r.evidence} for r in self.excluded],
        }

    def _blocks_as_json(self) -> dict[str, Any]:
        return {"blocks": list(self.blocks), "timezone": self.timezone, "calling_codes": list(self.calling_codes)}

    def _meaning(self) -> dict[str, Any]:
        """What this code makes of the columns that rest on it: part of the hash, never read back."""
        read = any(a.kind in readings.READINGS and not a.block for a in self.attributes)
        return {
            **({"engagement": engagement.meaning()} if self.kinds else {}),
            **({"readings": readings.meaning()} if read else {}),
            **({"languages": languages.meaning()} if any(a.kind == "language" for a in self.attributes) else {}),
            **({"blocks": blocks.meaning(self.blocks)} if self.blocks else {}),
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Self:
        """The inverse of as_json. Written by a code that means something else by a column, it comes to another hash."""
        return cls(
            tuple(Attribute.from_json(attribute) for attribute in saved["attributes"]),
            tuple(saved["kinds"]),
            bool(saved["dated"]),
            tuple(Refusal(**refusal) for refusal in saved["excluded"]),
            tuple(saved.get("blocks", ())),
            saved.get("timezone", ""),
            tuple(saved.get("calling_codes", ())),
        )


def learn_catalogue(history: History, lead: Ints, as_of: Ints, timezone: str = "") -> Catalogue:
    """The features that tell these moments apart, from what was known at each; no outcome is looked at.

    It has every optional block that the history can fill; `timezone` is the clock of the calendar, "" for UTC.
    """
    return catalogue_of(count(history, lead, as_of), timezone)


def catalogue_of(counts: Counts, timezone: str = "") -> Catalogue:
    """The same, from how often each value came."""
    learned = [each for name in sorted(counts.levels) for each in _learned(name, counts.levels[name], counts.moments)]
    return Catalogue(
        attributes=tuple(each for each in learned if isinstance(each, Attribute)),
        kinds=_kinds(counts),
        dated=counts.dated,
        excluded=tuple(each for each in learned if isinstance(each, Refusal)),
        blocks=blocks.in_order(_fillable(counts)),
        timezone=timezone if counts.dated else "",
        calling_codes=contact.frequent(counts.calling_codes, counts.moments),
    )


def _fillable(counts: Counts) -> set[str]:
    """The optional blocks that say something of leads such as these."""
    offered = {
        arrival.BLOCK: counts.dated,
        touch.BLOCK: counts.dated and bool(counts.kinds),
        account.BLOCK: counts.dated and counts.companies,
        contact.BLOCK: counts.emails > 0 or bool(counts.calling_codes),
    }
    return {name for name, fillable in offered.items() if fillable}


def _learned(name: str, levels: Counter[str], leads: int) -> list[Attribute | Refusal]:
    """The attribute itself, and what can be read out of it; a plain number needs no reading."""
    itself = learn(name, levels, leads)
    if isinstance(itself, Attribute) and itself.kind not in ("category", "text"):
        return [itself]
    return [itself, *learn_readings(name, levels)]


def _kinds(counts: Counts) -> tuple[str, ...]:
    """Event types that enough of the leads had by then, most frequent first."""
    enough = max(5, round(0.005 * counts.moments))
    ranked = sorted((item for item in counts.kinds.items() if item[1] >= enough), key=lambda item: (-item[1], item[0]))
    return tuple(kind for kind, _ in ranked[:KINDS_AT_MOST])
