"""What a score over HTTP costs, beside an empty route of the same server and MLflow's own ways to serve a model.

The server has one core, the load the other; each route is asked in turn, round after round, with rows that vary. The
empty route parses the same body with pydantic and returns a canned answer of the same size. Trees of 16 and of 31
leaves, 300 each, over leads with 50 attributes and 200 events. `--json` for programs; `--quick` for a look.
"""

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import Any

import numpy as np

from features.catalogue import Catalogue, learn_catalogue
from features.history import Floats, read
from features.kernel import matrix
from leadloop import console
from leadloop.clock import DAY, HOUR, now, to_micros
from leadloop.settings import Settings
from leadloop.store import events, instant, leads, repack
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow
from models import registry
from models.bundle import Bundle
from models.calibration import Calibration
from models.decay import Decay
from models.outcome import OutcomeModel, ReasonModel
from models.priority import Population
from models.tree import TreeModel
from models.value import ValueModel

LEADS, EVENTS, NUMBERS, CHOICES = 600, 200, 30, 20
TREES, CONNECTIONS = 300, 8
LEAVES = {16: {"num_leaves": 16, "max_depth": 6}, 31: {"num_leaves": 31}}
KINDS = ("page_view", "email_open", "email_click", "download", "demo_request", "webinar_attended")
TICKS = os.sysconf("SC_CLK_TCK")

APP = """
from fastapi import Response
from fastapi.routing import APIRoute
from leadloop.settings import Settings
from pathlib import Path
from serving import access
access.TABLE[("POST", "/empty")] = access.PUBLIC
from serving.app import create_app
from serving.schemas import ScoreRequest
import os
app = create_app(Settings(home=Path(os.environ["BENCH_HOME"]), store_scores=False), without_key=True)
canned = bytes(int(os.environ["BENCH_SIZE"]))
async def empty(body: ScoreRequest):
    return Response(canned, media_type="application/json")
app.router.routes.insert(0, APIRoute("/empty", empty, methods=["POST"]))
"""
PYFUNC = """
import os, mlflow, pandas as pd
from fastapi import FastAPI
from pydantic import BaseModel
mlflow.set_tracking_uri(os.environ["BENCH_TRACKING"])
model = mlflow.pyfunc.load_model(os.environ["BENCH_MODEL"])
app = FastAPI()
class Body(BaseModel):
    lead: dict[str, str | float | None]
@app.post("/score")
def score(body: Body):
    return model.predict(pd.DataFrame([body.lead])).iloc[0].to_dict()
"""


def company(settings: Settings, seed: int = 0) -> None:
    """Leads that came in lately, with attributes of every kind and many events each."""
    draws, at = np.random.default_rng(seed), to_micros(now())
    ledger = Ledger.open(settings.ledger_url)
    with ledger.writing() as connection:
        leads.add(connection, [_lead(f"L-{i:05d}", draws, at) for i in range(LEADS)])
        did = [row for i in range(LEADS) for row in _deeds(f"L-{i:05d}", draws, at)]
        events.add(connection, did)
        instant.mark_live(connection)
    repack.fill(ledger)
    ledger.close()


def attributes(draws: np.random.Generator) -> dict[str, Any]:
    """Of one lead."""
    numbers = {f"number_{k}": float(np.round(draws.gamma(2.0, 10.0), 2)) for k in range(NUMBERS)}
    return numbers | {f"choice_{k}": f"value {draws.integers(0, 4 + k)}" for k in range(CHOICES)}


def _lead(name: str, draws: np.random.Generator, at: int) -> LeadRow:
    created = at - int(draws.integers(60 * DAY, 90 * DAY))
    return LeadRow(name, created, created, None, attributes(draws))


def _deeds(name: str, draws: np.random.Generator, at: int) -> Iterator[EventRow]:
    for when in draws.integers(at - 59 * DAY, at - HOUR, EVENTS).tolist():
        yield EventRow(name, str(draws.choice(KINDS)), when, when)


