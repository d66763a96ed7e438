"""A stored score knows its place among the open leads, and the place that the score before would have had there."""

from dataclasses import replace

import numpy as np
import pytest

from leadloop.clock import DAY, HOUR, isoformat
from leadloop.settings import Settings
from leadloop.store import events, leads, scores
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow
from leadloop.store.scores import StoredScore
from serving.backlog.lines import Backlog
from serving.backlog.making import make
from serving.placing import placed
from serving.scorer import Scorer
from serving.state import State


@pytest.fixture
def scorer(queued: Settings) -> Scorer:
    return Scorer.load(queued)


@pytest.fixture
def backlog(ledger: Ledger, queued: Settings, scorer: Scorer) -> Backlog:
    return make(ledger, scorer, queued)


def row_of(backlog: Backlog, i: int, **figures: float) -> StoredScore:
    """A score as one of a list's leads has it, or would."""
    line, version = backlog.lines[i], backlog.scorer.version.version
    known = {name: float(line[name]) for name in ("p_win", "importance", "priority")} | figures
    row = StoredScore(str(backlog.lead_ids[i]), 0, version, "", 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, None, None, "", b"", 0)
    return replace(row, **known)  # type: ignore[arg-type] # fields by name


def test_the_best_lead_is_the_first_and_matters_more_than_all_others(backlog: Backlog) -> None:
    ranked = np.argsort(-backlog.lines["priority"], kind="stable")
    places = [placed([row_of(backlog, int(i))], {}, backlog)[0].place for i in ranked]
    assert places == [1 + int((backlog.lines["priority"] > backlog.lines["priority"][i]).sum()) for i in ranked]
    top = int(np.argmax(backlog.lines["importance"]))
    assert placed([row_of(backlog, top)], {}, backlog)[0].percentile == 1.0


def test_a_score_before_has_its_place_among_the_others_of_today(backlog: Backlog) -> None:
    ranked = np.argsort(-backlog.lines["priority"], kind="stable")
    best, last = int(ranked[0]), int(ranked[-1])
    was = row_of(backlog, best, priority=float(backlog.lines["priority"][last]) / 2, importance=-1.0)
    (now,) = placed([row_of(backlog, best)], {was.lead_id: was}, backlog)
    assert (now.place, now.place_as_before, now.open_leads) == (1, len(backlog), len(backlog))
    assert now.percentile_as_before == 0.0


def test_without_a_list_with_another_model_or_out_of_the_list_there_is_no_place(backlog: Backlog) -> None:
    row = row_of(backlog, 0)
    other, stranger = replace(row, model_version="99"), replace(row, lead_id="nobody")
    found = [placed([row], {}, None), placed([other], {}, backlog), placed([stranger], {}, backlog)]
    assert [one.place for (one,) in found] == [None, None, None]


def test_a_server_keeps_the_places_and_tells_what_others_moved(queued: Settings, ledger: Ledger) -> None:
    state = State(queued, ledger)
    while state.scoring.batch(state):
        pass
    state.keeper.current()
    name = str(state.keeper.current().lead_ids[0])
    at = state.keeper.current().newest
    with ledger.writing() as connection:
        events.add(connection, [EventRow(name, "demo_request", at + HOUR, at + HOUR)])
        leads.add(connection, [LeadRow("new", at + HOUR, at + HOUR, None, {"source": "web"})])
    while state.scoring.batch(state):
        pass
    with ledger.reading() as connection:
        after, before = scores.history(connection, name)[:2]
    assert isoformat(after.as_of) > isoformat(before.as_of - DAY)
    assert None not in (before.place, after.place, after.place_as_before, after.percentile_as_before)
