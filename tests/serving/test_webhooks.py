"""Webhooks are managed by command and over HTTP, and a running server delivers."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel
from sqlalchemy import select
from typer.testing import CliRunner

from leadloop.cli import app as command
from leadloop.clock import DAY, now, to_micros
from leadloop.settings import Settings
from leadloop.store import notices, outbox, webhooks
from leadloop.store.ledger import Ledger
from leadloop.store.notices import AtRisk, HotRule
from leadloop.store.tables import outbox as outbox_table
from leadloop.store.webhooks import KINDS
from serving import hooks
from serving.app import create_app
from serving.hook_schemas import DeadlineAtRisk, LeadHot, ModelChanged, ModelDrift
from serving.state import State
from tests.serving.receiver import Receiver, receiving
from tests.store.test_outbox import Score
from tests.support import answering

SHAPES: dict[str, type[BaseModel]] = {
    "lead.hot": LeadHot,
    "deadline.at_risk": DeadlineAtRisk,
    "model.changed": ModelChanged,
    "model.drift": ModelDrift,
}
INSIDE = {"ALLOW_HTTP": "true", "ALLOW_PRIVATE": "true", "PORTS": "[]"}
ANYWHERE = {f"LEADLOOP_WEBHOOK_{name}": value for name, value in INSIDE.items()}


@pytest.fixture
def app(ledger_url: str, tmp_path: Path) -> FastAPI:
    """An app that may send to this machine."""
    inside = {"webhook_allow_http": True, "webhook_allow_private": True, "webhook_ports": []}
    return create_app(Settings(home=tmp_path / "home", database_url=ledger_url, **inside), without_key=True)  # type: ignore[arg-type]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as running:
        yield running


def add(server: httpx.Client, url: str, **more: Any) -> dict[str, Any]:
    """Subscribe over HTTP."""
    answer = server.post("/v1/webhooks", json={"url": url, "kinds": list(KINDS), **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_the_secret_is_shown_once(server: httpx.Client, receiver: Receiver) -> None:
    made = add(server, receiver.url, owner="ada")
    (listed,) = server.get("/v1/webhooks").json()["webhooks"]
    assert made.pop("secret").startswith("whsec_")
    assert listed == made | {"waiting": 0, "dead": 0, "error": None}


def test_a_running_server_delivers_what_is_put_into_the_outbox(
    server: httpx.Client, receiver: Receiver, app: FastAPI
) -> None:
    made = add(server, receiver.url)
    state: State = app.state.leadloop
    with state.ledger.writing() as connection:
        (event,) = notices.notice(connection, {}, [Score()], HotRule())
    while not receiver.heard:
        receiver.hold.wait(0.02)
    assert receiver.events == [event]
    assert receiver.heard[0].verified(made["secret"])["data"]["lead_id"] == "L-1"


def test_everything_that_is_told_has_the_shape_that_is_described(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        webhooks.add(connection, webhooks.Wanted("https://a.example/"), 0)
        notices.notice(connection, {}, [Score()], HotRule())
        notices.notice_at_risk(connection, [AtRisk("L-2", DAY)])
        notices.notice_model(connection, "8", None, DAY)
        moved = {"name": "podcast", "kind": "new", "leads": 9, "share_before": 0.0, "share": 0.1}
        drifted = notices.Drifted("8", None, "source", "source", "source", 0.4, 0.0, 0.0, [moved])
        notices.notice_drift(connection, [drifted], DAY)
        payloads = connection.execute(select(outbox_table.c.payload)).scalars().all()
    told = {(content := json.loads(payload))["type"]: content for payload in payloads}
    assert set(told) == set(KINDS)
    for kind, content in told.items():
        assert SHAPES[kind].model_validate(content).model_dump() == content


def test_the_openapi_file_describes_each_kind_with_an_example(app: FastAPI) -> None:
    described = app.openapi()
    assert set(described["webhooks"]) == set(KINDS)
    for shape in SHAPES.values():
        example = described["components"]["schemas"][shape.__name__]["example"]
        assert shape.model_validate(example).model_dump(exclude_unset=True) == example


def test_a_target_is_checked_when_it_is_added(ledger_url: str, tmp_path: Path) -> None:
    strict = create_app(Settings(home=tmp_path / "home", database_url=ledger_url), without_key=True)
    with answering(strict) as server:
        for url, why in {
            "http://crm.example/": "is not https",
            "https://127.0.0.1/": "not on the public internet",
            "https://localhost/": "not on the public internet",
        }.items():
            answer = server.post("/v1/webhooks", json={"url": url, "kinds": ["lead.hot"]})
            assert (answer.status_code, why in answer.json()["detail"]) == (422, True)
        assert server.get("/v1/webhooks").json() == {"webhooks": []}


@pytest.mark.parametrize(
    "body",
    [
        {"url": "https://a.example/"},
        {"url": "https://a.example/", "kinds": []},
        {"url": "https://a.example/", "kinds": ["lead.cold"]},
        {"url": "https://a.example/", "kinds": ["lead.hot"], "owner": "a\x00b"},
        {"url": "https://a.example/", "kinds": ["lead.hot"], "secret": "whsec_mine"},
    ],
)
def test_a_bad_request_is_refused(server: httpx.Client, body: dict[str, Any]) -> None:
    assert server.post("/v1/webhooks", json=body).status_code == 422


def test_what_is_unknown_is_404(server: httpx.Client) -> None:
    nobody = "/v1/webhooks/wh_0123456789abcdef"
    answers = [server.delete(nobody), *(server.post(f"{nobody}/{what}") for what in ("test", "rotate", "enable"))]
    assert [answer.status_code for answer in answers] == [404] * 4
    assert "leadloop webhooks list" in answers[0].json()["detail"]


def test_a_test_event_says_what_became_of_it(server: httpx.Client, receiver: Receiver) -> None:
    made = add(server, receiver.url)
    test = f"/v1/webhooks/{made['id']}/test"
    assert server.post(test).json() == {"delivered": True, "status": 204, "error": None}
    assert receiver.heard[0].verified(made["secret"])["type"] == "webhook.test"
    receiver.script = lambda _: (500, {})
    assert server.post(test).json() == {"delivered": False, "status": 500, "error": "answered 500"}


def test_a_rotation_answers_with_the_new_secret(server: httpx.Client, receiver: Receiver) -> None:
    made = add(server, receiver.url)
    rotated = server.post(f"/v1/webhooks/{made['id']}/rotate?keep_hours=0").json()
    server.post(f"/v1/webhooks/{made['id']}/test")
    assert rotated["secret"] != made["secret"]
    assert receiver.heard[0].verified(rotated["secret"])["type"] == "webhook.test"


def test_dead_letters_are_listed_and_replayed(server: httpx.Client, app: FastAPI) -> None:
    state: State = app.state.leadloop
    with state.ledger.writing() as connection:
        made = webhooks.add(connection, webhooks.Wanted("http://127.0.0.1:9/"), 0)
        told = outbox.put_all(connection, [outbox.Note("lead.hot", each, {}) for each in ("L-1", "L-2")])
        webhooks.disable(connection, made.webhook, 1, "the receiver answered 410 Gone")
    (standing,) = server.get("/v1/webhooks").json()["webhooks"]
    assert (standing["waiting"], standing["dead"], standing["error"]) == (0, 2, "the receiver answered 410 Gone")
    answer = server.get("/v1/webhooks/dead?limit=1").json()
    assert (answer["total"], [each["webhook"] for each in answer["dead"]]) == (2, [made.webhook])
    assert server.post("/v1/webhooks/replay", json={"all": True}).json() == {"replayed": 0}
    assert server.post(f"/v1/webhooks/{made.webhook}/enable").json()["disabled_at"] is None
    assert server.post("/v1/webhooks/replay", json={"events": [told[0]]}).json() == {"replayed": 1}
    assert server.post("/v1/webhooks/replay", json={"events": [told[0]]}).status_code == 422
    assert server.post("/v1/webhooks/replay", json={"all": True}).json() == {"replayed": 1}


@pytest.mark.parametrize("body", [{}, {"all": True, "events": ["msg_" + "0" * 32]}, {"events": ["no id"]}])
def test_a_replay_says_what(server: httpx.Client, body: dict[str, Any]) -> None:
    assert server.post("/v1/webhooks/replay", json=body).status_code == 422


def test_a_removed_target_is_gone(server: httpx.Client, receiver: Receiver) -> None:
    made = add(server, receiver.url)
    assert server.delete(f"/v1/webhooks/{made['id']}").status_code == 204
    assert server.get("/v1/webhooks").json() == {"webhooks": []}


def test_the_commands_do_the_same(tmp_path: Path, receiver: Receiver) -> None:
    home = ("--home", str(tmp_path), "--json")

    def run(*arguments: str, code: int = 0) -> Any:
        done = CliRunner().invoke(command, ["webhooks", *arguments, *home], env=ANYWHERE)
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    made = run("add", receiver.url, "--kind", "lead.hot", "--owner", "ada")
    (listed,) = run("list")["webhooks"]
    assert (listed["id"], listed["owner"], "secret" in listed) == (made["id"], "ada", False)
    assert run("rotate", made["id"])["secret"] != made["secret"]
    assert run("test", made["id"])["delivered"]
    ledger = Ledger.open(Settings(home=tmp_path).ledger_url)
    with ledger.writing() as connection:
        webhooks.add(connection, webhooks.Wanted(receiver.url + "?more"), 0)
        (event,) = outbox.put_all(connection, [outbox.Note("lead.hot", "L-1", {})])
    assert run("deliver") == {"attempts": 1, "delivered": 1, "dead": 0}
    receiver.script = lambda _: (410, {})
    assert run("test", made["id"], code=1) == {"delivered": False, "status": 410, "error": "answered 410"}
    with ledger.writing() as connection:
        (event,) = outbox.put_all(connection, [outbox.Note("lead.hot", "L-1", {})])
    ledger.close()
    assert run("deliver")["delivered"] == 0
    (dead,) = run("dead")["dead"]
    assert (dead["id"], dead["error"]) == (event, "the receiver answered 410 Gone")
    assert run("enable", dead["webhook"])["disabled_at"] is None
    assert run("replay", "--all") == {"replayed": 1}
    assert run("remove", made["id"])["id"] == made["id"]


def test_wrong_usage_of_the_commands_exits_2_and_a_refused_target_1(tmp_path: Path) -> None:
    for arguments, code in ((["replay"], 2), (["add", "http://crm.example/"], 1)):
        assert CliRunner().invoke(command, ["webhooks", *arguments, "--home", str(tmp_path)]).exit_code == code


def test_a_server_without_targets_sends_nothing(app: FastAPI, ledger: Ledger) -> None:
    state = State(app.state.settings, ledger)
    hooks.deliver(state)
    assert hooks.forget(ledger, 30, to_micros(now())) == 0
