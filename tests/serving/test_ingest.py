"""Leads, events and outcomes over HTTP, on a real server process and each database."""

import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import Connection, func, select

from leadloop.clock import now, parse_instant, to_micros
from leadloop.settings import Settings
from leadloop.store import events, instant, leads, ledger, outcomes, tables
from leadloop.store.erasure import erase
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow
from serving import writing
from serving.app import create_app
from tests.support import Loop, answering, leadloop, serving

LEAD = {"lead_id": "L-1", "created_at": "2026-03-01T10:00:00+01:00", "source": " webinar ", "email": "jo@acme.example"}
EVENT = {"lead_id": "L-1", "type": "download", "occurred_at": "2026-03-02T09:00:00Z", "page": "/prices"}
OUTCOME = {"lead_id": "L-1", "stage": "Won", "occurred_at": "2026-03-03T09:00:00Z", "amount": "900"}
SENT = [("leads", LEAD), ("events", EVENT), ("outcomes", OUTCOME)]


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server with an empty ledger and no model, for what may be left behind in it."""
    with serving(tmp_path_factory.mktemp("home"), max_body_bytes="200000") as client:
        yield client


def counts(ledger_url: str) -> dict[str, int]:
    """Rows of each table that has any."""
    opened = Ledger.open(ledger_url)
    with opened.reading() as connection:
        found = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (tables.leads, tables.events, tables.outcomes, tables.idempotency, tables.imports)
        }
    opened.close()
    return {name: count for name, count in found.items() if count}


def test_what_was_stored_is_answered_as_it_was_stored(server: httpx.Client) -> None:
    answers = {table: server.post(f"/v1/{table}", json=row).json() for table, row in SENT}
    assert answers["leads"] == {
        "key": "L-1",
        "lead_id": "L-1",
        "created_at": "2026-03-01T09:00:00Z",
        "recorded_at": "2026-03-01T09:00:00Z",
        "attributes": {"source": "webinar"},
        "identity": {"email": "jo@acme.example"},
    }
    assert answers["events"]["properties"] == {"page": "/prices"}
    assert (answers["outcomes"]["stage"], answers["outcomes"]["amount"]) == ("won", 900.0)


def test_the_keys_answered_are_those_of_the_ledger(server: httpx.Client, ledger_url: str) -> None:
    answered = [server.post(f"/v1/{table}", json=row).json()["key"] for table, row in SENT]
    opened = Ledger.open(ledger_url)
    with opened.reading() as connection:
        stored = leads.read(connection)[0], events.read(connection)[0], outcomes.read(connection)[0]
    opened.close()
    assert answered == [stored[0].lead_id, stored[1].event_key, stored[2].outcome_key]


@pytest.mark.parametrize(("table", "row"), SENT)
def test_a_row_is_201_the_first_time_and_200_from_then_on(
    server: httpx.Client, ledger_url: str, table: str, row: dict[str, Any]
) -> None:
    answers = [server.post(f"/v1/{table}", json=row) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 200, 200]
    assert answers[0].content == answers[2].content
    assert counts(ledger_url) == {table: 1, "imports": 1}


def test_a_new_phone_number_alone_is_something_new(server: httpx.Client) -> None:
    server.post("/v1/leads", json=LEAD)
    assert server.post("/v1/leads", json={**LEAD, "phone": "+33 1"}).status_code == 201
    assert server.post("/v1/leads", json={**LEAD, "phone": "+33 1"}).status_code == 200


def test_a_row_over_http_is_the_row_of_a_file(crm: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "leads.jsonl").write_text(json.dumps(LEAD))
    leadloop("import", tmp_path / "leads.jsonl", "--home", tmp_path / "home")
    with serving(tmp_path / "home") as client:
        assert client.post("/v1/leads", json=LEAD).status_code == 200


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("leads", {"lead_id": "L-2"}, "created_at"),
    ("leads", {**LEAD, "created_at": "soon"}, "created_at"),
    ("leads", {**LEAD, "created_at": "2026-03-01 10:00"}, "created_at"),
    ("leads", {**LEAD, "lead_id": ""}, "lead_id"),
    ("leads", {**LEAD, "lead_id": "x" * 201}, "lead_id"),
    ("leads", {**LEAD, "Lead ID": "L-3"}, "lead_id"),
    ("leads", {**LEAD, "tags": ["a"]}, "tags"),
    ("leads", {**LEAD, "note": "a\0b"}, "note"),
    ("events", {**EVENT, "type": None}, "type"),
    ("outcomes", {**OUTCOME, "stage": "wonn"}, "stage"),
    ("outcomes", {**OUTCOME, "amount": "much"}, "amount"),
    ("outcomes", {**OUTCOME, "currency": "euro"}, "currency"),
]


@pytest.mark.parametrize(("table", "row", "field"), BAD)
def test_a_bad_object_is_a_problem_that_names_the_field(
    crm: httpx.Client, table: str, row: dict[str, Any], field: str
) -> None:
    answer = crm.post(f"/v1/{table}", json=row)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert (answer.json()["errors"][0]["at"], answer.json()["detail"].split(":")[0]) == (field, field)


def test_a_batch_stores_the_good_items_and_names_the_bad_ones(server: httpx.Client, ledger_url: str) -> None:
    items = [LEAD, {"lead_id": "L-2"}, LEAD, 7, {**LEAD, "lead_id": "L-3"}]
    answer = server.post("/v1/leads", json={"items": items})
    told = answer.json()
    assert (answer.status_code, told["stored"], told["known"], told["refused"]) == (201, 2, 1, 2)
    assert [item["status"] for item in told["items"]] == [201, 422, 200, 422, 201]
    assert [item["index"] for item in told["items"]] == [0, 1, 2, 3, 4]
    assert told["items"][1]["field"] == "created_at"
    assert counts(ledger_url)["leads"] == 2


def test_a_batch_of_what_is_known_is_200(server: httpx.Client) -> None:
    batch = {"items": [{**EVENT, "event_id": f"E-{i}"} for i in range(600)]}
    first, second = (server.post("/v1/events", json=batch) for _ in range(2))
    assert (first.status_code, first.json()["stored"], first.json()["known"]) == (201, 600, 0)
    assert (second.status_code, second.json()["stored"], second.json()["known"]) == (200, 0, 600)


def test_a_batch_without_a_good_item_stores_nothing(server: httpx.Client, ledger_url: str) -> None:
    answer = server.post("/v1/events", json={"items": [{}]}, headers={"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["refused"], counts(ledger_url)) == (200, 1, {})


def test_more_than_a_thousand_items_are_refused_and_the_limit_named(crm: httpx.Client) -> None:
    answer = crm.post("/v1/events", json={"items": [{}] * 1_001})
    assert (answer.status_code, "1,000" in answer.json()["detail"]) == (422, True)


NO_JSON = [
    b"", b"{", b"[]", b"7", b'"a"', b"\xff", b'{"items": 7}', b"[" * 100_000, b'{"lead_id":' * 15_000,
    b'{"lead_id": "a", "created_at": "2026-03-01T10:00:00Z", "size": NaN}',
    b'{"lead_id": "a", "created_at": "2026-03-01T10:00:00Z", "size": -Infinity}',
    b'{"lead_id": "a", "created_at": "2026-03-01T10:00:00Z", "size": 1e999}',
    b'{"lead_id": "a", "created_at": "2026-03-01T10:00:00Z", "\\ud800": 1}',
    b'{"lead_id": "a", "created_at": "2026-03-01T10:00:00Z", "\\ud800": []}',
    b'{"lead_id": "a", "created_at": "2026-03-01T10:00:00Z", "n": "\\udfff"}',
    b'{"lead_id": "a", "created_at": "2026-03-01T10:00:00Z", "n": ' + b"[" * 400 + b"]" * 400 + b"}",
    b'{"lead_id": "a", "created_at": "2026-03-01T10:00:00Z", "n": ' + b"9" * 5_000 + b"}",
    b'{"lead_id": "a", "created_at": 1e3}',
]  # fmt: skip


@pytest.mark.parametrize("body", NO_JSON, ids=range(len(NO_JSON)))
def test_a_body_that_can_not_be_stored_is_a_problem(crm: httpx.Client, body: bytes) -> None:
    answer = crm.post("/v1/leads", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("stated", [None, "text/plain", "text/json", "application/x-www-form-urlencoded", "x"])
def test_another_content_type_is_415(crm: httpx.Client, stated: str | None) -> None:
    answer = crm.post("/v1/leads", content=json.dumps(LEAD), headers={"content-type": stated} if stated else {})
    assert answer.status_code == 415


def test_json_with_a_charset_or_a_suffix_is_json(crm: httpx.Client) -> None:
    for stated in ("application/json; charset=utf-8", "application/vnd.crm+json"):
        answer = crm.post("/v1/leads", content=json.dumps(LEAD), headers={"content-type": stated})
        assert answer.is_success


@pytest.mark.parametrize("route", ["/v1/leads", "/v1/score"])
def test_a_body_over_the_limit_is_413_however_it_is_sent(crm: httpx.Client, route: str) -> None:
    headers, whole = {"content-type": "application/json"}, json.dumps({"lead": {"a": "x" * 300_000}}).encode()
    announced = crm.post(route, content=whole, headers=headers)
    chunked = crm.post(route, content=(whole[i : i + 9_000] for i in range(0, len(whole), 9_000)), headers=headers)
    assert [announced.status_code, chunked.status_code] == [413, 413]
    assert "200,000 bytes" in chunked.json()["detail"]
    assert crm.get("/healthz").status_code == 200


def test_a_body_below_the_limit_may_come_in_chunks(crm: httpx.Client) -> None:
    text = json.dumps(LEAD).encode()
    chunks = (text[i : i + 10] for i in range(0, len(text), 10))
    assert crm.post("/v1/leads", content=chunks, headers={"content-type": "application/json"}).is_success


def test_a_body_that_breaks_off_stores_nothing(crm: httpx.Client) -> None:
    body = json.dumps({**LEAD, "lead_id": "broken-off"})
    with socket.create_connection((crm.base_url.host, crm.base_url.port or 80)) as raw:
        head = "POST /v1/leads HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json"
        head += f"\r\nContent-Length: {len(body)}"
        raw.sendall(f"{head}\r\n\r\n{body[:-1]}".encode())
    assert crm.post("/v1/leads", content=body, headers={"content-type": "application/json"}).status_code == 201


def test_an_erased_lead_does_not_come_back_and_its_answers_are_gone(
    server: httpx.Client, app: FastAPI, ledger_url: str
) -> None:
    key = {"Idempotency-Key": "k"}
    server.post("/v1/leads", json=LEAD, headers=key)
    erase(app.state.leadloop.ledger, ["L-1"])
    alone = server.post("/v1/leads", json=LEAD, headers=key)
    batch = server.post("/v1/events", json={"items": [EVENT, {**EVENT, "lead_id": "L-2"}]}).json()
    assert (alone.status_code, alone.json()["detail"].split()[0]) == (409, "lead_id:")
    assert [item["status"] for item in batch["items"]] == [422, 201]
    assert counts(ledger_url).keys() == {"events", "imports"}


def test_without_a_model_a_lead_is_stored_and_its_missing_score_explained(crm: httpx.Client) -> None:
    answer = crm.post("/v1/leads?score=true", json={**LEAD, "lead_id": "no-model"})
    assert (answer.status_code, answer.json()["score"]) == (201, None)
    assert "leadloop train" in answer.json()["score_detail"]


def test_a_file_of_history_leaves_the_ledger_at_its_newest_row(server: httpx.Client, ledger_url: str) -> None:
    opened = Ledger.open(ledger_url)
    with opened.writing() as connection:
        leads.add(connection, [LeadRow("L-1", 5, 5)])
    with opened.reading() as connection:
        assert instant.newest(connection) == 5
    opened.close()


def test_from_the_first_live_row_on_questions_are_about_now(server: httpx.Client, ledger_url: str) -> None:
    before = to_micros(now())
    server.post("/v1/leads", json=LEAD)
    opened = Ledger.open(ledger_url)
    with opened.reading() as connection:
        assert before <= (instant.newest(connection) or 0) <= to_micros(now())
    opened.close()


def test_a_locked_ledger_is_503_with_a_time_to_retry_and_nothing_half_written(
    server: httpx.Client, app: FastAPI, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Ledger.open(ledger_url)
    monkeypatch.setattr(ledger, "BUSY_MILLISECONDS", 100)
    monkeypatch.setattr(writing, "LOCK_SECONDS", 0.1)
    app.state.leadloop.ledger.engine.dispose()  # connections with the shorter wait
    with other.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("LOCK TABLE leads, events, outcomes, idempotency IN EXCLUSIVE MODE")
        answers = [server.post("/v1/leads", json=LEAD, headers=key) for key in ({}, {"Idempotency-Key": "k"})]
        batch = {"items": [{**EVENT, "event_id": str(i)} for i in range(900)]}
        answers.append(server.post("/v1/events", json=batch))
    other.close()
    assert [(answer.status_code, answer.headers.get("retry-after")) for answer in answers] == [(503, "5")] * 3
    assert counts(ledger_url) == {}
    assert server.post("/v1/leads", json=LEAD, headers={"Idempotency-Key": "k"}).status_code == 201


def test_a_connection_that_is_lost_within_a_request_leaves_nothing_half_written(
    postgres_server: tuple[httpx.Client, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = postgres_server
    real = instant.mark_live

    def lost(connection: Connection) -> None:
        real(connection)
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(instant, "mark_live", lost)
    answer = server.post("/v1/leads", json=LEAD, headers={"Idempotency-Key": "k"})
    monkeypatch.undo()
    assert (answer.status_code, answer.headers["retry-after"], counts(url)) == (503, "5", {})
    assert server.post("/v1/leads", json=LEAD, headers={"Idempotency-Key": "k"}).status_code == 201


@pytest.fixture
def postgres_server(postgres_url: str, tmp_path: Path) -> Iterator[tuple[httpx.Client, str]]:
    """A client of an app on an empty ledger in PostgreSQL, and its URL."""
    opened = Ledger.open(postgres_url)
    with opened.writing() as connection:
        for table in reversed(tables.metadata.sorted_tables):
            if table is not tables.audit:  # which is only added to
                connection.execute(table.delete())
    opened.close()
    with answering(create_app(Settings(home=tmp_path, database_url=postgres_url), without_key=True)) as client:
        yield client, postgres_url


def test_a_lost_database_is_503_with_a_time_to_retry(postgres_url: str, tmp_path: Path) -> None:
    app = create_app(Settings(home=tmp_path, database_url=postgres_url), without_key=True)
    with answering(app) as client:
        state = app.state.leadloop
        state.ledger.close()
        state.ledger = Ledger(ledger._engine("postgresql+psycopg://postgres@127.0.0.1:1/nowhere"))
        answer = client.post("/v1/events", json=EVENT)
        state.ledger.close()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


@pytest.fixture(scope="module")
def live(loop: Loop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Path]]:
    """The made-up company's home, copied, on which rows come in live."""
    home = tmp_path_factory.mktemp("live") / "home"
    shutil.copytree(loop.settings.home, home)
    with serving(home) as client:
        yield client, home


