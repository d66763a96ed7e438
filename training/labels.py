"""What became of each lead, as far as it can be known: won, not won and why, or not known (which is not a negative)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.history import ALWAYS, NEVER, Floats, History, Ints
from leadloop.store.judged import of_people
from leadloop.store.outcomes import StoredOutcome, standings
from models.reasons import code

WON, NOT_WON, UNKNOWN = 1, 0, -1
_ENDS = {"won", "lost", "recycled"}
_QUALIFIED = ("sql", "opportunity")


@dataclass(frozen=True)
class Labels:
    """One entry a lead of the history, instants in microseconds UTC.

    `state`: WON, NOT_WON or UNKNOWN. `reason`: why not, "" where nobody said. `amount`: NaN where unknown.
    `worked_at`: first outcome, NEVER where there was none. `touched_at`: the same where it was a touch and not the end
    (a refusal at sight is a touch). `closed_at`, `known_at`: when the state came about and when the ledger knew of it.
    `sql_at`, `opportunity_at`: when sales had qualified it, and made it an opportunity, NEVER where it has not; what is
    an opportunity is qualified. ALWAYS stands for the times of an undated export.
    """

    state: NDArray[np.int8]
    reason: tuple[str, ...]
    amount: Floats
    worked_at: Ints
    touched_at: Ints
    closed_at: Ints
    known_at: Ints
    sql_at: Ints
    opportunity_at: Ints

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which leads can teach."""
        return np.asarray(self.state != UNKNOWN)

    @property
    def only_wins(self) -> bool:
        """Whether this ledger records wins and nothing else, so that a lead without one says something too."""
        return bool((self.state == WON).any() and not (self.state == NOT_WON).any())

    @property
    def touches_recorded(self) -> bool:
        """Whether the ledger says when sales first touched a lead, and not only when it was closed."""
        ended = self.state == WON if (self.state == WON).any() else self.known
        return bool(ended.any() and (self.touched_at[ended] != NEVER).mean() >= 0.8)

    @property
    def dated(self) -> bool:
        """Whether outcomes came in one by one; an export that only says how things stand dates them all alike."""
        times = self.known_at[self.known]
        return len(times) > 0 and bool((times == times.max()).mean() < 0.5)


def label(history: History, outcomes: Sequence[StoredOutcome], own_reasons: Mapping[str, str]) -> Labels:
    """Read the outcomes, as known at some instant, of each lead in the history."""
    n = len(history)
    state, reason, amount = np.full(n, UNKNOWN, dtype=np.int8), [""] * n, np.full(n, np.nan)
    worked_at, touched_at, closed_at, known_at = (np.full(n, NEVER, dtype=np.int64) for _ in range(4))
    rows = of_people(outcomes, history.people)
    standing = standings(rows)
    for i, lead_id in enumerate(history.lead_ids):
        if lead_id not in standing:
            continue
        first, last = standing[lead_id].first, standing[lead_id].last
        worked_at[i] = _instant(first.occurred_at)
        touched_at[i] = NEVER if first.stage in _ENDS else worked_at[i]
        if standing[lead_id].open:
            continue
        state[i] = WON if last.stage == "won" else NOT_WON
        closed_at[i], known_at[i] = _instant(last.occurred_at), _instant(last.recorded_at)
        reason[i] = "" if state[i] == WON else code(last.reason, own_reasons) or ""
        amount[i] = np.nan if state[i] == NOT_WON or last.amount is None else last.amount
    return Labels(state, tuple(reason), amount, worked_at, touched_at, closed_at, known_at, *_qualified(rows, history))


def _qualified(rows: Sequence[StoredOutcome], history: History) -> tuple[Ints, Ints]:
    """When each lead first was qualified, and first an opportunity, NEVER where it was not."""
    place = {lead_id: i for i, lead_id in enumerate(history.lead_ids)}
    sql_at, opportunity_at = (np.full(len(history), NEVER, dtype=np.int64) for _ in range(2))
    for row in rows:
        i = place.get(row.lead_id) if row.stage in _QUALIFIED else None
        if i is not None:
            at = _instant(row.occurred_at)
            sql_at[i] = min(sql_at[i], at)
            opportunity_at[i] = min(opportunity_at[i], at if row.stage == "opportunity" else NEVER)
    return sql_at, opportunity_at


def _instant(micros: int | None) -> int:
    return ALWAYS if micros is None else micros
