"""The eighteen months in small: all orders meet the same company, and leadloop answers and learns by its own doors."""

import numpy as np
import pytest

from benchmarks import loop_figures as figures
from benchmarks import loop_limit
from benchmarks.loop import SIMPLE
from benchmarks.loop_orders import NewestFirst, Oracle
from benchmarks.loop_product import LeadLoop, Product
from benchmarks.loop_world import Plan, World, open_world, play
from leadloop.clock import DAY, instant, simulated
from leadloop.demo.desk import Contact
from leadloop.demo.feed import Feed, Row

SMALL = Plan(months=2, history_days=120, leads_a_day=6, capacity=4, retrain_days=30)


@pytest.fixture(scope="module")
def world() -> World:
    """A company of 1,080 leads in half a year."""
    return open_world(SMALL, seed=0)


@pytest.fixture(scope="module")
def product(world: World) -> tuple[Product, list[Contact]]:
    """leadloop after two months, and whom its queue had called."""
    product = Product(world)
    contacts = play(world, LeadLoop(world, product))
    product.close()
    return product, contacts


@pytest.fixture(scope="module")
def simple(world: World) -> dict[str, list[Contact]]:
    """Whom the orders called that learn nothing, and the oracle."""
    return {name: play(world, order(world)) for name, order in SIMPLE.items()} | {
        figures.ORACLE: play(world, Oracle(world, 0.9))
    }


def test_nobody_brings_more_than_who_knows_the_truth(
    simple: dict[str, list[Contact]], product: tuple[Product, list[Contact]]
) -> None:
    revenue = {name: sum(one.expected for one in each) for name, each in {**simple, "ours": product[1]}.items()}
    assert max(revenue, key=lambda name: revenue[name]) == figures.ORACLE
    assert min(revenue, key=lambda name: revenue[name]) == "oldest first"


def test_who_was_taught_by_the_truth_of_others_comes_between_the_newest_and_the_oracle(
    simple: dict[str, list[Contact]],
) -> None:
    catalogue, X, *worth = loop_limit.teach(SMALL, None, seed=1_000)
    trees = [loop_limit.fit(catalogue, X, each) for each in worth]
    newest, oracle = (sum(one.expected for one in simple[name]) for name in ("newest first", figures.ORACLE))
    assert newest / oracle < loop_limit.work(SMALL, catalogue, trees, seed=0) < 1


def test_every_order_calls_as_many_and_nobody_twice(
    simple: dict[str, list[Contact]], product: tuple[Product, list[Contact]]
) -> None:
    assert len({len(each) for each in (*simple.values(), product[1])}) == 1
    assert all(len({one.lead for one in each}) == len(each) for each in (*simple.values(), product[1]))


def test_the_queue_was_called_by_and_retrained_each_month(product: tuple[Product, list[Contact]]) -> None:
    assert len(product[0].decisions) == 2
    assert product[0].decisions[0] in ("promoted", "refused")


def test_what_a_contact_brings_depends_on_the_lead_and_the_instant_alone(
    world: World, simple: dict[str, list[Contact]]
) -> None:
    again = play(world, NewestFirst(world))
    assert again == simple["newest first"]
    seen = {(one.lead, one.at): one for one in simple[figures.ORACLE]}
    same = [(one, seen[one.lead, one.at]) for one in again if (one.lead, one.at) in seen]
    assert all(one == other for one, other in same)


def test_a_feed_hands_out_nothing_before_it_is_recorded_and_everything_once(world: World) -> None:
    feed, now = Feed(world.given), world.begins_at
    batches = [feed.until(now - DAY), feed.until(now)]
    rows: list[list[Row]] = [[*batch.leads, *batch.events] for batch in batches]
    times = [[row.recorded_at or 0 for row in each] for each in rows]
    assert max(times[0]) <= now - DAY < min(times[1])
    assert max(times[1]) <= now
    assert sum(map(len, times)) == sum((row.recorded_at or 0) <= now for row in world.given)


def test_sources_change_twice(world: World) -> None:
    arrivals, settings = world.market.arrivals, world.market.settings
    from leadloop.demo.words import SOURCES, STOPPING, TURNING

    names = np.array([source.name for source in SOURCES])[arrivals.source]
    assert (
        arrivals.created_at[names == STOPPING].max()
        < settings.middle_at
        <= arrivals.created_at[names == "ai_assistant"].min()
    )
    turned = (names == TURNING) & (arrivals.created_at >= (settings.turn_at or 0))
    assert (arrivals.kind[turned] > 0).mean() > (arrivals.kind[(names == TURNING) & ~turned] > 0).mean() + 0.2


def test_a_simulated_instant_ends_with_its_block() -> None:
    with simulated(DAY):
        assert instant() == DAY
    assert instant() > 1_000 * DAY


def test_shares_gains_and_recoveries_are_of_the_oracle() -> None:
    plan = Plan(months=6, history_days=0)
    change, days = plan.changes[0], np.arange(180)

    def earned(daily: float, after: float = 0.0) -> list[Contact]:
        return [Contact(0, int(d) * DAY, 0.1, daily if d < change or d >= change + 20 else after, daily) for d in days]

    played = {figures.ORACLE: earned(100.0, 100.0), figures.OURS: earned(90.0), "newest first": earned(50.0, 50.0)}
    tally = figures.tally(plan, [0, 0], [played, played])
    told = figures.told(tally)
    assert told["ratios"]["revenue, leadloop / oracle"] == pytest.approx(0.9 * 160 / 180)
    assert told["figures"]["change 1, share in days 31-60"] == pytest.approx(0.9)
    assert told["figures"]["change 1, days until back"] == 47
    low, high = (told["figures"][f"EUR a month over newest first, {end}"] or 0 for end in ("low", "high"))
    assert low < (0.9 * 160 - 0.5 * 180) * 100 / 6 < high
