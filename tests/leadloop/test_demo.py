"""Claims about the demo world: it repeats, it keeps to its own truth, and it tells nothing before its time."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from leadloop.clock import DAY, HOUR, parse_instant
from leadloop.demo import DemoSettings, DemoWorld, Market, open_market, simulate, work, write_csv
from leadloop.demo.draws import Draws
from leadloop.demo.market import lead_id
from leadloop.demo.words import KINDS, REASONS, SOURCES, UNREADABLE
from leadloop.errors import InputError, UnknownLeadError
from leadloop.store.rows import IDENTITY, STAGES, LeadRow, OutcomeRow

SETTINGS = DemoSettings(seed=3, leads=1_500)
ENDS = {"won", "lost", "rejected", "recycled"}
RIPE = 150 * DAY
PINNED = [0.7231761357275509, 0.676777885958214]


@pytest.fixture(scope="module")
def world() -> DemoWorld:
    return simulate(SETTINGS)


@pytest.fixture(scope="module")
def market(world: DemoWorld) -> Market:
    return world.truth.market


@dataclass(frozen=True)
class Touched:
    """The leads that were worked early enough to have ended: ids, instants of first touch, and their first end."""

    ids: list[str]
    at: np.ndarray[tuple[int], np.dtype[np.int64]]
    ends: list[OutcomeRow | None]


@pytest.fixture(scope="module")
def touched(market: Market) -> Touched:
    """Every lead worked once, hours to days after its arrival: the claim rests on more than the habit's picks."""
    lead = np.arange(SETTINGS.leads)
    at = market.arrivals.recorded_at + (1 + lead % 9) * 8 * HOUR
    ends = [_end(work(market, int(one), int(t)).outcomes) for one, t in zip(lead, at, strict=True)]
    return Touched([lead_id(int(one)) for one in lead], at, ends)


def _end(outcomes: Iterable[OutcomeRow]) -> OutcomeRow | None:
    return next((row for row in outcomes if row.stage in ENDS), None)


def _histories(world: DemoWorld) -> dict[str, list[OutcomeRow]]:
    rows = defaultdict(list)
    for row in world.outcomes:
        rows[row.lead_id].append(row)
    return rows


def _first(rows: list[LeadRow]) -> dict[str, LeadRow]:
    """Each lead's first row; rows come in the order of recording."""
    return {row.lead_id: row for row in reversed(rows)}


def _spans(world: DemoWorld) -> list[tuple[int, int]]:
    """When each event and outcome occurred and was recorded."""
    events = [(row.occurred_at, row.recorded_at) for row in world.events]
    return events + [(_at(row.occurred_at), _at(row.recorded_at)) for row in world.outcomes]


def _at(instant: int | None) -> int:
    assert instant is not None
    return instant


def test_the_same_settings_give_the_same_world(world: DemoWorld) -> None:
    again = simulate(SETTINGS)
    assert (again.leads, again.events, again.outcomes) == (world.leads, world.events, world.outcomes)
    assert again.truth.untouched == world.truth.untouched


def test_another_seed_gives_another_world(world: DemoWorld) -> None:
    other = simulate(DemoSettings(seed=4, leads=1_500))
    assert other.leads != world.leads


def test_draws_are_pinned_to_the_bit_so_that_every_machine_agrees() -> None:
    assert Draws(7).uniform("x", [0, 1], 2).tolist() == PINNED


def test_a_draw_does_not_depend_on_what_is_drawn_beside_it() -> None:
    assert Draws(7).uniform("x", np.arange(50), 2)[9] == Draws(7).uniform("x", 9, 2)[0]


def test_draws_have_the_moments_of_their_distribution() -> None:
    draws, index = Draws(1), np.arange(200_000)
    counts, normals = draws.poisson("n", index, 3.0), draws.normal("z", index)
    assert [counts.mean(), counts.var()] == pytest.approx([3.0, 3.0], abs=0.05)
    assert [normals.mean(), normals.std()] == pytest.approx([0.0, 1.0], abs=0.01)


def test_every_asked_for_lead_arrives_between_start_and_end(world: DemoWorld) -> None:
    created = [_at(row.created_at) for row in _first(world.leads).values()]
    assert len(created) == 1_500
    assert SETTINGS.start_at < min(created) <= max(created) < SETTINGS.end_at


