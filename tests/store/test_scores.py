"""Stored scores: kept once, found by instant and by page, thinned to the newest; and who does a job that one does."""

import struct
from dataclasses import replace

from leadloop.store import chores, erasure, leads, personal, scores, to_score
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow
from leadloop.store.scores import StoredScore
from tests.store.support import kept

SEEN = struct.pack("<3d", 1.5, float("nan"), 0.0)
SCORE = StoredScore("L-1", 10, "1", "hash", 0.1, 2.0, 0.2, 0.3, 0.25, 1, 2, 0.9, None, "high/low", SEEN, 100, 0.5)


def _stored(ledger: Ledger, *rows: StoredScore) -> int:
    with ledger.writing() as connection:
        return scores.add(connection, rows)


def test_a_score_comes_back_as_it_was_stored_and_is_kept_once(ledger: Ledger) -> None:
    assert (_stored(ledger, SCORE), _stored(ledger, SCORE)) == (1, 0)
    with ledger.reading() as connection:
        assert scores.history(connection, "L-1") == [SCORE]


def test_the_newest_score_up_to_an_instant_is_found_for_each_lead(ledger: Ledger) -> None:
    _stored(ledger, *(replace(SCORE, lead_id=lead, as_of=at) for lead in ("L-1", "L-2") for at in (10, 20, 30)))
    with ledger.reading() as connection:
        found = scores.before(connection, ["L-1", "L-2", "L-3"], 25)
    assert {lead_id: row.as_of for lead_id, row in found.items()} == {"L-1": 20, "L-2": 20}


def test_a_page_goes_on_where_the_last_one_ended(ledger: Ledger) -> None:
    _stored(ledger, *(replace(SCORE, as_of=at, model_version=version) for at in (1, 2) for version in ("1", "2")))
    with ledger.reading() as connection:
        first = scores.history(connection, "L-1", 3)
        rest = scores.history(connection, "L-1", 3, (first[-1].as_of, first[-1].model_version))
    assert [(row.as_of, row.model_version) for row in [*first, *rest]] == [(2, "2"), (2, "1"), (1, "2"), (1, "1")]


def test_thinning_leaves_the_newest_of_each_lead(ledger: Ledger) -> None:
    _stored(ledger, *(replace(SCORE, as_of=at, recorded_at=at) for at in (10, 20, 30)), replace(SCORE, lead_id="L-2"))
    with ledger.writing() as connection:
        assert scores.thin(connection, ["L-1", "L-2"], 1_000) == 2
        assert [row.as_of for row in scores.history(connection, "L-1")] == [30]
        assert len(scores.history(connection, "L-2")) == 1


def test_an_erased_lead_gets_no_score_back(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", 1, 1))
    erasure.erase(ledger, ["L-1"])
    assert _stored(ledger, SCORE) == 0
    with ledger.reading() as connection:
        assert to_score.first(connection, 10) == {}


def test_what_a_score_saw_is_handed_over_with_it(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", 1, 1))
    _stored(ledger, SCORE)
    with ledger.reading() as connection:
        (row,) = personal.everything(connection, "L-1")["scores"]
    assert (row["seen"], row["as_of"]) == ([1.5, None, 0.0], "1970-01-01T00:00:00.000010Z")


def test_a_lead_that_changed_again_while_it_was_scored_stays_on_the_list(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", 1, 1), LeadRow("L-2", 1, 1))
    with ledger.reading() as connection:
        changed = to_score.first(connection, 10)
    assert set(changed) == {"L-1", "L-2"}
    kept(ledger, leads, LeadRow("L-1", 1, 5))
    with ledger.writing() as connection:
        to_score.strike(connection, changed)
        assert set(to_score.first(connection, 10)) == {"L-1"}


def test_a_lease_is_one_processs_until_it_ends(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        assert chores.take(connection, "job", "a", 60)
        assert chores.take(connection, "job", "a", 60)
        assert not chores.take(connection, "job", "b", 60)
        chores.give_back(connection, "job", "a")
        assert chores.take(connection, "job", "b", -1)
        assert chores.take(connection, "job", "a", 60)


def test_how_far_a_job_came_is_kept(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        assert chores.value(connection, "job") == {}
        chores.keep(connection, "job", {"done": True})
        assert chores.value(connection, "job") == {"done": True}
