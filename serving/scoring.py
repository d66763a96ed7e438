"""Scores of the ledger's leads, made between requests and stored with what they saw: after a change, a swap, a day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter, sleep
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np
from sqlalchemy import Connection, select

from features.history import NEVER, History, Ints, read
from features.kernel import days_waited, last_version
from leadloop.clock import DAY, HOUR, now, to_micros
from leadloop.settings import Settings
from leadloop.store import chores, judged, outcomes, scores, to_score
from leadloop.store.ledger import Ledger
from leadloop.store.scores import StoredScore
from leadloop.store.tables import leads as lead_table
from models.priority import TIERS
from serving.noticing import hot_leads
from serving.placing import placed
from serving.scorer import COLUMNS, Scored, Scorer, existing, when
from serving.swap import CHAMPION

if TYPE_CHECKING:
    from serving.state import State

BATCH = 200
"""Leads scored in one go, which no request waits for longer than a few hundredths of a second."""
SHARE = 0.25
"""Of a processor that the work may take while there is much of it."""
TURN_SECONDS = 5.0
LEASE_SECONDS = 60.0
ENOUGH_LEADS = 200
"""Fewer open leads say nothing of drift."""
Tell = Callable[[Connection, Settings, Mapping[str, StoredScore], Sequence[StoredScore]], object]
"""Is given a writing transaction, the settings, each lead's score before where there was one, and the new scores."""
TELL: tuple[Tell, ...] = (hot_leads,)
"""Who is told of new scores, in the transaction that stores them."""
_JOB = "scores"


def rows_of(scored: Scored, at: int) -> list[StoredScore]:
    """Scores as they are stored; `at`: when that is, microseconds UTC."""
    version, values = scored.version, scored.scores
    columns = [getattr(values, name).tolist() for name in COLUMNS]
    seen = [row.tobytes() for row in np.ascontiguousarray(values.X, dtype="<f8")]
    waited = days_waited(scored.history, scored.leads, scored.as_of).tolist()
    named = [scored.history.lead_ids[lead] for lead in scored.leads.tolist()]
    same = (version.version, version.bundle.catalogue.hash)
    rows = zip(named, scored.as_of.tolist(), zip(*columns, strict=True), seen, waited, strict=True)
    make: Callable[..., StoredScore] = StoredScore  # COLUMNS are its fields in order, which mypy cannot count
    return [make(name, as_of, *same, *score, row, at, days) for name, as_of, score, row, days in rows]


def of_changed(ledger: Ledger, scorer: Scorer, lead_ids: Sequence[str]) -> Scored:
    """Scores of leads that something came in about; where the sender's clock is ahead, at the instant sent for."""
    at, blocks = when(ledger, None), scorer.version.bundle.catalogue.read_apart
    history = read(ledger, None if at == NEVER else at, lead_ids, blocks)
    there = existing(history, at)
    if len(there) == len(lead_ids) or at == NEVER:
        return scorer.score(history, there, np.full(len(there), at))
    history = read(ledger, at + DAY, lead_ids, blocks)
    as_of = np.maximum(at, np.maximum(history.created_at, history.version_at[history.start[:-1]]))
    there = _known(history, np.minimum(as_of, at + DAY))
    return scorer.score(history, there, as_of[there])


def of_open(ledger: Ledger, scorer: Scorer, lead_ids: Sequence[str]) -> Scored:
    """Scores, at this moment, of those of the leads that sales is not done with."""
    at, blocks = when(ledger, None), scorer.version.bundle.catalogue.read_apart
    history = read(ledger, None if at == NEVER else at, lead_ids, blocks)
    with ledger.reading() as connection:
        told = outcomes.read(connection, None if at == NEVER else at, history.people.all_of(lead_ids))
    done = judged.closed(told, history.people)
    there = existing(history, at)
    asked = set(lead_ids) - done  # whoever stands for one of them is asked about by itself
    leads = there[np.array([history.lead_ids[lead] in asked for lead in there.tolist()], dtype=bool)]
    return scorer.score(history, leads, np.full(len(leads), at))


def _known(history: History, as_of: Ints) -> Ints:
    everyone = np.arange(len(history))
    there: Ints = everyone[
        (last_version(history.start, history.version_at, everyone, as_of) >= 0) & (history.created_at <= as_of)
    ]
    return there


def _moved(stars: Mapping[int, int], scorer: Scorer) -> float | None:
    """Population stability index of the stars of open leads against those when the model was trained.

    None where there were or are too few to say.
    """
    total = sum(stars.values())
    if min(total, scorer.version.bundle.population.open_leads) < ENOUGH_LEADS:
        return None
    now_share = np.array([max(stars.get(star, 0), 0.5) for star in range(4)]) / total
    then_share = np.diff([0.0, *TIERS, 1.0])
    return float(np.sum((now_share - then_share) * np.log(now_share / then_share)))


