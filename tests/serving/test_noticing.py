"""What a server notices is in the outbox: hot leads, promises at risk and another model, each once."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from leadloop.clock import HOUR, now, to_micros
from leadloop.contract import SlaSettings
from leadloop.settings import Settings
from leadloop.store import leads, notices, webhooks
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow
from leadloop.store.tables import outbox
from leadloop.store.webhooks import KINDS, Wanted
from serving.metrics import GAUGES
from serving.noticing import another_model, promises
from serving.state import State
from serving.swap import announce
from tests.store.support import kept
from tests.support import AROUND_THE_CLOCK, Loop


@pytest.fixture
def state(loop: Loop, ledger_url: str, tmp_path: Path) -> Iterator[State]:
    """What a server with a model holds, on an empty ledger with somebody to tell; every lead is hot."""
    shutil.copytree(loop.settings.models_dir, tmp_path / "home" / "models")
    sla = SlaSettings(within="10 hours", at_risk=0.5, hours=AROUND_THE_CLOCK)
    settings = Settings(home=tmp_path / "home", database_url=ledger_url, sla=sla, hot_stars=0, hot_flames=0)
    found = State(settings, Ledger.open(ledger_url))
    with found.ledger.writing() as connection:
        webhooks.add(connection, Wanted("https://crm.example/hook", KINDS), to_micros(now()))
    yield found
    found.ledger.close()


def came_in(state: State, lead_id: str, hours_ago: float) -> None:
    at = to_micros(now()) - int(hours_ago * HOUR)
    kept(state.ledger, leads, LeadRow(lead_id, at, at, None, {"source": "webinar"}))


def told(state: State, kind: str) -> list[dict[str, Any]]:
    with state.ledger.reading() as connection:
        found = connection.execute(select(outbox.c.payload).where(outbox.c.kind == kind).order_by(outbox.c.sequence))
        return [json.loads(payload) for payload in found.scalars()]


def score_all(state: State) -> None:
    while state.scoring.batch(state):
        pass


def lead_ids(notes: list[dict[str, Any]]) -> list[object]:
    return [note["data"]["lead_id"] for note in notes]


def test_a_new_lead_that_is_hot_is_told_of_once(state: State) -> None:
    came_in(state, "L-new", 1)
    score_all(state)
    came_in(state, "L-new", 0.5)  # scored again, and hot as before
    score_all(state)
    assert lead_ids(told(state, notices.HOT)) == ["L-new"]


def test_an_old_lead_that_is_scored_for_the_first_time_is_no_news(state: State) -> None:
    came_in(state, "L-old", 40 * 24)
    score_all(state)
    assert told(state, notices.HOT) == []


def test_a_promise_that_comes_to_be_at_risk_is_told_of_once(state: State) -> None:
    for lead_id, hours in (("L-fresh", 1), ("L-late", 8), ("L-over", 30)):
        came_in(state, lead_id, hours)
    promises(state)
    promises(state)
    assert lead_ids(told(state, notices.AT_RISK)) == ["L-late"]


def test_promises_are_counted_by_how_they_stand(state: State) -> None:
    for lead_id, hours in (("L-fresh", 1), ("L-late", 8), ("L-over", 30)):
        came_in(state, lead_id, hours)
    state.keeper.current()
    gauges = {gauge.name: gauge.read(state) for gauge in GAUGES}
    assert gauges["leadloop_promises"] == [(("in_time",), 1.0), (("at_risk",), 1.0), (("missed",), 1.0)]
    assert gauges["leadloop_queue_age_seconds"] is not None


def test_another_model_is_told_of_once_however_many_processes_swap(state: State) -> None:
    announce(state.champion)
    with state.ledger.writing() as connection:
        another_model(connection, "6", "7")
    assert [note["data"]["model_version"] for note in told(state, notices.MODEL_CHANGED)] == ["7"]
    announce(state.champion)
    assert len(told(state, notices.MODEL_CHANGED)) == 1


def test_who_changed_a_webhook_is_in_the_audit_log(state: State) -> None:
    from leadloop.store import audit
    from serving.hook_desk import Desk

    desk = Desk(state.settings, state.ledger, "key:k1")
    made = desk.add(Wanted("https://93.184.215.14/other", KINDS))
    desk.remove(made.webhook)
    with state.ledger.reading() as connection:
        noted = [
            (entry.actor, entry.action) for entry in audit.read(connection) if entry.subject.startswith("webhook:")
        ]
    assert noted == [("key:k1", "webhook.removed"), ("key:k1", "webhook.added")]