def test_the_new_score_is_the_one_that_a_question_at_that_instant_gets(live: tuple[httpx.Client, Path]) -> None:
    client, _ = live
    lead = {"lead_id": "live-1", "created_at": "2026-07-01T10:00:00Z", "source": "webinar", "company": "Acme"}
    client.post("/v1/leads", json=lead)
    event = {"lead_id": "live-1", "type": "demo_request", "occurred_at": "2026-07-02T10:00:00Z"}
    score = client.post("/v1/events?score=true&lang=fr", json=event).json()["score"]
    asked = {"lead": {"lead_id": "live-1"}, "as_of": score["as_of"]}
    assert client.post("/v1/score?lang=fr", json=asked).json() == score


def test_a_duplicate_gets_the_score_of_the_person_as_a_question_does(live: tuple[httpx.Client, Path]) -> None:
    client, _ = live
    made = {"created_at": "2026-07-01T10:00:00Z", "email": "twice@person.example"}
    client.post("/v1/leads", json={**made, "lead_id": "first", "source": "webinar"})
    later = {**made, "lead_id": "second", "created_at": "2026-07-02T10:00:00Z"}
    score = client.post("/v1/leads?score=true", json=later).json()["score"]
    asked = {"lead": {"lead_id": "second"}, "as_of": score["as_of"]}
    assert client.post("/v1/score", json=asked).json() == score


