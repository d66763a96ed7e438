"""The worker: one process that retrains on schedule, goes on when a job fails, and stops when it is told to."""

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import select

from leadloop.cli.life import STOPPED, Schedule, StoppingError
from leadloop.clock import HOUR, SECOND, now, to_micros
from leadloop.errors import NothingToLearnError
from leadloop.settings import Settings
from leadloop.store import runs
from leadloop.store.alone import turn
from leadloop.store.ledger import Ledger
from leadloop.store.runs import Run
from leadloop.store.tables import chores
from models import aliases
from serving.state import State
from serving.worker import retain
from tests.support import COMMAND, _environment, leadloop
from tests.training.company import Company, day, fill
from training.retraining import JOB

COMPANY = Company(days=70, seed=2)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """What a worker holds, on an empty ledger."""
    settings = Settings(home=tmp_path)
    made = State(settings, Ledger.open(settings.ledger_url))
    yield made
    made.keeper.close()
    made.ledger.close()


def until(found: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    """Wait for something that the process does."""
    for _ in range(1_200):
        if found():
            return
        assert process.poll() is None, process.communicate()[1]
        sleep(0.1)
    raise AssertionError(found)


def decided(ledger: Ledger) -> list[Run]:
    with ledger.reading() as connection:
        return runs.newest(connection, 5)


def test_a_worker_retrains_by_itself_and_stops_on_sigterm(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    ledger = Ledger.open(settings.ledger_url)
    fill(ledger, COMPANY.leads, COMPANY.outcomes)
    environment = _environment({"tune_trials": "0", "horizon_days": "20", "log_format": "json"})
    command = [COMMAND, "worker", "--home", str(tmp_path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    until(lambda: bool(decided(ledger)), process)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, aliases.read(settings)) == (0, {"champion": "1"})
    assert [run.decision for run in decided(ledger)] == ["promoted"]
    assert said.strip().endswith('"message": "worker stopped"}')
    assert all(line.startswith("{") for line in said.splitlines()), said  # MLflow prints nothing between our lines
    ledger.close()


ENDLESS = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from leadloop.settings import Settings
from serving import worker
from serving.chores import Chore

def work(state):
    print("begun", flush=True)
    ThreadPoolExecutor(1).submit(time.sleep, 1_000).result()

worker.GRACE_SECONDS = 0.5
worker.work(Settings(home=sys.argv[1]), [Chore("endless", 0.01, work), Chore("endless too", 0.01, work)])
"""
"""A worker with jobs in the middle of what nobody can interrupt, for which Python itself would wait at its end."""


def test_a_worker_ends_although_its_jobs_do_not(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert [process.stdout.readline() for _ in range(2)] == ["begun\n"] * 2
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "jobs are broken off jobs=endless, endless too" in said
    assert said.strip().endswith("worker stopped")


def test_a_worker_says_once_that_another_process_retrains_and_looks_again_a_minute_later(
    state: State, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "leadloop.retraining")
    schedule = Schedule()
    with turn(state.ledger, JOB, 60.0):
        for _ in range(3):
            schedule.work(state)
            assert schedule.not_before > to_micros(now()) + 30 * SECOND
            schedule.not_before = 0
    assert [record.__dict__["decision"] for record in caplog.records] == ["busy"]
    with pytest.raises(NothingToLearnError):
        schedule.work(state)


def test_a_retraining_that_is_told_to_stop_gives_its_lease_back_and_the_next_one_completes_it(tmp_path: Path) -> None:
    ledger = Ledger.open(Settings(home=tmp_path).ledger_url)
    fill(ledger, COMPANY.leads, COMPANY.outcomes)
    environment = _environment({"tune_trials": "0", "horizon_days": "20"})
    command = [COMMAND, "retrain", "--json", "--home", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    until(lambda: unfinished(ledger), process)
    process.send_signal(signal.SIGTERM)
    told, said = process.communicate(timeout=120)
    assert (process.returncode, told) == (STOPPED, ""), said
    with ledger.reading() as connection:
        assert connection.execute(select(chores.c.until).where(chores.c.name == "retrain")).scalar() == 0
    done = json.loads(leadloop("retrain", "--json", "--home", tmp_path, tune_trials="0", horizon_days="20"))
    assert (done["decision"], done["completed"]) == ("promoted", True)
    ledger.close()


def unfinished(ledger: Ledger) -> bool:
    """Whether a run was begun and is not done."""
    with ledger.reading() as connection:
        return runs.unfinished(connection) is not None


def test_a_retraining_that_fails_is_tried_again_an_hour_later_and_not_at_once(state: State) -> None:
    schedule = Schedule()
    with pytest.raises(NothingToLearnError):
        schedule.work(state)
    schedule.work(state)
    schedule.not_before -= HOUR
    with pytest.raises(NothingToLearnError):
        schedule.work(state)


def test_the_last_run_says_when_the_next_is_due_and_a_killed_one_is_due_at_once(state: State) -> None:
    schedule = Schedule()
    assert schedule.due(state)
    with state.ledger.writing() as connection:
        run = runs.end(connection, runs.begin(connection, day(1), ("data", "recipe"), None, "here"), decision="kept")
    assert not schedule.due(state)
    state.settings = state.settings.model_copy(update={"retrain_every_hours": 1e-9})
    assert schedule.due(state)
    state.settings = Settings(home=state.settings.home)
    with state.ledger.writing() as connection:
        runs.begin(connection, run.as_of, ("data", "recipe"), None, "here")
    assert schedule.due(state)


def test_a_worker_that_is_told_to_stop_leaves_the_run_to_the_next(state: State) -> None:
    fill(state.ledger, COMPANY.leads, COMPANY.outcomes)
    state.stopping = True
    with pytest.raises(StoppingError):
        Schedule().work(state)
    assert aliases.read(state.settings) == {}


def test_a_worker_erases_who_was_silent_for_longer_than_the_period(state: State) -> None:
    fill(state.ledger, COMPANY.leads[:5], [])
    state.settings = state.settings.model_copy(update={"retention_period": "900y"})
    retain(state)
    state.settings = state.settings.model_copy(update={"retention_period": "1d"})
    retain(state)
    with state.ledger.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM leads").scalar() == 0
