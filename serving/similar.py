"""Won leads that a lead is like: those with which it shares the rarest facts, what they are and what they did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from threading import Lock

from sqlalchemy import select

from features.history import ALWAYS, NEVER, History
from features.history import read as read_history
from leadloop.clock import DAY, SECOND, instant
from leadloop.store import tables
from leadloop.store.ledger import Ledger

LOOKED_AT, KEPT = 300, 600 * SECOND
"""So many won leads, the newest, are compared; what they are like is kept for ten minutes."""
SHOWN, SHARED, LONGEST = 3, 3, 40
NOT_FACTS = frozenset({"owner", "lead_id"})
Fact = tuple[str, str]
"""Where it is from ("did" for what the lead did, else the attribute) and what it says."""


@dataclass(frozen=True)
class WonLead:
    """A won lead: what it is like, what it brought and how long that took."""

    lead_id: str
    facts: frozenset[Fact]
    amount: float | None
    won_at: int | None
    days: float | None


@dataclass(frozen=True)
class Alike:
    """A won lead that is like another. `shared`: the rarest facts of both; `share`: of its facts, by weight."""

    lead: WonLead
    shared: Sequence[Fact]
    share: float


@dataclass
class WonLeads:
    """The newest won leads of a server process. Requests run in threads: the list is replaced whole."""

    _found: Sequence[WonLead] = ()
    _looked_at: int = -KEPT
    _lock: Lock = field(default_factory=Lock)

    def like(self, ledger: Ledger, history: History, lead: int, as_of: int) -> list[Alike]:
        """The won leads that lead number `lead` is most like, best first; itself left out."""
        own, name = facts(history, lead, as_of), history.lead_ids[lead]
        others = [won for won in self._current(ledger) if won.lead_id != name]
        return alike(own, others)

    def _current(self, ledger: Ledger) -> Sequence[WonLead]:
        with self._lock:  # one thread reads, the others wait for its result
            if instant() >= self._looked_at + KEPT:
                self._found, self._looked_at = _read(ledger), instant()
            return self._found


def alike(own: frozenset[Fact], others: Sequence[WonLead]) -> list[Alike]:
    """Of the others those that share the most, a fact weighing the more the fewer of them have it."""
    among = Counter(fact for won in others for fact in won.facts)
    weight = {fact: log((len(others) + 1) / (among[fact] + 0.5)) for fact in own}
    whole = sum(weight.values())
    found = []
    for won in others:
        shared = sorted(own & won.facts, key=lambda fact: (-weight[fact], fact))
        share = sum(weight[fact] for fact in shared) / whole if whole else 0.0
        found.append(Alike(won, shared[:SHARED], share))
    found.sort(key=lambda each: (-each.share, each.lead.lead_id))
    return [each for each in found[:SHOWN] if each.shared]


def facts(history: History, lead: int, as_of: int) -> frozenset[Fact]:
    """What is known of a lead in words, and the kinds of things that it did."""
    given = history.attributes_at(lead, as_of)
    said = {
        (name, value) for name, value in given.items() if isinstance(value, str) and value and name not in NOT_FACTS
    }
    events = history.events
    rows = range(int(events.start[lead]), int(events.start[lead + 1]))
    did = {("did", events.kinds[events.kind[row]]) for row in rows if events.recorded_at[row] <= as_of}
    return frozenset(said | did)


def _is_word(value: object) -> bool:
    """Whether it says what something is, rather than how many."""
    return isinstance(value, str) and any(letter.isalpha() for letter in value) and len(value) <= LONGEST


def _read(ledger: Ledger) -> list[WonLead]:
    outcomes = tables.outcomes.c
    query = select(outcomes.lead_id, outcomes.amount, outcomes.occurred_at).where(outcomes.stage == "won")
    with ledger.reading() as connection:
        rows = connection.execute(query.order_by(outcomes.recorded_at.desc()).limit(LOOKED_AT)).all()
    told: Mapping[str, tuple[float | None, int | None]] = {row[0]: (row[1], row[2]) for row in rows}
    history = read_history(ledger, None, sorted(told))
    return [_won(history, lead, *told[name]) for lead, name in enumerate(history.lead_ids) if name in told]


def _won(history: History, lead: int, amount: float | None, won_at: int | None) -> WonLead:
    created = int(history.created_at[lead])
    days = None if won_at is None or created == ALWAYS else (won_at - created) / DAY
    known = facts(history, lead, int(NEVER) if won_at is None else won_at)
    return WonLead(history.lead_ids[lead], known, amount, won_at, days)
