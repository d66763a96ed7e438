"""What a worker does with one partition of a lake, and how the parts become one past for whoever asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.history import NEVER, Events, Floats, History, Ints
from features.kernel import matrix
from leadloop.store import lake_outcomes
from leadloop.store.lake import Lake
from models.baseline import last_sign
from models.bundle import Bundle
from models.linear import LinearModel
from models.naive_bayes import NaiveBayes
from models.outcome import OutcomeModel
from models.tree import TreeModel
from training.labels import Labels, label
from training.recipe import closed

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Outline:
    """A history without what leads said and did: what the rules about time and accounts need to know of each lead."""

    lead_ids: tuple[str, ...]
    created_at: Ints
    position: Floats
    account: tuple[str | None, ...]
    first_version_at: Ints
    versions: int
    events: int


def outline(history: History) -> Outline:
    """The outline of a partition."""
    first = history.version_at[history.start[:-1]]
    sizes = len(history.attributes), len(history.events.kind)
    return Outline(history.lead_ids, history.created_at, history.position, history.account, first, *sizes)


@dataclass(frozen=True)
class Everybody:
    """All leads in the order of one machine, as an outline; lead i is number `local[i]` of partition `part[i]`."""

    history: History
    part: Ints
    local: Ints

    def in_order(self, parts: Sequence[NDArray[np.generic]]) -> NDArray[np.generic]:
        """Columns of partitions, one entry a lead, as one column."""
        starts = np.concatenate([[0], np.cumsum([len(part) for part in parts])])
        return np.concatenate(parts)[starts[self.part] + self.local]

    def placed(self, lead: Ints) -> dict[int, Ints]:
        """The rows of `lead` that each partition has."""
        return {
            number: rows
            for number in range(int(self.part.max(initial=-1)) + 1)
            if len(rows := np.flatnonzero(self.part[lead] == number))
        }


def everybody(outlines: Sequence[Outline]) -> Everybody:
    """All outlines as one history, whose versions and events are there to be counted and say nothing."""
    ids = np.array([lead_id for each in outlines for lead_id in each.lead_ids], dtype=object)
    order = np.argsort(ids, kind="stable")
    part = np.repeat(np.arange(len(outlines)), [len(each.lead_ids) for each in outlines])[order]
    local = np.concatenate([np.arange(len(each.lead_ids)) for each in outlines])[order]
    accounts = [account for each in outlines for account in each.account]
    history = History(
        lead_ids=tuple(ids[order].tolist()),
        created_at=np.concatenate([each.created_at for each in outlines])[order],
        position=np.concatenate([each.position for each in outlines])[order],
        account=tuple(accounts[i] for i in order.tolist()),
        start=np.arange(len(ids) + 1),
        version_at=np.concatenate([each.first_version_at for each in outlines])[order],
        attributes=({},) * sum(each.versions for each in outlines),
        events=_nothing(len(ids), sum(each.events for each in outlines)),
    )
    return Everybody(history, part, local)


def _nothing(leads: int, events: int) -> Events:
    none = np.broadcast_to(np.int64(0), (events,))  # takes no memory
    return Events(np.zeros(leads + 1, dtype=np.int64), none, none, none, none, ())


@dataclass(frozen=True)
class Outcomes:
    """What had become of the leads of a partition by an instant."""

    labels: Labels
    closed: Bools


def outcomes(history: History, lake: Lake, number: int, as_of: int, own_reasons: Mapping[str, str]) -> Outcomes:
    """Label the leads of a partition."""
    rows = lake_outcomes.read(lake, number, None if as_of == NEVER else as_of)
    return Outcomes(label(history, rows, own_reasons), closed(history, rows, as_of))


def together(everyone: Everybody, parts: Sequence[Outcomes]) -> Outcomes:
    """The outcomes of all partitions, in the order of one machine."""
    columns = {
        name: everyone.in_order([np.array(getattr(part.labels, name), dtype=kind) for part in parts])
        for name, kind in (("state", np.int8), ("reason", object), ("amount", np.float64), *_INSTANTS)
    }
    reason = tuple(columns.pop("reason").tolist())
    labels = Labels(reason=reason, **columns)  # type: ignore[arg-type] # columns by their names
    return Outcomes(labels, everyone.in_order([part.closed for part in parts]).astype(bool))


_TIMES = ("worked_at", "touched_at", "closed_at", "known_at", "sql_at", "opportunity_at")
_INSTANTS = tuple((name, np.int64) for name in _TIMES)


def rows_of(X: Floats, rows: Ints) -> Floats:
    """Some rows of a matrix."""
    return X[rows]


def columns_of(X: Floats, kept: Bools) -> Floats:
    """Some columns of a matrix."""
    return X[:, kept]


def predicted(X: Floats, model: TreeModel | LinearModel | NaiveBayes) -> Floats:
    """Raw log-odds."""
    return model.raw(X)


def chances(X: Floats, model: OutcomeModel) -> Floats:
    """Calibrated chances of a win."""
    return model.p_win(X)


def columns(history: History, lead: Ints, as_of: Ints, catalogue: Catalogue) -> Floats:
    """The columns of a catalogue for moments."""
    return matrix(catalogue, history, lead, as_of)


def heard(history: History, lead: Ints, as_of: Ints) -> Floats:
    """When each lead was last heard of."""
    return last_sign(history, lead, as_of)


def scores(history: History, lead: Ints, as_of: Ints, bundle: Bundle) -> Floats:
    """Importance, urgency, fit and readiness, shape (len(lead), 4)."""
    found = bundle.score(history, lead, as_of)
    return np.stack([found.importance, found.urgency, found.fit, found.readiness], axis=1)
