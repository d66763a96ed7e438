"""Histories and instants in, matrix of features out: the same function for one lead and for a million."""

import math

import numpy as np
from numba import njit

from features.catalogue import Catalogue
from features.engagement import HALF_LIFE_DAYS, WIDTH, WINDOWS_DAYS
from features.history import ALWAYS, Events, Floats, History, Ints
from features.profile import CLEARED, Attribute
from leadloop.clock import DAY


def matrix(catalogue: Catalogue, history: History, lead: Ints, as_of: Ints) -> Floats:
    """The features of moments: row i is lead number `lead[i]` of `history` as known at `as_of[i]` (microseconds UTC).

    Shape (len(lead), len(catalogue.features)), float64; NaN where nothing was known. A row depends on nothing but its
    own lead and instant, so one lead alone gets what it gets among others.
    """
    out = np.full((len(lead), len(catalogue.features)), np.nan)
    row = last_version(history.start, history.version_at, lead, as_of)
    column = 0
    for attribute in catalogue.attributes:
        width = len(attribute.features)
        out[:, column : column + width] = _attribute(attribute, history, row, as_of, dated=catalogue.dated)
        column += width
    if catalogue.dated:
        out[:, column] = days_waited(history, lead, as_of)
        column += 1
    if catalogue.kinds:
        _engagement(catalogue, history.events, lead, as_of, out[:, column:])
    return out


def days_waited(history: History, lead: Ints, as_of: Ints) -> Floats:
    """Days since each lead came in, NaN where nobody knows when it did."""
    created = history.created_at[lead]
    undated = created == ALWAYS
    return np.where(undated, np.nan, (as_of - np.where(undated, 0, created)) / DAY)


def _attribute(attribute: Attribute, history: History, row: Ints, as_of: Ints, *, dated: bool) -> Floats:
    """The attribute's columns as last given before each moment."""
    given = [i for i, known in enumerate(history.attributes) if attribute.name in known]
    versions = np.full((len(history.attributes), len(attribute.features)), np.nan)
    versions[given] = attribute.encode([history.attributes[i][attribute.name] for i in given])
    columns = _carried_forward(versions, history.start)[np.maximum(row, 0)]
    columns[(row < 0)[:, None] | (columns == CLEARED)] = np.nan
    if attribute.kind == "date":
        return (as_of[:, None] - columns) / DAY if dated else columns / DAY
    return columns


def _carried_forward(versions: Floats, start: Ints) -> Floats:
    """Fill what a version does not give with what the lead's versions before gave."""
    if len(versions) == len(start) - 1:
        return versions
    rows = np.arange(len(versions))
    first = np.repeat(start[:-1], np.diff(start))
    source = np.maximum.accumulate(np.where(np.isnan(versions[:, 0]), -1, rows))
    return np.where((source >= first)[:, None], versions[np.maximum(source, 0)], np.nan)


def _engagement(catalogue: Catalogue, events: Events, lead: Ints, as_of: Ints, out: Floats) -> None:
    slot = {kind: i for i, kind in enumerate(catalogue.kinds)}
    slots = np.array([slot.get(kind, -1) for kind in events.kinds], dtype=np.int64)
    arrays = (events.start, events.kind, events.occurred_at, events.recorded_at, events.superseded_at)
    count_events(*arrays, slots, lead, as_of, out)


@njit(cache=True, nogil=True)
def last_version(start, version_at, lead, as_of):  # type: ignore[no-untyped-def] # numba infers them
    """For each moment the number of the last version recorded by then, -1 where there is none."""
    out = np.empty(len(lead), dtype=np.int64)
    for i in range(len(lead)):
        row = start[lead[i] + 1] - 1
        while row >= start[lead[i]] and version_at[row] > as_of[i]:
            row -= 1
        out[i] = row if row >= start[lead[i]] else -1
    return out


@njit(cache=True, nogil=True)
def count_events(  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba infers types, and takes arrays only
    start, kind, occurred_at, recorded_at, superseded_at, slots, lead, as_of, out
):
    """Fill `out` (moments x slots x WIDTH, flat) with counts, windows, decayed count and days since; last slot: any."""
    n_slots = out.shape[1] // WIDTH
    for i in range(len(lead)):
        now = as_of[i]
        for s in range(n_slots):
            for w in range(WIDTH - 1):
                out[i, s * WIDTH + w] = 0.0
            out[i, s * WIDTH + WIDTH - 1] = np.nan
        for e in range(start[lead[i]], start[lead[i] + 1]):
            if occurred_at[e] > now:
                break
            if recorded_at[e] > now or superseded_at[e] <= now:
                continue
            days = (now - occurred_at[e]) / DAY
            decayed = math.exp2(-days / HALF_LIFE_DAYS)
            own = slots[kind[e]]
            for s in (own, n_slots - 1):
                if s < 0:
                    continue
                at = s * WIDTH
                out[i, at] += 1.0
                out[i, at + 1] += 1.0 if days <= WINDOWS_DAYS[0] else 0.0
                out[i, at + 2] += 1.0 if days <= WINDOWS_DAYS[1] else 0.0
                out[i, at + 3] += decayed
                out[i, at + 4] = days
