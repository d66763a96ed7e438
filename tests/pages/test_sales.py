"""What the queue and a lead's page say: what the API says, to whom it may be said."""

import csv
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html import unescape
from itertools import pairwise

import httpx
import numpy as np
import pytest

from features.history import read
from leadloop import charts
from leadloop.access import Role
from leadloop.clock import DAY
from leadloop.settings import Settings
from leadloop.store import events, instant, keys, leads, outcomes, scores
from leadloop.store.keys import Holder
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, OutcomeRow
from leadloop.store.scores import StoredScore
from leadloop.tactics import SHIPPED
from serving.app import create_app
from serving.backlog.draws import ADVICE, WHY
from serving.pages.figures import figures
from serving.scorer import Scorer, numbers, when
from serving.scoring import rows_of
from serving.steps import PARTS
from tests.support import Loop, answering

AS_PEOPLE = {"Accept": "text/html"}


@contextmanager
def asking(settings: Settings, ledger: Ledger, holder: Holder) -> Iterator[httpx.Client]:
    """A client that has a key of such a holder, of a server that wants one."""
    with ledger.writing() as connection:
        secret = keys.create(connection, holder)[1]
    with answering(create_app(settings)) as client:
        client.headers.update({"Authorization": f"Bearer {secret}", **AS_PEOPLE})
        yield client


@pytest.fixture
def open_site(few: Settings) -> Iterator[httpx.Client]:
    """A client of a server that wants no key."""
    with answering(create_app(few, without_key=True)) as client:
        client.headers.update(AS_PEOPLE)
        yield client


def ids(page: str) -> list[str]:
    """The leads of a queue, in its order."""
    return re.findall(r'class="lead">\s*<a href="/leads/([^"?]+)', page)


