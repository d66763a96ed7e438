"""The first list after nine months of newest first: what its first leads would truly bring, of what the best would.

A team that calls the newest first leaves no lead that was called late, and old leads by the hundred. `--companies N`
demo companies, `--first N` leads of the list, `--json` for programs. Beside leadloop's order stand its chances alone,
newest first and the truth of the one with leadloop's guess of the other. Companies whose first model is refused
go on newest first, and are told apart.
"""

import argparse
import json
import sys
from collections.abc import Mapping

import numpy as np

from benchmarks.loop import quietly
from benchmarks.loop_figures import OURS
from benchmarks.loop_orders import number
from benchmarks.loop_product import Product
from benchmarks.loop_world import Plan, World, open_world, work_history
from leadloop import console
from leadloop.clock import HOUR, simulated
from leadloop.demo.chances import win_chance
from leadloop.demo.desk import Desk
from leadloop.demo.draws import Floats
from leadloop.demo.feed import Feed

COMPANIES, FIRST, SEED = 8, 25, 100
PEER = "newest first"


def first_list(seed: int, first: int) -> Mapping[str, float] | None:
    """The share of the best by each order; None where no model was switched on."""
    world = open_world(Plan(months=3), seed)
    desk, feed, product = Desk(world.market), Feed(world.given), Product(world)
    work_history(world, desk, feed)
    product.send(feed.until(world.begins_at), world.begins_at)
    product.retrain(world.begins_at)
    now = world.begins_at + 7 * HOUR
    try:
        if product.state.champion.scorer is None:
            return None
        return _shares(world, desk, product, now, first)
    finally:
        product.close()


def _shares(world: World, desk: Desk, product: Product, now: int, first: int) -> Mapping[str, float]:
    with simulated(now):
        product.look(now)
        listed = product.state.keeper.current()
    ids = np.array([number(lead_id) for lead_id in listed.lead_ids])
    rows = np.flatnonzero(np.isin(ids, desk.waiting(now)))
    ids, lines = ids[rows], listed.lines[rows]
    chance, amount = win_chance(world.market, ids, np.full(len(ids), now)), world.market.people.deal[ids]
    best = _brought(chance * amount, chance * amount, first)
    orders = {
        OURS: lines["weight"],
        "its chances alone": lines["p_win"],
        PEER: world.market.arrivals.created_at[ids].astype(np.float64),
        "true chances, its amounts": chance * lines["expected_value"],
        "its chances, true amounts": lines["p_win"] * amount,
    }
    found = {name: _brought(chance * amount, order, first) / best for name, order in orders.items()}
    return found | {"mean chance / true": float(lines["p_win"].mean() / chance.mean())}


def _brought(worth: Floats, order: Floats, first: int) -> float:
    return float(worth[np.argsort(-order, kind="stable")[:first]].sum())


def _told(means: Mapping[str, float], with_a_model: float) -> dict[str, Mapping[str, float]]:
    """Figures, peers and ratios, for programs."""
    peers = {PEER: means[PEER]} if means else {}
    ours = {name: value for name, value in means.items() if name != PEER} | {"companies with a model": with_a_model}
    ratios = {f"{OURS} / {PEER}": means[OURS] / means[PEER]} if means else {}
    return {"figures": ours, "peers": peers, "ratios": ratios}


def main() -> None:
    """Print the mean over companies of each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--companies", type=int, default=COMPANIES, metavar="N")
    parser.add_argument("--first", type=int, default=FIRST, metavar="N")
    given = parser.parse_args()
    quietly()
    every = [first_list(seed, given.first) for seed in range(SEED, SEED + given.companies)]
    found = [each for each in every if each is not None]
    means = {name: float(np.mean([each[name] for each in found])) for name in (found[0] if found else ())}
    if given.json:
        json.dump(_told(means, len(found) / len(every)), sys.stdout, indent=1)
        return
    title = f"The first {given.first} of the list, {len(found)} of {len(every)} companies with a model: of the best"
    console.print_table(title, ("", "mean"), [(name, f"{value:.3f}") for name, value in means.items()], ("mean",))


if __name__ == "__main__":
    main()