def test_each_item_of_a_batch_gets_its_leads_score(live: tuple[httpx.Client, Path]) -> None:
    client, _ = live
    made = {"created_at": "2026-07-01T10:00:00Z", "source": "webinar"}
    items = [{**made, "lead_id": "live-2"}, {"lead_id": "live-3"}, {**made, "lead_id": "live-4"}]
    told = client.post("/v1/leads?score=true", json={"items": items}).json()["items"]
    assert [item.get("score", {}).get("lead_id") for item in told] == ["live-2", None, "live-4"]


def test_an_event_of_an_unknown_lead_is_stored_and_its_missing_score_explained(
    live: tuple[httpx.Client, Path],
) -> None:
    answer = live[0].post("/v1/events?score=true", json={**EVENT, "lead_id": "nobody"})
    assert (answer.status_code, answer.json()["score"]) == (201, None)
    assert "/v1/leads" in answer.json()["score_detail"]


def test_a_sender_whose_clock_is_ahead_gets_a_score_too(live: tuple[httpx.Client, Path]) -> None:
    lead = {"lead_id": "ahead", "created_at": "2199-01-01T00:00:00Z", "source": "webinar"}
    assert live[0].post("/v1/leads?score=true", json=lead).json()["score"]["as_of"] == "2199-01-01T00:00:00Z"


def test_the_command_and_the_api_both_look_at_a_live_ledger_as_of_now(live: tuple[httpx.Client, Path]) -> None:
    client, home = live
    before = to_micros(now())
    client.post("/v1/events", json=EVENT)
    told = client.post("/v1/score", json={"lead": {"lead_id": "live-1"}}).json()["as_of"]
    printed = json.loads(leadloop("queue", "--json", "--home", home))["as_of"]
    assert all(before <= parse_instant(as_of) <= to_micros(now()) for as_of in (told, printed))


def test_the_openapi_file_describes_both_ways_of_sending(crm: httpx.Client) -> None:
    paths = crm.get("/openapi.json").json()["paths"]
    for table, _ in SENT:
        schema = paths[f"/v1/{table}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert [each["title"].endswith("Batch") for each in schema["anyOf"]] == [False, True]
        assert schema["anyOf"][1]["properties"]["items"]["maxItems"] == 1_000
