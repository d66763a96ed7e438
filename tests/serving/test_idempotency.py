"""A request with an Idempotency-Key is executed once, by Stripe's rules, whatever client and server go through."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest
from sqlalchemy import Connection, func, select, update

from leadloop.clock import DAY
from leadloop.errors import StoreError
from leadloop.store import idempotency
from leadloop.store.idempotency import KEPT, LEASE, Claim, Earlier
from leadloop.store.ledger import Ledger
from leadloop.store.tables import idempotency as table
from leadloop.store.tables import leads
from serving.idempotency import Answer, KeyInFlightError, once
from tests.store.support import at_once
from tests.support import serving, wait_for

LEAD = {"lead_id": "L-1", "created_at": "2026-03-01T10:00:00Z", "source": "webinar"}
KEY = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}


def rows(ledger: Ledger) -> tuple[int, int]:
    """How many leads and how many keys there are."""
    with ledger.reading() as connection:
        counts = [connection.execute(select(func.count()).select_from(each)).scalar_one() for each in (leads, table)]
    return counts[0], counts[1]


def claimed(ledger: Ledger, key: str, request: str, at: int) -> Claim | Earlier:
    """Claim in a transaction of its own."""
    with ledger.writing() as connection:
        return idempotency.claim(connection, key, request, at)


def finished(ledger: Ledger, claim: Claim, body: str = "{}") -> bool:
    """Keep an answer in a transaction of its own."""
    with ledger.writing() as connection:
        return idempotency.finish(connection, claim, 201, body)


def test_the_first_answer_is_given_again_byte_for_byte(server: httpx.Client) -> None:
    first, second = (server.post("/v1/leads", json=LEAD, headers=KEY) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.status_code == 201
    assert ["idempotent-replayed" in answer.headers for answer in (first, second)] == [False, True]


def test_a_batchs_answer_is_given_again_byte_for_byte(server: httpx.Client) -> None:
    batch = {"items": [LEAD, {}, {**LEAD, "lead_id": "L-é"}]}
    first, second = (server.post("/v1/leads?score=true", json=batch, headers=KEY) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)


@pytest.mark.parametrize(
    ("route", "row"), [("/v1/leads", {**LEAD, "source": "ads"}), ("/v1/leads?score=true", LEAD), ("/v1/events", None)]
)
def test_the_key_of_another_request_is_refused(server: httpx.Client, route: str, row: dict[str, Any] | None) -> None:
    event = {"lead_id": "L-1", "type": "visit", "occurred_at": "2026-03-01T10:00:00Z"}
    server.post("/v1/leads", json=LEAD, headers=KEY)
    answer = server.post(route, json=row or event, headers=KEY)
    assert (answer.status_code, "Idempotency-Key" in answer.json()["detail"]) == (422, True)


def test_a_request_that_is_not_valid_leaves_the_key_free(server: httpx.Client) -> None:
    assert server.post("/v1/leads", json={"lead_id": "L-1"}, headers=KEY).status_code == 422
    assert server.post("/v1/leads", json=LEAD, headers=KEY).status_code == 201


@pytest.mark.parametrize(("key", "status"), [("k" * 255, 201), ("k" * 256, 422), ("", 422)])
def test_a_key_has_1_to_255_characters(server: httpx.Client, key: str, status: int) -> None:
    assert server.post("/v1/leads", json=LEAD, headers={"Idempotency-Key": key}).status_code == status


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> tuple[Event, Event]:
    """(a request has claimed its key and begun to store, it may go on)."""
    began, go_on, real = Event(), Event(), idempotency.finish

    def waits(*given: Any) -> bool:
        began.set()
        go_on.wait(timeout=20)
        return real(*given)

    monkeypatch.setattr(idempotency, "finish", waits)
    return began, go_on


def test_while_a_request_is_in_flight_its_key_is_409(server: httpx.Client, held: tuple[Event, Event]) -> None:
    first: list[httpx.Response] = []
    thread = Thread(target=lambda: first.append(server.post("/v1/leads", json=LEAD, headers=KEY)))
    thread.start()
    held[0].wait(timeout=20)
    second = server.post("/v1/leads", json=LEAD, headers=KEY)
    held[1].set()
    thread.join(timeout=20)
    assert (first[0].status_code, second.status_code, second.headers["retry-after"]) == (201, 409, "1")


def test_of_many_at_once_one_is_executed_and_no_other_answer_is_given(server: httpx.Client) -> None:
    answers: list[httpx.Response] = []
    assert at_once(*[lambda: answers.append(server.post("/v1/leads", json=LEAD, headers=KEY))] * 8) == []
    answers.append(server.post("/v1/leads", json=LEAD, headers=KEY))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1


def test_an_answer_is_kept_a_day_and_then_removed(ledger: Ledger) -> None:
    claim = claimed(ledger, "k", "request", 0)
    assert isinstance(claim, Claim)
    finished(ledger, claim)
    assert claimed(ledger, "other", "request", DAY) == Claim("other", DAY)
    assert claimed(ledger, "k", "request", DAY + LEASE) == Earlier("request", 201, "{}", 0)
    assert claimed(ledger, "k", "another", KEPT + 1) == Claim("k", KEPT + 1)


def test_a_killed_request_frees_its_key_after_the_lease_to_one_who_asks(ledger: Ledger) -> None:
    claimed(ledger, "k", "request", 0)
    assert isinstance(claimed(ledger, "k", "request", LEASE - 1), Earlier)
    assert claimed(ledger, "k", "another", LEASE) == Claim("k", LEASE)
    assert isinstance(claimed(ledger, "k", "request", LEASE + 1), Earlier)


def test_a_request_that_outlived_its_lease_stores_nothing(ledger: Ledger) -> None:
    def overtaken(connection: Connection) -> Answer:
        connection.execute(leads.insert().values(lead_id="L-1", version=1, attributes="{}"))
        connection.execute(update(table).values(started_at=7))  # as who took the key over does
        return Answer(201, "{}")

    with pytest.raises(KeyInFlightError):
        once(ledger, "k", "request", overtaken)
    assert rows(ledger)[0] == 0


def test_work_that_fails_leaves_no_rows_and_a_free_key(ledger: Ledger) -> None:
    def failing(connection: Connection) -> Answer:
        connection.execute(leads.insert().values(lead_id="L-1", version=1, attributes="{}"))
        raise StoreError("lost")

    with pytest.raises(StoreError):
        once(ledger, "k", "request", failing)
    assert rows(ledger) == (0, 0)


def test_an_erasure_removes_the_answers_that_speak_of_the_lead_and_no_other(ledger: Ledger) -> None:
    for key, lead_id in (("a", "L_1%"), ("b", "L-1"), ("c", "LX1%")):
        claim = claimed(ledger, key, "request", 0)
        assert isinstance(claim, Claim)
        finished(ledger, claim, f'{{"key":"x","lead_id":"{lead_id}"}}')
    with ledger.writing() as connection:
        assert idempotency.forget(connection, "L_1%") == 1
    assert rows(ledger)[1] == 2


KILLED = """
import os, sys
import uvicorn
from leadloop.settings import Settings
from leadloop.store import idempotency
from serving.app import create_app

