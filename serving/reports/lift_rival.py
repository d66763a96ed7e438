"""What another version would have put on the lists that were noted: the leads that waited then, scored as of then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.history import ALWAYS, NEVER, History, Ints
from features.history import read as read_history
from leadloop.clock import parse_as_of
from leadloop.store import outcomes, slots
from leadloop.store.judged import of_people
from leadloop.store.ledger import Ledger
from leadloop.store.slots import StoredDraw
from serving.backlog.draws import owners_in
from serving.reports.lift_slots import WORKED, Key
from serving.scorer import Scorer, existing

MOST = 2_000_000
"""Scores for one report, which take a minute or two; of more, lists are left out evenly."""
Said = tuple[float, float]
"""Chance of a win, and that times what it would bring."""


@dataclass(frozen=True)
class Rival:
    """Another version. `chosen`: by list, the leads that it would have put there; `said`: by list, what it says of
    these and of the leads that were noted. `left_out`: lists that were not scored; `taught`: lists from before it was
    trained, of whose leads it knows what came.
    """

    version: str
    chosen: Mapping[Key, frozenset[str]]
    said: Mapping[Key, Mapping[str, Said]]
    left_out: int
    taught: int


def scored(ledger: Ledger, scorer: Scorer, as_of: int) -> Rival:
    """Score whoever waited, for each list noted since the version was trained."""
    cut = None if as_of == NEVER else as_of
    with ledger.reading() as connection:
        draws, entries = slots.read(connection, cut)
        told = outcomes.read(connection, cut)
    noted: dict[Key, set[str]] = {}
    for row in entries:
        noted.setdefault((row.day, row.list), set()).add(row.lead_id)
    since = scorer.version.bundle.facts.get("as_of")
    new = [draw for draw in draws if not since or draw.as_of > parse_as_of(str(since))]
    some = _within_budget(new)
    history = read_history(ledger, cut, blocks=scorer.version.bundle.catalogue.read_apart)
    heard = np.full(len(history), NEVER)
    place = {lead_id: i for i, lead_id in enumerate(history.lead_ids)}
    for out in of_people(told, history.people):
        if out.stage in WORKED | {"recycled"} and out.lead_id in place:
            at = ALWAYS if out.recorded_at is None else out.recorded_at
            heard[place[out.lead_id]] = min(heard[place[out.lead_id]], at)
    chosen, said = dict[Key, frozenset[str]](), dict[Key, dict[str, Said]]()
    for draw in some:
        key = draw.day, draw.list
        chosen[key], said[key] = _one(scorer, history, _waited(history, heard, draw), draw, noted.get(key, set()))
    return Rival(scorer.version.version, chosen, said, len(new) - len(some), len(draws) - len(new))


def _within_budget(draws: Sequence[StoredDraw]) -> list[StoredDraw]:
    scores = sum(draw.eligible for draw in draws)
    kept = min(len(draws), max(1, int(len(draws) * MOST / scores))) if scores else 0
    return [draws[i] for i in np.linspace(0, len(draws) - 1, kept).round().astype(int).tolist()]


def _waited(history: History, heard: Ints, draw: StoredDraw) -> Ints:
    """The leads of the list's owners that were there and that sales had said nothing of."""
    there = existing(history, draw.as_of)
    there = there[heard[there] > draw.as_of]
    owners = owners_in(draw.list)
    if owners is None:
        return there
    of = [history.attributes_at(lead, draw.as_of).get("owner") in owners for lead in there.tolist()]
    return np.asarray(there[np.array(of, dtype=bool)])


def _one(
    scorer: Scorer, history: History, leads: Ints, draw: StoredDraw, noted: set[str]
) -> tuple[frozenset[str], dict[str, Said]]:
    """The best leads of a list, and what is said of them and of those noted."""
    if not len(leads):
        return frozenset(), {}
    scores = scorer.score(history, leads, np.full(len(leads), draw.as_of)).scores
    best = set(np.argsort(-scores.priority, kind="stable")[: draw.slots].tolist())
    ids = [history.lead_ids[lead] for lead in leads.tolist()]
    wanted = [i for i, lead_id in enumerate(ids) if i in best or lead_id in noted]
    said = {ids[i]: (float(scores.p_win[i]), float(scores.importance[i])) for i in wanted}
    return frozenset(ids[i] for i in best), said
