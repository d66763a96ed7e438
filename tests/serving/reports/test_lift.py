"""The report on lift: intervals that hold the truth of simulated companies, and figures that can be counted by hand."""

import json
import re
from html import unescape
from typing import Any

import numpy as np
import pytest

from benchmarks.lift import WAYS, World, less, sample_of, simulate
from leadloop.clock import DAY, HOUR, isoformat, parse_instant
from leadloop.settings import Settings
from leadloop.store import instant, outcomes, slots
from leadloop.store.ledger import Ledger
from leadloop.store.rows import OutcomeRow
from leadloop.store.slots import DRAWN, OTHER, RANKED, StoredDraw, StoredSlot
from serving.reports.ask import Ask
from serving.reports.catalogue import make
from serving.reports.drawings import drawings
from serving.reports.language import Lang
from serving.reports.lift_estimate import Order, Sample, by_propensity, doubly_robust
from serving.reports.lift_told import _compared
from serving.reports.report import Report, as_csv, as_html
from tests.store.support import kept
from tests.support import no_model

START = parse_instant("2026-01-05T00:00:00Z")
AS_OF = parse_instant("2026-12-01T00:00:00Z")
WORLDS = {
    "usual": World(arrivals=20, capacity=8, share=0.1, p_mean=0.1, days=40, stay=15),
    "half worked, uneven, a model three times too sure": World(
        arrivals=20, capacity=8, share=0.1, p_mean=0.1, days=40, stay=15, worked=0.3, tail=1.2, off=3.0
    ),
}
RUNS = 40


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS.keys())
def test_intervals_hold_the_truth_of_simulated_companies(world: World) -> None:
    held: dict[tuple[str, str], list[bool]] = {}
    for seed in range(RUNS):
        log = simulate(world, seed)
        for other in ("random", "newest", "challenger"):
            truth = (log.truth["ours"] - log.truth[other]) / log.slots
            for way, estimate in WAYS.items():
                said = estimate(sample_of(log), less(log, other))
                held.setdefault((other, way), []).append(said.low <= truth <= said.high)
    # 95 % intervals: of 40, fewer than 34 hold with a chance of one in five hundred, and six are looked at
    assert {which: sum(found) for which, found in held.items() if sum(found) < 34} == {}


def sample(brought: list[float], chance: list[float], model: list[float], slots_: float = 4.0) -> Sample:
    """Four worked slots on two days."""
    n = len(brought)
    of = np.arange(n) // 2
    return Sample(of, np.array(chance), of * 0, np.ones(n, dtype=bool), np.array(brought), np.array(model), slots_)


def test_propensity_counts_a_lead_for_all_that_it_stands_for() -> None:
    found = by_propensity(sample([8.0, 0.0, 0.0, 2.0], [1, 0.5, 1, 0.25], [0] * 4), Order(np.ones(4), 0.0))
    assert found.value == pytest.approx((8 + 2 / 0.25) / 4)
    assert found.low < found.value < found.high


def test_a_model_that_is_right_of_all_leaves_nothing_to_put_right() -> None:
    brought = [8.0, 0.0, 0.0, 8.0]
    found = doubly_robust(sample(brought, [1, 0.5, 1, 0.5], brought), Order(np.ones(4), 40.0))
    assert found.value == pytest.approx(40.0 / 4)


def test_leads_that_were_not_worked_are_stood_for_by_others_of_their_kind() -> None:
    one = sample([8.0, 0.0, 8.0, 0.0], [1] * 4, [0] * 4)
    half = Sample(one.day, one.chance, one.group, np.array([True, True, False, False]), one.brought, one.model, 4.0)
    worth = by_propensity(Sample(*one.__dict__.values()), Order(np.ones(4), 0.0)).value
    assert by_propensity(half, Order(np.ones(4), 0.0)).value == pytest.approx(worth)


def note(ledger: Ledger, day: int, *rows: StoredSlot, eligible: int = 20) -> None:
    """A list of two slots."""
    at = START + day * DAY
    date = rows[0].day
    draw = StoredDraw(date, "", at, at + 8 * HOUR, "1", 2, eligible, 0.5, 0.1, 100.0, at + 8 * HOUR)
    with ledger.writing() as connection:
        assert slots.add(connection, draw, rows)


def slot(day: int, lead_id: str, kind: str, chance: float, position: int | None, rank: int) -> StoredSlot:
    """An entry of that list."""
    at = START + day * DAY + 8 * HOUR
    newest = 1 if kind != RANKED else None
    return StoredSlot(f"day {day:03}", "", lead_id, kind, chance, position, rank, newest, 0.2, 200.0, "1", at)


