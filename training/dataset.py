"""Moments of leads joined to what became of them: the rows that a model learns from, frozen with a hash."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from features.history import ALWAYS, NEVER, Floats, History, Ints
from leadloop.clock import DAY
from training.labels import NOT_WON, UNKNOWN, WON, Labels

MOMENTS = 2
"""Moments drawn between a lead's arrival and its first touch, so that the model knows leads of every age."""


@dataclass(frozen=True)
class Dataset:
    """Rows are moments: lead number, instant (microseconds UTC), and what came of it.

    `won`: 0 or 1. `reason`: why not, "" where nobody said or it was won. `amount`: NaN where there is none.
    `weight`: the moments of one lead sum to 1. `order`: grows with time.
    """

    lead: Ints
    as_of: Ints
    won: Floats
    reason: NDArray[np.object_]
    amount: Floats
    weight: Floats
    order: Floats

    def __len__(self) -> int:
        return len(self.lead)

    def take(self, rows: Ints | NDArray[np.bool_]) -> "Dataset":
        """Some of the rows."""
        return Dataset(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @property
    def hash(self) -> str:
        """Names exactly these rows."""
        digest = blake2b(digest_size=16)
        for name in ("lead", "as_of", "won", "amount", "weight"):
            digest.update(np.ascontiguousarray(getattr(self, name)).tobytes())
        digest.update("\x1f".join(self.reason.tolist()).encode())
        return digest.hexdigest()


def arrival(history: History) -> Ints:
    """When each lead could first be scored: created and on record. NEVER (the end of time) in an undated ledger."""
    known = history.version_at[history.start[:-1]]
    seen = np.maximum(history.created_at, known)
    return np.where(seen == ALWAYS, NEVER, seen)


def order_of(history: History) -> Floats:
    """What grows with time for each lead: its creation, else its place in the export; NaN where neither is known."""
    created = history.created_at.astype(np.float64)
    return np.where(history.created_at == ALWAYS, history.position, created)


def ripe(history: History, labels: Labels, as_of: int, horizon_days: float) -> NDArray[np.bool_]:
    """Leads whose outcome is known and would be known by now whichever it was: so old that nine wins in ten were in.

    Wins take longer than refusals, so that the young leads that are closed already are mostly refusals.
    """
    if not labels.dated or not history.dated:
        return labels.known
    return labels.known & (history.created_at <= as_of - ripening(history, labels, as_of, horizon_days))


def ripening(history: History, labels: Labels, as_of: int, horizon_days: float) -> int:
    """How long nine wins in ten took, in microseconds, seen on the older half of the leads; at most the horizon."""
    horizon = int(horizon_days * DAY)
    older = history.created_at <= np.median(history.created_at[history.created_at <= as_of])
    for state in (WON, NOT_WON):
        rows = older & (labels.state == state) & (history.created_at != ALWAYS)
        if rows.sum() >= 10:
            return min(horizon, int(np.quantile(labels.closed_at[rows] - history.created_at[rows], 0.9)))
    return horizon


def past_the_horizon(history: History, labels: Labels, as_of: int, horizon_days: float) -> Labels:
    """A lead that was worked and did not win within the horizon is not won, whether or not anybody closed it.

    In a ledger that records only wins that holds for every lead, since nobody says which were worked.
    """
    horizon = int(horizon_days * DAY)
    since = history.created_at if labels.only_wins else labels.worked_at
    dated = (since != ALWAYS) & (since != NEVER)
    late = (labels.state == UNKNOWN) & dated & (np.where(dated, since, as_of) <= as_of - horizon)
    if labels.only_wins and not history.dated:
        late = labels.state == UNKNOWN
    due = np.where(dated, since, 0) + horizon
    return replace(
        labels,
        state=np.where(late, NOT_WON, labels.state).astype(np.int8),
        closed_at=np.where(late, due, labels.closed_at),
        known_at=np.where(late, due, labels.known_at),
    )


def at_first_touch(history: History, labels: Labels, leads: Ints, horizon_days: float) -> Dataset:
    """One moment a lead: just before sales first touched it, else its arrival. What a scorecard is made on."""
    start, end = _span(history, labels, leads)
    return _dataset(history, labels, leads, np.maximum(start, end), np.ones(len(leads)), horizon_days)


def over_the_wait(history: History, labels: Labels, leads: Ints, horizon_days: float, seed: int) -> Dataset:
    """Moments of each lead from its arrival to its first touch; one where nothing changed in between."""
    start, end = _span(history, labels, leads)
    if not _changes(history):
        return _dataset(history, labels, leads, start, np.ones(len(leads)), horizon_days)
    waits = np.maximum(end - start, 0)
    draws = _uniforms([history.lead_ids[i] for i in leads.tolist()], seed)
    spread = [np.zeros(len(leads)), *draws.T, np.ones(len(leads))]
    as_of = np.concatenate([start + (share * waits).astype(np.int64) for share in spread])
    k = len(spread)
    return _dataset(history, labels, np.tile(leads, k), as_of, np.full(k * len(leads), 1.0 / k), horizon_days)


def _span(history: History, labels: Labels, leads: Ints) -> tuple[Ints, Ints]:
    """From arrival to just before the first touch; the arrival itself where there was no touch or no date of it."""
    start = arrival(history)[leads]
    if not labels.dated:
        return start, start
    worked = labels.worked_at[leads]
    return start, np.where((worked == NEVER) | (worked == ALWAYS), start, worked - 1)


def _changes(history: History) -> bool:
    """Whether anything is recorded of a lead after it arrived."""
    return len(history.events.kind) > 0 or len(history.attributes) > len(history)


def _uniforms(lead_ids: Sequence[str], seed: int) -> Floats:
    """Drawn from each lead's own id, so that they depend neither on other leads nor on order. Squared: mostly early."""
    digests = [blake2b(f"{seed}\x1f{lead_id}".encode(), digest_size=4 * MOMENTS).digest() for lead_id in lead_ids]
    drawn = np.frombuffer(b"".join(digests), dtype=">u4").reshape(len(lead_ids), MOMENTS)
    return np.asarray((drawn / 2.0**32) ** 2)


def _dataset(history: History, labels: Labels, lead: Ints, as_of: Ints, weight: Floats, horizon_days: float) -> Dataset:
    won = labels.state[lead] == WON
    if labels.dated and history.dated:
        won &= labels.closed_at[lead] - as_of <= horizon_days * DAY
    return Dataset(
        lead=lead,
        as_of=as_of,
        won=won.astype(np.float64),
        reason=np.array(labels.reason, dtype=object)[lead],
        amount=labels.amount[lead],
        weight=weight,
        order=order_of(history)[lead],
    )