def test_rows_come_in_the_order_of_recording(world: DemoWorld) -> None:
    for rows in (world.leads, world.events, world.outcomes):
        keys = [(row.recorded_at, row.lead_id) for row in rows]
        assert keys == sorted(keys, key=lambda key: (key[0] or 0, key[1]))


def test_nothing_is_known_before_it_happened_or_after_the_end(world: DemoWorld) -> None:
    spans = _spans(world)
    spans += [(_at(row.created_at), _at(row.recorded_at)) for row in world.leads]
    assert all(occurred <= recorded <= SETTINGS.end_at for occurred, recorded in spans)


def test_some_rows_are_recorded_days_late(world: DemoWorld) -> None:
    late = [recorded - occurred > DAY for occurred, recorded in _spans(world)]
    assert 0.005 < np.mean(late) < 0.15


def test_no_event_or_outcome_is_recorded_before_its_lead(world: DemoWorld) -> None:
    known_at = {key: _at(row.recorded_at) for key, row in _first(world.leads).items()}
    assert all(row.recorded_at >= known_at[row.lead_id] for row in world.events)
    assert all(_at(row.recorded_at) >= known_at[row.lead_id] for row in world.outcomes)


def test_chances_of_win_and_reasons_leave_a_rest(world: DemoWorld) -> None:
    ids = list(_first(world.leads))
    total = world.truth.p_win(ids, SETTINGS.end_at) + sum(world.truth.p_reject(ids, SETTINGS.end_at).values())
    assert total.min() > 0.8
    assert total.max() < 1.0


def test_wins_are_drawn_from_the_truth_at_first_touch(world: DemoWorld, touched: Touched) -> None:
    chance = world.truth.p_win(touched.ids, touched.at)
    won = np.array([row is not None and row.stage == "won" for row in touched.ends])
    for part in np.array_split(np.argsort(chance), 4):
        error = np.sqrt(np.sum(chance[part] * (1 - chance[part])))
        assert abs(won[part].sum() - chance[part].sum()) < 3.5 * error + 1


def test_reasons_are_drawn_from_the_truth_at_first_touch(world: DemoWorld, touched: Touched) -> None:
    written = Counter(row.reason for row in touched.ends if row is not None)
    for reason, chance in world.truth.p_reject(touched.ids, touched.at).items():
        assert abs(written[reason] - chance.sum()) < 3.5 * np.sqrt(np.sum(chance * (1 - chance))) + 1


def test_outcomes_of_the_habit_agree_with_the_truth_once_ripe(world: DemoWorld) -> None:
    histories = {
        key: rows for key, rows in _histories(world).items() if _at(rows[0].occurred_at) < SETTINGS.end_at - RIPE
    }
    at = np.array([_at(rows[0].occurred_at) for rows in histories.values()])
    chance = world.truth.p_win(list(histories), at)
    won = [(_end(rows) or rows[0]).stage == "won" for rows in histories.values()]
    assert abs(sum(won) - chance.sum()) < 3.5 * np.sqrt(np.sum(chance * (1 - chance)))


def test_the_truth_orders_wins_well_but_not_perfectly(world: DemoWorld, touched: Touched) -> None:
    chance = world.truth.p_win(touched.ids, touched.at)
    won = np.array([row is not None and row.stage == "won" for row in touched.ends])
    better = (chance[won][:, None] > chance[~won][None, :]).mean()
    assert 0.84 < better < 0.94


def test_working_a_lead_again_at_the_same_instant_gives_the_same_rows(market: Market) -> None:
    at = SETTINGS.end_at - 90 * DAY
    assert work(market, 12, at) == work(market, 12, at)


def test_a_market_needs_no_sales_to_be_simulated(market: Market) -> None:
    alone = open_market(SETTINGS)
    assert np.array_equal(alone.engagement.recorded_at, market.engagement.recorded_at)


def test_calling_within_the_hour_beats_calling_after_a_week(world: DemoWorld, market: Market) -> None:
    ids = [lead_id(lead) for lead in range(SETTINGS.leads)]
    soon = world.truth.p_win(ids, market.arrivals.created_at + HOUR).mean()
    assert soon > 1.8 * world.truth.p_win(ids, market.arrivals.created_at + 7 * DAY).mean()


