"""One click on a lead of the queue: one outcome, noted, undone for a while, answered with the next lead."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select

from leadloop.clock import DAY, isoformat, now, to_micros
from leadloop.settings import Settings
from leadloop.store import audit, outcomes, tables
from leadloop.store.ledger import Ledger
from serving.app import create_app
from tests.store.support import at_once
from tests.support import answering


@pytest.fixture
def crm(queued: Settings) -> Iterator[httpx.Client]:
    """A client of a server on those leads."""
    with answering(create_app(queued, without_key=True)) as client:
        yield client


@pytest.fixture
def first(crm: httpx.Client) -> str:
    """The lead on top of the queue."""
    return ids(crm)[0]


def ids(crm: httpx.Client) -> list[str]:
    """The leads of the queue, best first."""
    return [row["lead_id"] for row in crm.get("/v1/queue").json()["leads"]]


def stored(ledger: Ledger, as_of: int | None = None) -> list[tuple[str, str, str | None]]:
    """The outcomes that the ledger knows."""
    with ledger.reading() as connection:
        return [(row.lead_id, row.stage, row.reason) for row in outcomes.read(connection, as_of)]


def test_a_click_is_an_outcome_answered_with_the_next_lead(crm: httpx.Client, ledger: Ledger, first: str) -> None:
    answer = crm.post(f"/v1/queue/{first}/accept")
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["outcome"]["stage"], told["outcome"]["lead_id"]) == ("accepted", first)
    assert told["undo"]["outcome_id"] == told["outcome"]["outcome_id"]
    assert told["next"]["lead_id"] not in ("", first)
    assert stored(ledger) == [(first, "accepted", None)]


def test_the_next_lead_is_none_that_was_taken_on_today(crm: httpx.Client) -> None:
    taken = set()
    lead_id = ids(crm)[0]
    for _ in range(4):
        taken.add(lead_id)
        lead_id = crm.post(f"/v1/queue/{lead_id}/contact").json()["next"]["lead_id"]
        assert lead_id not in taken
    assert crm.get("/v1/queue").json()["today"]["taken"] == 4


@pytest.mark.parametrize(
    ("action", "body"),
    [("accept", {}), ("contact", {}), ("reject", {"reason": "no_budget"}), ("snooze", {"until": "2099-01-31"})],
)
def test_the_same_click_twice_is_one_outcome(
    crm: httpx.Client, ledger: Ledger, first: str, action: str, body: dict[str, str]
) -> None:
    answers = [crm.post(f"/v1/queue/{first}/{action}", json=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert len({answer.json()["outcome"]["outcome_id"] for answer in answers}) == 1
    assert len(stored(ledger)) == 1


def test_eight_clicks_at_once_are_one_outcome(crm: httpx.Client, ledger: Ledger, first: str) -> None:
    assert at_once(*[lambda: crm.post(f"/v1/queue/{first}/accept").raise_for_status() for _ in range(8)]) == []
    assert len(stored(ledger)) == 1


def test_an_idempotency_key_gives_the_first_outcome_again(crm: httpx.Client, ledger: Ledger, first: str) -> None:
    headers = {"Idempotency-Key": "k-1"}
    answers = [crm.post(f"/v1/queue/{first}/contact", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert answers[0].json()["outcome"] == answers[1].json()["outcome"]
    assert len(stored(ledger)) == 1


@pytest.mark.parametrize(
    ("action", "body", "named"),
    [
        ("reject", {}, "reason: is missing; choose one of"),
        ("reject", {"reason": "moved to Mars"}, "no_budget"),
        ("accept", {"reason": "no_budget"}, "reason"),
        ("snooze", {}, "until: is missing"),
        ("snooze", {"until": "2020-01-01"}, "has passed"),
        ("snooze", {"until": "soon"}, "until"),
        ("contact", {"until": "2099-01-01"}, "until"),
        ("contact", {"note": "a\x00b"}, "note"),
    ],
)
def test_a_wrong_click_is_refused_and_says_what_to_do(
    crm: httpx.Client, ledger: Ledger, first: str, action: str, body: dict[str, str], named: str
) -> None:
    answer = crm.post(f"/v1/queue/{first}/{action}", json=body)
    assert (answer.status_code, stored(ledger)) == (422, [])
    assert named in answer.json()["detail"]


def test_a_reason_of_the_companys_own_is_good(crm: httpx.Client, ledger: Ledger, first: str) -> None:
    assert crm.post(f"/v1/queue/{first}/reject", json={"reason": "Kein Budget"}).status_code == 201
    assert stored(ledger) == [(first, "rejected", "Kein Budget")]


def test_a_rejected_lead_is_gone_at_once_and_closed(crm: httpx.Client, first: str) -> None:
    answer = crm.post(f"/v1/queue/{first}/reject", json={"reason": "no_budget"})
    assert answer.json()["next"]["lead_id"] != first
    assert first not in ids(crm)
    again = crm.post(f"/v1/queue/{first}/accept")
    assert again.status_code == 409
    assert "rejected (no_budget)" in again.json()["detail"]


def test_a_lead_that_is_not_there_is_404(crm: httpx.Client) -> None:
    assert crm.post("/v1/queue/nobody/accept").status_code == 404
    assert crm.post("/v1/queue/nobody/undo").status_code == 404
    assert crm.post("/v1/queue/a%00b/accept").status_code == 404
    assert crm.get("/v1/leads/a%00b").status_code == 404


def test_a_snoozed_lead_leaves_the_queue_and_comes_back_by_itself(
    crm: httpx.Client, queued: Settings, ledger: Ledger, first: str
) -> None:
    until = to_micros(now()) + DAY
    crm.post(f"/v1/queue/{first}/snooze", json={"until": isoformat(until)}).raise_for_status()
    assert first not in ids(crm)
    from serving.backlog.making import make
    from serving.scorer import Scorer

    listed = {at: make(ledger, Scorer.load(queued), queued, at).find([first])[0] >= 0 for at in (until - 1, until)}
    assert listed == {until - 1: False, until: True}


def test_a_snoozed_lead_may_be_called_all_the_same(crm: httpx.Client, first: str) -> None:
    crm.post(f"/v1/queue/{first}/snooze", json={"until": "2099-01-01"}).raise_for_status()
    assert crm.post(f"/v1/queue/{first}/contact").status_code == 201
    assert first in ids(crm)


def test_an_undone_click_never_was(crm: httpx.Client, ledger: Ledger, first: str) -> None:
    done = crm.post(f"/v1/queue/{first}/reject", json={"reason": "no_budget"}).json()
    before = to_micros(now())
    undone = crm.post(f"/v1/queue/{first}/undo", json={"outcome_id": done["undo"]["outcome_id"]})
    assert undone.status_code == 201, undone.text
    assert first in ids(crm)
    assert stored(ledger) == []
    assert stored(ledger, before) == [(first, "rejected", "no_budget")]


def test_undoing_twice_is_undoing_once(crm: httpx.Client, ledger: Ledger, first: str) -> None:
    key = crm.post(f"/v1/queue/{first}/accept").json()["undo"]["outcome_id"]
    answers = [crm.post(f"/v1/queue/{first}/undo", json={"outcome_id": key}).status_code for _ in range(2)]
    assert answers == [201, 200]
    assert crm.post(f"/v1/queue/{first}/undo").status_code == 409


def test_a_click_can_be_undone_after_a_restart_and_only_for_a_while(queued: Settings, ledger: Ledger) -> None:
    with answering(create_app(queued, without_key=True)) as crm:
        lead_id, other = ids(crm)[:2]
        crm.post(f"/v1/queue/{lead_id}/accept").raise_for_status()
        crm.post(f"/v1/queue/{other}/accept").raise_for_status()
    with answering(create_app(queued, without_key=True)) as crm:
        assert crm.post(f"/v1/queue/{lead_id}/undo").status_code == 201
    strict = queued.model_copy(update={"undo_minutes": 0.0})
    with answering(create_app(strict, without_key=True)) as crm:
        late = crm.post(f"/v1/queue/{other}/undo")
    assert (late.status_code, "could be undone until" in late.json()["detail"]) == (409, True)


def test_a_click_that_something_came_after_stays(crm: httpx.Client, first: str) -> None:
    crm.post(f"/v1/queue/{first}/accept").raise_for_status()
    later = {"lead_id": first, "stage": "sql", "occurred_at": isoformat(to_micros(now()))}
    crm.post("/v1/outcomes", json=later).raise_for_status()
    assert crm.post(f"/v1/queue/{first}/undo").status_code == 409


def test_clicks_and_their_undoing_are_in_the_audit_log_without_the_note(
    crm: httpx.Client, ledger: Ledger, first: str
) -> None:
    crm.post(f"/v1/queue/{first}/reject", json={"reason": "no_budget", "note": "Ada said so"}).raise_for_status()
    crm.post(f"/v1/queue/{first}/undo").raise_for_status()
    with ledger.reading() as connection:
        rows = list(connection.execute(select(tables.audit)))
    assert [row.action for row in sorted(rows, key=lambda r: r.entry_id)] == ["queue.reject", "queue.undo"]
    assert all("Ada" not in row.detail and row.subject == audit.of_lead(first) for row in rows)


def test_a_note_is_on_the_leads_sheet_and_goes_with_the_lead(crm: httpx.Client, ledger: Ledger, first: str) -> None:
    crm.post(f"/v1/queue/{first}/contact", json={"note": "call Ada on Monday"}).raise_for_status()
    sheet = crm.get(f"/v1/leads/{first}").json()
    assert (sheet["history"]["outcomes"][0]["note"], sheet["stage"]) == ("call Ada on Monday", "contacted")
    crm.delete(f"/v1/leads/{first}").raise_for_status()
    with ledger.reading() as connection:
        assert list(connection.execute(select(tables.clicks))) == []
    assert first not in ids(crm)


def test_what_is_answered_has_the_shape_that_is_described(crm: httpx.Client, first: str) -> None:
    from serving.schemas import Clicked, LeadSheet, Queue

    Queue.model_validate(crm.get("/v1/queue").json())
    Clicked.model_validate(crm.post(f"/v1/queue/{first}/accept").json())
    LeadSheet.model_validate(crm.get(f"/v1/leads/{first}").json())
