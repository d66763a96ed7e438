"""Duplicates round the loop: one person is scored, queued and answered for once, by the command and the API."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from features import history
from leadloop.store import people
from leadloop.store.ledger import Ledger
from leadloop.store.people import People
from serving.incoming import Sent, prepare
from serving.scorer import Scorer
from serving.worklist import rank
from tests.support import Loop, leadloop


@pytest.fixture(scope="module")
def known(loop: Loop) -> People:
    """Who is there twice in the made-up company."""
    with loop.ledger.reading() as connection:
        return people.read(connection)


@pytest.fixture
def home(loop: Loop, tmp_path: Path) -> Path:
    """A copy of the made-up company's home, to decide things in."""
    shutil.copytree(loop.settings.home, tmp_path / "home", ignore=shutil.ignore_patterns("*-wal", "*-shm"))
    file = str(loop.ledger.engine.url.database)
    with closing(sqlite3.connect(file)) as source:  # what is still in its log comes along
        source.execute("VACUUM INTO ?", (str(tmp_path / "copy.db"),))
    (tmp_path / "copy.db").replace(tmp_path / "home" / Path(file).name)
    return tmp_path / "home"


def test_nearly_all_joins_are_right_and_most_duplicates_are_found(loop: Loop, known: People) -> None:
    pairs = list(known.survivor.items())
    true = [loop.world.truth.original([one]) == loop.world.truth.original([other]) for one, other in pairs]
    every = sorted({row.lead_id for row in loop.world.leads})
    twice = sum(one != first for one, first in zip(every, loop.world.truth.original(every), strict=True))
    assert sum(true) >= 0.93 * len(true)
    assert sum(true) >= 0.7 * twice


def test_no_duplicate_is_in_the_queue(loop: Loop, known: People) -> None:
    rows = rank(loop.ledger, Scorer.load(loop.settings)).rows
    assert {row["lead_id"] for row in rows}.isdisjoint(known.survivor)


def test_a_duplicate_asked_for_alone_scores_as_its_survivor_among_all(loop: Loop, known: People) -> None:
    scorer = Scorer.load(loop.settings)
    every = {row["lead_id"]: row["p_win"] for row in rank(loop.ledger, scorer, everyone=True).rows}
    for lead_id in sorted(known.survivor)[:25]:
        (alone,) = rank(loop.ledger, scorer, lead_ids=[lead_id]).rows
        assert (alone["lead_id"], alone["p_win"]) == (known.of(lead_id), every[known.of(lead_id)])


def test_a_request_with_a_duplicate_s_id_gets_the_survivor_s_numbers(loop: Loop, known: People) -> None:
    scorer, asked = Scorer.load(loop.settings), sorted(known.survivor)[:25]
    ready = prepare(loop.ledger, [Sent({"lead_id": name}) for name in asked], timezone=None, dated=True)
    sent = scorer.score(ready.history, np.arange(len(asked)), ready.as_of).rows()
    stored = {row["lead_id"]: row["p_win"] for row in rank(loop.ledger, scorer, everyone=True).rows}
    assert [row["p_win"] for row in sent] == pytest.approx([stored[known.of(name)] for name in asked], abs=1e-9)


def test_a_request_as_of_an_earlier_instant_joins_only_who_was_joined_by_then(loop: Loop, known: People) -> None:
    lead_id = max(known.survivor, key=lambda name: known.joined_at[name])
    before = known.joined_at[lead_id] - 1
    first = known.of(lead_id)
    seen = history.read(loop.ledger, before, [first])
    text = np.datetime64(before, "us").astype(str) + "Z"
    ready = prepare(loop.ledger, [Sent({"lead_id": first}, as_of=text)], timezone=None, dated=True)
    assert ready.history.attributes_at(0, before) == seen.attributes_at(0, before)


def test_merge_unmerge_and_explain_say_who_stands_for_whom(loop: Loop, known: People, home: Path) -> None:
    rows = json.loads(leadloop("queue", "--capacity", "2", "--json", "--home", home))["leads"]
    one, other = (row["lead_id"] for row in rows)
    leadloop("merge", other, one, "--actor", "anna", "--home", home)
    assert json.loads(leadloop("explain", other, "--json", "--home", home))["lead_id"] == one
    assert "duplicate of" in leadloop("explain", other, "--home", home)
    again = json.loads(leadloop("queue", "--json", "--home", home))["leads"]
    assert other not in {row["lead_id"] for row in again}
    leadloop("unmerge", other, "--home", home)
    assert json.loads(leadloop("explain", other, "--json", "--home", home))["lead_id"] == other


def test_the_report_counts_duplicates_and_proposes_more(loop: Loop, known: People, home: Path) -> None:
    report = json.loads(leadloop("report", "duplicates", "--json", "--home", home))
    assert report["duplicates"] == len(known.survivor) == sum(report["found_by"].values())
    right = [loop.world.truth.original([p["lead_id"], p["survivor_id"]]) for p in report["proposals"]]
    assert sum(one == other for one, other in right) >= 0.8 * len(right) > 0
    assert "leadloop merge" in leadloop("report", "duplicates", "--home", home)


def test_a_merge_of_a_lead_that_is_not_there_is_refused(home: Path) -> None:
    leadloop("merge", "L-nobody", "L-0000001", "--home", home, code=1)


def test_a_ledger_whose_people_are_all_different_joins_nobody(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    assert history.read(ledger).people == People()
    ledger.close()
