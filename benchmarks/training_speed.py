"""How long it takes to learn from a million rows, test included, beside LightGBM's own fit of the same trees.

A made matrix of 50 features such as the catalogue has (counts in windows, days since, numbers, categories), with a
chance of a win that they know something about. Ours is what a training does with such rows: a model chosen, calibrated
and fitted on the oldest 70 %, its chances of the newest 30 % and the scorecard of them, beside Odoo's models and a
logistic regression as in every scorecard, and the fit on all rows with the recipe that was chosen. The peer is one call
of `lightgbm.train` on all rows, its bins included, with the parameters that ours came to. Both have the threads that
this process may use (two: `taskset -c 0,1`). `--rows` for another size, `--json` for programs.
"""

import argparse
import cProfile
import json
import pstats
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks.sets import Result
from features.catalogue import Catalogue
from features.history import Floats
from features.profile import Attribute
from features.spec import Feature
from leadloop import console
from models.calibration import chance
from training import candidates, scorecard
from training.against import peers
from training.fit import fit_outcome
from training.recipe import judges
from training.rows import Recipe, Rows
from training.scorecard import Predictions, Scorecard, Tested
from training.split import Split

EVENTS = ("page_view", "email_open", "email_click", "download", "form")
LEVELS = (6, 12, 25, 50)
NUMBERS = 12
CATALOGUE = Catalogue(
    attributes=(
        *(Attribute(f"choice {n}", "category", tuple(f"level {i}" for i in range(n))) for n in LEVELS),
        *(Attribute(f"number {i}", "number") for i in range(NUMBERS)),
    ),
    kinds=EVENTS,
    dated=True,
)
TEST_SHARE = 0.3
REASONS, SHARES = ("", "no_budget", "not_a_buyer", "bad_timing", "unreachable"), (0.4, 0.2, 0.15, 0.15, 0.1)
PARTS: Mapping[str, tuple[str, ...]] = {
    "choice among the newest": ("climb",),
    "its search for parameters": ("search",),
    "predictions forward, recipe known": ("again",),
    "fit on 70 % and on all": ("fit_win",),
    "its trees": ("_trees > fit_trees",),
    "its linear parts": ("fit_ridge", "fit_joint"),
    "reasons": ("fit_reasons",),
    "calibration": ("choose",),
    "peers of the scorecard": ("peers",),
    "scorecard": ("make",),
    "its bootstrap": ("figures", "draw"),
}
"""What is told apart, and the functions of `training` that it is spent in, with the caller where others call it too;
an "its" is a part of a line above it.
"""


@dataclass
class Watch:
    """Seconds by the clock and of the processor, by what they were spent on."""

    clock: dict[str, float] = field(default_factory=dict)
    processor: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        """Count what is done within."""
        clock, processor = time.perf_counter(), time.process_time()
        yield
        self.clock[name] = time.perf_counter() - clock
        self.processor[name] = time.process_time() - processor


def made(n: int, seed: int = 0) -> Rows:
    """Rows, oldest first: about one in eight is won, by what is known of them and by luck."""
    draws = np.random.default_rng(seed)
    keen = draws.normal(size=n)
    X = np.stack([_column(feature, keen, draws) for feature in CATALOGUE.features], axis=1)
    known = np.nan_to_num(X[:, len(LEVELS) : len(LEVELS) + NUMBERS])
    logit = -2.6 + 0.8 * keen + 0.35 * known[:, 0] - 0.3 * np.abs(known[:, 1]) + 0.3 * known[:, 2] * known[:, 3]
    logit += np.linspace(-0.6, 0.6, LEVELS[1])[(X[:, 1] % LEVELS[1]).astype(np.int64)] + np.linspace(0.2, -0.2, n)
    won = (draws.random(n) < chance(logit)).astype(np.float64)
    reason = np.array(REASONS, dtype=object)[draws.choice(len(REASONS), n, p=SHARES)]
    reason[won == 1] = ""
    return Rows(X, won, np.ones(n), reason, np.arange(n, dtype=np.float64))


def _column(feature: Feature, keen: Floats, draws: np.random.Generator) -> Floats:
    """One feature of leads that are more or less `keen`, which only what they do tells."""
    n = len(keen)
    if feature.kind == "category":
        return draws.zipf(1.6, n).astype(np.float64) % len(CATALOGUE.levels(feature.source))
    if feature.kind == "number":
        return np.where(draws.random(n) < 0.15, np.nan, np.round(draws.normal(size=n), 3))
    days = draws.exponential(20.0 * np.exp(-0.3 * keen))
    if feature.name.endswith(("days since", "age", "trend", "burst")):
        return np.where(draws.random(n) < 0.3, np.nan, days)
    counted = draws.poisson(draws.gamma(0.7, 2.0, n) * np.exp(0.4 * keen)).astype(np.float64)
    return counted * np.exp(-days / 30.0) if feature.name.endswith("decayed") else counted


