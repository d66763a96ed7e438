"""The list of open leads: kept current by what changed, the same as made anew, its pages stable while it changes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
import pytest

from leadloop.clock import DAY, HOUR, isoformat, now, to_micros
from leadloop.errors import InputError
from leadloop.settings import Settings
from leadloop.store import duplicates, erasure, events, instant, leads, outcomes, scores
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow
from leadloop.store.scores import StoredScore
from models import bundle as bundles
from serving.app import create_app
from serving.backlog.keeping import Keeper, NotRankedYetError
from serving.backlog.lines import Backlog
from serving.backlog.making import look, make, news, refreshed
from serving.backlog.paging import Cursor, ExpiredCursorError, Pages, Question
from serving.backlog.telling import Asked, tell
from serving.scorer import Scorer
from tests.support import AROUND_THE_CLOCK, answering

FEW = Question(None, None, 7)


@pytest.fixture
def scorer(queued: Settings) -> Scorer:
    """The model that the made-up company learned."""
    return Scorer.load(queued)


@pytest.fixture
def backlog(ledger: Ledger, scorer: Scorer, queued: Settings) -> Backlog:
    """The 40 leads, ranked."""
    return make(ledger, scorer, queued)


@pytest.fixture
def large(ledger: Ledger, scorer: Scorer, queued: Settings) -> Iterator[Keeper]:
    """A keeper for which 40 leads are many."""
    keeper = Keeper(ledger, queued, lambda: scorer, small=10, first=10)
    yield keeper
    keeper.close()


def best(backlog: Backlog) -> str:
    """The lead on top."""
    return str(backlog.lead_ids[backlog.order[0]])


def write(ledger: Ledger, noun: Any, *rows: object) -> None:
    """Rows that come in now."""
    with ledger.writing() as connection:
        noun.add(connection, rows)
        instant.mark_live(connection)


def configured(settings: Settings, **tables: object) -> Settings:
    """The same with more settings, written as in the file."""
    return Settings.model_validate({"home": settings.home, "database_url": settings.database_url, **tables})


def close(ledger: Ledger, lead_id: str, stage: str = "lost", **given: Any) -> None:
    """Sales is done with a lead."""
    at = to_micros(now())
    write(ledger, outcomes, OutcomeRow(lead_id, stage, at, at, **given))


def changed(ledger: Ledger, backlog: Backlog) -> set[str]:
    """What a list does not know yet."""
    return news(backlog, look(ledger, backlog.looked_at))


def everything_happens(ledger: Ledger, backlog: Backlog) -> None:
    """A new lead, new and late and corrected events, outcomes and one withdrawn, a merge, an erasure."""
    ids, at = [str(backlog.lead_ids[i]) for i in backlog.order], to_micros(now())
    write(ledger, leads, LeadRow("brand-new", at, at, None, {"source": "webinar", "owner": "ada"}))
    write(ledger, events, EventRow(ids[1], "demo_request", at, at), EventRow(ids[2], "page_view", at - 9 * DAY, at))
    write(ledger, events, EventRow(ids[3], "page_view", at, at, "moved"))
    write(ledger, events, EventRow(ids[4], "page_view", at, at + 1, "moved"))
    close(ledger, ids[5])
    close(ledger, ids[6], "accepted")
    close(ledger, ids[7], "rejected", reason="no_budget", outcome_id="o")
    write(ledger, outcomes, OutcomeRow(ids[7], "withdrawn", at, to_micros(now()), outcome_id="o"))
    close(ledger, ids[8], "recycled", until_at=at + DAY)
    with ledger.writing() as connection:
        duplicates.merge(connection, ids[9], ids[10], None, to_micros(now()))
    erasure.erase(ledger, [ids[11]])


def test_what_changed_is_made_anew_as_if_all_was(
    ledger: Ledger, backlog: Backlog, scorer: Scorer, queued: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    everything_happens(ledger, backlog)
    at = to_micros(now()) + HOUR
    monkeypatch.setattr("serving.scorer.instant.newest", lambda _: at)
    patched = refreshed(backlog, ledger, queued, changed(ledger, backlog))
    whole = make(ledger, scorer, queued)
    assert patched.lead_ids.tolist() == whole.lead_ids.tolist()
    assert (patched.put_off, set(patched.taken)) == (whole.put_off, set(whole.taken))
    new = {str(name) for name in patched.lead_ids[patched.lines["scored_at"] == at]}
    theirs = [whole.find(sorted(new)), patched.find(sorted(new))]
    for name in ("p_win", "priority", "weight", "importance", "since", "due_at"):
        assert np.array_equal(whole.lines[name][theirs[0]], patched.lines[name][theirs[1]])
    owners = [[one.names[i] if i >= 0 else None for i in one.lines["owner"]] for one in (whole, patched)]
    assert owners[0] == owners[1]


def test_a_list_that_knows_all_has_no_news(ledger: Ledger, backlog: Backlog, queued: Settings) -> None:
    assert changed(ledger, backlog) == set()
    close(ledger, best(backlog))
    seen = look(ledger, backlog.looked_at)
    again = refreshed(backlog, ledger, queued, news(backlog, seen))
    assert changed(ledger, replace(again, looked_at=seen.at, seen=seen.rows, live=seen.live)) == set()


def test_a_large_list_is_ranked_aside_and_then_follows_what_changes(
    ledger: Ledger, large: Keeper, backlog: Backlog
) -> None:
    large.rank()
    first = large.current()
    assert first.lead_ids.tolist() == backlog.lead_ids.tolist()
    assert np.array_equal(first.lines["priority"], backlog.lines["priority"])
    close(ledger, best(first))
    large.follow()
    assert best(first) not in large.current().lead_ids.tolist()


def test_what_came_in_while_a_list_was_ranked_is_in_it(
    ledger: Ledger, large: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    aside = large._aside.make

    def slow(*given: Any, **more: Any) -> Backlog | None:
        made = aside(*given, **more)
        assert made is not None
        close(ledger, best(made))
        return made

    monkeypatch.setattr(large._aside, "make", slow)
    large.rank()
    with ledger.reading() as connection:
        gone = [row.lead_id for row in outcomes.read(connection) if row.stage == "lost"]
    assert gone
    assert not {*gone} & {*large.current().lead_ids.tolist()}


def test_a_large_list_that_was_never_ranked_says_so(large: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serving.backlog.keeping.FIRST_SECONDS", 0.01)
    with pytest.raises(NotRankedYetError):
        large.current()


def test_a_small_list_that_outgrew_its_requests_is_ranked_aside(
    ledger: Ledger, scorer: Scorer, queued: Settings
) -> None:
    keeper = Keeper(ledger, queued, lambda: scorer, small=100, first=100)
    before = keeper.current()
    at = to_micros(now())
    write(ledger, leads, *[LeadRow(f"M-{i}", at, at) for i in range(200)])
    assert keeper.current() is before
    keeper.rank()
    assert len(keeper.current()) == len(before) + 200


def test_an_import_of_many_leads_makes_the_whole_list_anew(ledger: Ledger, large: Keeper) -> None:
    large.rank()
    at = to_micros(now())
    write(ledger, leads, *[LeadRow(f"M-{i}", at, at) for i in range(1_100)])
    large.follow()
    large._rank_from = 0
    large.rank()
    assert len(large.current()) >= 1_100


def test_pages_neither_repeat_nor_skip_while_the_list_changes(
    ledger: Ledger, backlog: Backlog, queued: Settings
) -> None:
    pages, shown, cursor, current = Pages(), list[str](), None, backlog
    while True:
        page = pages.page(current, FEW, cursor)
        shown += page.view.lead_ids[page.slice].tolist()
        cursor = page.next_cursor
        if cursor is None:
            break
        at = to_micros(now())
        write(ledger, events, EventRow(shown[-1], "demo_request", at, at), EventRow(best(current), "form", at, at))
        current = refreshed(current, ledger, queued, changed(ledger, current))
    assert shown == [str(backlog.lead_ids[i]) for i in backlog.order]


def test_another_process_goes_on_behind_the_last_lead_shown(backlog: Backlog) -> None:
    one, other = Pages(), Pages()
    first = one.page(backlog, FEW, None)
    second = other.page(backlog, FEW, first.next_cursor)
    assert (second.start, second.view.lead_ids[second.slice].tolist()) == (
        7,
        [str(backlog.lead_ids[i]) for i in backlog.order[7:14]],
    )


@pytest.mark.parametrize("text", ["1", "é", "W10", "e30", "WzEsMl0", "x" * 99])
def test_a_cursor_that_is_none_of_ours_is_refused(backlog: Backlog, text: str) -> None:
    with pytest.raises(InputError, match="cursor"):
        Pages().page(backlog, FEW, text)


def test_a_cursor_of_another_question_is_refused(backlog: Backlog) -> None:
    pages = Pages()
    cursor = pages.page(backlog, FEW, None).next_cursor
    with pytest.raises(InputError, match="another question"):
        pages.page(backlog, replace(FEW, owners=("ada",)), cursor)


def test_a_cursor_of_a_list_that_is_gone_has_expired(backlog: Backlog) -> None:
    pages = Pages()
    cursor = pages.page(backlog, FEW, None).next_cursor
    pages._kept.clear()
    with pytest.raises(ExpiredCursorError):
        pages.page(backlog, FEW, cursor)
    old = replace(Cursor.read(cursor or ""), name="elsewhere", at=0)
    with pytest.raises(ExpiredCursorError):
        pages.page(backlog, FEW, old.text())


def test_a_bad_cursor_is_422_and_an_old_one_410(queued: Settings, ledger: Ledger) -> None:
    with answering(create_app(queued, without_key=True)) as crm:
        assert crm.get("/v1/queue", params={"cursor": "nonsense"}).status_code == 422
        cursor = crm.get("/v1/queue", params={"limit": 3}).json()["next_cursor"]
        old = replace(Cursor.read(cursor), name="elsewhere", at=0).text()
        assert crm.get("/v1/queue", params={"limit": 3, "cursor": old}).status_code == 410


def test_a_team_is_its_owners_and_an_unknown_one_is_named(queued: Settings, backlog: Backlog) -> None:
    owners = sorted({backlog.names[i] for i in backlog.lines["owner"].tolist() if i >= 0})
    own = queued.model_copy(update={"teams": {"north": owners[:2]}})
    with answering(create_app(own, without_key=True)) as crm:
        page = crm.get("/v1/queue", params={"team": "north"}).json()
        assert {row["owner"] for row in page["leads"]} == set(owners[:2])
        assert "north" in crm.get("/v1/queue", params={"team": "south"}).json()["detail"]


def total(split: dict[str, float]) -> float:
    """A figure and what became of it."""
    return sum(split[name] for name in ("before", "data", "waiting", "model", "population"))


def test_what_a_page_says_changed_adds_up_and_is_yesterdays_score(
    queued: Settings, ledger: Ledger, backlog: Backlog
) -> None:
    at = backlog.as_of
    with ledger.writing() as connection:
        events.add(connection, [EventRow(best(backlog), "demo_request", at - HOUR, at - HOUR)])
    with answering(create_app(queued, without_key=True)) as crm:
        rows = crm.get("/v1/queue").json()["leads"]
        moved = next(row for row in rows if row["lead_id"] == best(backlog))
        then = {"lead": {"lead_id": moved["lead_id"]}, "as_of": moved["change"]["since"]}
        before = crm.post("/v1/score", json=then).json()
    for row in rows:
        for name in ("p_win", "priority"):
            split = row["change"][name]
            if split is not None:
                assert total(split) == pytest.approx(row[name], abs=1e-12)
    assert moved["change"]["p_win"]["before"] == pytest.approx(before["p_win"], abs=1e-12)
    assert "demo_request" in [each["type"] for each in moved["change"]["events"]]


def test_what_another_model_changes_is_told_apart(queued: Settings, ledger: Ledger, backlog: Backlog) -> None:
    """A lead that version 99 was said to score two days ago, which sees everybody's chance a notch lower."""
    known = backlog.scorer.version.bundle
    calibration = replace(known.outcome.calibration, intercept=known.outcome.calibration.intercept - 1.0)
    bundles.save(replace(known, outcome=replace(known.outcome, calibration=calibration)), queued.models_dir / "99")
    name = best(backlog)
    row = StoredScore(name, backlog.as_of - 2 * DAY, "99", "", 0.0, 0.0, 0.0, 0.0, 0.0, 0, 0, 0.0, 0.0, "", b"", 0)
    with ledger.writing() as connection:
        scores.add(connection, [row])
    asked = Asked(ledger, queued, backlog.scorer, backlog.as_of, "fr")
    told = tell(asked, [name])[name]["change"]
    split = told["p_win"]
    assert split["model"] > 0
    assert total(split) == pytest.approx(split["after"], abs=1e-12)
    assert "un autre modèle" in told["text"]


