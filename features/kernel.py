"""Histories and instants in, matrix of features out: the same function for one lead and for a million."""

import math

import numpy as np
from numba import njit

from features.block_kernel import block
from features.catalogue import Catalogue
from features.engagement import BEFORE_DAYS, HALF_LIFE_DAYS, PACE_WIDTH, WIDTH, WINDOWS_DAYS, trend
from features.history import ALWAYS, Events, Floats, History, Ints
from features.profile import CLEARED, Attribute
from features.signs import NO_SIGN, slots_of
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
        width = WIDTH * (len(catalogue.kinds) + 1) + PACE_WIDTH
        _engagement(catalogue, history.events, lead, as_of, out[:, column : column + width])
        column += width
    for name in catalogue.blocks:
        found = block(name, catalogue, history, lead, as_of)
        out[:, column : column + found.shape[1]] = found
        column += found.shape[1]
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
    slots = slots_of(events.kinds, {kind: i for i, kind in enumerate(catalogue.kinds)})
    arrays = (events.start, events.kind, events.occurred_at, events.recorded_at, events.superseded_at)
    count_events(*arrays, slots, lead, as_of, out)


_trend = njit(cache=True, nogil=True)(trend)


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


@njit(cache=True, nogil=True, inline="always")
def _count(kind, occurred_at, recorded_at, superseded_at, first, last, slots, now, row):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba infers types, and takes arrays only
    """Fill a row: WIDTH columns a slot, the last slot any sign, then those of PACE; of events first:last."""
    week, month = np.int64(WINDOWS_DAYS[0] * DAY), np.int64(WINDOWS_DAYS[1] * DAY)
    before, half_life = np.int64(BEFORE_DAYS * DAY), HALF_LIFE_DAYS * DAY
    pace = len(row) - PACE_WIDTH
    row[:] = 0.0
    count, in_week, in_month, earlier = 0, 0, 0, 0
    latest, decayed = np.int64(0), 0.0
    day, days, today, burst = np.int64(0), 0, 0, 0
    for e in range(first, last):
        at = occurred_at[e]
        if at > now:
            break
        if recorded_at[e] > now or superseded_at[e] <= now:
            continue
        age = now - at
        weight = math.exp2(-(age / half_life))
        recent, lately = age <= week, age <= month
        slot = slots[kind[e]]
        if slot > NO_SIGN:
            latest = age
            if count == 0 or at // DAY != day:
                day, today = at // DAY, 0
                days += 1
            today += 1
            burst = max(burst, today)
            count += 1
            in_week += recent
            in_month += lately
            earlier += age <= before
            decayed += weight
        else:
            slot = NO_SIGN - 1 - slot
        if slot >= 0:
            own = slot * WIDTH
            row[own] += 1.0
            row[own + 1] += recent
            row[own + 2] += lately
            row[own + 3] += weight
            row[own + 4] = age
    own = pace - WIDTH
    row[own], row[own + 1], row[own + 2], row[own + 3], row[own + 4] = count, in_week, in_month, decayed, latest
    for own in range(0, pace, WIDTH):
        row[own + 4] = row[own + 4] / DAY if row[own] > 0.0 else np.nan
    row[pace], row[pace + 1], row[pace + 2] = days, _trend(in_week, earlier - in_week), burst


@njit(cache=True, nogil=True)
def count_events(  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba infers types, and takes arrays only
    start, kind, occurred_at, recorded_at, superseded_at, slots, lead, as_of, out
):
    """Fill `out` (moments x columns)."""
    for i in range(len(lead)):
        first, last = start[lead[i]], start[lead[i] + 1]
        _count(kind, occurred_at, recorded_at, superseded_at, first, last, slots, as_of[i], out[i])


@njit(cache=True, nogil=True)
def fill_one(columns, dates, dated, created_at, as_of, table, slots, width, X, waited, number):  # type: ignore[no-untyped-def] # noqa: PLR0913 -- the same
    """All of `matrix` but its blocks for a moment of one lead, into that row of X; returns how many columns that are.

    `columns`: of the attributes, `dates` among them still as instants; `table`: kind, occurred_at, recorded_at and
    superseded_at of the lead's events; `width`: of the columns that count them; `waited`: as `days_waited` has it.
    """
    column, row = len(columns), X[number]
    for i in range(column):
        row[i] = columns[i]
    for date in dates:
        row[date] = (as_of - row[date]) / DAY if dated else row[date] / DAY
    waited[number] = np.nan if created_at == ALWAYS else (as_of - created_at) / DAY
    if dated:
        row[column] = waited[number]
        column += 1
    if width > 0:
        counts = row[column : column + width]
        _count(table[0], table[1], table[2], table[3], 0, table.shape[1], slots, as_of, counts)
    return column + width
