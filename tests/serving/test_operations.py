"""Running it: ids, logs without people, metrics of all processes, a stop that fails nobody, and a lost database."""

import asyncio
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import create_engine, text

from leadloop.settings import Settings
from serving import logs
from serving.app import create_app
from serving.doctor_words import WORDS
from serving.metrics import Metrics
from serving.server import Draining
from tests.support import COMMAND, Loop, _environment, answering, leadloop, serving, wait_for

EMAIL, PHONE, NAME = "ada.byron@engines.example", "+33 6 39 98 12 34", "Zweigstein"


@pytest.fixture
def trained(loop: Loop, ledger_url: str, tmp_path: Path) -> FastAPI:
    """An app with a model on an empty ledger, on each database in turn."""
    shutil.copytree(loop.settings.models_dir, tmp_path / "home" / "models")
    return create_app(Settings(home=tmp_path / "home", database_url=ledger_url), without_key=True)


@contextmanager
def started(home: Path, **settings: str) -> Iterator[tuple[httpx.Client, "subprocess.Popen[str]"]]:
    """A server process, and a client of it; who asks stops it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [COMMAND, "serve", "--open", "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=_environment(settings))
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
        try:
            wait_for(client, process)
            yield client, process
        finally:
            process.kill()
            process.wait(timeout=20)
            if process.stderr is not None:
                process.stderr.close()


def test_a_request_keeps_its_id_or_gets_one(api: httpx.Client) -> None:
    assert api.get("/healthz", headers={"X-Request-ID": "crm-7:1"}).headers["X-Request-ID"] == "crm-7:1"
    ids = {api.get("/healthz").headers["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize("sent", ["a b", "x" * 101, "é", "<script>"])
def test_an_id_that_is_none_is_replaced(api: httpx.Client, sent: str) -> None:
    answer = api.get("/healthz", headers={b"X-Request-ID": sent.encode("latin-1")})
    assert answer.headers["X-Request-ID"] not in ("", sent)


def test_the_log_has_route_model_and_id_and_names_nobody(loop: Loop, tmp_path: Path) -> None:
    home = shutil.copytree(loop.settings.home, tmp_path / "home")
    with started(home, log_format="json", access_log="all", log_level="debug") as (client, process):
        lead = {"lead_id": NAME, "created_at": "2026-03-01T09:00:00Z", "email": EMAIL, "phone": PHONE, "source": EMAIL}
        client.post("/v1/leads?score=true", json=lead)
        client.post("/v1/leads", json={**lead, "created_at": EMAIL})
        client.post("/v1/score", json={"lead": lead}, headers={"X-Request-ID": "mine"})
        client.get(f"/v1/leads/{NAME}/scores")
        client.get(f"/v1/queue?owner={EMAIL}")
        client.get(f"/nothing/{EMAIL}")
        process.terminate()
        said = process.communicate(timeout=30)[1]
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    requests = [line for line in lines if line["logger"] == "leadloop.access" and line["route"] != "/healthz"]
    assert not [word for word in (EMAIL, PHONE, NAME, "ada.byron") if word in said]
    assert [line["route"] for line in requests] == [
        "/v1/leads", "/v1/leads", "/v1/score", "/v1/leads/{lead_id}/scores", "/v1/queue", "unmatched"
    ]  # fmt: skip
    assert (requests[2]["request_id"], requests[2]["model_version"], requests[2]["status"]) == ("mine", "1", 200)


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_an_error_is_logged_by_kind_and_place_without_its_text(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        logs.set_up(Settings(log_format=log_format))
        try:
            int(EMAIL)
        except ValueError:
            logging.getLogger("leadloop.test").exception("it went wrong")
    finally:
        logging.getLogger().handlers[:], logging.getLogger().level = before
    said = capsys.readouterr().err
    assert EMAIL not in said
    assert [word for word in ("it went wrong", "ValueError", "test_operations.py") if word not in said] == []


def test_metrics_tell_latency_by_route_and_the_model(trained: FastAPI) -> None:
    with answering(trained) as client:
        for _ in range(3):
            assert client.post("/v1/score", json={"lead": {"source": "web"}}).status_code == 200
        client.get("/v1/leads/L-9/scores")
        told = client.get("/metrics").text
    assert 'leadloop_request_seconds_count{route="/v1/score",status="2xx"} 3.0' in told
    assert 'leadloop_request_seconds_count{route="/v1/leads/{lead_id}/scores",status="4xx"} 1.0' in told
    assert 'leadloop_model_info{version="1"} 1.0' in told
    assert "leadloop_leads_to_score 0.0" in told


def test_metrics_of_several_processes_are_summed(loop: Loop) -> None:
    with serving(loop.settings.home, workers=2) as client:
        for _ in range(20):
            with httpx.Client(base_url=client.base_url) as other:  # each connection may reach another process
                assert other.get("/v1/model").status_code == 200
        # A request is counted once it is answered: the other process may not have come to it yet.
        assert _counted(client, 20) == 20


def _counted(client: httpx.Client, awaited: int) -> float:
    """How many answers about the model are counted, as soon as these are, or after ten seconds."""
    series, counted = 'leadloop_request_seconds_count{route="/v1/model",status="2xx"} ', 0.0
    for _ in range(100):
        told = client.get("/metrics").text.splitlines()
        counted = sum(float(line.removeprefix(series)) for line in told if line.startswith(series))
        if counted >= awaited:
            break
        time.sleep(0.1)
    return counted


def test_a_way_to_a_series_is_looked_up_once() -> None:
    metrics = Metrics()
    for status in (200, 201, 404):
        metrics.answered("/v1/score", status, 0.1)
    assert set(metrics._known) == {("/v1/score", 2), ("/v1/score", 4)}


def test_spans_reach_a_collector_and_name_the_template(loop: Loop, tmp_path: Path) -> None:
    bodies: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the name that http.server calls
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    collector = HTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=collector.serve_forever, daemon=True).start()
    os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{collector.server_port}"
    try:
        app = create_app(Settings(home=shutil.copytree(loop.settings.home, tmp_path / "home")), without_key=True)
    finally:
        del os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"]
    with answering(app) as client:
        client.get(f"/v1/leads/{NAME}/scores")
    collector.shutdown()
    collector.server_close()
    sent = b"".join(bodies)
    assert b"GET /v1/leads/{lead_id}/scores" in sent
    assert NAME.encode() not in sent


def test_without_a_collector_no_tracing_library_is_imported() -> None:
    code = (
        "import sys; from leadloop.settings import Settings; from serving.app import create_app; create_app(Settings())"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; print('opentelemetry.sdk' in sys.modules)"], capture_output=True, text=True
    )
    assert done.stdout.strip() == "False", done.stderr


@dataclass
class Asking:
    """Clients that ask a server until it is gone, and what they saw."""

    base: str
    failed: list[str] = field(default_factory=list)
    answered: list[int] = field(default_factory=list)
    ready: list[int] = field(default_factory=list)
    end: Event = field(default_factory=Event)

    def keep_asking(self, *, again: bool) -> None:
        """On one connection, or `again` on a new one each time."""
        client = httpx.Client(base_url=self.base, timeout=30)
        while not self.end.is_set():
            try:
                self.answered.append(client.post("/v1/score", json={"lead": {"source": "web"}}).status_code)
            except httpx.ConnectError:
                break  # nobody is there any more
            except httpx.HTTPError as error:
                self.failed.append(repr(error))
            if again:
                client.close()
                client = httpx.Client(base_url=self.base, timeout=30)
        client.close()

    def look(self) -> None:
        """As a load balancer does."""
        with suppress(httpx.ConnectError), httpx.Client(base_url=self.base, timeout=30) as client:
            while not self.end.is_set():
                self.ready.append(client.get("/readyz").status_code)
                time.sleep(0.01)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_stop_under_load_fails_no_request(loop: Loop, workers: str) -> None:
    with started(loop.settings.home, workers=workers, drain_seconds="10") as (client, process):
        asking, log = Asking(str(client.base_url)), process.stderr
        works: list[Callable[[], object]] = [
            asking.look,
            *(partial(asking.keep_asking, again=again) for again in (False, False, True, True)),
            lambda: log and log.read(),  # a pipe that nobody reads fills up, and who writes into it waits
        ]
        threads = [Thread(target=work) for work in works]
        for thread in threads:
            thread.start()
        while len(asking.answered) < 20 or not asking.ready:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=90)
        asking.end.set()
        for thread in threads:
            thread.join()
    assert (asking.failed, set(asking.answered)) == ([], {200})
    assert (asking.ready[0], asking.ready[-1]) == (200, 503)


def test_who_is_told_to_leave_while_coming_up_is_never_ready(loop: Loop) -> None:
    made = Event()

    def make() -> FastAPI:
        made.set()
        return create_app(loop.settings, without_key=True)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        async def leaves() -> tuple[int, bool]:
            server = Draining(uvicorn.Config(make, factory=True, log_config=None))
            server.handle_exit(signal.SIGTERM, None)  # the app is not even made
            assert not made.is_set()
            serving = asyncio.create_task(server._serve([listener]))
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                ready = (await client.get("/readyz")).status_code
            await serving
            return ready, server.started

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LEADLOOP_SERVE_DRAIN", "0")
            assert asyncio.run(leaves()) == (503, True)


def _lose(ledger_url: str, tmp_path: Path) -> None:
    """The database goes away under a running server."""
    if ledger_url.startswith("sqlite"):
        for file in tmp_path.glob("ledger.db*"):
            file.unlink()
        (tmp_path / "ledger.db").mkdir()
        return
    engine = create_engine(ledger_url.rpartition("/")[0] + "/postgres", isolation_level="AUTOCOMMIT")
    name = ledger_url.rpartition("/")[2]
    with engine.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(end), {"name": name})
    engine.dispose()


def _bring_back(ledger_url: str) -> None:
    if not ledger_url.startswith("sqlite"):
        engine = create_engine(ledger_url.rpartition("/")[0] + "/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {ledger_url.rpartition('/')[2]} ALLOW_CONNECTIONS true"))
        engine.dispose()


def test_without_its_database_a_server_scores_what_is_sent_and_refuses_what_it_could_lose(
    trained: FastAPI, ledger_url: str, tmp_path: Path
) -> None:
    lead = {"lead_id": "L-1", "created_at": "2026-03-01T09:00:00Z", "source": "web"}
    with answering(trained) as client:
        assert client.post("/v1/leads", json=lead).status_code == 201
        trained.state.leadloop.ledger.close()  # SQLite's open files would outlive their name
        trained.state.leadloop.singles.close()
        _lose(ledger_url, tmp_path)
        try:
            told = {
                "sent": client.post("/v1/score", json={"lead": {"source": "web"}}),
                "stored": client.post("/v1/score", json={"lead": {"lead_id": "L-1"}}),
                "ingest": client.post("/v1/leads", json={**lead, "lead_id": "L-2"}),
                "ready": client.get("/readyz"),
                "alive": client.get("/healthz"),
                "metrics": client.get("/metrics"),
                "model": client.get("/v1/model"),
            }
        finally:
            _bring_back(ledger_url)
        codes = {name: answer.status_code for name, answer in told.items()}
    assert codes == {
        "sent": 200, "stored": 503, "ingest": 503, "ready": 503, "alive": 200, "metrics": 200, "model": 200
    }  # fmt: skip
    assert {told[name].headers["Retry-After"] for name in ("stored", "ingest", "ready")} == {"5"}


def test_the_doctor_finds_a_home_in_order_and_says_what_an_empty_one_lacks(loop: Loop, tmp_path: Path) -> None:
    told = json.loads(leadloop("doctor", "--json", "--home", loop.settings.home, "--port", "0"))
    states = {each["check"]: each["state"] for each in told["findings"]}
    assert told["healthy"]
    assert {states[name] for name in ("settings", "disk", "ledger", "clock", "model", "mlflow", "port")} == {"ok"}
    empty = json.loads(leadloop("doctor", "--json", "--home", tmp_path / "none", "--lang", "fr", code=1))
    assert "lancez `leadloop import`" in str(empty["findings"])
    assert not (tmp_path / "none").exists()


def test_the_doctor_names_a_broken_model_a_wrong_setting_and_a_silent_registry(loop: Loop, tmp_path: Path) -> None:
    home = shutil.copytree(loop.settings.home, tmp_path / "home")
    (home / "models" / "1" / "bundle.json").write_text("{}")
    told = json.loads(leadloop("doctor", "--json", "--home", home, code=1))
    assert [each["check"] for each in told["findings"] if each["state"] == "wrong"] == ["model"]
    wrong = leadloop("doctor", "--json", "--home", home, code=1, capacity="none")
    assert json.loads(wrong)["findings"][0]["state"] == "wrong"


def test_the_doctor_says_everything_in_both_languages() -> None:
    assert [key for key, said in WORDS.items() if set(said) != {"en", "fr"}] == []
