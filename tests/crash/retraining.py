"""Rounds in which a retraining is killed, and the next one has to complete it: exactly one champion stands then.

    python -m tests.crash.retraining URL ROUNDS SEED

Each round forks `retrain` on a small company whose champion is old, kills it at a failpoint or at any instant, some of
them twice; then one is let run. It must decide what an undisturbed run decides, and leave one champion whose files are
whole, no run half done, nothing under way in MLflow and the lock free. Forks come from this process, which has one
thread.
"""

import json
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from sqlalchemy import create_engine, select, text

from leadloop.settings import Settings
from leadloop.store import failpoint, runs
from leadloop.store.ledger import Ledger
from leadloop.store.tables import metadata
from leadloop.store.tables import runs as run_table
from models import aliases, registry
from models.by_client import client
from tests.training.company import Company, day, fill
from training import retraining

ANY = "any instant"
POINTS = (*failpoint.RETRAINING, ANY)
BEFORE, NOW = 60, 110
"""The days by which the champion learned, and by which the challenger does."""
BEGINNING = Company(NOW)
COMPANIES = {
    "as it was": Company(NOW, seed=1),
    "turned": Company(NOW, turn=64, seed=1),
    "turned against some": Company(NOW, turn=70),
}
"""What they come to: kept, promoted and refused."""
TWICE = 0.3


@dataclass(frozen=True)
class Place:
    """Where a round happens. `files`: MLflow's store and its artefacts, with a champion; copied for each round."""

    url: str
    files: Path

    def settings(self, home: Path) -> Settings:
        """A quick recipe, and a lock that a dead one's successor need not wait for."""
        known = {"tune_trials": 0, "capacity": 2, "horizon_days": 20.0, "retrain_lease_seconds": 30}
        return Settings(home=home, database_url=self.url, **known)  # type: ignore[arg-type] # pydantic checks them


def child(work: Callable[[], object]) -> int:
    """Fork, and do the work there; the child's process number."""
    number = os.fork()
    if number:
        return number
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
            os.dup2(nowhere.fileno(), 2)
        work()
        os._exit(0)
    except BaseException:
        os._exit(1)


def ended(number: int) -> int:
    """How a child ended: its exit code, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


def once(settings: Settings, armed: str | None = None, out: Path | None = None) -> None:
    """Retrain in this process. `armed`: where to be killed; `out`: where to write what came of it."""
    if armed:
        failpoint.arm(armed)
    ledger = Ledger.open(settings.ledger_url)
    done = retraining.retrain(settings, ledger, day(NOW))
    ledger.close()
    if out:
        out.write_text(json.dumps(done.as_dict()))


def empty(url: str) -> None:
    """Take away everything of an earlier round."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        else:
            metadata.drop_all(connection)
            connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    engine.dispose()


def prepare(place: Place, home: Path, company: Company) -> Settings:
    """A home of its own with the champion, and the ledger filled."""
    shutil.copytree(place.files, home)
    empty(place.url)
    settings = place.settings(home)
    ledger = Ledger.open(settings.ledger_url)
    fill(ledger, company.leads, company.outcomes)
    ledger.close()
    return settings


def first_champion(place: Place) -> None:
    """Train the champion that all rounds begin with; in this process, so that forks need not import anything."""
    settings = place.settings(place.files)
    empty(place.url)
    ledger = Ledger.open(settings.ledger_url)
    fill(ledger, BEGINNING.leads, BEGINNING.outcomes)
    retraining.retrain(settings, ledger, day(BEFORE))
    ledger.close()
    if registry.pointed(settings) != "1":
        raise RuntimeError("no champion came of the small company")


def killed(settings: Settings, point: str, draw: random.Random, seconds: float) -> int:
    """Retrain and be killed there; 1 if it was, 0 if it was done before."""
    number = child(lambda: once(settings, None if point == ANY else point))
    if point == ANY:
        end, latest = monotonic() + draw.uniform(0.0, seconds), number
        while monotonic() < end:
            sleep(0.005)
        os.kill(latest, signal.SIGKILL)
    return int(ended(number) == -signal.SIGKILL)


def undisturbed(settings: Settings, out: Path) -> dict[str, Any]:
    """What a retraining that nobody kills says."""
    code = ended(child(lambda: once(settings, None, out)))
    if code != 0:
        return {"decision": f"failed with exit code {code}"}
    told: dict[str, Any] = json.loads(out.read_text())
    return told