def test_some_leads_warm_up_again(world: DemoWorld, market: Market) -> None:
    ids = [lead_id(lead) for lead in range(SETTINGS.leads)]
    weeks = np.array([world.truth.p_win(ids, market.arrivals.created_at + week * 7 * DAY) for week in range(2, 20)])
    warmed = (weeks[1:] > 1.5 * weeks[:-1]).any(axis=0).mean()
    assert 0.1 < warmed < 0.7


def test_wins_take_longer_than_refusals(touched: Touched) -> None:
    days = defaultdict(list)
    for at, row in zip(touched.at.tolist(), touched.ends, strict=True):
        if row is not None:
            days[row.stage].append((_at(row.occurred_at) - at) / DAY)
    assert np.median(days["won"]) > 2 * np.median(days["lost"]) > 2 * np.median(days["rejected"])
    assert max(days["won"]) < 125


def test_a_quarter_to_a_third_is_never_touched(world: DemoWorld) -> None:
    assert 0.25 <= len(world.truth.untouched) / SETTINGS.leads <= 0.35
    assert world.truth.untouched.isdisjoint(row.lead_id for row in world.outcomes)


def test_of_the_ripe_an_eighth_is_won_and_two_fifths_are_rejected(world: DemoWorld) -> None:
    ripe = [rows for rows in _histories(world).values() if _at(rows[0].occurred_at) < SETTINGS.end_at - RIPE]
    ends = Counter((_end(rows) or rows[0]).stage for rows in ripe)
    assert 0.09 < ends["won"] / len(ripe) < 0.17
    assert 0.33 < ends["rejected"] / len(ripe) < 0.48


def _depth(stage: str) -> int:
    return STAGES.index("won" if stage in ENDS else stage)


def test_events_without_an_id_can_be_told_apart(world: DemoWorld) -> None:
    keys = [(row.lead_id, row.type, row.occurred_at) for row in world.events]
    assert len(set(keys)) == len(keys)


def test_a_history_follows_the_life_cycle(world: DemoWorld) -> None:
    for rows in _histories(world).values():
        passed = [row.stage for row in rows if row.outcome_id and row.outcome_id.split("-")[2] == "0"]
        assert passed
        assert passed == sorted(passed, key=_depth)


def test_only_wins_have_amounts_and_only_other_ends_have_reasons(world: DemoWorld) -> None:
    assert all((row.amount is not None) == (row.stage == "won") == (row.currency == "EUR") for row in world.outcomes)
    assert all(row.reason is None for row in world.outcomes if row.stage not in ENDS - {"won"})


def test_every_reason_is_of_the_contract_but_for_a_few_unreadable_ones(world: DemoWorld) -> None:
    written = Counter(row.reason for row in world.outcomes if row.stage in ENDS - {"won"})
    assert set(written) <= {*REASONS, *UNREADABLE, None}
    assert set(REASONS) <= set(written)


def test_wins_bring_what_is_expected(world: DemoWorld) -> None:
    won = [row for row in world.outcomes if row.amount is not None]
    ratio = np.array([row.amount for row in won], dtype=np.float64) / world.truth.expected_amount(
        [row.lead_id for row in won]
    )
    assert np.mean(ratio) == pytest.approx(1.0, abs=0.1)


def test_a_source_appears_half_way_and_another_collapses(world: DemoWorld) -> None:
    kinds = defaultdict(list)
    for key, row in _first(world.leads).items():
        late = _at(row.created_at) >= SETTINGS.middle_at
        kinds[row.attributes["source"], late].append(world.truth.kind([key])[0] == "buyer")
    assert ("ai_assistant", True) in kinds
    assert ("ai_assistant", False) not in kinds
    assert np.mean(kinds["content_syndication", False]) > np.mean(kinds["content_syndication", True]) + 0.15


def test_the_same_moment_of_a_lead_is_worth_less_after_the_drift(world: DemoWorld, market: Market) -> None:
    early, late = (
        np.abs(market.arrivals.created_at - SETTINGS.middle_at - side * 60 * DAY) < 60 * DAY for side in (-1, 1)
    )
    ids = np.array([lead_id(lead) for lead in range(SETTINGS.leads)])
    chance = world.truth.p_win(ids.tolist(), market.arrivals.created_at + HOUR)
    buyers = market.arrivals.kind == 0
    assert chance[late & buyers].mean() < chance[early & buyers].mean()


@pytest.mark.parametrize("name", ["country", "job_title", "company_size", "industry", "campaign"])
def test_profiles_have_gaps(world: DemoWorld, name: str) -> None:
    given = np.mean([name in row.attributes for row in _first(world.leads).values()])
    assert 0.3 < given < 0.95