real = idempotency.finish

def dies(*given):
    kept = real(*given)
    os.kill(os.getpid(), 9)
    return kept

idempotency.finish = dies
app = create_app(Settings(home=sys.argv[1], database_url=sys.argv[2]), without_key=True)
uvicorn.run(app, port=int(sys.argv[3]), log_level="error")
"""


def test_a_server_killed_before_the_commit_leaves_neither_rows_nor_answer(ledger_url: str, tmp_path: Path) -> None:
    with doomed(tmp_path, ledger_url) as client, pytest.raises(httpx.TransportError):
        client.post("/v1/leads", json=LEAD, headers=KEY)
    with serving(tmp_path, database_url=ledger_url) as client:
        in_flight = client.post("/v1/leads", json=LEAD, headers=KEY)
        pass_the_lease(ledger_url)
        again = [client.post("/v1/leads", json=LEAD, headers=KEY) for _ in range(2)]
    assert [answer.status_code for answer in (in_flight, *again)] == [409, 201, 201]
    assert again[0].content == again[1].content
    opened = Ledger.open(ledger_url)
    assert rows(opened) == (1, 1)
    opened.close()


def pass_the_lease(ledger_url: str) -> None:
    """Make every claim older, instead of waiting."""
    opened = Ledger.open(ledger_url)
    with opened.writing() as connection:
        assert connection.execute(select(table.c.status)).scalars().all() == [None]
        connection.execute(update(table).values(started_at=table.c.started_at - LEASE))
    opened.close()


@contextmanager
def doomed(home: Path, ledger_url: str) -> Iterator[httpx.Client]:
    """A client of a server that is killed when it is about to commit an answer; it must have been, at the end."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", KILLED, str(home), ledger_url, str(port)]) as process:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                wait_for(client)
                yield client
            assert process.wait(timeout=20) == -signal.SIGKILL
        finally:
            process.kill()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port
