"""What the record could tell at most in the eighteen months: the order of one who was taught by the truth of others.

`--companies N` other companies teach trees what each waiting lead would truly bring, today and tomorrow, by the
features that leadloop has: a hundred thousand moments each, without the luck of single deals. No company has that of
itself. What this order misses of the oracle's revenue, features do not tell; trees that were taught better might tell a
little more. `--seeds N` companies are worked by it, `--months N`, `--jobs N` at once, `--json` for programs.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context

import numpy as np

from benchmarks.loop import SEEDS, oracle, quietly, revenue
from benchmarks.loop_orders import Oracle, Still, number
from benchmarks.loop_product import Product
from benchmarks.loop_world import Plan, World, open_world, play
from features.blocks import OPTIONAL
from features.catalogue import Catalogue, learn_catalogue
from features.history import History
from features.history import read as read_history
from features.kernel import matrix
from leadloop import console
from leadloop.clock import DAY
from leadloop.demo.chances import win_chance
from leadloop.demo.desk import Desk
from leadloop.demo.draws import Floats, Ints
from leadloop.demo.feed import Feed

TEACHERS, FIRST_TEACHER = 8, 1_000
LOOKED_AT = (60, 20, 25)
"""Waiting leads that are looked at in each session: by chance, the newest, and the best by the truth."""
K = 0.75
"""How much the order minds what waiting costs, as the oracle's best mostly does."""
TREES = {"num_leaves": 63, "learning_rate": 0.1, "min_data_in_leaf": 200, "feature_fraction": 0.5, "lambda_l2": 5.0}
ROUNDS = 300
TODAY, TOMORROW = 0, DAY


@dataclass(frozen=True)
class Recorded:
    """A company and all that its CRM ever learns without selling. `row`: of each lead, its number there, or -1."""

    world: World
    history: History
    row: Ints

    def look(self, catalogue: Catalogue, leads: Ints, at: Ints) -> Floats:
        """The features of leads at instants, and the day, so that changes of the market are known as well."""
        day = (at - self.world.market.settings.start_at) / DAY
        return np.column_stack([matrix(catalogue, self.history, self.row[leads], at), day])

    def brings(self, leads: Ints, at: Ints) -> Floats:
        """What they would truly bring."""
        worth: Floats = win_chance(self.world.market, leads, at) * self.world.market.people.deal[leads]
        return worth


def record(plan: Plan, seed: int) -> Recorded:
    """Open a company and send its CRM's record to a ledger."""
    world = open_world(plan, seed)
    product, end = Product(world), world.market.settings.end_at
    product.send(Feed(world.given).until(end), end)
    history = read_history(product.ledger, end, blocks=OPTIONAL)
    product.close()
    row = np.full(len(world.market.arrivals.kind), -1)
    row[[number(lead_id) for lead_id in history.lead_ids]] = np.arange(len(history))
    return Recorded(world, history, row)


@dataclass
class Watched(Oracle):
    """The oracle at work, and which leads were looked at when."""

    seen: list[tuple[Ints, int]] = field(default_factory=list)

    def pick(self, desk: Desk, now: int, size: int) -> Ints:
        """Whom to call."""
        best, waiting = super().pick(desk, now, LOOKED_AT[2]), desk.waiting(now)
        some = np.random.default_rng(now % 2**32).permutation(waiting)[: LOOKED_AT[0]]
        newest = waiting[np.argsort(-self.world.market.arrivals.created_at[waiting])][: LOOKED_AT[1]]
        self.seen.append((np.unique(np.concatenate([best, some, newest])), now))
        return best[:size]


def teach(plan: Plan, catalogue: Catalogue | None, seed: int) -> tuple[Catalogue, Floats, Floats, Floats]:
    """A company's features, and what leads would bring today and tomorrow, after the catalogue, learned if need be."""
    known = record(plan, seed)
    watched = Watched(known.world, K)
    play(known.world, watched)
    lead = np.concatenate([leads for leads, _ in watched.seen])
    at = np.concatenate([np.full(len(leads), now) for leads, now in watched.seen])
    lead, at = lead[known.row[lead] >= 0], at[known.row[lead] >= 0]
    catalogue = catalogue or learn_catalogue(known.history, known.row[lead], at, "")
    X = known.look(catalogue, lead, at)
    return catalogue, X, known.brings(lead, at + TODAY), known.brings(lead, at + TOMORROW)


