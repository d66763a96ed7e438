"""Whether the intervals of `report lift` hold: simulated companies of which the truth is known, many times over.

Each day leads come in, a model that sees their chances through a fog ranks those that wait, a share of the slots is
drawn as the queue draws them (serving/backlog/lots.py), sales works its way down a part of the list, and wins bring
uneven amounts. From what came of it the estimators of the report say what a slot brings by leadloop's order beyond by
chance, newest first and by a challenger; the truth is the mean of the known expectations over the very same lists.
Figures: the share of intervals (95 %) that hold the truth, how wide they usually are and how far off the estimates are
on average, both as a share of what a slot of leadloop's brings. Peers: the same with all drawn slots picked among
everybody, and textbook intervals (inverse propensity, normal limits over the days). `--runs`, `--days`, `--json`.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.sets import Result
from features.history import Floats
from leadloop import console
from serving.backlog import lots
from serving.backlog.lots import Waiting, draw, put
from serving.reports.lift_estimate import Estimate, Order, Sample, by_propensity, doubly_robust

RUNS, DAYS = 100, 150
OTHERS = ("random", "newest", "challenger")
WAYS = {"dr": doubly_robust, "ips": by_propensity}


@dataclass(frozen=True)
class World:
    """A company. `p_mean`: of a win on arrival, `fog`: what blurs the model's log-odds, `off`: by what its chances are
    too high; `tail`: of the amounts' logarithm; `worked`: the least share of a list that is worked.
    """

    arrivals: int = 40
    capacity: int = 15
    share: float = 0.05
    p_mean: float = 0.06
    fog: float = 0.8
    off: float = 1.0
    tail: float = 1.0
    worked: float = 1.0
    stay: int = 25
    days: int = DAYS


WORLDS: Mapping[str, World] = {
    "usual": World(),
    "more slots": World(share=0.2),
    "uneven amounts": World(tail=1.6),
    "a model three times too sure": World(off=3.0),
    "a model three times too unsure": World(off=1 / 3),
    "lists half worked": World(worked=0.3),
    "a small team": World(arrivals=12, capacity=5, share=0.1),
    "rare wins": World(p_mean=0.02),
}


@dataclass
class Pool:
    """The leads that wait, an entry each: day of arrival, true chance on arrival, what two models make of it."""

    came: NDArray[np.int64]
    p: Floats
    seen: Floats
    other: Floats
    lot: NDArray[np.uint64]

    def take(self, keep: NDArray[Any]) -> "Pool":
        """Some of them."""
        return Pool(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))

    def and_(self, more: "Pool") -> "Pool":
        """With others."""
        return Pool(*(np.concatenate([getattr(self, n), getattr(more, n)]) for n in self.__dataclass_fields__))


@dataclass
class Log:
    """What is known of the counted slots after all days, and, for the truth, what each order is expected to bring."""

    rows: dict[str, list[Any]] = field(default_factory=dict)
    slots: int = 0
    up: dict[str, float] = field(default_factory=lambda: dict.fromkeys(OTHERS, 0.0))
    down: dict[str, float] = field(default_factory=lambda: dict.fromkeys(OTHERS, 0.0))
    truth: dict[str, float] = field(default_factory=lambda: dict.fromkeys(("ours", *OTHERS), 0.0))

    def add(self, **columns: Any) -> None:
        """Entries of one list."""
        for name, values in columns.items():
            self.rows.setdefault(name, []).append(values)

    def column(self, name: str) -> NDArray[Any]:
        """One column of all entries."""
        return np.concatenate(self.rows[name])


def arrived(world: World, day: int, rng: np.random.Generator) -> Pool:
    """The leads of one day."""
    n = rng.poisson(world.arrivals)
    odds = np.log(world.p_mean / (1 - world.p_mean)) - 0.6 + 1.2 * rng.standard_normal(n)
    shared = odds + world.fog * rng.standard_normal(n) * 0.8
    fogs = (shared + world.fog * rng.standard_normal(n) * 0.6 for _ in range(2))
    seen, other = (np.minimum(world.off / (1 + np.exp(-each)), 0.95) for each in fogs)
    return Pool(np.full(n, day), 1 / (1 + np.exp(-odds)), seen, other, rng.integers(0, 2**63, n).astype(np.uint64))


def simulate(world: World, seed: int) -> Log:
    """All days of one company."""
    rng, log = np.random.default_rng(seed), Log()
    pool = arrived(world, 0, rng).take(np.zeros(0, dtype=np.int64))
    for day in range(world.days + world.stay):
        pool = pool.take(pool.came > day - world.stay).and_(arrived(world, day, rng))
        pool = pool.take(np.argsort(-pool.seen * _left(pool, day), kind="stable"))
        gone = _day(world, pool, day, f"{seed}|{day}", rng, log if day >= world.stay else None)
        pool = pool.take(np.setdiff1d(np.arange(len(pool.p)), gone))
    return log


def _left(pool: Pool, day: int) -> Floats:
    """What waiting has left of the chances."""
    return np.exp(-(day - pool.came) / 20.0)


def _day(world: World, pool: Pool, day: int, seed: str, rng: np.random.Generator, log: Log | None) -> Any:
    """Draw, work and note one list; which leads are done with."""
    n, slots, left = len(pool.p), world.capacity, _left(pool, day)
    newest = np.argsort(np.lexsort((pool.lot, -pool.came)))
    drawn = draw(Waiting(pool.lot, newest, slots, world.share, seed))
    if drawn is None:
        return np.arange(min(n, slots))
    listed = put(np.arange(n), drawn.picked, drawn.at)[:slots]
    reached = round(slots * rng.uniform(world.worked, 1.0))
    if log is None:
        return listed[:reached]
    won = rng.random(slots) < (pool.p * left)[listed]
    brought = np.where(won, rng.lognormal(-(world.tail**2) / 2, world.tail, slots), 0.0)
    counted, place = drawn.counted[listed], np.arange(slots)
    takes = {
        "ours": (np.arange(n) < slots).astype(np.float64),
        "newest": newest < slots,
        "challenger": np.argsort(np.argsort(-pool.other * left)) < slots,
        "random": np.full(n, slots / n),
    }
    model = np.minimum(pool.seen, 1.0) * left
    log.slots += slots
    for name, taken in takes.items():
        if name != "ours":
            more = takes["ours"] - taken
            log.up[name] += float((np.maximum(more, 0) * model).sum())
            log.down[name] += float((np.maximum(-more, 0) * model).sum())
        log.truth[name] += float((taken * pool.p * left).sum())
    group = np.where(np.isin(listed, drawn.picked), 0, 1 + 4 * place // slots)
    worked = place < reached
    columns = {"chance": drawn.chance, "model": model, **takes}
    log.add(**{name: values[listed][counted] for name, values in columns.items()})
    log.add(group=group[counted], worked=worked[counted], day=np.full(counted.sum(), day))
    log.add(brought=np.where(worked, brought, 0.0)[counted])
    return listed[:reached]


def sample_of(log: Log) -> Sample:
    """As the report's estimators take it."""
    names = ("day", "chance", "group", "worked", "brought", "model")
    columns: dict[str, Any] = {name: log.column(name) for name in names}
    return Sample(**columns, slots=float(log.slots))


