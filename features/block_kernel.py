"""Histories and instants in, columns of optional blocks out: the part of the kernel that only some models need."""

import numpy as np
from numba import njit

from features import arrival, touch
from features.arrival import arrivals
from features.content import content_kind
from features.history import Events, Floats, History, Ints
from features.touch import TOUCH
from leadloop.clock import DAY


def block(name: str, timezone: str, history: History, lead: Ints, as_of: Ints) -> Floats:
    """The columns of an optional block, shape (len(lead), columns); rows as those of `features.kernel.matrix`."""
    if name == arrival.BLOCK:
        return arrivals(history.created_at[lead], timezone)
    if name == touch.BLOCK:
        return touches(history.events, lead, as_of)
    raise KeyError(name)


def touches(events: Events, lead: Ints, as_of: Ints) -> Floats:
    """Days since the first event (NaN where there is none), numbers of types and of kinds of content."""
    named = [content_kind(kind) for kind in events.kinds]
    code = {name: i for i, name in enumerate(sorted({name for name in named if name}))}
    content = np.array([code.get(name, -1) if name else -1 for name in named], dtype=np.int64)
    out = np.empty((len(lead), len(TOUCH)))
    arrays = (events.start, events.kind, events.occurred_at, events.recorded_at, events.superseded_at)
    _count_touches(*arrays, content, lead, as_of, out)
    return out


@njit(cache=True, nogil=True)
def _count_touches(  # type: ignore[no-untyped-def] # noqa: PLR0913 -- numba infers types, and takes arrays only
    start, kind, occurred_at, recorded_at, superseded_at, content, lead, as_of, out
):
    """Fill `out` (moments x columns of TOUCH); `content`: each type's kind of content, -1 where it says none."""
    type_seen, content_seen = np.full(len(content), -1), np.full(len(content), -1)  # by which moment
    for i in range(len(lead)):
        now, types, contents = as_of[i], 0, 0
        out[i, 0] = np.nan
        for e in range(start[lead[i]], start[lead[i] + 1]):
            if occurred_at[e] > now:
                break
            if recorded_at[e] > now or superseded_at[e] <= now:
                continue
            if types == 0:
                out[i, 0] = (now - occurred_at[e]) / DAY
            this = kind[e]
            if type_seen[this] != i:
                type_seen[this] = i
                types += 1
                about = content[this]
                if about >= 0 and content_seen[about] != i:
                    content_seen[about] = i
                    contents += 1
        out[i, 1], out[i, 2] = types, contents