def fit(catalogue: Catalogue, X: Floats, worth: Floats) -> str:
    """Trees of what leads would bring, as text."""
    import lightgbm

    params = {**TREES, "objective": "tweedie", "tweedie_variance_power": 1.2, "verbosity": -1, "seed": 0}
    data = lightgbm.Dataset(X, worth / 1_000, categorical_feature=catalogue.categories)
    text: str = lightgbm.train(params, data, num_boost_round=ROUNDS).model_to_string()
    return text


class Taught(Still):
    """Calls by what the trees say."""

    def __init__(self, known: Recorded, catalogue: Catalogue, trees: Sequence[str]) -> None:
        import lightgbm

        super().__init__(known.world)
        self._known, self._catalogue = known, catalogue
        self._models = [lightgbm.Booster(model_str=text) for text in trees]

    def pick(self, desk: Desk, now: int, size: int) -> Ints:
        """Whom to call."""
        waiting = self.world.first_of_their_person(desk.waiting(now))
        waiting = waiting[self._known.row[waiting] >= 0]
        if not size or not len(waiting):
            return waiting[:0]
        X = self._known.look(self._catalogue, waiting, np.full(len(waiting), now))
        today, tomorrow = (np.asarray(model.predict(X, num_threads=1)) for model in self._models)
        return waiting[np.argsort(-(today - K * np.minimum(today, tomorrow)), kind="stable")][:size]


def work(plan: Plan, catalogue: Catalogue, trees: Sequence[str], seed: int) -> float:
    """The share of the oracle's revenue in one company."""
    known = record(plan, seed)
    part = revenue(play(known.world, Taught(known, catalogue, trees))) / revenue(oracle(known.world))
    console.say(f"seed {seed}: {part:.1%} of the oracle's revenue")
    return part


def everything(plan: Plan, teachers: int, seeds: int, jobs: int) -> list[float]:
    """The share in each company, taught by others."""
    others = range(FIRST_TEACHER, FIRST_TEACHER + teachers)
    catalogue, *first = teach(plan, None, others[0])
    with ProcessPoolExecutor(jobs, get_context("spawn"), quietly) as pool:
        taught = [first, *(rest for _, *rest in pool.map(partial(teach, plan, catalogue), others[1:]))]
        X, today, tomorrow = (np.concatenate(parts) for parts in zip(*taught, strict=True))
        console.say(f"{teachers} companies and {len(X)} moments teach")
        trees = [fit(catalogue, X, worth) for worth in (today, tomorrow)]
        return list(pool.map(partial(work, plan, catalogue, trees), range(seeds)))


def main() -> None:
    """Print figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--companies", type=int, default=TEACHERS, metavar="N")
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N")
    parser.add_argument("--months", type=int, default=None, metavar="N", help="divisible by three")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="companies at once")
    given = parser.parse_args()
    quietly()
    plan = replace(Plan(), months=given.months) if given.months else Plan()
    parts = everything(plan, given.companies, given.seeds, given.jobs)
    if given.json:
        figures = {f"seed {seed}": part for seed, part in enumerate(parts)} | {"mean": float(np.mean(parts))}
        json.dump({"figures": figures, "peers": {"oracle": 1.0}, "ratios": {}}, sys.stdout, indent=1)
        return
    lines = [(f"seed {seed}", f"{part:.1%}") for seed, part in enumerate(parts)]
    lines.append(("mean", f"{np.mean(parts):.1%}"))
    console.print_table(
        f"{plan.months} months by the truth of others: of the oracle's", ("", "revenue"), lines, ("revenue",)
    )


if __name__ == "__main__":
    main()