def text(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_the_queue_is_that_of_the_api_page_after_page(open_site: httpx.Client) -> None:
    told = [lead["lead_id"] for lead in open_site.get("/v1/queue").json()["leads"]]
    first = open_site.get("/queue").text
    further = unescape(re.search(r'rel="next" href="([^"]+)"', first).group(1))  # type: ignore[union-attr] # it is there
    second = open_site.get(further).text
    assert ids(first) + ids(second) == told
    assert 'rel="next"' not in second


@pytest.mark.parametrize("name", ["owner", "source", "cell"])
def test_a_filter_leaves_exactly_the_leads_that_are_so(open_site: httpx.Client, name: str) -> None:
    told = open_site.get("/v1/queue").json()["leads"]
    found = {lead["lead_id"]: lead.get(name) for lead in told}
    if name == "source":
        found = {lead_id: open_site.get(f"/v1/leads/{lead_id}").json()["attributes"].get(name) for lead_id in found}
    wanted = next(iter(sorted(filter(None, found.values()))))
    expected = [lead_id for lead_id, value in found.items() if value == wanted]
    assert ids(open_site.get("/queue", params={name: wanted}).text) == expected[:25]


def test_a_filter_that_leaves_nothing_says_so_and_offers_all(open_site: httpx.Client) -> None:
    page = open_site.get("/queue", params={"source": "nowhere"}).text
    assert ids(page) == []
    assert "No open lead is like that." in page


def test_the_language_is_that_of_the_address_then_the_browser_then_the_settings(few: Settings) -> None:
    french = few.model_copy(update={"language": "fr"})
    with answering(create_app(french, without_key=True)) as client:
        said = [
            client.get("/queue", params=params, headers={**AS_PEOPLE, "Accept-Language": browser}).text
            for params, browser in (({"lang": "en"}, "fr"), ({}, "en-US,fr;q=0.5"), ({}, "de"))
        ]
    assert ["Today’s queue" in page for page in said] == [True, True, False]
    assert 'href="/queue?lang=en"' in said[0]


def test_marketing_sees_leads_but_not_people_and_clicks_nothing(few: Settings, ledger: Ledger) -> None:
    with asking(few, ledger, Holder(Role.marketing)) as client:
        queue, lead_id = client.get("/queue").text, ids(client.get("/queue").text)[0]
        sheet = client.get(f"/leads/{lead_id}").text
    with ledger.reading() as connection:
        who = leads.names(connection, ids(queue))
    private = [
        value for known in who.values() for name, value in known.items() if name in ("last_name", "email", "phone")
    ]
    assert private
    assert [value for value in private if value in text(queue) + text(sheet)] == []
    assert 'name="do"' not in queue + sheet


def test_who_sees_only_their_own_leads_is_shown_and_offered_no_others(few: Settings, ledger: Ledger) -> None:
    own = few.model_copy(update={"sales_see": "own"})
    with answering(create_app(few, without_key=True)) as everything:
        owners = {lead["lead_id"]: lead["owner"] for lead in everything.get("/v1/queue").json()["leads"]}
    mine = next(owner for owner in owners.values() if owner)
    other = next(lead_id for lead_id, owner in owners.items() if owner != mine)
    with asking(own, ledger, Holder(Role.sales, owner=mine)) as client:
        page = client.get("/queue").text
        assert {owners[lead_id] for lead_id in ids(page)} == {mine}
        assert re.findall(r'<option value="([^"]+)"', page.partition('name="owner"')[2].partition("</select>")[0]) == [
            mine
        ]
        assert client.get(f"/leads/{other}").status_code == 404
        assert client.get("/queue", params={"owner": "somebody else"}).status_code == 403


def test_the_stored_scores_of_a_lead_are_drawn_as_a_line(few: Settings, ledger: Ledger) -> None:
    alone = few.model_copy(update={"store_scores": False})  # else the server adds scores, and clears old ones away
    with answering(create_app(alone, without_key=True)) as client:
        client.headers.update(AS_PEOPLE)
        lead_id = ids(client.get("/queue").text)[0]
        now = client.get(f"/v1/leads/{lead_id}").json()
        with ledger.writing() as connection:
            at = leads.read(connection, None, [lead_id])[-1].recorded_at or 0
            scores.add(connection, [_stored(now, at + day * DAY // 10, 0.1 * day) for day in (1, 2)])
        page = client.get(f"/leads/{lead_id}").text
    line = page.partition('id="moved"')[2].partition("</section>")[0]
    assert "<svg" in line
    assert "20%" in text(line)


def test_a_lead_says_why_each_of_its_last_scores_changed_and_its_parts_add_up(few: Settings, ledger: Ledger) -> None:
    paris = few.model_copy(update={"timezone": "Europe/Paris", "store_scores": False})
    with answering(create_app(paris, without_key=True)) as client:
        client.headers.update(AS_PEOPLE)
        lead_id = ids(client.get("/queue").text)[0]
        _scored_daily(ledger, Scorer.load(few), lead_id)
        api = client.get(f"/v1/leads/{lead_id}/changes", params={"lang": "fr"}).json()["changes"]
        page = client.get(f"/leads/{lead_id}", params={"lang": "fr"}).text
        file = client.get(f"/leads/{lead_id}?csv=scores").raise_for_status().text
    moved = text(page.partition('class="moves"')[2].partition("</ol>")[0])
    assert [each["text"].partition(" depuis")[0] in moved for each in api] == [True] * 5 + [False]
    since = [f"depuis le {figures('fr', paris.zone).moment(each['since'])}" for each in api]
    assert [each in moved for each in since] == [True] * 5 + [False]
    assert "Ce que l’on a appris" in moved
    assert "a demandé une démo" in moved
    told = csv.DictReader(file.removeprefix("\ufeff").splitlines())
    table = [{name: float(row[name] or "nan") for name in ("p_win", *PARTS)} for row in told]
    gaps = [after["p_win"] - before["p_win"] - sum(after[name] for name in PARTS) for after, before in pairwise(table)]
    assert max(map(abs, gaps)) < 1e-9
    assert all(math.isnan(table[-1][name]) for name in PARTS)


def _scored_daily(ledger: Ledger, scorer: Scorer, lead_id: str) -> None:
    """Seven stored scores; before the last the lead asks for a demo."""
    for day in range(7):
        at = when(ledger, None) + DAY
        with ledger.writing() as connection:
            kind = "demo_request" if day == 6 else "page_view"
            events.add(connection, [EventRow(lead_id, kind, at, at)])
        history = read(ledger, at, [lead_id])
        scored = scorer.score(history, numbers(history, [lead_id]), np.full(1, at))
        with ledger.writing() as connection:
            scores.add(connection, rows_of(scored, at))


def _stored(now: dict[str, object], as_of: int, p_win: float) -> StoredScore:
    figures = {"expected_value": 1.0, "importance": p_win, "urgency": 0.0, "priority": p_win, "stars": 1, "flames": 0}
    rest = {"fit": None, "readiness": None, "cell": "unknown", "seen": b"", "recorded_at": as_of}
    return StoredScore(str(now["lead_id"]), as_of, "1", "hash", p_win, **figures, **rest)  # type: ignore[arg-type] # of both kinds


def test_where_nothing_draws_the_figures_are_there_as_a_table(
    open_site: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead_id = ids(open_site.get("/queue").text)[0]
    monkeypatch.setattr(charts, "can_draw", lambda: False)
    why = open_site.get(f"/leads/{lead_id}").text.partition('id="why"')[2].partition("</section>")[0]
    assert "<svg" not in why
    reasons = open_site.get(f"/v1/leads/{lead_id}").json()["reasons"]
    assert [each["text"] for each in reasons if each["text"] not in text(why)] == []


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_lead_drawn_by_lot_says_so_and_is_to_be_worked_like_the_others_while_it_is_on_the_list(
    few: Settings, ledger: Ledger, lang: str
) -> None:
    with ledger.writing() as connection:
        instant.mark_live(connection)
    drawing = few.model_copy(update={"capacity": 6, "explore_share": 0.4})
    with answering(create_app(drawing, without_key=True)) as client:
        told = client.get("/v1/queue", params={"lang": lang}).json()["leads"]
        drawn, ranked = (next(row for row in told[:6] if row["drawn"] is by_lot) for by_lot in (True, False))
        page, other = (text(client.get(f"/leads/{row['lead_id']}?lang={lang}").text) for row in (drawn, ranked))
        usual = str(SHIPPED[drawn["cell"]].told(lang)["text"])
        assert [each in page for each in (WHY[lang], ADVICE[lang], usual)] == [True, True, False]
        assert [each in other for each in (WHY[lang], ADVICE[lang], ranked["tactic"]["text"])] == [False, False, True]
        client.post(f"/v1/queue/{drawn['lead_id']}/reject", json={"reason": "no_budget"}).raise_for_status()
        assert ADVICE[lang] not in text(client.get(f"/leads/{drawn['lead_id']}?lang={lang}").text)


def test_won_leads_that_share_the_most_are_named_with_what_they_share(
    loop: Loop, few: Settings, ledger: Ledger
) -> None:
    row = next(row for row in loop.world.leads if row.attributes.get("source"))
    twin = replace(row, lead_id="twin", identity={"first_name": "Ada", "last_name": "Twin"})
    done = OutcomeRow("twin", "won", (row.created_at or 0) + 9 * DAY, (row.created_at or 0) + 9 * DAY, amount=5_000.0)
    with ledger.writing() as connection:
        leads.add(connection, [twin])
        outcomes.add(connection, [done])
    with answering(create_app(few, without_key=True)) as client:
        page = text(client.get(f"/leads/{row.lead_id}", headers=AS_PEOPLE).text)
    assert "Ada Twin · €5,000 · won after 9 days Both:" in page


def test_what_a_lead_looked_at_is_named_once_so_that_nobody_sends_it_again(
    open_site: httpx.Client, ledger: Ledger
) -> None:
    lead_id = ids(open_site.get("/queue").text)[0]
    with ledger.reading() as connection:
        at = leads.read(connection, None, [lead_id])[-1].recorded_at or 0
    seen = [EventRow(lead_id, "download", at + n, at + n, properties={"title": "Buyer's guide"}) for n in (1, 2)]
    with ledger.writing() as connection:
        events.add(connection, seen)
    page = text(open_site.get(f"/leads/{lead_id}").text)
    assert "Buyer's guide × 2" in page
