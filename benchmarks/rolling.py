"""Bank's telephone campaign without the length of the call, refitted each month as time goes, beside its peers.

The months are the runs of one value of `month` in the file. The first 70 % of the rows teach first; each month after
them is predicted by a model refitted on everything before it: ours by the engine that `leadloop train` learns with
(`Local.learn`: leakage, blocks of features, the ladder, calibration), the peers on the same rows of the same features.
Beside them stand the model that was fitted once and never again, and two constants: the share of wins of all that came
before a month, and of the newest 2,000. `--quick` tries no parameters of LightGBM, `--json` for programs.
"""

import argparse
import csv
import json
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np

from benchmarks import peers
from benchmarks.sets import NOTHING, Result, export, ledger_of, mapping_of
from features.history import NEVER, Floats, Ints, read
from leadloop import console
from serving.scorer import when
from training import evaluate
from training.dataset import order_of, to_judge
from training.recipe import Learned, Past
from training.retrain import Local

TAUGHT, NEWEST = 0.7, 2_000
OURS, ONCE = "leadloop", "fitted once"
CONSTANTS = "constant", f"constant of {NEWEST:,}"
REFITTED: Mapping[str, peers.Fit] = {
    "small_lightgbm": peers.small_lightgbm,
    "logistic": peers.logistic,
    "lightgbm": peers.lightgbm,
}


@dataclass(frozen=True)
class Month:
    """One month: what came of its rows, and what everybody had said of them before."""

    name: str
    won: Floats
    said: Mapping[str, Floats]


@dataclass(frozen=True)
class Campaign:
    """The leads in the order of the file, and what is known of them."""

    engine: Local
    past: Past
    leads: Ints
    order: Floats

    def learn(self, until: int) -> Learned:
        """On everything before a row of the file."""
        return self.engine.learn(self.past, self.leads[:until], self.order)

    def rows(self, learned: Learned, start: int, stop: int) -> tuple[Floats, Floats]:
        """Features and outcomes of rows of the file."""
        past, leads = self.past, self.leads[start:stop]
        data = to_judge(past.history, past.labels, leads, self.engine.settings.horizon_days)
        return self.engine.columns(learned.catalogue, data), data.won


def months(path: Path) -> list[tuple[str, int, int]]:
    """Runs of one month: name, first row and the row after the last; those that the first 70 % do not hold."""
    with path.open(newline="", encoding="utf-8") as file:
        names = [row["month"] for row in csv.DictReader(file, delimiter=";")]
    found, start, cut = [], 0, round(TAUGHT * len(names))
    for name, run in groupby(names):
        stop = start + len(list(run))
        if stop > cut:
            found.append((name, max(start, cut), stop))
        start = stop
    return found


def rolled(campaign: Campaign, runs: list[tuple[str, int, int]]) -> list[Month]:
    """Every month as it was predicted at its beginning."""
    once, found = campaign.learn(runs[0][1]), []
    for name, start, stop in runs:
        console.say(f"{name}: {start:,} rows teach, {stop - start:,} are predicted")
        learned = once if start == runs[0][1] else campaign.learn(start)
        console.say(f"refitted: {learned.fitted.chosen}, calibrated by {learned.fitted.calibrated_by}")
        X, won = campaign.rows(learned, start, stop)
        before = learned.taught.won
        said = {OURS: learned.fitted.model.p_win(X)}
        said[ONCE] = once.fitted.model.p_win(campaign.rows(once, start, stop)[0])
        said |= {peer: fit(learned.catalogue, learned.taught).predict_proba(X)[:, 1] for peer, fit in REFITTED.items()}
        shares = float(before.mean()), float(before[-NEWEST:].mean())
        said |= {each: np.full(len(won), share) for each, share in zip(CONSTANTS, shares, strict=True)}
        found.append(Month(name, won, said))
        console.say(", ".join(f"{who} {evaluate.log_loss(won, p):.3f}" for who, p in said.items()))
    return found


def measured(found: list[Month], name: str) -> dict[str, float]:
    """The figures of one who predicted every month."""
    won, p = np.concatenate([m.won for m in found]), np.concatenate([m.said[name] for m in found])
    losses = {who: np.array([evaluate.log_loss(m.won, m.said[who]) for m in found]) for who in (name, *CONSTANTS)}
    within = [evaluate.roc_auc(m.won, m.said[name]) for m in found]
    return {
        "roc_auc": evaluate.roc_auc(won, p),
        "log_loss": evaluate.log_loss(won, p),
        "months_better": float((losses[name] < losses[CONSTANTS[0]]).mean()),
        "months_better_than_newest": float((losses[name] < losses[CONSTANTS[1]]).mean()),
        "roc_auc_within": float(np.mean(within)),
    }


def _campaign(engine: Local, runs: list[tuple[str, int, int]]) -> Campaign:
    """With what leaks judged once, on the rows that teach first."""
    past = engine.past(NEVER)
    order = order_of(past.history)
    leads = np.argsort(order, kind="stable")
    return Campaign(engine.judged(past, leads[: runs[0][1]], order), past, leads, order)


def measure(*, quick: bool) -> dict[str, dict[str, float]] | None:
    """Everybody's figures by name; None where the export is not on this machine."""
    path = export("bank")
    if path is None:
        return None
    with ledger_of([path], mapping_of("bank")) as (settings, ledger), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # LightGBM's and scikit-learn's about names of columns, and solvers
        settings = settings.model_copy(update={"tune_trials": 0 if quick else settings.tune_trials})
        engine = Local(settings, ledger, read(ledger, when(ledger, None)))
        found = rolled(_campaign(engine, runs := months(path)), runs)
    return {name: measured(found, name) for name in found[0].said}


def told(quick: bool) -> Result:
    """Figures, peers and ratios, for programs."""
    found = measure(quick=quick)
    if found is None:
        return NOTHING
    ours = found.pop(OURS)
    return {
        "figures": {f"rolling.{metric}": value for metric, value in ours.items()},
        "peers": {f"rolling.{peer}.{m}": value for peer, each in found.items() for m, value in each.items()},
        "ratios": {f"rolling.log_loss / {peer}": ours["log_loss"] / each["log_loss"] for peer, each in found.items()},
    }


def main() -> None:
    """Print figures, peers and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="try no parameters of LightGBM")
    given = parser.parse_args()
    if given.json:
        json.dump(told(given.quick), sys.stdout, indent=1)
    elif found := measure(quick=given.quick):
        columns = ("", *next(iter(found.values())))
        lines = [(name, *each.values()) for name, each in found.items()]
        shown = ["", *(column.replace("_", " ") for column in columns[1:])]
        console.print_table("Months of a campaign, each predicted at its beginning", shown, lines, shown[1:])


if __name__ == "__main__":
    main()