def model(settings: Settings, leaves: int) -> str:
    """Teach trees something that is hard enough for so many of them, and switch them on; returns the version."""
    import lightgbm

    ledger = Ledger.open(settings.ledger_url)
    history, at = read(ledger), to_micros(now())
    everyone, as_of = np.arange(len(history)), np.full(len(history), at)
    catalogue = learn_catalogue(history, everyone, as_of).without({"account", "calendar", "touch", "contact"})
    X = _more(matrix(catalogue, history, everyone, as_of), 20_000)
    ledger.close()
    data = lightgbm.Dataset(X, _won(X), categorical_feature=catalogue.categories, params={"verbosity": -1})
    params = {"objective": "binary", "verbosity": -1, "num_threads": 1, "learning_rate": 0.05, **LEAVES[leaves]}
    text = lightgbm.train(params, data, TREES).model_to_string()
    version = registry.register(settings, _bundle(catalogue, text), {"metrics": {}}, {"params": {}, "tags": {}})
    registry.promote(settings, version)
    return version


def _more(X: Floats, n: int) -> Floats:
    """Rows like these, mixed by column, so that trees have enough to grow on."""
    draws = np.random.default_rng(1)
    return np.asarray(np.stack([draws.choice(x, n) for x in X.T], axis=1))


def _won(X: Floats) -> Floats:
    draws = np.random.default_rng(2)
    Z = np.nan_to_num((X - np.nanmean(X, axis=0)) / (np.nanstd(X, axis=0) + 1e-9))
    raw = Z @ draws.normal(size=X.shape[1]) * 0.3 + Z[:, 0] * Z[:, 1] + np.abs(Z[:, 2])
    return np.asarray(draws.random(len(X)) < 1 / (1 + np.exp(-raw)), dtype=np.float64)


def _bundle(catalogue: Catalogue, text: str) -> Bundle:
    outcome = OutcomeModel(
        TreeModel(text), Calibration(), ReasonModel(("", "no_budget", "off_target"), (0.5, 0.3, 0.2))
    )
    families = {"no_budget": "budget", "off_target": "fit"}
    return Bundle(catalogue, outcome, ValueModel(1_000.0, 10), Decay(), Population(), families)


@dataclass
class Server:
    """A server process on a core of its own."""

    port: int
    process: "subprocess.Popen[bytes]"

    def cpu_seconds(self) -> float:
        """Of the process and its children, so far."""
        return sum(_ticks(pid) for pid in _family(self.process.pid)) / TICKS


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(each for child in children for each in _family(int(child)))]


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@contextmanager
def running(command: Sequence[str], port: int, cores: set[int], folder: Path, **environment: str) -> Iterator[Server]:
    """Start a server, wait until it listens, and end it."""
    env = {**os.environ, "OMP_NUM_THREADS": "1", **environment}
    log = (folder / f"{port}.log").open("wb")
    process = subprocess.Popen(command, env=env, cwd=folder, stdout=log, stderr=log)
    os.sched_setaffinity(process.pid, cores)
    try:
        _wait(port, process, folder / f"{port}.log")
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(timeout=30)
        log.close()


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(1_200):
        if process.poll() is not None:
            raise RuntimeError(log.read_text(encoding="utf-8")[-2_000:])
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nothing listens on port {port} after two minutes")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def request(path: str, body: object) -> bytes:
    """A request as bytes, made before the clock runs."""
    text = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(text)}"
    return head.encode() + b"\r\n\r\n" + text


