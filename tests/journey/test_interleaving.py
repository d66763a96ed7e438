"""Any order, repetition and lateness of the same rows gives the same ledger, and the same scores as of any instant."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadloop.clock import DAY
from leadloop.store import events, leads, outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow
from serving.scorer import Scorer
from serving.worklist import rank
from tests.support import Loop

ROOMS = {LeadRow: leads, EventRow: events}


@pytest.fixture(scope="module")
def rows(loop: Loop) -> list[Any]:
    """All rows of sixty leads, duplicates of the same person among them."""
    truth = loop.world.truth
    ids = sorted({row.lead_id for row in loop.world.leads})
    twice = [name for name, first in zip(ids, truth.original(ids), strict=True) if name != first][:10]
    chosen = {*twice, *truth.original(twice), *ids[::75]}
    world = loop.world
    return [row for room in (world.leads, world.events, world.outcomes) for row in room if row.lead_id in chosen]


def scores(rows: list[Any], batches: int, scorer: Scorer, instants: list[int]) -> list[Any]:
    """What is said of a ledger that received the rows in this order, at each instant."""
    with TemporaryDirectory() as scratch:
        ledger = Ledger.open(f"sqlite:///{Path(scratch) / 'ledger.db'}")
        for batch in np.array_split(np.arange(len(rows)), batches):
            with ledger.writing() as connection:
                for row in (rows[i] for i in batch.tolist()):
                    ROOMS.get(type(row), outcomes).add(connection, [row])
        said = [rank(ledger, scorer, at).rows for at in instants]
        ledger.close()
    return said


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_rows_in_any_order_however_often_give_the_same_scores(loop: Loop, rows: list[Any], data: st.DataObject) -> None:
    end = loop.world.truth.market.settings.end_at
    instants = [end - data.draw(st.integers(0, 400)) * DAY for _ in range(3)]
    draws = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    again = draws.integers(0, len(rows), len(rows) // 3).tolist()
    shuffled = [rows[i] for i in draws.permutation([*range(len(rows)), *again]).tolist()]
    scorer = Scorer.load(loop.settings)
    assert scores(shuffled, 7, scorer, instants) == scores(rows, 1, scorer, instants)


def test_a_later_row_changes_no_earlier_answer(loop: Loop, rows: list[Any]) -> None:
    at = loop.world.truth.market.settings.end_at - 200 * DAY
    known = [row for row in rows if (row.recorded_at or 0) <= at]
    scorer = Scorer.load(loop.settings)
    assert scores(rows, 1, scorer, [at]) == scores(known, 1, scorer, [at])
    assert len(known) < len(rows)