def learned(rows: Rows, watch: Watch) -> tuple[Recipe, Scorecard]:
    """The rows as a training has them: a test forward in time, then all of them with the recipe that was chosen."""
    cut = round((1 - TEST_SHARE) * len(rows.won))
    past, test = rows.take(np.arange(cut)), rows.take(judges(np.arange(cut, len(rows.won)), 0))
    with watch.on("test fit"):
        tried = fit_outcome(CATALOGUE, past)
    with watch.on("scorecard"):
        p = tried.model.p_win(test.X)
        card = scorecard.make(_tested(past, test, p), _split(cut, len(rows.won)), (None, None), [])
    with watch.on("final fit"):
        again = fit_outcome(CATALOGUE, rows, known=tried.recipe)
    return again.recipe, card


def _tested(past: Rows, test: Rows, p: Floats) -> Tested:
    said = {name: chance(peer.raw(test.X)) for name, peer in peers(CATALOGUE, past, 0)[0].items()}
    said["constant"] = np.full(len(p), past.won.mean())
    baselines = {name: Predictions(each, each) for name, each in said.items()}
    return Tested(test.won, test.won * 1_000.0, Predictions(p, p, p * 1_000.0), baselines, len(p) // 5, rivals=())


def _split(cut: int, n: int) -> Split:
    return Split(np.arange(cut), np.arange(cut, n), "time")


def the_same_trees(rows: Rows, recipe: Recipe) -> Any:
    """LightGBM by itself, on all rows."""
    import lightgbm

    own = {**candidates.TREES, **recipe.trees, "seed": 0}
    rounds = int(own.pop("rounds", candidates.ROUNDS))
    data = lightgbm.Dataset(rows.X, rows.won, categorical_feature=CATALOGUE.categories, params={"verbosity": -1})
    return lightgbm.train(own, data, num_boost_round=rounds)


def profiled(run: Callable[[], tuple[Recipe, Scorecard]]) -> tuple[tuple[Recipe, Scorecard], dict[str, float]]:
    """What ran, and seconds by the clock in each of PARTS, as the main thread saw them."""
    profile = cProfile.Profile()
    found = profile.runcall(run)
    spent: dict[str, float] = {}
    for (file, _, function), (*_, seconds, callers) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined] # not in its stubs
        if "/training/" in file:
            spent[function] = spent.get(function, 0.0) + seconds
            spent |= {f"{caller} > {function}": each[3] for (_, _, caller), each in callers.items()}
    return found, {part: sum(spent.get(name, 0.0) for name in names) for part, names in PARTS.items()}


def measure(n: int) -> tuple[Watch, dict[str, float], Recipe, Scorecard]:
    """Seconds of each step, ours and the peer's, where ours went, and what it came to."""
    console.say(f"making {n:,} rows of {len(CATALOGUE.features)} features")
    rows, watch = made(n), Watch()
    the_same_trees(rows.newest(10_000), Recipe("small_lightgbm"))  # imports, and threads that wake up
    console.say("leadloop")
    (recipe, card), parts = profiled(lambda: learned(rows, watch))
    console.say(f"LightGBM alone, {recipe}")
    with watch.on("lightgbm"):
        the_same_trees(rows, recipe)
    return watch, parts, recipe, card


def told(watch: Watch, parts: Mapping[str, float], card: Scorecard) -> Result:
    """Figures, peers and ratios."""
    ours = [name for name in watch.clock if name != "lightgbm"]
    figures: dict[str, float | None] = {f"{name} s": watch.clock[name] for name in ours}
    figures |= {f"of it: {part} s": seconds for part, seconds in parts.items()}
    peer: dict[str, float | None] = {"lightgbm s": watch.clock["lightgbm"]}
    times = {
        "clock": sum(watch.clock[name] for name in ours) / watch.clock["lightgbm"],
        "processor time": sum(watch.processor[name] for name in ours) / watch.processor["lightgbm"],
    }
    return {"figures": {**figures, "roc_auc": card.metrics["roc_auc"]}, "peers": peer, "ratios": {**times}}


def main() -> None:
    """Print figures, peers and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rows", type=int, default=1_000_000)
    given = parser.parse_args()
    watch, parts, recipe, card = measure(given.rows)
    result = told(watch, parts, card)
    if given.json:
        json.dump(result, sys.stdout, indent=1)
        return
    alone = watch.clock["lightgbm"]
    steps: list[tuple[str, float | None, float]]
    steps = [(name, seconds, seconds / alone) for name, seconds in watch.clock.items()]
    steps += [(f"of it: {part}", seconds, seconds / alone) for part, seconds in parts.items()]
    steps += [(f"in all, by {name}", None, ratio) for name, ratio in result["ratios"].items() if ratio]
    console.print_table(f"{given.rows:,} rows: {recipe}", ("", "s", "times LightGBM"), steps, ("s", "times LightGBM"))


if __name__ == "__main__":
    main()
