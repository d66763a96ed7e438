"""The short way to a score says what the long one says, of stored leads and of those that are sent."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from features.kernel import days_waited, matrix
from leadloop.clock import DAY, HOUR, isoformat, now, to_micros
from leadloop.settings import Settings
from leadloop.store import events, instant, leads, outcomes, repack
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow
from leadloop.store.single import UNKNOWN, Singles, read
from serving.answering import Answering
from serving.app import create_app
from serving.incoming import Sent, prepare
from serving.scorer import Scorer, when
from tests.checks import bits
from tests.support import Loop, answering

JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def ready(loop: Loop) -> Answering:
    """On the made-up company, whose histories are packed."""
    repack.fill(loop.ledger)
    return Answering(Scorer.load(loop.settings), loop.ledger, loop.settings)


def sent_ones(loop: Loop) -> list[Sent]:
    """Leads as they are asked about: stored, unknown, with more or other fields, at earlier instants."""
    ids = sorted({row.lead_id for row in loop.world.leads})[::37]
    at = loop.world.truth.market.settings.end_at
    more: dict[str, Any] = {"source": " Webinar ", "employees": 12, "industry": "", "country": None, "new field": True}
    found = [Sent({"lead_id": each}) for each in ids]
    found += [Sent({"lead_id": each, **more}) for each in ids[::3]]
    found += [Sent({"lead_id": each}, (), isoformat(at - 40 * DAY)) for each in ids[::3]]
    found += [Sent({"lead_id": each, "recorded_at": isoformat(at - DAY), **more}) for each in ids[::9]]
    found += [Sent({"lead_id": f"unknown-{i}", "created_at": isoformat(at - i * DAY), **more}) for i in range(5)]
    found += [Sent({**more, "email": "ada@gmail.com", "phone": "+33 6 39 98 12 34", "Job Title": "DAF"}), Sent({})]
    return found


def test_the_short_way_has_the_bits_of_the_long_one(ready: Answering, loop: Loop) -> None:
    catalogue = ready.scorer.version.bundle.catalogue
    newest, went = when(loop.ledger, None), 0
    for sent in sent_ones(loop):
        with loop.ledger.reading() as connection:
            stored = read(connection, [name]) if (name := sent.lead_id) else {}
        known = ready.quick.known(sent, stored.get(name or "", UNKNOWN), newest)
        if known is None:
            continue
        went += 1
        moments = ready.quick.moments([sent], [known])
        options: dict[str, Any] = {"timezone": None, "dated": catalogue.dated, "blocks": catalogue.read_apart}
        long_way = prepare(loop.ledger, [sent], **options)
        assert moments.as_of == long_way.as_of.tolist()
        one = np.zeros(1, dtype=np.int64)
        assert (bits(moments.X) == bits(matrix(catalogue, long_way.history, one, long_way.as_of))).all()
        assert moments.days_waited.tolist() == days_waited(long_way.history, one, long_way.as_of).tolist()
        assert moments.attributes[0] == long_way.history.attributes_at(0, int(long_way.as_of[0]))
    assert went > len(sent_ones(loop)) * 0.7


def test_what_the_short_way_cannot_do_is_left_to_the_long_one(ready: Answering, loop: Loop) -> None:
    event = {"type": "demo_request", "occurred_at": "2026-01-01T00:00:00Z"}
    bad = [Sent({}, [event]), Sent({}, (), "yesterday"), Sent({"created_at": "soon"}), Sent({"source": 1, "Source": 2})]
    assert [ready.quick.known(each, UNKNOWN, when(loop.ledger, None)) for each in bad] == [None] * len(bad)


def test_a_batch_goes_both_ways_and_keeps_its_order(ready: Answering, loop: Loop) -> None:
    event = {"type": "demo_request", "occurred_at": isoformat(loop.world.truth.market.settings.end_at - DAY)}
    some = [Sent({"source": "webinar"}), Sent({"source": "webinar"}, [event]), *sent_ones(loop)[:5]]
    together = ready.scores(some, "en")
    alone = [ready.scores([each], "en")[0] for each in some]
    assert together == alone
    assert together[1]["p_win"] != together[0]["p_win"]


def test_single_leads_are_read_as_many_are(loop: Loop) -> None:
    singles = Singles(loop.ledger)
    ids = [*sorted({row.lead_id for row in loop.world.leads})[::101], "nobody"]
    with loop.ledger.reading() as connection:
        assert {each: singles.read(each) for each in ids} == read(connection, ids)
    singles.close()


def test_the_newest_instant_is_remembered_until_somebody_writes(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    singles, at = Singles(ledger), to_micros(now()) - DAY
    singles.remember(singles.mark(), at)
    assert singles.newest() == at
    with ledger.writing() as connection:
        leads.add(connection, [LeadRow("L-1", at + 1, at + 1)])
    assert singles.newest() is None
    with ledger.writing() as connection:
        instant.mark_live(connection)
    assert (singles.newest() or 0) > at + HOUR
    ledger.close()


def test_a_file_that_went_away_is_not_made_anew(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    ledger.close()
    for file in tmp_path.glob("ledger.db*"):
        file.unlink()
    assert Singles(ledger).read("L-1") is None
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def live(loop: Loop, ledger_url: str, tmp_path: Path) -> Iterator[httpx.Client]:
    """A server with a model on a small live ledger, on each database in turn."""
    shutil.copytree(loop.settings.models_dir, tmp_path / "home" / "models")
    app: FastAPI = create_app(Settings(home=tmp_path / "home", database_url=ledger_url), without_key=True)
    with answering(app) as client:
        at = to_micros(now()) - 3 * DAY
        ledger = app.state.leadloop.ledger
        with ledger.writing() as connection:
            leads.add(connection, [LeadRow("L-1", at, at, None, {"source": "webinar"}, {"email": "ada@gmail.com"})])
            events.add(connection, [EventRow("L-1", "demo_request", at + HOUR, at + HOUR)])
            outcomes.add(connection, [OutcomeRow("L-1", "accepted", at + HOUR, at + HOUR)])
            instant.mark_live(connection)
        yield client


def test_over_http_both_ways_answer_alike(live: httpx.Client) -> None:
    """A content type with a parameter is left to the framework, which is the long way through it."""
    body = f'{{"lead": {{"lead_id": "L-1"}}, "as_of": "{isoformat(to_micros(now()) - DAY)}"}}'
    other = {"content-type": "application/json; charset=utf-8"}
    short, long_way = (live.post("/v1/score?lang=fr", content=body, headers=each) for each in (JSON, other))
    assert short.status_code == long_way.status_code == 200
    assert short.json() == long_way.json()
    assert short.json()["reasons"]


@pytest.mark.parametrize("query", ["?reasons=maybe", "?lang=de", "?lang=fr&lang=en"])
def test_a_query_that_is_wrong_is_refused_or_read_as_the_framework_does(live: httpx.Client, query: str) -> None:
    assert live.post(f"/v1/score{query}", json={"lead": {}}).status_code == (200 if "lang=en" in query else 422)


def test_without_reasons_there_are_none(live: httpx.Client) -> None:
    assert "reasons" not in live.post("/v1/score?reasons=false", json={"lead": {}}).json()
    scores = live.post("/v1/score/batch?reasons=false", json={"leads": [{}, {"lead_id": "L-1"}]}).json()["scores"]
    assert [score["lead_id"] for score in scores] == [None, "L-1"]
    assert not any("reasons" in score for score in scores)


def test_a_long_body_is_read_whole(live: httpx.Client) -> None:
    many = {"leads": [{"note": "x" * 900, "source": "webinar"} for _ in range(800)]}
    answer = live.post("/v1/score/batch?reasons=false", json=many)
    assert (answer.status_code, len(answer.json()["scores"])) == (200, 800)


def test_a_bad_lead_of_a_batch_is_named_by_its_place(live: httpx.Client) -> None:
    answer = live.post("/v1/score/batch", json={"leads": [{}, {"created_at": "soon"}]})
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("leads[1].created_at")
