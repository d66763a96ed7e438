"""Who was worked was chosen: sales called the leads that looked best, so that those it left are less like its pupils.

Each touched moment is weighted by how seldom one like it was touched among all leads that were waiting at such an age
(inverse probability of selection, Horvitz & Thompson 1952; reject inference in credit scoring). A lead that was worked
because a slot of the queue was drawn by lot counts by the chance that it had, which is known: it speaks for those left
waiting also where sales saw what no feature says. The weights are held, and set the level and slope of the chances
alone: the order of leads is learned from all rows alike.
"""

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.history import NEVER, Floats, History, Ints
from features.kernel import matrix
from leadloop.clock import DAY
from leadloop.store import slots
from leadloop.store.ledger import Ledger
from training.candidates import PENALTY, fit_ridge
from training.dataset import Dataset, arrival
from training.labels import Labels
from training.rows import Rows

BOUND = 3.0
"""No moment counts more than so many times, or less than so small a part of, the usual one."""
OLDEST = 0.95
"""Share of touched moments that are no older than the waiting moments they are compared with."""
DRAWS = 2
LEAST = 100
"""Moments on either side below which selection can't be told from chance."""
DRAWN_BOUND = 30.0
"""No lead that was drawn by lot counts more than so many times the usual one."""
GRACE = 7 * DAY
"""So long after it was drawn a lead may first be touched because of that."""


def weights(
    history: History,
    labels: Labels,
    data: Dataset,
    features: tuple[Catalogue, Floats],
    as_of: int,
    drawn: Floats | None = None,
) -> Floats:
    """One a row of `data`, mean 1; all 1 where nobody knows when leads were touched. `features`: of these rows.

    `drawn`: the chance by which each was drawn, NaN where it was not.
    """
    catalogue, X = features
    even = np.ones(len(data))
    if not (labels.dated and history.dated and labels.touches_recorded) or (data.as_of == NEVER).any():
        return even
    lead, at, young = waiting(history, labels, data, as_of)
    if min(len(lead), int(young.sum())) < LEAST:
        return even
    both = np.concatenate([X[young], matrix(catalogue, history, lead, at)])
    touched = np.concatenate([np.ones(int(young.sum())), np.zeros(len(lead))])
    none = np.full(len(both), "", dtype=object)
    rows = Rows(both, touched, np.ones(len(both)), none, np.arange(len(both), dtype=np.float64))
    odds = np.exp(np.clip(-fit_ridge(catalogue, _shuffled(rows), PENALTY).raw(X), -20.0, 20.0))
    bounded = np.clip(odds / np.median(odds), 1.0 / BOUND, BOUND)
    if drawn is not None:
        bounded = by_known_chance(bounded, drawn)
    return np.asarray(bounded / bounded.mean())


def by_known_chance(estimated: Floats, drawn: Floats) -> Floats:
    """The weights, the usual one being 1, and those of leads that were drawn by the chance that they had.

    >>> by_known_chance(np.array([0.5, 3.0]), np.array([np.nan, 0.1])).tolist()
    [0.5, 10.0]
    """
    known = ~np.isnan(drawn)
    return np.where(known, np.minimum(1.0 / np.where(known, drawn, 1.0), DRAWN_BOUND), estimated)


def drawn_chances(ledger: Ledger, history: History, data: Dataset, as_of: int) -> Floats:
    """The chance by which the lead of each row was drawn shortly before it was first touched, NaN where it was not."""
    found = np.full(len(data), np.nan)
    if as_of == NEVER:
        return found
    with ledger.reading() as connection:
        lists, entries = slots.read(connection, as_of)
    begins = {(each.day, each.list): each.begins_at for each in lists}
    chances: dict[str, list[tuple[int, float]]] = {}
    for row in entries:
        if row.kind == slots.DRAWN:
            chances.setdefault(history.people.of(row.lead_id), []).append((begins[row.day, row.list], row.chance))
    for i, (lead, at) in enumerate(zip(data.lead.tolist(), data.as_of.tolist(), strict=True) if chances else ()):
        near = [p for begun, p in chances.get(history.lead_ids[lead], ()) if begun <= at + 1 <= begun + GRACE]
        found[i] = near[-1] if near else np.nan
    return found


def waiting(history: History, labels: Labels, data: Dataset, as_of: int) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Moments at which leads of all kinds were waiting, at ages drawn from those at which leads were touched: lead and
    instant; and which rows of `data` are that young.
    """
    arrived = arrival(history)
    age = data.as_of - arrived[data.lead]
    young = age <= np.quantile(age, OLDEST)
    draws = np.random.default_rng(0)
    lead = np.repeat(np.flatnonzero(arrived <= as_of), DRAWS)
    at = arrived[lead] + draws.choice(age[young], len(lead))
    still = at < np.minimum(labels.touched_at[lead], as_of)
    return lead[still], at[still], young


def _shuffled(rows: Rows) -> Rows:
    """In an order that says nothing, since a fit takes the newest where there are many."""
    return rows.take(np.random.default_rng(0).permutation(len(rows.won)))
