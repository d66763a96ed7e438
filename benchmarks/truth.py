"""How near chances come to the known truth of demo worlds, beside peers on the same features, and what each idea adds.

The open leads of a made-up company are scored at its end, and held against the chances that the world was made with.
Beside leadloop stand its own learning without one of its ideas (reasons; open leads that teach; who was chosen to be
worked; the mixture, for which inverse censoring weights stand in), LightGBM with its defaults on the same rows, on
fewer, on the features of the end of the history with every lead that nobody worked as a negative, and on a company of
ten times the leads. Three seeds of 12,000 leads; `--quick` for one of 6,000 without the large company, `--json` for
programs.
"""

import argparse
import json
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmarks import ablation, peers
from benchmarks.sets import Result, ledger_of
from features.catalogue import Catalogue
from features.history import Floats, Ints, read
from features.kernel import matrix
from leadloop import console
from leadloop.demo import DemoSettings, DemoWorld, simulate, write_csv
from leadloop.demo.nearness import expected_auc
from serving.scorer import when
from training.dataset import Dataset, order_of, ripe, to_teach
from training.labels import WON
from training.recipe import Learned, Past, teachers
from training.retrain import Local
from training.rows import Rows
from training.selection import weights

LEADS, SEEDS, TIMES = 12_000, (0, 1, 2), 10
OURS, LARGE, TRUTH = "leadloop", "lightgbm, ten times the leads", "truth"
TENTH = 0.1

Found = dict[str, dict[str, float]]
"""Figures by who said them."""


@dataclass(frozen=True)
class Company:
    """A demo world in a ledger of its own, at its end."""

    world: DemoWorld
    engine: Local
    past: Past

    @cached_property
    def open_leads(self) -> Ints:
        """Numbers of the leads that somebody could still win."""
        return np.flatnonzero(self.past.open)

    @cached_property
    def order(self) -> Floats:
        """What grows with time, a lead."""
        return order_of(self.past.history)

    @cached_property
    def teachers(self) -> Ints:
        """The leads that a training would learn from."""
        return teachers(self.engine.settings, self.engine, self.past)

    @cached_property
    def ripe(self) -> Ints:
        """Closed, and old enough to be closed whichever way it went."""
        past, horizon = self.past, self.engine.settings.horizon_days
        return np.flatnonzero(ripe(past.history, past.labels, past.as_of, horizon))

    @cached_property
    def closed(self) -> Ints:
        """Closed, however young."""
        return np.flatnonzero(self.past.labels.known)

    def moments(self, leads: Ints) -> Dataset:
        """When these leads teach."""
        past, horizon = self.past, self.engine.settings.horizon_days
        return to_teach(past.history, past.labels, leads, horizon, past.as_of)

    def rows(self, catalogue: Catalogue, leads: Ints) -> Rows:
        """The same with features; leads that are still open as not won for now."""
        data, past = self.moments(leads), self.past
        X = self.engine.columns(catalogue, data)
        stands_for = weights(past.history, past.labels, data, (catalogue, X), past.as_of)
        return Rows(X, data.won, data.weight, data.reason, self.order[data.lead], stands_for)

    def at_the_end(self, catalogue: Catalogue, leads: Ints) -> Floats:
        """Features as they stand today."""
        return matrix(catalogue, self.past.history, leads, np.full(len(leads), self.past.as_of))

    def ids(self) -> list[str]:
        """The open leads by name."""
        return [self.past.history.lead_ids[i] for i in self.open_leads.tolist()]

    def true(self) -> Floats:
        """The known chance of each open lead."""
        return self.world.truth.p_win(self.ids(), self.past.as_of)


@contextmanager
def company(leads: int, seed: int) -> Iterator[Company]:
    """Simulated, imported and read as any other."""
    console.say(f"a company of {leads:,} leads, seed {seed}")
    with tempfile.TemporaryDirectory() as scratch:
        world = simulate(DemoSettings(leads=leads, seed=seed))
        write_csv(world, Path(scratch))
        with ledger_of([Path(scratch)], None) as (settings, ledger):
            as_of = when(ledger, None)
            engine = Local(settings, ledger, read(ledger, as_of))
            yield Company(world, engine, engine.past(as_of))


def said(one: Company, learned: Learned) -> dict[str, Floats]:
    """The chances of the open leads by everybody who learned from this company."""
    catalogue, taught = learned.catalogue, learned.taught
    X = one.at_the_end(catalogue, one.open_leads)
    found = {OURS: learned.fitted.model.p_win(X)}
    for name, rows in _variants(one, learned).items():
        console.say(name)
        found[name] = ablation.fitted(catalogue, rows, one.engine.settings).model.p_win(X)
    for_lightgbm = {
        "lightgbm": taught,
        "lightgbm, closed leads": one.rows(catalogue, one.closed),
        "lightgbm, ripe leads": one.rows(catalogue, one.ripe),
        "lightgbm, naive pipeline": _naive(one, catalogue),
    }
    return {**found, **{name: by_lightgbm(catalogue, each, X) for name, each in for_lightgbm.items()}}


def _variants(one: Company, learned: Learned) -> dict[str, Rows]:
    """The rows of our own learning without one of its ideas."""
    catalogue = learned.catalogue
    followed = one.moments(one.teachers)
    weighted = ablation.censoring_weights(followed, one.past.as_of)
    rows = one.rows(catalogue, one.teachers)
    return {
        "leadloop without reasons": ablation.without_reasons(learned.taught),
        "leadloop without open leads": one.rows(catalogue, one.ripe),
        "leadloop without selection": replace(learned.taught, stands_for=None),
        "leadloop, censoring weights": replace(rows, weight=rows.weight * weighted).take(weighted > 0),
    }