class Line:
    """One connection, which takes one request at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read, self.asked_at = b"", 0.0

    def ask(self, what: bytes, at: float) -> None:
        """Send a request that was due `at`."""
        self.asked_at = at
        self.socket.sendall(what)

    def answer(self) -> bytes | None:
        """The answer's body once all of it is there.

        Raises: RuntimeError when it is no 200.
        """
        self._read += self.socket.recv(262_144)
        head, found, body = self._read.partition(b"\r\n\r\n")
        if not found:
            return None
        length = next(int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:")
        if len(body) < length:
            return None
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{head.decode()}\n{body[:500].decode()}")
        self._read = b""
        return body


def load(port: int, requests: Sequence[bytes], seconds: float, rate: float = 0.0) -> tuple[float, list[float]]:
    """Requests a second and how long each took; as fast as they come, or so many a second, due when they are due."""
    lines, took, turn = [Line(port) for _ in range(CONNECTIONS)], list[float](), 0
    selector, idle = DefaultSelector(), list(lines)
    for line in lines:
        selector.register(line.socket, EVENT_READ, line)
    begun = due = time.perf_counter()
    while (at := time.perf_counter()) < begun + seconds:
        while idle and (not rate or due <= at):
            idle.pop().ask(requests[turn % len(requests)], due if rate else at)
            turn, due = turn + 1, due + (1 / rate if rate else 0.0)
        pause = max(0.0, min(due - at, 0.01)) if rate and idle else 0.1
        for key, _ in selector.select(pause):
            if key.data.answer() is not None:
                took.append(time.perf_counter() - key.data.asked_at)
                idle.append(key.data)
    spent = time.perf_counter() - begun
    for line in lines:
        line.socket.close()
    return len(took) / spent, took


def one(port: int, what: bytes) -> bytes:
    """One answer."""
    line, found = Line(port), None
    line.ask(what, 0.0)
    while found is None:
        found = line.answer()
    line.socket.close()
    return found


@dataclass(frozen=True)
class Case:
    """What is asked of a route, and how much an empty route answers instead."""

    name: str
    path: str
    bodies: list[dict[str, Any]]

    def requests(self, path: str = "") -> list[bytes]:
        """Its requests, to this route or to another."""
        return [request(path or self.path, body) for body in self.bodies]


def cases(seed: int = 3) -> dict[str, Case]:
    """The questions, each with many rows: the same one again is several times faster."""
    draws = np.random.default_rng(seed)
    stored = [{"lead": {"lead_id": f"L-{i:05d}"}} for i in draws.permutation(LEADS).tolist()]
    sent = [{"lead": attributes(draws)} for _ in range(LEADS)]
    return {
        "stored": Case("stored", "/v1/score?reasons=false", stored),
        "reasons": Case("reasons", "/v1/score", stored),
        "sent": Case("sent", "/v1/score?reasons=false", sent),
    }


def against_empty(home: Path, folder: Path, case: Case, rounds: int, seconds: float) -> dict[str, float]:
    """A route and the empty one in turn: medians of requests a second, and of the slowest hundredth at half load."""
    port = free_port()
    (folder / "bench_app.py").write_text(APP, encoding="utf-8")
    size = str(_size(home, folder, case))
    command = _uvicorn("bench_app:app", port)
    with running(command, port, {0}, folder, BENCH_HOME=str(home), BENCH_SIZE=size, PYTHONPATH=_path(folder)):
        ours, empty = case.requests(), case.requests("/empty")
        for each in (ours, empty):
            load(port, each, 1.0)
        rates = [(load(port, ours, seconds)[0], load(port, empty, seconds)[0]) for _ in range(rounds)]
        half = [statistics.median(column) / 2 for column in zip(*rates, strict=True)]
        slow = [(_p99(port, ours, seconds, half[0]), _p99(port, empty, seconds, half[1])) for _ in range(rounds)]
    ratios = [mine / theirs for mine, theirs in rates]
    return {
        "rate": statistics.median(mine for mine, _ in rates),
        "empty": statistics.median(theirs for _, theirs in rates),
        "ratio": statistics.median(ratios),
        "p99": statistics.median(mine for mine, _ in slow),
        "p99_empty": statistics.median(theirs for _, theirs in slow),
        "p99_ratio": statistics.median(mine / theirs for mine, theirs in slow),
    }


def _p99(port: int, requests: Sequence[bytes], seconds: float, rate: float) -> float:
    took = sorted(load(port, requests, seconds, rate)[1])
    return took[int(len(took) * 0.99)]


def _size(home: Path, folder: Path, case: Case) -> int:
    """How long an answer is."""
    port = free_port()
    with running(
        _uvicorn("bench_app:app", port),
        port,
        {0},
        folder,
        BENCH_HOME=str(home),
        BENCH_SIZE="2",
        PYTHONPATH=_path(folder),
    ):
        return len(one(port, case.requests()[0]))


def _uvicorn(app: str, port: int, workers: int = 1) -> list[str]:
    options = ["--port", str(port), "--log-level", "error", "--no-access-log", "--workers", str(workers)]
    return [sys.executable, "-m", "uvicorn", app, *options]


def _path(folder: Path) -> str:
    return os.pathsep.join([str(folder), str(Path(__file__).resolve().parents[1])])


def batch(home: Path, folder: Path, rounds: int) -> float:
    """Leads that a second of the server's processor time scores, a thousand at a time, without reasons."""
    draws, port = np.random.default_rng(4), free_port()
    some = [
        request("/v1/score/batch?reasons=false", {"leads": [attributes(draws) for _ in range(1_000)]}) for _ in range(4)
    ]
    environment = {"BENCH_HOME": str(home), "BENCH_SIZE": "2", "PYTHONPATH": _path(folder)}
    with running(_uvicorn("bench_app:app", port), port, {0}, folder, **environment) as server:
        for each in some:
            one(port, each)
        found = []
        for turn in range(rounds * 4):
            before = server.cpu_seconds()
            for _ in range(5):
                one(port, some[turn % len(some)])
            found.append(5_000 / (server.cpu_seconds() - before))
    return statistics.median(found)


