"""Scores of the ledger's leads are stored off the request: what the command says, with what makes them again."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from leadloop.clock import isoformat
from leadloop.settings import Settings
from leadloop.store import chores, events, scores, to_score
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow
from leadloop.store.scores import StoredScore
from leadloop.store.tables import chores as chores_table
from leadloop.store.tables import scores as score_table
from leadloop.store.tables import to_score as to_score_table
from models import registry
from serving import scoring
from serving.app import create_app
from serving.scorer import COLUMNS, when
from serving.scoring import BATCH, Scoring
from serving.state import State
from tests.support import Loop, answering, leadloop


@pytest.fixture
def state(loop: Loop, tmp_path: Path) -> State:
    """What a server on a copy of the made-up company holds, of which no server has scored anybody yet."""
    settings = Settings(home=shutil.copytree(loop.settings.home, tmp_path / "home"))
    ledger = Ledger.open(settings.ledger_url)
    with ledger.writing() as connection:
        for table in (score_table, to_score_table, chores_table):
            connection.execute(table.delete())
    return State(settings, ledger)


def walk(state: State) -> int:
    """Do all there is to do; returns in how many batches."""
    batches = 0
    while state.scoring.batch(state):
        batches += 1
    return batches


def stored(state: State, lead_id: str) -> list[StoredScore]:
    with state.ledger.reading() as connection:
        return scores.history(connection, lead_id)


def counted(state: State) -> int:
    with state.ledger.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(score_table)).scalar_one())


def test_the_first_walk_stores_what_the_command_says_of_every_open_lead(state: State, tmp_path: Path) -> None:
    assert walk(state) >= 3_000 // BATCH
    told = json.loads(leadloop("score", "--json", "--home", state.settings.home))
    assert counted(state) == len(told["leads"])
    for row in told["leads"][::50]:
        (kept,) = stored(state, row["lead_id"])
        assert (kept.model_version, isoformat(kept.as_of), kept.cell) == (
            told["model_version"],
            told["as_of"],
            row["cell"],
        )
        for name in COLUMNS[:-1]:
            assert getattr(kept, name) == pytest.approx(row[name], abs=1e-9)


def test_a_stored_score_is_made_again_from_what_it_saw(state: State) -> None:
    walk(state)
    bundle = registry.load(state.settings).bundle
    with state.ledger.reading() as connection:
        lead_ids = connection.execute(select(score_table.c.lead_id).limit(40)).scalars().all()
        found = scores.before(connection, lead_ids, when(state.ledger, None))
    seen = np.array([np.frombuffer(row.seen, "<f8") for row in found.values()])
    again = bundle.score_features(seen, np.array([row.days_waited for row in found.values()], dtype=np.float64))
    assert again.priority.tolist() == pytest.approx([row.priority for row in found.values()], abs=1e-9)
    assert {row.feature_hash for row in found.values()} == {bundle.catalogue.hash}


def test_a_second_walk_waits_for_a_new_version_or_a_day(state: State) -> None:
    walk(state)
    assert walk(state) == 0
    shutil.copytree(state.settings.models_dir / "1", state.settings.models_dir / "7")
    (state.settings.models_dir / "champion.json").write_text('{"version": "7"}')
    state.champion.look()
    before = counted(state)
    assert walk(state) > 0
    assert counted(state) == 2 * before


def test_an_event_makes_a_new_score_and_no_more_than_one(state: State) -> None:
    walk(state)
    at = when(state.ledger, None)
    with state.ledger.reading() as connection:
        lead_id = connection.execute(select(score_table.c.lead_id).limit(1)).scalar_one()
    with state.ledger.writing() as connection:
        events.add(connection, [EventRow(lead_id, "demo_request", at + 1, at + 1)])
    assert walk(state) == 1
    assert [row.as_of for row in stored(state, lead_id)] == [at + 1, at]


def test_who_asked_is_told_of_new_scores_and_of_those_before(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(scoring, "TELL", (lambda _, __, before, rows: told.append((len(before), len(rows))),))
    walk(state)
    at = when(state.ledger, None)
    with state.ledger.reading() as connection:
        lead_id = connection.execute(select(score_table.c.lead_id).limit(1)).scalar_one()
    with state.ledger.writing() as connection:
        events.add(connection, [EventRow(lead_id, "demo_request", at + 1, at + 1)])
    walk(state)
    assert ({before for before, _ in told[:-1]}, told[-1]) == ({0}, (1, 1))


def test_only_the_process_with_the_lease_does_the_work(state: State) -> None:
    other = State(state.settings, state.ledger)
    assert state.scoring.batch(state)
    assert not other.scoring.batch(other)
    with state.ledger.writing() as connection:
        connection.execute(chores_table.update().values(until=0))
    assert other.scoring.batch(other)
    walk(other)
    assert counted(state) == counted(other) > 0


def test_a_process_that_does_not_serve_the_champion_leaves_the_work_to_others(state: State) -> None:
    with state.ledger.writing() as connection:
        chores.keep(connection, "champion", {"model_version": "2"})
    assert not state.scoring.batch(state)


def test_who_takes_the_walk_over_repeats_nothing(state: State) -> None:
    for _ in range(5):
        state.scoring.batch(state)
    done = state.scoring.stored
    with state.ledger.writing() as connection:
        connection.execute(chores_table.update().values(until=0))
    state.scoring = Scoring()
    walk(state)
    assert done + state.scoring.stored == counted(state)


def test_sent_leads_are_stored_after_the_request_and_score_stores_nothing(loop: Loop, tmp_path: Path) -> None:
    shutil.copytree(loop.settings.models_dir, tmp_path / "home" / "models")
    app = create_app(Settings(home=tmp_path / "home"), without_key=True)
    with answering(app) as client:
        state: State = app.state.leadloop
        client.post("/v1/score", json={"lead": {"lead_id": "L-0", "source": "web"}})
        lead = {"lead_id": "L-1", "created_at": "2026-03-01T09:00:00Z", "source": "web"}
        assert client.post("/v1/leads", json=lead).status_code == 201
        while not (page := client.get("/v1/leads/L-1/scores").json())["scores"]:
            pass
        with state.ledger.reading() as connection:
            assert to_score.waiting(connection) == (0, None)
        assert [row.lead_id for row in [*stored(state, "L-0"), *stored(state, "L-1")]] == ["L-1"]
        assert page["scores"][0]["model_version"] == loop.trained.version
        assert client.get("/v1/leads/L-0/scores").status_code == 404


def test_the_scores_of_a_lead_come_in_pages(state: State) -> None:
    walk(state)
    with state.ledger.reading() as connection:
        lead_id = connection.execute(select(score_table.c.lead_id).limit(1)).scalar_one()
    (one,) = stored(state, lead_id)
    with answering(create_app(state.settings, without_key=True)) as client:
        first = client.get(f"/v1/leads/{lead_id}/scores", params={"limit": 1}).json()
        assert (first["scores"][0]["p_win"], first["next_cursor"]) == (one.p_win, None)
        assert client.get(f"/v1/leads/{lead_id}/scores", params={"cursor": "x"}).status_code == 422


def test_stars_that_stand_as_at_the_training_have_not_moved_and_others_have(state: State) -> None:
    scorer = state.scorer()
    assert scoring._moved({0: 500, 1: 300, 2: 150, 3: 50}, scorer) == pytest.approx(0, abs=1e-9)
    assert (scoring._moved({0: 100, 1: 100, 2: 300, 3: 500}, scorer) or 0) > 0.25
    assert scoring._moved({0: 5, 3: 2}, scorer) is None
