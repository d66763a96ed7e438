"""Moments of leads joined to what became of them: the rows that a model learns from, frozen with a hash."""

from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from features.history import ALWAYS, NEVER, Floats, History, Ints
from leadloop.clock import DAY
from training.labels import NOT_WON, UNKNOWN, WON, Labels

LANDMARKS_DAYS = (0.0, 1.0, 3.0, 7.0, 14.0, 30.0, 60.0, 90.0)
"""Ages at which leads are looked at where nobody wrote down when sales first touched them."""


@dataclass(frozen=True)
class Dataset:
    """Rows are moments: lead number, instant (microseconds UTC), and what came of it.

    `won`: 0 or 1. `reason`: why not, "" where nobody said or it was won. `amount`: NaN where there is none.
    `weight`: sums to the number of leads. `order`: grows with time. `closed`: whether what came of it is known; where
    not, `won` is 0 for now. `days`: from the moment to the closing, or for how long the lead has been open since.
    `steps`, shape (n, 2): days from the moment until sales had qualified it, and made it an opportunity; inf where not.
    """

    lead: Ints
    as_of: Ints
    won: Floats
    reason: NDArray[np.object_]
    amount: Floats
    weight: Floats
    order: Floats
    closed: NDArray[np.bool_]
    days: Floats
    steps: Floats

    def __len__(self) -> int:
        return len(self.lead)

    def take(self, rows: Ints | NDArray[np.bool_]) -> "Dataset":
        """Some of the rows."""
        return Dataset(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))

    @property
    def hash(self) -> str:
        """Names exactly these rows."""
        digest = blake2b(digest_size=16)
        for name in ("lead", "as_of", "won", "amount", "weight", "closed", "days", "steps"):
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


def teachable(history: History, labels: Labels, as_of: int, horizon_days: float) -> NDArray[np.bool_]:
    """Leads that a model may learn from: the ripe ones, and every one that sales touched, where the ledger says when.

    What is still open teaches too, as much as it can be told by how long such leads take (training/censoring.py).
    """
    known = ripe(history, labels, as_of, horizon_days)
    if not (labels.dated and history.dated and labels.touches_recorded):
        return known
    touched = (labels.touched_at != NEVER) & (labels.touched_at != ALWAYS) & (labels.touched_at <= as_of)
    return np.asarray(known | (touched & (arrival(history) <= as_of)))


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

    In a ledger that records only wins that holds for every lead, since nobody says which were worked; and there the
    wins of younger leads wait too, because beside them no young lead can count as not won.
    """
    horizon = int(horizon_days * DAY)
    since = history.created_at if labels.only_wins else labels.worked_at
    dated = (since != ALWAYS) & (since != NEVER)
    late = (labels.state == UNKNOWN) & dated & (np.where(dated, since, as_of) <= as_of - horizon)
    if labels.only_wins and not history.dated:
        late = labels.state == UNKNOWN
    due = np.where(dated, since, 0) + horizon
    early = dated & (due > as_of) if labels.only_wins else np.zeros(len(late), dtype=bool)
    return replace(
        labels,
        state=np.where(late, NOT_WON, np.where(early, UNKNOWN, labels.state)).astype(np.int8),
        closed_at=np.where(late, due, labels.closed_at),
        known_at=np.where(late, due, labels.known_at),
    )


def to_judge(history: History, labels: Labels, leads: Ints, horizon_days: float, as_of: int = NEVER) -> Dataset:
    """One moment a lead, what a scorecard is made on: just before sales first touched it, else its arrival.

    `as_of`: until when leads that are not closed are known to be open.
    """
    arrived = arrival(history)[leads]
    if not (labels.dated and labels.touches_recorded):
        return _dataset(history, labels, leads, arrived, (horizon_days, as_of))
    touched = labels.touched_at[leads]
    known = (touched != NEVER) & (touched != ALWAYS)
    at = np.maximum(arrived, np.where(known, touched - 1, arrived))
    return _dataset(history, labels, leads, at, (horizon_days, as_of))


def to_teach(history: History, labels: Labels, leads: Ints, horizon_days: float, as_of: int = NEVER) -> Dataset:
    """The moments that a model learns from.

    Where the ledger says when sales first touched a lead: that moment, since the question is what comes of a lead that
    is worked now. Where it only says when a lead was closed: the lead at fixed ages for as long as it was open
    (landmarks, van Houwelingen 2007). Moments placed by the closing itself would give it away: wins take longer.
    """
    if not labels.dated or labels.touches_recorded or not _changes(history):
        return to_judge(history, labels, leads, horizon_days, as_of)
    arrived = arrival(history)[leads]
    ages = np.repeat([int(days * DAY) for days in LANDMARKS_DAYS], len(leads))
    lead, start = np.tile(leads, len(LANDMARKS_DAYS)), np.tile(arrived, len(LANDMARKS_DAYS))
    at = np.where(start == NEVER, NEVER, np.where(start == NEVER, 0, start) + ages)
    still_open = (ages == 0) | ((start != NEVER) & (at < labels.closed_at[lead]))
    return _dataset(history, labels, lead[still_open], at[still_open], (horizon_days, as_of))


def _changes(history: History) -> bool:
    """Whether anything is recorded of a lead after it arrived."""
    return len(history.events.kind) > 0 or len(history.attributes) > len(history)


def _dataset(history: History, labels: Labels, lead: Ints, as_of: Ints, until: tuple[float, int]) -> Dataset:
    """`until`: the horizon in days, and the instant up to which outcomes are known."""
    won, closed = labels.state[lead] == WON, labels.state[lead] != UNKNOWN
    days, steps = np.full(len(lead), np.nan), np.full((len(lead), 2), np.inf)
    if labels.dated and history.dated:
        end = np.where(closed, labels.closed_at[lead], until[1])
        timed = (end != ALWAYS) & (end != NEVER) & (as_of != NEVER)
        days = np.where(timed, (np.where(timed, end, 0) - np.where(timed, as_of, 0)) / DAY, np.nan)
        won &= ~(days > until[0])
        steps = np.column_stack([_since(as_of, at[lead]) for at in (labels.sql_at, labels.opportunity_at)])
    return Dataset(
        lead=lead,
        as_of=as_of,
        won=won.astype(np.float64),
        reason=np.array(labels.reason, dtype=object)[lead],
        amount=labels.amount[lead],
        weight=np.full(len(lead), len(np.unique(lead)) / max(1, len(lead))),
        order=order_of(history)[lead],
        closed=closed,
        days=days,
        steps=steps,
    )


def _since(as_of: Ints, at: Ints) -> Floats:
    """Days from the moments to instants, inf where either is unknown or never came."""
    known = (at != NEVER) & (at != ALWAYS) & (as_of != NEVER)
    return np.where(known, (np.where(known, at, 0) - np.where(known, as_of, 0)) / DAY, np.inf)
