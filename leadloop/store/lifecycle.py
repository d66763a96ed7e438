"""The life of a lead, from contact to promoter: which states it went through, and which of its moves cannot be."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from sqlalchemy import Connection

from leadloop.clock import DAY
from leadloop.store import activity, leads, outcomes
from leadloop.store.activity import Activity
from leadloop.store.outcomes import StoredOutcome
from leadloop.store.rows import STAGES

UNKNOWN = "unknown"
"""Before the ledger knew of the lead."""
LADDER = ("contact", "prospect", "lead", "mql", "accepted", "contacted", "sql", "opportunity", "client", "promoter")
"""The way up."""
AWAY = ("rejected", "lost", "recycled")
"""Ways out; all of them may lead back."""

_AGAIN = frozenset({"mql", "accepted"})
_SALE = frozenset({"mql", "accepted", "sql", "opportunity"})
USUAL: dict[str, frozenset[str]] = {
    UNKNOWN: frozenset({"contact"}),
    "contact": frozenset({"prospect", "lead", "mql", "accepted", "rejected"}),
    "prospect": frozenset({"lead", "mql", "accepted", "rejected"}),
    "lead": frozenset({"mql", "accepted", "rejected"}),
    "mql": frozenset({"accepted", "rejected", "recycled"}),
    "accepted": frozenset({"contacted", "sql", "rejected", "lost", "recycled"}),
    "contacted": frozenset({"sql", "rejected", "lost", "recycled"}),
    "sql": frozenset({"opportunity", "lost", "recycled"}),
    "opportunity": frozenset({"client", "lost", "recycled"}),
    "client": _SALE | {"promoter"},
    "promoter": _SALE | {"client"},
    "rejected": _AGAIN | {"recycled"},
    "lost": _AGAIN | {"recycled"},
    "recycled": _AGAIN | {"rejected"},
}
"""What may follow what."""

_WORKED_UNSEEN = frozenset({"contacted", "sql", "opportunity", "client"})
_EARLY = {state: (_WORKED_UNSEEN | {"lost", "recycled"}) - USUAL[state] for state in LADDER[:4]}
SKIPS: dict[str, frozenset[str]] = {
    **_EARLY,
    **dict.fromkeys(("accepted", "contacted"), frozenset({"opportunity", "client"})),
    "sql": frozenset({"client"}),
    **dict.fromkeys(AWAY, _WORKED_UNSEEN),
}
"""What may follow where a step between was not written down."""

_CALLED_ALREADY = frozenset({"contacted", "sql", "opportunity", "client", "promoter"})


@dataclass(frozen=True, slots=True)
class Step:
    """A state, and when the lead came to it: microseconds UTC, None where undated."""

    state: str
    at: int | None


@dataclass(frozen=True, slots=True)
class Life:
    """A lead's states in the order of time; the last is where it stands."""

    lead_id: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """A state in the funnel, in leads.

    `entered`: recorded in it at least once. `reached`: in it or beyond it, recorded or not. `now`: standing there.
    `median_days`: from being known to entering it; None where nothing is dated.
    """

    state: str
    entered: int
    reached: int
    now: int
    median_days: float | None


@dataclass(frozen=True, slots=True)
class Transition:
    """A move that leads made: `kind` is usual, skips or impossible; `examples`: some of the leads."""

    before: str
    after: str
    kind: str
    count: int
    examples: tuple[str, ...]


def kind(before: str, after: str) -> str:
    """Whether a move is usual, skips a step that was not written down, or is impossible.

    >>> kind("opportunity", "client"), kind("mql", "sql"), kind("client", "lost")
    ('usual', 'skips', 'impossible')
    """
    if after in USUAL[before]:
        return "usual"
    return "skips" if after in SKIPS.get(before, ()) else "impossible"


def steps(known: Step | None, did: Activity | None, told: Iterable[StoredOutcome]) -> tuple[Step, ...]:
    """A lead's states: what it did itself moves it until sales or marketing first judged it, from then on they do.

    `known`: its contact step, None where it is not on record.

    >>> [step.state for step in steps(Step("contact", 10), Activity(3, 30, asked_at=20), [])]
    ['contact', 'prospect', 'lead']
    """
    judged = [
        Step("client" if row.stage == "won" else row.stage, row.occurred_at) for row in sorted(told, key=_in_time)
    ]
    alone = _alone(known, did)
    if judged and judged[0].at is not None:
        alone = [step for step in alone if step.at is None or step.at <= judged[0].at]
    return tuple(_moves([*alone, *judged]))