@dataclass
class Scoring:
    """The job in one process. Its lease says which process does it; what is left to do is in the ledger.

    A walk goes over all leads by id: it scores the open ones and drops old scores. Where it is is known here alone;
    whoever takes the job over walks from the beginning and finds what was done already.
    """

    holder: str = field(default_factory=lambda: uuid4().hex)
    stored: int = 0
    _after: str = ""
    _walk: tuple[str, int] | None = None

    def work(self, state: "State") -> None:
        """Score what there is to score, in small batches with pauses, for a few seconds at most."""
        end = perf_counter() + TURN_SECONDS
        while perf_counter() < end and not state.stopping:
            begun = perf_counter()
            if not self.batch(state):
                return
            sleep((perf_counter() - begun) * (1 / SHARE - 1))

    def batch(self, state: "State") -> bool:
        """One batch: changed leads first, then the walk; False when there is nothing to do, or another does it."""
        scorer = state.champion.scorer
        if scorer is None or not state.settings.store_scores:
            return False
        with state.ledger.reading() as connection:
            if chores.value(connection, CHAMPION).get("model_version", version := scorer.version.version) != version:
                return False  # a process that refused the champion leaves the work to those that serve it
            changed = to_score.first(connection, BATCH)
            due = bool(changed) or self._due(chores.value(connection, _JOB), state, scorer)
        if not due or not self._mine(state.ledger):
            return False
        if changed:
            self._store(state, of_changed(state.ledger, scorer, sorted(changed)), changed)
            return True
        return self._step(state, scorer)

    def _mine(self, ledger: Ledger) -> bool:
        with ledger.writing() as connection:
            return chores.take(connection, _JOB, self.holder, LEASE_SECONDS)

    def _due(self, how_far: dict[str, object], state: "State", scorer: Scorer) -> bool:
        """A walk has to be begun or ended: another version serves, or the last one was begun too long ago."""
        begun_at = int(str(how_far.get("begun_at", 0)))
        over = to_micros(now()) - begun_at > state.settings.rescore_hours * HOUR
        return over or how_far.get("model_version") != scorer.version.version or not how_far.get("done")

    def _step(self, state: "State", scorer: Scorer) -> bool:
        """The next leads of the walk."""
        walk = self._begun(state, scorer)
        with state.ledger.reading() as connection:
            query = select(lead_table.c.lead_id).where(lead_table.c.lead_id > self._after).distinct()
            lead_ids = list(connection.execute(query.order_by(lead_table.c.lead_id).limit(BATCH)).scalars())
            made = scores.newest_made(connection, lead_ids, walk[0])
        left = [lead_id for lead_id in lead_ids if made.get(lead_id, 0) < walk[1]]
        if left:
            self._store(state, of_open(state.ledger, scorer, left), {})
        with state.ledger.writing() as connection:
            scores.thin(connection, lead_ids, to_micros(now()) - int(state.settings.keep_scores_days * DAY))
            if not lead_ids:
                psi = _moved(scores.stars(connection, *walk), scorer)
                how_far = {"model_version": walk[0], "begun_at": walk[1], "done": True, "psi": psi}
                chores.keep(connection, _JOB, how_far)
        self._after = lead_ids[-1] if lead_ids else ""
        return bool(lead_ids)

    def _begun(self, state: "State", scorer: Scorer) -> tuple[str, int]:
        """The walk that is under way with this version, else a new one."""
        with state.ledger.reading() as connection:
            how_far = chores.value(connection, _JOB)
        version, begun_at = how_far.get("model_version"), int(how_far.get("begun_at", 0))
        if version != scorer.version.version or how_far.get("done"):
            version, begun_at = scorer.version.version, to_micros(now())
            with state.ledger.writing() as connection:
                chores.keep(connection, _JOB, {"model_version": version, "begun_at": begun_at, "done": False})
        if self._walk != (version, begun_at):
            self._walk, self._after = (version, begun_at), ""
        return self._walk

    def _store(self, state: "State", scored: Scored, changed: Mapping[str, int]) -> None:
        rows = rows_of(scored, to_micros(now()))
        backlog = state.keeper.lately() if rows else None
        with state.ledger.writing() as connection:
            if rows:
                newest = max(row.as_of for row in rows)
                before = scores.before(connection, [row.lead_id for row in rows], newest)
                rows = placed(rows, before, backlog)
                for tell in TELL:
                    tell(connection, state.settings, before, rows)
            self.stored += scores.add(connection, rows)
            to_score.strike(connection, changed)