def by_mlflow(settings: Settings, version: str, folder: Path, seconds: float) -> dict[str, float]:
    """The same bundle behind FastAPI and `mlflow.pyfunc` with a pandas row, and behind `mlflow models serve`."""
    draws = np.random.default_rng(5)
    rows = [attributes(draws) for _ in range(50)]
    (folder / "bench_pyfunc.py").write_text(PYFUNC, encoding="utf-8")
    uri, tracking = f"models:/{settings.registered_model}/{version}", settings.tracking_uri
    environment = {"BENCH_TRACKING": tracking, "BENCH_MODEL": uri, "PYTHONPATH": _path(folder)}
    binaries = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    environment |= {"MLFLOW_TRACKING_URI": tracking, "PATH": binaries}
    found, port = {}, free_port()
    with running(_uvicorn("bench_pyfunc:app", port), port, {0}, folder, **environment):
        found["pyfunc"] = _settled(port, [request("/score", {"lead": row}) for row in rows], seconds)
    port = free_port()
    mlflow = str(Path(sys.executable).with_name("mlflow"))
    command = [mlflow, "models", "serve", "-m", uri, "-p", str(port), "--env-manager", "local", "--workers", "1"]
    with running(command, port, {0}, folder, **environment):
        table = [{"dataframe_split": {"columns": list(row), "data": [list(row.values())]}} for row in rows]
        found["mlflow_serve"] = _settled(port, [request("/invocations", body) for body in table], seconds)
    return found


def _settled(port: int, requests: Sequence[bytes], seconds: float) -> float:
    load(port, requests, 2.0)
    return load(port, requests, seconds)[0]


def beside_lightgbm(settings: Settings, rounds: int) -> dict[str, float]:
    """Microseconds of processor time for a row's score and its exact contributions, row by row, ours and LightGBM's."""
    import lightgbm

    bundle, ledger = registry.load(settings).bundle, Ledger.open(settings.ledger_url)
    history, at = read(ledger), to_micros(now())
    X = matrix(bundle.catalogue, history, np.arange(len(history)), np.full(len(history), at))
    ledger.close()
    trees = bundle.outcome.win
    booster = lightgbm.Booster(model_str=trees.text, params={"num_threads": 1})  # type: ignore[union-attr] # trees
    ways: dict[str, Callable[[Floats], object]] = {
        "score": trees.raw,
        "score by LightGBM": lambda X: booster.predict(X, raw_score=True, num_threads=1),
        "contributions": trees.contributions,
        "contributions by LightGBM": lambda X: booster.predict(X, pred_contrib=True, num_threads=1),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds + 1):
        for name, way in ways.items():
            begun = time.process_time()
            for i in range(0, len(X), 3):
                way(X[i : i + 1])
            found[name].append(1e6 * (time.process_time() - begun) / len(range(0, len(X), 3)))
    return {name: statistics.median(each[1:]) for name, each in found.items()}


