"""Erasure and access over HTTP on a running server: complete, final, and in the audit log."""

from pathlib import Path

import httpx
import pytest

from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from serving.app import create_app
from tests.serving.test_access import bearer, made
from tests.store.support import contents
from tests.support import answering

LEAD = {"lead_id": "L-1", "created_at": "2026-03-01T10:00:00Z", "email": "ada@engines.example", "source": "webinar"}
KEY = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}


def actions(client: httpx.Client, **asked: str) -> list[tuple[str, str | None]]:
    """What was done to which lead, newest first."""
    entries = client.get("/v1/audit", params=asked).json()["entries"]
    return [(entry["action"], entry["lead_id"]) for entry in entries]


def test_an_erased_lead_is_nowhere_in_the_ledger_of_a_running_server(server: httpx.Client, ledger_url: str) -> None:
    server.post("/v1/leads", json=LEAD, headers=KEY)
    server.get("/v1/leads/L-1/export")
    erased = server.delete("/v1/leads/L-1").json()
    assert (erased["erased"], erased["rows"]["leads"]) == (["L-1"], 1)
    ledger = Ledger.open(ledger_url)
    assert [word for word in ("L-1", "ada@engines") if word in str(contents(ledger))] == []
    ledger.close()


def test_it_does_not_come_back_and_its_kept_answers_are_gone(server: httpx.Client) -> None:
    server.post("/v1/leads", json=LEAD, headers=KEY)
    server.delete("/v1/leads/L-1")
    assert server.post("/v1/leads", json=LEAD, headers=KEY).status_code == 409
    assert server.delete("/v1/leads/L-1").json()["already_erased"] == ["L-1"]
    assert server.get("/v1/leads/L-1/export").status_code == 404


def test_erasure_and_access_are_in_the_audit_log_which_names_nobody_afterwards(server: httpx.Client) -> None:
    server.post("/v1/leads", json=LEAD)
    server.get("/v1/leads/L-1/export")
    assert actions(server) == [("lead.exported", "L-1")]
    server.delete("/v1/leads/L-1")
    assert actions(server, lead_id="L-1") == [("lead.erased", None), ("lead.exported", None)]


def test_a_lead_that_never_was_is_404_and_leaves_no_entry(server: httpx.Client) -> None:
    answers = [server.delete("/v1/leads/nobody"), server.get("/v1/leads/nobody/export")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert actions(server) == []


def test_an_export_holds_who_the_lead_is_and_every_row(server: httpx.Client) -> None:
    server.post("/v1/leads", json=LEAD)
    server.post("/v1/events", json={"lead_id": "L-1", "type": "visit", "occurred_at": "2026-03-01T11:00:00Z"})
    found = server.get("/v1/leads/L-1/export").json()
    assert (found["identity"]["email"], found["attributes"]) == ("ada@engines.example", {"source": "webinar"})
    assert [len(found[table]) for table in ("leads", "events", "outcomes")] == [1, 1, 0]


def test_the_entries_say_by_which_key(ledger_url: str, tmp_path: Path) -> None:
    with answering(create_app(Settings(home=tmp_path, database_url=ledger_url))) as client:
        ledger = Ledger.open(ledger_url)
        key_id, key = made(ledger)
        ledger.close()
        client.post("/v1/leads", json=LEAD, headers=bearer(key))
        client.delete("/v1/leads/L-1", headers=bearer(key))
        entries = client.get("/v1/audit", headers=bearer(key)).json()["entries"]
    done = [(entry["actor"], entry["action"]) for entry in entries]
    assert done == [(f"key:{key_id}", "lead.erased"), ("command", "key.created")]


def test_pages_of_the_audit_log_follow_each_other(server: httpx.Client) -> None:
    for number in range(3):
        server.post("/v1/leads", json={**LEAD, "lead_id": f"L-{number}"})
        server.get(f"/v1/leads/L-{number}/export")
    first = server.get("/v1/audit", params={"limit": 2}).json()
    rest = server.get("/v1/audit", params={"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [e["lead_id"] for e in first["entries"] + rest["entries"]] == ["L-2", "L-1", "L-0"]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("asked", [{"since": "soon"}, {"cursor": "é"}, {"limit": "0"}])
def test_what_is_asked_wrongly_is_named(server: httpx.Client, asked: dict[str, str]) -> None:
    answer = server.get("/v1/audit", params=asked)
    assert (answer.status_code, next(iter(asked)) in str(answer.json())) == (422, True)


def test_two_callers_keys_for_idempotency_are_apart(ledger_url: str, tmp_path: Path) -> None:
    with answering(create_app(Settings(home=tmp_path, database_url=ledger_url))) as client:
        ledger = Ledger.open(ledger_url)
        held = [made(ledger)[1] for _ in range(2)]
        ledger.close()
        sent = [("L-1", held[0]), ("L-2", held[1]), ("L-1", held[0])]
        rows = [({**LEAD, "lead_id": lead_id}, KEY | bearer(key)) for lead_id, key in sent]
        answers = [client.post("/v1/leads", json=row, headers=headers) for row, headers in rows]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert ["idempotent-replayed" in answer.headers for answer in answers] == [False, False, True]