def _naive(one: Company, catalogue: Catalogue) -> Rows:
    """What is exported in a hurry: everybody as they are today, and who is not won is a negative."""
    everybody = np.arange(len(one.past.history))
    won = (one.past.labels.state == WON).astype(np.float64)
    none = np.full(len(won), "", dtype=object)
    return Rows(one.at_the_end(catalogue, everybody), won, np.ones(len(won)), none, one.order)


def by_lightgbm(catalogue: Catalogue, rows: Rows, X: Floats) -> Floats:
    """The chances by LightGBM with its defaults."""
    return np.asarray(peers.lightgbm(catalogue, rows).predict_proba(X)[:, 1], dtype=np.float64)


def measured(one: Company, learned: Learned, p: Mapping[str, Floats]) -> Found:
    """Figures of each, of the open leads. `captured`: of what the best tenth by the truth would bring.

    Everybody ranks by chance times the same amounts, those that ours expects; the truth by its own.
    """
    true, ids = one.true(), one.ids()
    amount = one.world.truth.expected_amount(ids)
    untouched = np.array([name in one.world.truth.untouched for name in ids])
    expected = learned.value.expected(one.at_the_end(learned.catalogue, one.open_leads))
    best = _brought(true * amount, true * amount)
    found = {
        name: {
            "roc_auc": expected_auc(each, true),
            "mean": float(each[untouched].mean() / true[untouched].mean()),
            "captured": _brought(each * expected, true * amount) / best,
        }
        for name, each in p.items()
    }
    return {**found, TRUTH: {"roc_auc": expected_auc(true, true), "mean": 1.0, "captured": 1.0}}


def _brought(score: Floats, worth: Floats) -> float:
    first = np.argsort(-score, kind="stable")[: max(1, round(TENTH * len(score)))]
    return float(worth[first].sum())


def measure_one(one: Company, large: Company | None) -> Found:
    """Everybody on one company; where there is a large one, its LightGBM too, with the columns of this one."""
    learned = one.engine.learn(one.past, one.teachers, one.order)
    p = said(one, learned)
    found: Found = {}
    if large:
        console.say(LARGE)
        catalogue = learned.catalogue
        rows = ablation.followed(catalogue, large.rows(catalogue, large.teachers), large.moments(large.teachers))
        learner = peers.lightgbm(catalogue, rows)
        p[LARGE] = learner.predict_proba(one.at_the_end(catalogue, one.open_leads))[:, 1]
        own = learner.predict_proba(large.at_the_end(catalogue, large.open_leads))[:, 1]
        found[f"{LARGE}, on its own"] = measured(large, learned, {LARGE: own})[LARGE]
    return {**measured(one, learned, p), **found}


def measure(*, quick: bool, ten_times: bool) -> Found:
    """The mean over the seeds, and reasons taken from real leads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # LightGBM's and scikit-learn's about names of columns, and solvers
        if quick or not ten_times:
            return _over(LEADS // 2 if quick else LEADS, SEEDS[:1] if quick else SEEDS, None)
        with company(TIMES * LEADS, 100) as large:
            return _over(LEADS, SEEDS, large)


def _over(leads: int, seeds: tuple[int, ...], large: Company | None) -> Found:
    each = []
    for seed in seeds:
        with company(leads, seed) as one:
            each.append(measure_one(one, large))
            console.say(", ".join(f"{name} {figures['roc_auc']:.4f}" for name, figures in each[-1].items()))
    return {who: {m: float(np.mean([one[who][m] for one in each])) for m in each[0][who]} for who in each[0]}


def told(quick: bool) -> Result:
    """Figures, peers and ratios, for programs."""
    return result(measure(quick=quick, ten_times=True), ablation.on_real_leads())


def result(found: Found, real: Found) -> Result:
    """Ours and its variants as figures, everybody else as peers."""
    every = {f"truth.{who}.{m}": value for who, each in found.items() for m, value in each.items()}
    ratios = {
        f"truth.{m}, leadloop / {who}": found[OURS][m] / each[m]
        for who, each in found.items()
        for m in ("roc_auc", "captured")
        if not who.startswith(OURS)
    }
    every |= {f"{who}.{m}": value for who, each in real.items() for m, value in each.items()}
    ours = {name: value for name, value in every.items() if OURS in name}
    return {"figures": {**ours}, "peers": {k: v for k, v in every.items() if k not in ours}, "ratios": {**ratios}}


def main() -> None:
    """Print figures, peers and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one company of 6,000 leads")
    parser.add_argument("--ten-times", action=argparse.BooleanOptionalAction, default=True)
    given = parser.parse_args()
    found, real = measure(quick=given.quick, ten_times=given.ten_times), ablation.on_real_leads()
    if given.json:
        json.dump(result(found, real), sys.stdout, indent=1)
        return
    columns = ("", "ROC-AUC", "mean chance / true", "value of the top tenth / truth's")
    console.print_table("Open leads against the known truth", columns, [(n, *e.values()) for n, e in found.items()])
    if real:
        shown = ("", "ROC-AUC", "log loss")
        console.print_table("Real leads", shown, [(name, *each.values()) for name, each in real.items()], shown[1:])


if __name__ == "__main__":
    main()