def workers(home: Path, folder: Path, case: Case, rounds: int, seconds: float) -> dict[str, float]:
    """Two processes over one, on both cores, where the load runs too: requests a second, and processor time."""
    rates, spent = dict[int, list[float]](), dict[int, list[float]]()
    for count in (1, 2):
        port = free_port()
        environment = {"BENCH_HOME": str(home), "BENCH_SIZE": "2", "PYTHONPATH": _path(folder)}
        with running(_uvicorn("bench_app:app", port, count), port, {0, 1}, folder, **environment) as server:
            time.sleep(8)
            load(port, case.requests(), 2.0)
            rates[count], spent[count] = [], []
            for _ in range(rounds):
                before = server.cpu_seconds()
                rate, took = load(port, case.requests(), seconds)
                rates[count].append(rate)
                spent[count].append((server.cpu_seconds() - before) / len(took))
    return {
        "requests": statistics.median(rates[2]) / statistics.median(rates[1]),
        "processor time a request": statistics.median(spent[2]) / statistics.median(spent[1]),
    }


def measured(folder: Path, rounds: int, seconds: float) -> dict[str, dict[str, float]]:
    """All of it."""
    settings = Settings(home=folder / "home")
    console.say(f"making {LEADS} leads with {EVENTS} events each")
    company(settings)
    asked, found = cases(), dict[str, dict[str, float]]()
    for leaves in LEAVES:
        version = model(settings, leaves)
        for name in ("stored", "reasons", "sent") if leaves == max(LEAVES) else ("stored", "reasons"):
            console.say(f"{leaves} leaves: {name}")
            found[f"{name}_{leaves}"] = each = against_empty(settings.home, folder, asked[name], rounds, seconds)
            console.say(f"  {each['ratio']:.2f} of the empty route; p99 at half load {each['p99_ratio']:.1f} times its")
        found[f"trees_{leaves}"] = beside_lightgbm(settings, rounds)
    console.say("batches of 1,000")
    found["batch"] = {"leads_per_cpu_second": batch(settings.home, folder, rounds)}
    console.say("two workers")
    found["workers"] = workers(settings.home, folder, asked["stored"], rounds, seconds)
    console.say("MLflow's ways")
    found["mlflow"] = by_mlflow(settings, version, folder, seconds)
    return found


def report(found: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """Figures, peers and ratios."""
    routes = {name: each for name, each in found.items() if "empty" in each}
    figures = {f"{name}: requests/s": each["rate"] for name, each in routes.items()}
    figures |= {f"{name}: p99 ms at half load": 1e3 * each["p99"] for name, each in routes.items()}
    figures["batch: leads per processor second"] = found["batch"]["leads_per_cpu_second"]
    peers = {f"empty route, body of {name}: requests/s": each["empty"] for name, each in routes.items()}
    peers |= {f"empty route, body of {name}: p99 ms": 1e3 * each["p99_empty"] for name, each in routes.items()}
    peers |= {f"{name}: requests/s": rate for name, rate in found["mlflow"].items()}
    ratios = {f"{name} / empty": each["ratio"] for name, each in routes.items()}
    ratios |= {f"{name}: p99 / empty": each["p99_ratio"] for name, each in routes.items()}
    sent = routes["sent_31"]["rate"]
    ratios |= {f"sent_31 / {name}": sent / rate for name, rate in found["mlflow"].items()}
    ratios |= {f"two workers / one: {name}": ratio for name, ratio in found["workers"].items()}
    for name, took in ((name, each) for name, each in found.items() if name.startswith("trees")):
        for what in ("score", "contributions"):
            figures[f"{name}: us of a row's {what}"] = took[what]
            peers[f"{name}: us of a row's {what}, LightGBM"] = took[f"{what} by LightGBM"]
            ratios[f"{name}: {what}, LightGBM / ours"] = took[f"{what} by LightGBM"] / took[what]
    return {"figures": figures, "peers": peers, "ratios": ratios}


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="two short rounds")
    options = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    folder = Path(tempfile.mkdtemp())
    try:
        found = report(measured(folder, *((2, 1.0) if options.quick else (7, 3.0))))
    finally:
        shutil.rmtree(folder)
    print(json.dumps(found) if options.json else _table(found))


def _table(found: dict[str, dict[str, float]]) -> str:
    lines = []
    for title, some in found.items():
        lines += [title, *(f"  {name:52}{value:12,.2f}" for name, value in some.items())]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
