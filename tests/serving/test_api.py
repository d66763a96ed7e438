"""The API as a CRM calls it, on a real server process."""

from typing import Any

import httpx
import numpy as np
import pytest

from leadloop.cli.use import todays
from leadloop.clock import DAY, isoformat
from serving.scorer import Scorer
from serving.sheet import sheet
from serving.worklist import rank
from tests.support import Loop

NUMBERS = ("p_win", "expected_value", "importance", "urgency", "priority", "fit", "readiness")


def numbers(score: dict[str, Any]) -> list[float]:
    """Every number of a score, chances of reasons included."""
    return [score[name] for name in NUMBERS] + [score["p_reject"][reason] for reason in sorted(score["p_reject"])]


@pytest.fixture(scope="module")
def ranked(loop: Loop) -> list[dict[str, Any]]:
    """What the command says of the open leads."""
    return rank(loop.ledger, Scorer.load(loop.settings)).rows


def test_a_ready_server_names_the_model_that_it_serves(api: httpx.Client, loop: Loop) -> None:
    assert api.get("/readyz").json() == {"status": "ready", "model_version": loop.trained.version}
    assert api.get("/healthz").json() == {"status": "ok"}


def test_the_api_and_the_command_give_a_stored_lead_the_same_numbers(
    api: httpx.Client, ranked: list[dict[str, Any]]
) -> None:
    for row in ranked[::97]:
        score = api.post("/v1/score", json={"lead": {"lead_id": row["lead_id"]}, "as_of": row["as_of"]}).json()
        np.testing.assert_allclose(numbers(score), numbers(row), rtol=0, atol=1e-9)
        assert (score["stars"], score["flames"], score["cell"]) == (row["stars"], row["flames"], row["cell"])


def test_an_earlier_instant_gives_the_numbers_of_that_instant(api: httpx.Client, loop: Loop) -> None:
    at = loop.world.truth.market.settings.end_at - 60 * DAY
    rows = rank(loop.ledger, Scorer.load(loop.settings), at).rows[::151]
    leads = [{"lead": {"lead_id": row["lead_id"]}, "as_of": isoformat(at)} for row in rows]
    scores = api.post("/v1/score/batch", json={"leads": leads}).json()["scores"]
    np.testing.assert_allclose([numbers(s) for s in scores], [numbers(r) for r in rows], rtol=0, atol=1e-9)


def test_a_lead_sent_whole_scores_as_if_it_were_stored(api: httpx.Client, loop: Loop) -> None:
    newest = max(loop.world.leads, key=lambda row: row.created_at or 0)
    versions = [row for row in loop.world.leads if row.lead_id == newest.lead_id]
    attributes = {name: value for row in versions for name, value in row.attributes.items()}
    lead = {**attributes, "lead_id": "sent-whole", "created_at": isoformat(versions[0].created_at or 0)}
    events = [
        {"type": row.type, "occurred_at": isoformat(row.occurred_at), "recorded_at": isoformat(row.recorded_at)}
        for row in loop.world.events
        if row.lead_id == newest.lead_id
    ]
    as_of = isoformat(loop.world.truth.market.settings.end_at)
    sent = api.post("/v1/score", json={"lead": lead, "events": events, "as_of": as_of}).json()
    stored = api.post("/v1/score", json={"lead": {"lead_id": newest.lead_id}, "as_of": as_of}).json()
    np.testing.assert_allclose(numbers(sent), numbers(stored), rtol=0, atol=1e-9)


def test_what_is_sent_counts_on_top_of_what_is_stored(api: httpx.Client, ranked: list[dict[str, Any]]) -> None:
    row = ranked[0]
    event = {"type": "unsubscribe", "occurred_at": row["as_of"]}
    body = {"lead": {"lead_id": row["lead_id"]}, "events": [event] * 3, "as_of": row["as_of"]}
    assert api.post("/v1/score", json=body).json()["p_win"] != row["p_win"]
    assert api.post("/v1/score", json={**body, "events": []}).json()["p_win"] == pytest.approx(row["p_win"], abs=1e-9)


def test_an_event_that_is_stored_already_counts_once(
    api: httpx.Client, loop: Loop, ranked: list[dict[str, Any]]
) -> None:
    row = next(row for row in ranked if row["moments"])
    known = next(e for e in loop.world.events if e.lead_id == row["lead_id"])
    times = {"occurred_at": isoformat(known.occurred_at), "recorded_at": isoformat(known.recorded_at)}
    event = {"type": known.type, **times, **known.properties}
    body = {
        "lead": {"lead_id": row["lead_id"]},
        "events": [{**event, "event_id": known.event_id}],
        "as_of": row["as_of"],
    }
    assert api.post("/v1/score", json=body).json()["p_win"] == pytest.approx(row["p_win"], abs=1e-9)


def test_a_form_without_a_date_is_scored_as_it_comes_in(api: httpx.Client) -> None:
    score = api.post("/v1/score", json={"lead": {"source": "webinar"}}).json()
    assert score["lead_id"] is None
    assert 0 < score["p_win"] < 1


def test_chances_of_a_win_and_of_refusals_leave_room_for_the_rest(api: httpx.Client) -> None:
    score = api.post("/v1/score", json={"lead": {"source": "webinar"}}).json()
    assert 0.5 < score["p_win"] + sum(score["p_reject"].values()) <= 1 + 1e-9