def told(ledger: Ledger, day: int, lead_id: str, stage: str, amount: float | None = None, hours: int = 9) -> None:
    """An outcome of that day."""
    at = START + day * DAY + hours * HOUR
    kept(ledger, outcomes, OutcomeRow(lead_id, stage, at, at, None, amount))


@pytest.fixture
def lists(ledger: Ledger) -> Ledger:
    """Forty lists, each with a ranked lead and a drawn one; every second ranked lead is won, every eighth drawn one."""
    for day in range(40):
        ranked, drawn = f"R-{day}", f"D-{day}"
        rows = slot(day, ranked, RANKED, 1.0, 1, 1), slot(day, drawn, DRAWN, 0.1, 2, 9)
        note(ledger, day, *rows, slot(day, f"O-{day}", OTHER, 0.2, None, 2))
        for lead_id, often in ((ranked, 2), (drawn, 8)):
            told(ledger, day, lead_id, "contacted")
            if day % often == 0:
                told(ledger, day + 5, lead_id, "won", 1_000.0)
    return ledger


def live(ledger: Ledger) -> None:
    """Let the ledger be one that goes on."""
    with ledger.writing() as connection:
        instant.mark_live(connection)


def asked(ledger: Ledger, as_of: int = AS_OF, **given: object) -> dict[str, object]:
    """The report's data."""
    ask = Ask(Settings(), as_of, **given)  # type: ignore[arg-type] # by name
    found: dict[str, object] = json.loads(json.dumps(make(ledger, "lift", ask, no_model).as_json()))
    return found


def test_the_report_counts_lists_slots_and_wins(lists: Ledger) -> None:
    found = asked(lists)
    assert (found["lists"], found["young_lists"], found["slots"]) == (40, 0, 80)
    assert found["ranked"] == {"slots": 40, "worked": 40, "worked_share": 1.0, "wins": 20}
    assert found["drawn"] == {"slots": 40, "worked": 40, "worked_share": 1.0, "wins": 5}


def test_by_propensity_the_orders_bring_what_can_be_counted_by_hand(lists: Ledger) -> None:
    orders: dict[str, dict[str, dict[str, dict[str, float]]]] = asked(lists)["orders"]  # type: ignore[assignment]
    # a list's best: the ranked lead, and O, of whom nothing was drawn; newest first: D, of whom each stands for ten
    assert orders["leadloop"]["wins"]["ips"]["value"] == pytest.approx(20 / 80)
    assert orders["newest"]["wins"]["ips"]["value"] == pytest.approx(5 / 0.1 / 80)
    assert orders["random"]["value"]["ips"]["value"] == pytest.approx(2 / 20 * (20 + 5 / 0.1) * 1_000 / 80)


def test_a_list_whose_wins_may_still_come_is_not_counted(lists: Ledger) -> None:
    within = asked(lists)["within_days"]
    assert within == pytest.approx(5.0)
    found = asked(lists, START + 30 * DAY, within=5.0)
    assert found["lists"] == 30 - 7 - 5 + 1
    assert found["young_lists"] == 30 - 19


def test_a_report_as_of_an_instant_knows_nothing_that_came_later(lists: Ledger) -> None:
    before = asked(lists, START + 45 * DAY)
    told(lists, 46, "D-1", "won", 9_000.0)
    assert asked(lists, START + 45 * DAY) == before


def test_a_lead_counts_for_the_last_list_before_it_was_worked(ledger: Ledger) -> None:
    for day in range(3):
        note(ledger, day, slot(day, "A", RANKED, 1.0, 1, 1), slot(day, f"D-{day}", DRAWN, 0.1, 2, 9))
    told(ledger, 2, "A", "accepted")
    told(ledger, 9, "D-0", "accepted")  # nine days later it is not for having been on that list
    found = asked(ledger, within=10.0)
    assert found["ranked"] == {"slots": 3, "worked": 1, "worked_share": pytest.approx(1 / 3), "wins": 0}
    assert found["drawn"]["worked"] == 0  # type: ignore[index]


def lacking(ledger: Ledger, as_of: int = AS_OF, lang: Lang = "en", **settings: object) -> tuple[dict[str, Any], str]:
    """What is missing, and what people are told."""
    found = make(ledger, "lift", Ask(Settings(**settings), as_of, lang), no_model)  # type: ignore[arg-type] # by name
    assert found.data["orders"] == found.data["against"] == {}
    return found.data["missing"], " ".join(found.notes)


def test_of_an_imported_history_it_is_said_that_nothing_is_drawn_in_it(ledger: Ledger) -> None:
    found, told = lacking(ledger)
    assert found == {"why": ["history"], "first_answer_at": None}
    assert "It is live from the first lead, event or outcome that comes by the API" in told
    assert "explore_share" not in told