def test_the_company_decides_about_stars_and_tactics(queued: Settings, ledger: Ledger) -> None:
    advice = {"fr": "Appelez", "en": "Call"}
    cells = dict.fromkeys(("call_now", "qualify", "develop", "nurture", "unknown"), advice)
    own = configured(queued, tiers={"stars": [1e9, 2e9, 3e9]}, tactics=cells)
    with answering(create_app(own, without_key=True)) as crm:
        row = crm.get("/v1/queue", params={"lang": "fr"}).json()["leads"][0]
        score = crm.post("/v1/score", json={"lead": {"lead_id": row["lead_id"]}, "as_of": row["as_of"]}).json()
    assert (row["stars"], score["stars"], row["tactic"]["text"]) == (0, 0, "Appelez")


def test_a_lead_whose_deadline_is_near_rises(queued: Settings, ledger: Ledger, backlog: Backlog) -> None:
    last = str(backlog.lead_ids[backlog.order[-1]])
    at = to_micros(now())
    write(ledger, leads, LeadRow("urgent", at - 23 * HOUR, at - 23 * HOUR, None, {"source": "demo"}))
    promises = [{"source": "demo", "within": "24 hours"}]
    own = configured(queued, sla={"within": "365 days", "promises": promises, "hours": AROUND_THE_CLOCK})
    with answering(create_app(own, without_key=True)) as crm:
        rows = {row["lead_id"]: row for row in crm.get("/v1/queue").json()["leads"]}
    plain = make(ledger, Scorer.load(queued), queued)
    assert rows["urgent"]["promise"] == "at_risk"
    assert rows["urgent"]["deadline"] == isoformat(at + HOUR)
    rank = int(np.flatnonzero(plain.lead_ids[plain.order] == "urgent")[0]) + 1
    assert rows["urgent"]["rank"] <= rank
    assert rows[last]["promise"] in ("in_time", "missed")


def test_a_lead_that_comes_in_is_queued_within_two_seconds_of_looking(
    queued: Settings, ledger: Ledger, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    app = create_app(queued, without_key=True)
    with answering(app) as crm:
        app.state.leadloop.keeper.small = 10
        eventually(lambda: crm.get("/v1/queue").status_code == 200)
        before = crm.get("/v1/queue").json()["total"]
        sent = {"lead_id": "fresh", "created_at": isoformat(to_micros(now()))}
        crm.post("/v1/leads", json=sent).raise_for_status()
        eventually(lambda: open_leads(crm) == before + 1)


def open_leads(crm: httpx.Client) -> int:
    """How many open leads the queue has."""
    return int(crm.get("/v1/queue").json()["total"])
