"""Slots drawn by lot: known chances, one list for everybody, and nothing where nothing is to be drawn."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from features.history import Ints
from leadloop.cli.use import LOT
from leadloop.clock import DAY, now, to_micros
from leadloop.settings import Settings
from leadloop.store import erasure, instant, leads, outcomes, personal, slots
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow, OutcomeRow
from leadloop.store.slots import DRAWN, RANKED, StoredSlot
from serving.app import create_app
from serving.backlog.draws import ADVICE, WHY, Drawer, Listed
from serving.backlog.lines import Backlog
from serving.backlog.lots import Drawn, Waiting, draw, lots_of, put
from serving.backlog.making import make
from serving.backlog.paging import Pages, Question
from serving.reports import lift, lift_rival
from serving.reports.ask import Ask
from serving.reports.catalogue import make as make_report
from serving.scorer import Scorer
from tests.support import answering, leadloop

LEADS, CAPACITY = 30, 6
LOTS = lots_of([f"L-{i}" for i in range(LEADS)])
NEWEST: Ints = np.random.default_rng(0).permutation(LEADS)
SHARED = {"capacity": CAPACITY, "explore_share": 0.4}


def waiting(seed: int, share: float = 0.3, n: int = LEADS) -> Waiting:
    """A list of six slots among these leads."""
    return Waiting(LOTS[:n], NEWEST[:n], CAPACITY, share, str(seed))


def draws(share: float, runs: int) -> list[Drawn]:
    """The draws of many days."""
    return [found for found in (draw(waiting(seed, share)) for seed in range(runs)) if found is not None]


@pytest.mark.parametrize("share", [0.05, 0.3, 0.5])
def test_the_chance_that_is_noted_is_how_often_a_lead_is_counted(share: float) -> None:
    found = draws(share, 6_000)
    often = np.mean([each.counted for each in found], axis=0)
    chance = found[0].chance
    error = np.sqrt(chance * (1 - chance) / len(found))
    assert (np.abs(often - chance) <= 4.5 * error + 1e-12).all()
    assert chance.min() > 0


def test_each_place_is_drawn_equally_often() -> None:
    at = np.bincount(np.concatenate([each.at for each in draws(0.3, 6_000)]), minlength=CAPACITY)
    assert at.max() < 1.15 * at.min()


def test_nothing_is_drawn_where_all_leads_are_on_the_list_or_no_share_is_to_be() -> None:
    assert draw(waiting(0, n=CAPACITY)) is None
    assert draw(waiting(0, share=0.0)) is None


def test_another_lead_that_comes_in_leaves_the_draw_as_it_was() -> None:
    def names(n: int, seed: int) -> set[int]:
        found = draw(replace(waiting(seed), lot=LOTS[:n], newest=np.where(NEWEST[:n] < 5, NEWEST[:n], n)))
        return set() if found is None else set(found.picked.tolist())

    assert np.mean([names(LEADS, seed) == names(LEADS - 1, seed) for seed in range(300)]) > 0.85


@pytest.fixture
def chosen(queued: Settings) -> Settings:
    """A list of six, about 2.4 of which are drawn."""
    return queued.model_copy(update=SHARED)


@pytest.fixture
def backlog(ledger: Ledger, chosen: Settings) -> Backlog:
    """The 40 leads, in a ledger that goes on."""
    with ledger.writing() as connection:
        instant.mark_live(connection)
    return make(ledger, Scorer.load(chosen), chosen)


def noted(ledger: Ledger) -> list[StoredSlot]:
    """What is noted of the lists."""
    with ledger.reading() as connection:
        return slots.read(connection)[1]


def test_two_processes_draw_the_same_and_it_is_noted_once(ledger: Ledger, chosen: Settings, backlog: Backlog) -> None:
    drawers = [Drawer(ledger, chosen) for _ in range(2)]
    shown = [each.listed(backlog, None) for each in drawers]
    assert shown[0].drawn
    assert shown[0].drawn == shown[1].drawn
    assert shown[0].mine.tolist() == shown[1].mine.tolist()
    for each in drawers:
        each.write()
    rows = noted(ledger)
    assert {row.lead_id: (row.position or 0) - 1 for row in rows if row.kind == DRAWN} == shown[0].drawn
    on_it = {row.lead_id for row in rows if row.position is not None}
    assert on_it == set(backlog.lead_ids[shown[0].mine[:CAPACITY]].tolist())
    assert sum(row.kind == RANKED for row in rows) >= CAPACITY - 3


def test_a_lead_is_there_by_lot_for_whoever_sees_the_list_and_looking_at_one_lead_draws_nothing(
    ledger: Ledger, chosen: Settings, backlog: Backlog
) -> None:
    first, other = Drawer(ledger, chosen), Drawer(ledger, chosen)
    every = backlog.lead_ids.tolist()
    assert not any(first.by_lot(backlog, None, each) for each in every)
    drawn = set(first.listed(backlog, None).drawn)
    assert {each for each in every if first.by_lot(backlog, None, each)} == drawn
    first.write()
    assert {each for each in every if other.by_lot(backlog, None, each)} == drawn
    assert not any(other.by_lot(backlog, {"nadia"}, each) for each in every)
    assert {row.lead_id for row in noted(ledger) if row.kind == DRAWN} == drawn


def test_what_was_noted_holds_for_who_comes_later(ledger: Ledger, chosen: Settings, backlog: Backlog) -> None:
    first = Drawer(ledger, chosen)
    before = first.listed(backlog, None)
    first.write()
    other = chosen.model_copy(update={"seed": 7})
    assert Drawer(ledger, other).listed(backlog, None).drawn == before.drawn
    late = Drawer(ledger, other)
    late._known.clear()
    assert late.listed(backlog, None).drawn == before.drawn


def test_who_drew_otherwise_gives_way_to_what_was_noted(ledger: Ledger, chosen: Settings, backlog: Backlog) -> None:
    first, other = Drawer(ledger, chosen), Drawer(ledger, chosen.model_copy(update={"seed": 9}))
    mine, theirs = first.listed(backlog, None), other.listed(backlog, None)
    assert mine.drawn != theirs.drawn
    first.write()
    other.write()
    assert other.listed(backlog, None).drawn == mine.drawn


def test_a_ledger_that_is_history_and_a_share_of_nothing_leave_the_order(ledger: Ledger, chosen: Settings) -> None:
    history = make(ledger, Scorer.load(chosen), chosen)
    assert Drawer(ledger, chosen).listed(history, None).mine is history.order
    live = replace(history, live=True)
    none = chosen.model_copy(update={"explore_share": 0.0})
    assert Drawer(ledger, none).listed(live, None).mine is live.order


def test_leads_that_sales_looked_at_are_not_drawn(ledger: Ledger, chosen: Settings) -> None:
    with ledger.writing() as connection:
        named = sorted(row.lead_id for row in leads.read(connection))
        at = to_micros(now()) - DAY
        told = [OutcomeRow(lead_id, "contacted", at, at) for lead_id in set(named[10:])]
        outcomes.add(connection, told)
        instant.mark_live(connection)
    made = make(ledger, Scorer.load(chosen), chosen)
    drawer = Drawer(ledger, chosen)
    drawer.listed(made, None)
    drawer.write()
    assert {row.lead_id for row in noted(ledger)}.isdisjoint({row.lead_id for row in told})


def pages_of(backlog: Backlog, listed: Listed, limit: int, processes: list[Pages]) -> list[str]:
    """All leads page by page, each page from the next process in turn."""
    asked, cursor, found = Question(None, None, limit), None, list[str]()
    for number in range(100):
        page = processes[number % len(processes)].page(backlog, asked, cursor, listed)
        found += page.view.lead_ids[page.slice].tolist()
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_several_processes_neither_repeat_nor_skip_a_drawn_lead(
    ledger: Ledger, chosen: Settings, backlog: Backlog, limit: int
) -> None:
    listed = Drawer(ledger, chosen).listed(backlog, None)
    everybody = backlog.lead_ids[listed.mine].tolist()
    for processes in ([Pages()], [Pages(), Pages()]):
        assert pages_of(backlog, listed, limit, processes) == everybody


def test_the_command_and_the_api_show_the_same_list_and_say_who_was_drawn(
    ledger: Ledger, chosen: Settings, backlog: Backlog
) -> None:
    url, home, capacity = chosen.database_url, str(chosen.home), str(CAPACITY)
    with answering(create_app(chosen, without_key=True)) as client:
        told: list[dict[str, Any]] = client.get("/v1/queue", params={"lang": "fr"}).json()["leads"]
        again = client.get("/v1/queue", params={"limit": 4}).json()
        rest = client.get("/v1/queue", params={"limit": 2, "cursor": again["next_cursor"]}).json()
    asked = ("queue", "--json", "--lang", "fr", "--home", home)
    said = json.loads(leadloop(*asked, database_url=url, capacity=capacity, explore_share="0.4"))["leads"]
    assert [row["lead_id"] for row in told[:CAPACITY]] == [row["lead_id"] for row in said]
    assert [row["lead_id"] for row in again["leads"] + rest["leads"]] == [row["lead_id"] for row in said]
    assert [row["drawn"] for row in told[:CAPACITY]] == [row["drawn"] for row in said]
    why = {row["why_here"] for row in said if row["drawn"]}
    assert why == {"tiré au sort pour continuer d’apprendre"}
    assert all(row["why_here"] is None for row in told if not row["drawn"])
    assert {row["tactic"]["text"] == ADVICE["fr"] for row in said if row["drawn"]} == {True}
    assert ADVICE["fr"] not in {row["tactic"]["text"] for row in said if not row["drawn"]}


def test_the_page_and_the_shell_show_which_leads_are_there_by_lot(chosen: Settings, backlog: Backlog) -> None:
    with answering(create_app(chosen, without_key=True)) as client:
        rows = client.get("/v1/queue").json()["leads"][:CAPACITY]
        page = client.get("/queue", params={"lang": "fr"}).text
    by_lot = [row["lead_id"] for row in rows if row["drawn"]]
    assert page.count(f'<div><span class="badge">{WHY["fr"]}</span></div>') == len(by_lot)
    url, home, capacity = chosen.database_url, str(chosen.home), str(CAPACITY)
    shown = leadloop("queue", "--home", home, database_url=url, capacity=capacity, explore_share="0.4")
    marked = [line for line in shown.splitlines() if LOT in line]
    *leads, advice = marked
    assert all(lead in line for lead, line in zip(by_lot, leads, strict=True))
    assert "Work it like the others" in advice


def test_a_server_notes_a_list_between_requests(
    ledger: Ledger, chosen: Settings, backlog: Backlog, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    with answering(create_app(chosen, without_key=True)) as client:
        client.get("/v1/queue")
        eventually(lambda: bool(noted(ledger)))


def test_an_erased_lead_is_in_no_slot_and_its_slots_are_handed_over_before(
    ledger: Ledger, chosen: Settings, backlog: Backlog
) -> None:
    drawer = Drawer(ledger, chosen)
    drawer.listed(backlog, None)
    drawer.write()
    lead_id = noted(ledger)[0].lead_id
    with ledger.reading() as connection:
        assert personal.everything(connection, lead_id)["slots"][0]["kind"] in (DRAWN, RANKED)
    erasure.erase(ledger, [lead_id])
    assert lead_id not in {row.lead_id for row in noted(ledger)}


def test_moving_some_keeps_all_others_in_turn() -> None:
    order = np.arange(6)
    assert put(order, np.array([5, 0]), np.array([1, 4])).tolist() == [1, 5, 2, 3, 0, 4]


def test_a_lead_row_of_today_is_fresh(ledger: Ledger, chosen: Settings, backlog: Backlog) -> None:
    at = to_micros(now())
    with ledger.writing() as connection:
        leads.add(connection, [LeadRow("L-new", at, at)])
    made = make(ledger, Scorer.load(chosen), chosen)
    line = made.lines[made.find(["L-new"])[0]]
    assert bool(line["fresh"])
    assert int(line["created_at"]) == at


def test_a_challenger_is_asked_about_the_very_leads_that_waited(
    ledger: Ledger, chosen: Settings, backlog: Backlog
) -> None:
    drawer = Drawer(ledger, chosen)
    drawer.listed(backlog, None)
    drawer.write()
    rows = noted(ledger)
    rival = lift_rival.scored(ledger, Scorer.load(chosen), to_micros(now()))
    best = {row.lead_id for row in rows if row.rank <= CAPACITY}
    assert [set(each) for each in rival.chosen.values()] == [best]
    assert (rival.left_out, rival.taught) == (0, 0)
    said = rival.said[rows[0].day, ""]
    assert said[rows[0].lead_id] == pytest.approx((rows[0].p_win, rows[0].importance))


def test_a_challenger_like_the_champion_brings_nothing_more(ledger: Ledger, chosen: Settings, backlog: Backlog) -> None:
    drawer = Drawer(ledger, chosen)
    drawer.listed(backlog, None)
    drawer.write()
    at = to_micros(now())
    listed = [row.lead_id for row in noted(ledger) if row.position is not None]
    with ledger.writing() as connection:
        told = [OutcomeRow(lead_id, "contacted", at, at) for lead_id in listed]
        outcomes.add(connection, [*told, OutcomeRow(listed[0], "won", at + 1, at + 1, amount=500.0)])
    ask = Ask(chosen, at + 30 * DAY, within=1.0, challenger="1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lift, "LEAST", 1)
        found = make_report(ledger, "lift", ask, lambda: Scorer.load(chosen)).as_json()
    assert found["challenger"]["same"] == 1.0
    assert "Version 1 and leadloop fill 100.0% of the slots alike, on 1 lists." in found["notes"]
    assert found["challenger"]["wins"]["dr"]["value"] == 0.0
    assert found["against"]["random"]["wins"]["dr"]["value"] != 0.0
