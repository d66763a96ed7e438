"""A year and a half in the loop: the demo company day by day, its queue worked by leadloop's order and by others.

Leads arrive, the queue is worked to capacity, outcomes come back late, sources change twice. leadloop answers over its
real routes and is retrained each week on what its own order left behind; beside it stand newest first, oldest first,
the company's points, Odoo's predictive scoring, leadloop's chance at arrival alone, and an oracle that knows the truth.
The same contact brings the same under each of them. `--seeds N`, `--months N`, `--quick` for one seed of six months,
`--jobs N` for as many seeds at once, `--json` for programs.
"""

import argparse
import json
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context

from benchmarks import loop_figures as figures
from benchmarks.loop_figures import OURS, Tally
from benchmarks.loop_orders import NewestFirst, OdooPls, OldestFirst, Oracle, Points
from benchmarks.loop_product import LeadLoop, Product, ScoreOnly
from benchmarks.loop_world import Order, Plan, World, open_world, play
from leadloop import console
from leadloop.demo.desk import Contact

SEEDS, QUICK_MONTHS = 5, 6
REACH_LATER = (0.0, 0.5, 0.75, 0.9, 0.97)
"""How much the oracle minds what waiting costs: each is tried, and the best is the oracle."""

SIMPLE: Mapping[str, Callable[[World], Order]] = {
    "newest first": NewestFirst,
    "oldest first": OldestFirst,
    "points": Points,
    "odoo pls": OdooPls,
}
LEARNING: Mapping[str, Callable[[World, Product], Order]] = {OURS: LeadLoop, "score only": ScoreOnly}


@dataclass(frozen=True)
class Seed:
    """One company's months under every order. `decisions`: what leadloop's retrainings came to, in their order."""

    begins_at: int
    contacts: Mapping[str, Sequence[Contact]]
    decisions: Sequence[str]


def run(plan: Plan, seed: int) -> Seed:
    """Play the same months under each order."""
    world, contacts, decisions = open_world(plan, seed), dict[str, list[Contact]](), dict[str, list[str]]()
    for name, order in SIMPLE.items():
        contacts[name] = play(world, order(world))
    contacts[figures.ORACLE] = oracle(world)
    for name, learning in LEARNING.items():
        product = Product(world)
        contacts[name] = play(world, learning(world, product), Heard(f"seed {seed}, {name}"))
        decisions[name] = product.decisions
        product.close()
        part = revenue(contacts[name]) / revenue(contacts[figures.ORACLE])
        console.say(
            f"seed {seed}, {name}: {part:.1%} of the oracle's revenue; retrainings: {_counted(decisions[name])}"
        )
    return Seed(world.begins_at, contacts, decisions[OURS])


def oracle(world: World) -> list[Contact]:
    """Whom the best of the oracles calls."""
    return max((play(world, Oracle(world, k)) for k in REACH_LATER), key=revenue)


def revenue(contacts: Sequence[Contact]) -> float:
    """EUR, by the truth at each contact."""
    return sum(contact.expected for contact in contacts)


def _counted(decisions: Sequence[str]) -> str:
    return ", ".join(f"{decisions.count(one)} {one}" for one in dict.fromkeys(decisions))


@dataclass
class Heard:
    """Progress of one order, a line a tenth of its months."""

    label: str
    begun: float = field(default_factory=time.monotonic)
    tenths: int = 0

    def __call__(self, share: float) -> None:
        """Say it, if another tenth is done."""
        if share * 10 >= self.tenths + 1:
            self.tenths = int(share * 10)
            console.say(f"{self.label}: {share:.0%} of the months in {time.monotonic() - self.begun:.0f} s")


def everything(plan: Plan, seeds: int, jobs: int) -> Tally:
    """All seeds, so many at once."""
    with ProcessPoolExecutor(jobs, get_context("spawn"), quietly) as pool:
        found = list(pool.map(partial(run, plan), range(seeds)))
    return figures.tally(plan, [one.begins_at for one in found], [one.contacts for one in found])


def quietly() -> None:
    """Without what libraries warn of at each training."""
    warnings.simplefilter("ignore")  # LightGBM's about names of columns, scikit-learn's about solvers
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
    logging.disable(logging.WARNING)  # MLflow's about each version


def show(tally: Tally) -> None:
    """Two tables: orders, and changes."""
    found = figures.told(tally)
    every = found["figures"] | found["peers"]
    lines = [_line(name, every) for name in sorted(tally.expected, key=lambda name: -tally.expected[name].sum())]
    columns = ("order", "EUR a month", "as luck had it", "of the oracle's", "leadloop's gain, EUR a month")
    title = f"{tally.plan.months} months, {len(tally.expected[OURS])} seeds: revenue expected by the truth"
    console.print_table(title, columns, lines, columns[1:])
    changes = [(name, value) for name, value in found["figures"].items() if name.startswith("change ")]
    console.print_table("After each change of sources, of the oracle's", ("", "leadloop"), changes, ("leadloop",))


def _line(name: str, every: Mapping[str, float | None]) -> tuple[object, ...]:
    low, high = (every.get(f"EUR a month over {name}, {end}") for end in ("low", "high"))
    gained = "" if low is None or high is None else f"{low:+,.0f} to {high:+,.0f}"
    shown = (every[f"{name}.{what}"] for what in ("revenue a month", "realised a month", "share of the oracle's"))
    return (name, *shown, gained)


def main() -> None:
    """Print figures, peers and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one seed of six months")
    parser.add_argument("--seeds", type=int, default=None, metavar="N")
    parser.add_argument("--months", type=int, default=None, metavar="N", help="divisible by three")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="seeds at once")
    given = parser.parse_args()
    usual = Plan(months=QUICK_MONTHS) if given.quick else Plan()
    plan = replace(usual, months=given.months or usual.months)
    tally = everything(plan, given.seeds or (1 if given.quick else SEEDS), given.jobs)
    if given.json:
        json.dump(figures.told(tally), sys.stdout, indent=1)
    else:
        show(tally)


if __name__ == "__main__":
    main()