def test_of_a_share_of_nothing_it_is_said_that_it_is_set_so(ledger: Ledger) -> None:
    live(ledger)
    found, told = lacking(ledger, lang="fr", explore_share=0.0)
    assert found == {"why": ["no_share"], "first_answer_at": None}
    assert "Le réglage explore_share est à 0" in told


def test_where_no_list_was_noted_the_first_answer_hangs_on_that_of_today(ledger: Ledger) -> None:
    live(ledger)
    found, told = lacking(ledger, START + 9 * HOUR, horizon_days=30)
    assert found == {"why": ["no_list"], "first_answer_at": isoformat(START + (7 + 30) * DAY)}
    assert "on 11 February 2026 at the earliest" in told


def test_the_first_answer_can_come_once_five_drawn_leads_that_were_worked_had_their_time(lists: Ledger) -> None:
    live(lists)
    # on the eleventh day ten drawn leads were worked; the lists of the first five have had 37 days on the 41st
    assert lacking(lists, START + 10 * DAY, horizon_days=30)[0]["first_answer_at"] == isoformat(
        START + (4 + 7 + 30) * DAY
    )
    # on the third, two were: of the lists of today and later, three more drawn leads are needed
    assert lacking(lists, START + 2 * DAY, horizon_days=30)[0]["first_answer_at"] == isoformat(
        START + (2 + 7 + 30) * DAY
    )
    found, told = lacking(lists, START + 12 * DAY, lang="fr", explore_share=0.0, horizon_days=30)
    assert found["why"] == ["too_few", "no_share"]
    assert "au plus tôt" in told


def shown(ledger: Ledger, lang: Lang = "en") -> Report:
    """The report for people."""
    return make(ledger, "lift", Ask(Settings(), AS_OF, lang), no_model)


def test_each_comparison_is_a_sentence_that_says_what_is_sure_and_what_is_not(lists: Ledger) -> None:
    chance, newest = shown(lists).notes[:2]
    assert re.fullmatch(
        r"leadloop beside chance: (surely more value|value can’t be told yet), \d+ EUR a slot \(.+ to .+\); "
        r"(surely more wins|wins can’t be told yet), \d\d\.\d points \(.+ to .+\)\.",
        chance,
    )
    assert newest.startswith("leadloop beside newest first: ")
    assert shown(lists, "fr").notes[0].startswith("leadloop face au hasard : ")


@pytest.mark.parametrize(
    ("interval", "said"),
    [([0.01, 0.3], "surely more wins"), ([-0.3, -0.01], "surely fewer wins"), ([-0.1, 0.3], "wins can’t be told yet")],
)
def test_an_interval_that_holds_nothing_decides_nothing(interval: list[float], said: str) -> None:
    nothing = {"dr": {"value": 0.0, "interval": [0.0, 0.0]}}
    found = {"value": nothing, "wins": {"dr": {"value": sum(interval) / 2, "interval": interval}}}
    told = _compared("A", found, Ask(Settings(), AS_OF))
    assert told.startswith(f"A: {said}, ")  # and nothing of value, where no win has an amount


def test_no_order_is_shown_to_bring_less_than_nothing_and_json_has_what_was_estimated(lists: Ledger) -> None:
    found = shown(lists)
    estimated = [each["dr"] for order in found.data["orders"].values() for each in order.values()]
    figures = [figure for row in found.tables[1].rows for figure in row[1:]]
    assert min(low for each in estimated for low in each["interval"]) < 0
    assert [figure.value for figure in figures] == [max(each["value"], 0.0) for each in estimated]
    assert min(figure.low for figure in figures) == 0


def test_differences_of_wins_are_in_points(lists: Ledger) -> None:
    found = shown(lists, "fr")
    table = found.tables[0]
    said, bounds = found.cell(table.rows[0][2], table.columns[2].kind)
    assert re.fullmatch(r"\d\d,\d points", said)
    assert "%" not in bounds


def test_differences_are_drawn_with_their_intervals(lists: Ledger) -> None:
    value, wins = drawings(shown(lists, "fr"))
    assert [row[0] for row in value.rows] == ["leadloop moins le hasard", "leadloop moins les plus récents d’abord"]
    assert re.fullmatch(r".+ points? \(.+ – .+\)", wins.rows[0][1])
    assert wins.svg is None or wins.rows[0][1] in unescape(wins.svg)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_report_is_shown_on_a_page_and_as_a_file(lists: Ledger, lang: str) -> None:
    report = make(lists, "lift", Ask(Settings(), AS_OF, "fr" if lang == "fr" else "en"), no_model)
    assert ("au hasard" if lang == "fr" else "by chance") in as_html(report)
    figures = ("value_a_slot", "wins_a_slot", "value_ips", "wins_ips")
    names = [f"{name}{end}" for name in figures for end in ("", "_low", "_high")]
    assert as_csv(report).splitlines()[0].split(",") == ["order", *names]
