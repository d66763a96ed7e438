"""What a server notices and puts into the outbox: leads that became hot, promises at risk, another model."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import Connection

from features.history import NEVER
from leadloop.clock import DAY, now, to_micros
from leadloop.settings import Settings
from leadloop.store import notices
from leadloop.store.notices import AtRisk, HotRule
from leadloop.store.scores import StoredScore
from models.priority import CELL_NAMES
from serving.backlog.keeping import NotRankedYetError
from serving.backlog.lines import Backlog
from serving.sla import Sla
from serving.writing import write

if TYPE_CHECKING:
    from serving.state import State

STATES = ("in_time", "at_risk", "missed")
"""Of promises to leads that wait for their first contact."""


def hot_leads(
    connection: Connection, settings: Settings, before: Mapping[str, StoredScore], rows: Sequence[StoredScore]
) -> None:
    """Tell of leads that became hot, in the transaction that stores their scores.

    A lead without a score before is news only while it is new: else the first scores of an imported ledger would tell
    of every hot lead in it.
    """
    rule, at = HotRule.of(settings), to_micros(now())
    news = [row for row in rows if row.lead_id in before or _age_days(row, at) <= rule.again_days]
    notices.notice(connection, before, news, rule)


def _age_days(row: StoredScore, at: int) -> float:
    """Since the lead came in, as far as is known."""
    return (at - row.as_of) / DAY + (row.days_waited or 0.0)


def another_model(connection: Connection, before: str, serves: str) -> None:
    """Tell that another version serves."""
    notices.notice_model(connection, serves, before, to_micros(now()))


def promises(state: "State") -> None:
    """A job: tell of each promise that comes to be at risk; that each is told once is for the outbox to see to."""
    found = _waiting(state)
    if found is None:
        return
    backlog, promised = found
    risky = np.flatnonzero(promised == "at_risk")
    leads = [
        AtRisk(backlog.lead_ids[i], int(backlog.lines["due_at"][i]), CELL_NAMES[backlog.lines["cell"][i]])
        for i in risky.tolist()
    ]
    if leads:
        write(state.ledger, lambda connection: notices.notice_at_risk(connection, leads))


def standings(state: "State") -> list[tuple[tuple[str, ...], float]]:
    """How many leads wait for a promised first contact, by state, for a gauge."""
    found = _waiting(state)
    return [] if found is None else [((name,), float((found[1] == name).sum())) for name in STATES]


def _waiting(state: "State") -> tuple[Backlog, "np.ndarray[tuple[int], np.dtype[np.str_]]"] | None:
    """The open leads and the state of the promise to each; None where nothing is promised or no list is there yet."""
    sla = Sla.of(state.settings)
    if sla is None or state.champion.scorer is None:
        return None
    try:
        backlog = state.keeper.current()
    except NotRankedYetError:
        return None
    lines, at = backlog.lines, to_micros(now()) if backlog.live else backlog.as_of
    due_at, since = np.ascontiguousarray(lines["due_at"]), np.ascontiguousarray(lines["since"])
    return backlog, sla.state(due_at, at, np.full(len(backlog), NEVER), since)