def test_reasons_come_in_the_language_asked_for(api: httpx.Client) -> None:
    body = {"lead": {"source": "webinar"}, "events": [{"type": "demo_request", "occurred_at": "2026-06-29T10:00:00Z"}]}
    told = {lang: api.post(f"/v1/score?lang={lang}", json=body).json()["reasons"] for lang in ("fr", "en")}
    said = {lang: " / ".join(reason["text"] for reason in told[lang]) for lang in told}
    assert "n’a pas consulté les tarifs" in said["fr"], said
    assert "has not looked at the prices" in said["en"]
    assert [r["contribution"] for r in told["fr"]] == [r["contribution"] for r in told["en"]]


def test_a_batch_scores_each_lead_as_if_it_came_alone(api: httpx.Client, ranked: list[dict[str, Any]]) -> None:
    stored = [{"lead_id": row["lead_id"]} for row in ranked[:5]]
    leads = [*stored, {"source": "webinar"}, stored[0]]
    together = api.post("/v1/score/batch", json={"leads": leads, "as_of": ranked[0]["as_of"]}).json()["scores"]
    alone = [api.post("/v1/score", json={"lead": lead, "as_of": ranked[0]["as_of"]}).json() for lead in leads]
    assert together == alone


def test_the_queue_is_the_commands_list_with_reasons(api: httpx.Client, ranked: list[dict[str, Any]]) -> None:
    page = api.get("/v1/queue", params={"limit": 30}).json()
    assert [{name: lead[name] for name in ranked[0]} for lead in page["leads"]] == ranked[:30]
    assert all(lead["reasons"] for lead in page["leads"])


def test_the_command_and_the_api_show_the_same_queue_and_sheet(api: httpx.Client, loop: Loop) -> None:
    told = todays(loop.settings, None, 10, "fr")
    page = api.get("/v1/queue", params={"capacity": 10, "lang": "fr"}).json()
    assert {name: page[name] for name in told} == told
    lead_id = told["leads"][0]["lead_id"]
    ours = sheet(loop.ledger, loop.settings, Scorer.load(loop.settings), lead_id, lang="fr")
    theirs = api.get(f"/v1/leads/{lead_id}", params={"lang": "fr"}).json()
    assert {name: theirs[name] for name in ours} == ours


def test_pages_of_the_queue_follow_each_other_without_a_gap(api: httpx.Client, ranked: list[dict[str, Any]]) -> None:
    seen, cursor = [], None
    while True:
        page = api.get("/v1/queue", params={"limit": 7, "capacity": 20} | ({"cursor": cursor} if cursor else {})).json()
        seen += [lead["lead_id"] for lead in page["leads"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [row["lead_id"] for row in ranked[:20]]


def test_an_owner_sees_only_their_own_leads(api: httpx.Client, loop: Loop) -> None:
    owner = next(row.attributes["owner"] for row in reversed(loop.world.leads) if row.attributes.get("owner"))
    page = api.get("/v1/queue", params={"owner": str(owner), "limit": 1000}).json()
    everyone = api.get("/v1/queue").json()
    assert 0 < page["total"] < everyone["total"]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"lead": {"created_at": "soon"}}, "created_at"),
    ({"lead": {"source": "web"}, "as_of": "soon"}, "as_of"),
    ({"lead": {"source": "web"}, "events": [{"type": "x"}]}, "occurred_at"),
    ({"lead": {"source": "web"}, "events": [{"occurred_at": "2026-01-01T00:00:00Z"}]}, "type"),
    ({"lead": {"created_at": "2026-02-01T00:00:00Z"}, "as_of": "2026-01-01T00:00:00Z"}, "not known yet"),
    ({"lead": {"created_at": "2026-02-01T00:00:00"}}, "offset"),
]


@pytest.mark.parametrize(("body", "named"), BAD)
def test_bad_input_is_a_problem_that_names_the_field(api: httpx.Client, body: dict[str, Any], named: str) -> None:
    answer = api.post("/v1/score", json=body)
    assert answer.status_code == 422
    assert named in answer.json()["detail"]


@pytest.mark.parametrize("body", ["{", "[]", '{"lead": {"a": [1]}}', '{"lead": {}, "x": 1}', '{"leads": []}'])
def test_a_body_of_another_shape_is_a_problem(api: httpx.Client, body: str) -> None:
    answer = api.post("/v1/score", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_more_than_a_thousand_leads_are_refused(api: httpx.Client) -> None:
    assert api.post("/v1/score/batch", json={"leads": [{"source": "a"}] * 1_001}).status_code == 422


def test_a_bad_lead_in_a_batch_is_named_by_its_place(api: httpx.Client) -> None:
    leads = [{"source": "web"}, {"created_at": "soon"}]
    assert "leads[1].created_at" in api.post("/v1/score/batch", json={"leads": leads}).json()["detail"]


def test_an_unknown_address_is_a_problem_too(api: httpx.Client) -> None:
    assert api.get("/v2/nothing").json()["status"] == 404


def test_the_openapi_file_describes_every_route_of_the_contract(api: httpx.Client) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    assert {"/v1/score", "/v1/score/batch", "/v1/queue", "/healthz", "/readyz"} <= set(paths)