def less(log: Log, name: str) -> Order:
    """Leadloop's order less another."""
    return Order(log.column("ours") - log.column(name), log.up[name], log.down[name])


def textbook(sample: Sample, order: Order) -> Estimate:
    """Inverse propensity with normal limits over the days."""
    found = by_propensity(sample, order)
    parts = np.bincount(
        np.unique(sample.day, return_inverse=True)[1], order.takes * sample.weights() * sample.brought / sample.slots
    )
    wide = 1.96 * float(np.sqrt(len(parts) * parts.var(ddof=1)))
    return Estimate(found.value, found.value - wide, found.value + wide)


def measure(world: World, runs: int, others: tuple[str, ...] = OTHERS) -> dict[str, dict[str, float]]:
    """Over many runs, for each other order and way: coverage, width and bias, as shares of what ours brings."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    for seed in range(runs):
        log = simulate(world, seed)
        sample = sample_of(log)
        worth = log.truth["ours"] / log.slots
        for other in others:
            truth = (log.truth["ours"] - log.truth[other]) / log.slots
            for way, estimate in {**WAYS, "textbook": textbook}.items():
                said = estimate(sample, less(log, other))
                row = (said.low <= truth <= said.high, (said.high - said.low) / worth, (said.value - truth) / worth)
                found.setdefault(f"{other}.{way}", []).append(row)
    return {name: _summed(np.array(rows)) for name, rows in found.items()}


def _summed(rows: Floats) -> dict[str, float]:
    """Of one way, over its runs."""
    return {
        "coverage": float(rows[:, 0].mean()),
        "width": float(np.median(rows[:, 1])),
        "bias": float(rows[:, 2].mean()),
    }


def among_everybody(world: World, runs: int) -> dict[str, dict[str, float]]:
    """The same with every drawn slot picked among all."""
    parts = dict(lots.PARTS)
    lots.PARTS.clear()
    lots.PARTS["everybody"] = 1.0
    try:
        return measure(world, runs)
    finally:
        lots.PARTS.clear()
        lots.PARTS.update(parts)


def result(runs: int, days: int) -> Result:
    """All worlds."""
    figures, peers, ratios = dict[str, float | None](), dict[str, float | None](), dict[str, float | None]()
    usual: dict[str, dict[str, float]] = {}
    for name, world in WORLDS.items():
        console.say(name)
        found = measure(replace(world, days=days), runs)
        usual = usual or found
        for which, row in found.items():
            into = peers if which.endswith("textbook") else figures
            into |= {f"lift.{name}.{which}.{figure}": value for figure, value in row.items()}
    for which, row in among_everybody(replace(WORLDS["usual"], days=days), runs).items():
        if not which.endswith("textbook"):
            peers |= {f"lift.usual, all among everybody.{which}.{figure}": value for figure, value in row.items()}
            ratios[f"lift.width, all among everybody / ours, {which}"] = row["width"] / usual[which]["width"]
    return {"figures": figures, "peers": peers, "ratios": ratios}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--days", type=int, default=DAYS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = result(given.runs, given.days)
    if given.json:
        json.dump(found, sys.stdout, indent=1)
    else:
        for kind, rows in found.items():
            console.print_table(kind, ("figure", "value"), [(n, f"{v:.3f}") for n, v in rows.items()], ("value",))


if __name__ == "__main__":
    main()
