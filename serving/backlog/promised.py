"""What is promised to open leads: when each is due for its first contact, and how that moves it up the list."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from features.history import ALWAYS, NEVER, Floats, History, Ints
from leadloop.clock import isoformat
from leadloop.store.standing import Standings
from serving.sla import Names, Sla

AT_ITS_DEADLINE = 2.0
"""So many times its priority is the place of a lead in the list when its deadline comes, however busy the team is."""


def clocks(sla: Sla | None, history: History, leads: Ints, stand: Standings) -> Ints:
    """When the clock of each lead's promise started; NEVER where it does not run or somebody was in touch."""
    since = np.full(len(leads), NEVER)
    if sla is None:
        return since
    for i, lead in enumerate(leads.tolist()):
        name, created_at = history.lead_ids[lead], int(history.created_at[lead])
        if name not in stand.contacted_at and created_at != ALWAYS:
            since[i] = created_at if sla.since == "created_at" else stand.first_at.get((name, sla.since), NEVER)
    return since


def due(sla: Sla | None, cells: Names, sources: Sequence[str | None], since: Ints) -> Ints:
    """The deadlines; NEVER where nothing is promised."""
    found, runs = np.full(len(since), NEVER), since != NEVER
    if sla is not None and runs.any():
        some = np.asarray(cells, dtype=object)[runs], np.asarray(sources, dtype=object)[runs]
        found[runs] = sla.deadlines(*some, since[runs])
    return found


def weights(
    sla: Sla | None, k: float, figures: tuple[Floats, Floats, Floats], due_at: Ints, since: Ints, at: int
) -> Floats:
    """What the list is ordered by: the priority, and where a deadline is near more than that.

    `figures`: importance, urgency and priority; `k`: the chance that the team would still reach a lead later. The
    deadline is one more reason why waiting costs: urgency' = 1 - (1 - urgency) (1 - pressure); and a lead at its
    deadline counts twice, so that it rises also where k is 0 and urgency plays no part.
    """
    importance, urgency, priority = figures
    if sla is None or at == NEVER or not (due_at != NEVER).any():
        return priority
    pressure = sla.pressure(due_at, at, since)
    waiting = (1.0 - urgency) * (1.0 - pressure)
    pressed = importance * (1.0 - k * waiting) * (1.0 + (AT_ITS_DEADLINE - 1.0) * pressure)
    return np.where(pressure > 0.0, pressed, priority)


def told(sla: Sla | None, since: Ints, due_at: Ints, contacted_at: Ints, at: int) -> list[dict[str, Any]]:
    """The deadline of each lead, the working hours left, and whether the promise is kept so far."""
    if sla is None or at == NEVER:
        return [{"deadline": None, "time_left_hours": None, "promise": "none"} for _ in since]
    left, state = sla.time_left(due_at, at), sla.state(due_at, at, contacted_at, since)
    rows = zip(due_at.tolist(), left.tolist(), state.tolist(), strict=True)
    return [
        {
            "deadline": None if due == NEVER else isoformat(due),
            "time_left_hours": None if hours != hours else hours,
            "promise": promise,
        }
        for due, hours, promise in rows
    ]