def test_some_identities_come_twice(world: DemoWorld) -> None:
    ids = list(_first(world.leads))
    again = [key != original for key, original in zip(ids, world.truth.original(ids), strict=True)]
    assert 0.02 < np.mean(again) < 0.08


def test_no_address_can_reach_anybody(world: DemoWorld) -> None:
    emails = [row.identity["email"].lower() for row in world.leads if "email" in row.identity]
    assert all(email.isascii() and email.endswith(".example") for email in emails)
    assert all(set(row.identity) <= set(IDENTITY) for row in world.leads)


def test_a_share_of_leads_has_an_attribute_history(world: DemoWorld) -> None:
    rows = Counter(row.lead_id for row in world.leads if "budget_confirmed" not in row.attributes)
    assert 0.3 < np.mean([count > 1 for count in rows.values()]) < 0.7


def test_what_sales_fills_in_is_unknown_at_first_touch(world: DemoWorld) -> None:
    first_at = {key: _at(rows[0].occurred_at) for key, rows in _histories(world).items()}
    traps = [row for row in world.leads if "budget_confirmed" in row.attributes]
    assert len(traps) > 100
    assert all(_at(row.recorded_at) > first_at[row.lead_id] + 6 * HOUR for row in traps)


def test_enrichment_does_not_know_the_outcome(world: DemoWorld) -> None:
    enriched = {row.lead_id for row in world.leads if "employees" in row.attributes}
    assert enriched & world.truth.untouched
    alone = simulate(DemoSettings(seed=3, leads=1_500, capacity=0))
    assert enriched == {row.lead_id for row in alone.leads if "employees" in row.attributes}


def test_without_capacity_nobody_is_worked(world: DemoWorld) -> None:
    idle = simulate(DemoSettings(leads=50, days=30, capacity=0))
    assert not idle.outcomes
    assert len(idle.truth.untouched) == 50


def test_one_lead_in_one_day_is_a_world() -> None:
    assert len(_first(simulate(DemoSettings(leads=1, days=1)).leads)) == 1


def test_progress_grows_to_one() -> None:
    heard: list[float] = []
    simulate(DemoSettings(leads=20, days=30), heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 1.0


def test_an_unknown_lead_is_refused_by_name(world: DemoWorld) -> None:
    with pytest.raises(UnknownLeadError, match="L-9999999"):
        world.truth.p_win(["L-9999999"], SETTINGS.end_at)


def test_a_world_without_leads_is_refused() -> None:
    with pytest.raises(InputError, match="leads=0"):
        DemoSettings(leads=0)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def folder(world: DemoWorld, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo")
    write_csv(world, path)
    return path


@pytest.mark.parametrize("table", ["leads", "events", "outcomes"])
def test_every_row_is_written(world: DemoWorld, folder: Path, table: str) -> None:
    assert len(_read(folder / f"{table}.csv")) == len(getattr(world, table))


def test_a_written_lead_reads_back_as_it_was(world: DemoWorld, folder: Path) -> None:
    line, row = _read(folder / "leads.csv")[0], world.leads[0]
    assert parse_instant(line["recorded_at"]) == row.recorded_at
    given = {name: str(value) for name, value in {**row.identity, **row.attributes}.items()}
    assert {name: value for name, value in line.items() if value and not name.endswith(("_at", "_id"))} == given


def test_times_are_written_in_utc_with_a_z(folder: Path) -> None:
    assert all(line["occurred_at"].endswith("Z") for line in _read(folder / "events.csv"))


def test_the_truth_is_written_beside(world: DemoWorld, folder: Path) -> None:
    lines = _read(folder / "truth.csv")
    assert list(lines[0]) == ["lead_id", "kind", "p_win", "untouched"]
    assert {line["lead_id"] for line in lines if line["untouched"] == "true"} == world.truth.untouched


def test_writing_twice_gives_the_same_bytes(world: DemoWorld, folder: Path, tmp_path: Path) -> None:
    write_csv(world, tmp_path)
    assert all((tmp_path / path.name).read_bytes() == path.read_bytes() for path in folder.iterdir())


def test_words_have_weights_that_are_shares() -> None:
    assert all(len(source.no_buyers) == len(KINDS) - 1 and sum(source.no_buyers) < 1 for source in SOURCES)