def wrong(settings: Settings, told: dict[str, Any], expected: dict[str, Any], home: Path) -> list[str]:
    """What the rounds promise and is not so."""
    named = aliases.read(settings) or {}
    standing, version = named.get("champion"), told.get("version")
    should = version if expected["decision"] == "promoted" else "1"
    found = [
        (told["decision"] != expected["decision"], f"decided {told['decision']}, not {expected['decision']}"),
        (standing != should, f"champion is {standing}, not {should}"),
        (registry.pointed(settings) != standing, f"noted here is {registry.pointed(settings)}, not {standing}"),
        (expected["decision"] == "kept" and named.get("challenger") != version, f"challenger: {named}"),
    ]
    return [said for is_so, said in found if is_so] + left(settings) + whole(settings, standing, home)


def left(settings: Settings) -> list[str]:
    """Runs that nobody completed, in the ledger or in MLflow, and a lock that is still held."""
    ledger, found = Ledger.open(settings.ledger_url), []
    with ledger.reading() as connection:
        if runs.unfinished(connection) is not None:
            found.append("a run is unfinished")
        if len(list(connection.execute(select(run_table.c.run_id)))) != 1:
            found.append("more than one run was noted")
    from leadloop.store.alone import turn

    with turn(ledger, retraining.JOB, 1.0) as mine:
        found += [] if mine else ["the lock is held"]
    ledger.close()
    mlflow = client(settings)
    experiment = mlflow.get_experiment_by_name(settings.experiment)
    going = mlflow.search_runs([experiment.experiment_id], filter_string="attributes.status = 'RUNNING'")
    return found + [f"{len(going)} runs of MLflow are under way"] * bool(going)


def whole(settings: Settings, standing: str | None, home: Path) -> list[str]:
    """Whether the champion's files are there, here and in MLflow."""
    if standing is None:
        return []
    try:
        registry.load(settings, standing)
        shutil.rmtree(home / "models" / standing)
        registry.load(settings, standing)  # from MLflow
    except Exception as error:
        return [f"the champion can't be loaded: {error}"]
    return []


def one(
    place: Place, home: Path, draw: random.Random, company: tuple[str, dict[str, Any]]
) -> tuple[str, int, list[str]]:
    """A round: where it was killed, how often, and what was wrong. `company`: which, and what it comes to."""
    kind, expected = company
    settings = prepare(place, home, COMPANIES[kind])
    points = [draw.choice(POINTS) for _ in range(2 if draw.random() < TWICE else 1)]
    kills = sum(killed(settings, point, draw, expected["seconds"]) for point in points)
    told = undisturbed(settings, home / "told.json")
    if told["decision"] == "nothing_new":  # it was done when it was killed
        ledger = Ledger.open(settings.ledger_url)
        with ledger.reading() as connection:
            last = runs.same(connection, *_learned(connection))
        ledger.close()
        told = {"decision": last.decision if last else None, "version": last.version if last else None}
        complaints = [each for each in wrong(settings, told, expected, home) if "more than one run" not in each]
    else:
        complaints = wrong(settings, told, expected, home)
    return f"{kind}: {points[0]}", kills, [f"{kind}, {points}: {each}" for each in complaints]


def _learned(connection: Any) -> tuple[str, str]:
    row = connection.execute(select(run_table.c.data, run_table.c.recipe).limit(1)).one()
    return str(row[0]), str(row[1])


def run(url: str, rounds: int, seed: int) -> dict[str, object]:
    """So many rounds: how many were killed where, and what was wrong."""
    draw, kills, found = random.Random(seed), Counter[str](), list[str]()  # noqa: S311 -- seeded to be repeated
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"  # it takes a thread
    with tempfile.TemporaryDirectory() as folder:
        place = Place(url, Path(folder) / "before")
        first_champion(place)
        expected: dict[str, dict[str, Any]] = {}
        for number in range(rounds):
            home = Path(folder) / f"round {number}"
            kind = draw.choice(sorted(COMPANIES))
            if kind not in expected:
                expected[kind] = _reference(place, Path(folder) / kind, COMPANIES[kind])
            where, killed_times, complaints = one(place, home, draw, (kind, expected[kind]))
            kills[where] += killed_times
            found += [f"round {number}, {each}" for each in complaints]
            shutil.rmtree(home)
            print(f"{number + 1}: {where}, killed {killed_times} times", *complaints, file=sys.stderr)  # noqa: T201 -- rounds take a while
    decided = {kind: each["decision"] for kind, each in expected.items()}
    return {"rounds": rounds, "decided": decided, "killed": dict(sorted(kills.items())), "wrong": found}


def _reference(place: Place, home: Path, company: Company) -> dict[str, Any]:
    settings = prepare(place, home, company)
    begun = monotonic()
    told = undisturbed(settings, home / "told.json")
    return {**told, "seconds": monotonic() - begun}


if __name__ == "__main__":
    json.dump(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])), sys.stdout)