def _in_time(row: StoredOutcome) -> tuple[int, int, str]:
    return row.occurred_at or 0, STAGES.index(row.stage), row.outcome_key


def _alone(known: Step | None, did: Activity | None) -> list[Step]:
    """Contact, prospect, lead; what somebody did before becoming known counts from then on."""
    found = [known] if known else []
    since = known.at if known and known.at is not None else None
    for state, at in (("prospect", did.first_at), ("lead", did.asked_at)) if did else ():
        if at is not None:
            found.append(Step(state, at if since is None else max(at, since)))
    return found


def _moves(found: Sequence[Step]) -> list[Step]:
    """Only what moves: neither the same state again nor one more call to a lead that is already talked to."""
    moves: list[Step] = []
    for step in found:
        here = moves[-1].state if moves else UNKNOWN
        if step.state != here and not (step.state == "contacted" and here in _CALLED_ALREADY):
            moves.append(step)
    return moves


def read(connection: Connection, as_of: int | None = None, lead_ids: Sequence[str] | None = None) -> list[Life]:
    """The life of every lead (of those named), as known at `as_of` (None: now), by id."""
    known = _contacts(connection, as_of, lead_ids)
    did = activity.read(connection, as_of, lead_ids)
    told: defaultdict[str, list[StoredOutcome]] = defaultdict(list)
    for row in outcomes.read(connection, as_of, lead_ids):
        told[row.lead_id].append(row)
    everyone = sorted({*known, *did, *told})
    return [Life(name, steps(known.get(name), did.get(name), told.get(name, ()))) for name in everyone]


def _contacts(connection: Connection, as_of: int | None, lead_ids: Sequence[str] | None) -> dict[str, Step]:
    """When each lead on record came in, by the earliest of its dates."""
    found: dict[str, Step] = {}
    for row in leads.read(connection, as_of, lead_ids):
        before = found.get(row.lead_id)
        dates = [at for at in (row.created_at, before.at if before else None) if at is not None]
        found[row.lead_id] = Step("contact", min(dates, default=None))
    return found


def funnel(lives: Sequence[Life]) -> list[Rung]:
    """How many leads came how far, where they stand and how long it took; the ways out last."""
    entered = Counter(state for life in lives for state in {step.state for step in life.steps})
    now = Counter(life.steps[-1].state for life in lives)
    furthest = Counter(max((_rung(step.state) for step in life.steps), default=-1) for life in lives)
    days = _days(lives)
    rungs = []
    for state in (*LADDER, *AWAY):
        beyond = sum(count for rung, count in furthest.items() if rung >= _rung(state))
        reached = beyond if state in LADDER else entered[state]
        rungs.append(Rung(state, entered[state], reached, now[state], median(days[state]) if days[state] else None))
    return rungs


def _rung(state: str) -> int:
    return LADDER.index(state) if state in LADDER else 0


def _days(lives: Iterable[Life]) -> defaultdict[str, list[float]]:
    """Days from being known to first entering each state, a number a lead."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for life in lives:
        first = {step.state: step.at for step in reversed(life.steps)}
        start = first.get("contact")
        for state, at in first.items():
            if start is not None and at is not None and state != "contact":
                found[state].append((at - start) / DAY)
    return found


def transitions(lives: Iterable[Life], examples: int = 5) -> list[Transition]:
    """Every move that leads made with how many did, what is impossible first; a lead counts once a move."""
    made: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for life in lives:
        states = [UNKNOWN, *(step.state for step in life.steps)]
        for move in set(pairwise(states)):
            made[move].append(life.lead_id)
    found = [
        Transition(before, after, kind(before, after), len(ids), tuple(sorted(ids)[:examples]))
        for (before, after), ids in made.items()
    ]
    order = ("impossible", "skips", "usual")
    return sorted(found, key=lambda each: (order.index(each.kind), -each.count, each.before, each.after))
