"""How well leadloop ranks and how true its chances are, forward in time, beside its peers, in one table.

Real leads from ../shared/data (absent ones are skipped and named) and demo worlds of three sizes and three seeds. The
peers learn from the same rows of the same features and predict the same test leads. `--only NAME` for sets whose name
begins so, `--quick` for one small world and the small sets, `--json` for programs.
"""

import argparse
import json
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import rolling, truth
from benchmarks.peers import PEERS, predictions
from benchmarks.sets import SETS, Result, export, ledger_of, mapping_of
from features.history import read
from leadloop import console
from leadloop.demo import DemoSettings, simulate, write_csv
from leadloop.intake.mapping import ExportMapping
from serving.scorer import when
from training import scorecard
from training.recipe import Played, try_out
from training.retrain import Local
from training.scorecard import Scorecard

LARGE = ("bank",)
SIZES, SEEDS = (3_000, 6_000, 12_000), (0, 1, 2)
METRICS = ("roc_auc", "log_loss", "average_precision", "calibration_error", "lift_at_10")
UNLEARNED = ("constant", "recency", "odoo_pls")
"""Peers that the scorecard itself has; the others are fitted here."""

ALL = (*UNLEARNED, *PEERS)

ALSO: tuple[Callable[[bool], Result], ...] = (rolling.told, truth.told)
"""Other measures of quality, each a command of its own; called with whether to be quick, told in the same JSON."""


@dataclass(frozen=True)
class Measured:
    """A set: our scorecard with the peers as its baselines, and the verdict of the scorecard as it stands."""

    card: Scorecard
    verdict: str

    @property
    def learnable(self) -> bool:
        """Whether there is something to learn: most of those who learn surely rank better than chance."""
        lows = [self.card.intervals["roc_auc"], *(self.card.baseline_intervals[peer]["roc_auc"] for peer in PEERS)]
        return float(np.mean([(low or 0) > 0.5 for low, _ in lows])) > 0.5

    @property
    def best(self) -> str:
        """The peer with the truest chances."""
        return min(ALL, key=lambda peer: self.card.baselines[peer]["log_loss"] or np.inf)


def measure(paths: list[Path], mapping: ExportMapping | None) -> Measured:
    """Play the recipe, fit the peers on the rows that taught it, and measure all on the leads it was tested on."""
    with ledger_of(paths, mapping) as (settings, ledger):
        as_of = when(ledger, None)
        engine = Local(settings, ledger, read(ledger, as_of))
        card, played = try_out(settings, engine, engine.past(as_of), console.say)
        catalogue = played.learned.catalogue
        with warnings.catch_warnings():  # LightGBM's and scikit-learn's about names of columns, and solvers
            warnings.simplefilter("ignore")
            peers = predictions(catalogue, played.learned.taught, engine.columns(catalogue, played.test))
    return Measured(beside(played, peers), card.verdict)


def beside(played: Played, peers: Mapping[str, Any]) -> Scorecard:
    """The scorecard with these peers as its baselines."""
    tested = played.tested
    unlearned = {name: tested.baselines[name] for name in UNLEARNED}
    with_peers = replace(tested, baselines={**unlearned, **peers}, segments=(), notes=())
    return scorecard.make(with_peers, played.split, (None, None), [])


def demo(leads: int, seed: int) -> Measured:
    """A made-up company."""
    with tempfile.TemporaryDirectory() as scratch:
        write_csv(simulate(DemoSettings(leads=leads, seed=seed)), Path(scratch))
        return measure([Path(scratch)], None)


def real(name: str) -> Measured | None:
    """A public export, by its example mapping; None where it is not on this machine."""
    path = export(name)
    return measure([path], mapping_of(name)) if path else None


def chosen(only: str, *, quick: bool) -> dict[str, Callable[[], Measured | None]]:
    """What to measure, by name."""
    sets: dict[str, Callable[[], Measured | None]] = {
        name: partial(real, name) for name in SETS if not (quick and name in LARGE)
    }
    sizes, seeds = (SIZES[:1], SEEDS[:1]) if quick else (SIZES, SEEDS)
    for leads in sizes:
        for seed in seeds:
            sets[f"demo-{leads}-{seed}"] = partial(demo, leads, seed)
    return {name: run for name, run in sets.items() if name.startswith(only)}


def everything(only: str, *, quick: bool) -> dict[str, Measured]:
    """All that was chosen and is there."""
    found = {}
    for name, run in chosen(only, quick=quick).items():
        console.say(f"{name}:")
        measured = run()
        if measured:
            found[name] = measured
    return found


def told(measured: Mapping[str, Measured]) -> Result:
    """Figures, peers and ratios, of each set and of the mean over those with something to learn."""
    figures: dict[str, float | None] = {}
    peers: dict[str, float | None] = {}
    for name, one in measured.items():
        figures |= {f"{name}.{metric}": one.card.metrics[metric] for metric in METRICS}
        figures |= _gains(name, one)
        peers |= {f"{name}.{peer}.{m}": one.card.baselines[peer][m] for peer in ALL for m in METRICS}
    learnable = [one for one in measured.values() if one.learnable]
    if learnable:
        figures |= {f"mean.{metric}": _mean([one.card.metrics[metric] for one in learnable]) for metric in METRICS}
        figures |= _mean_gains(learnable)
        means = {(p, m): _mean([one.card.baselines[p][m] for one in learnable]) for p in ALL for m in METRICS}
        peers |= {f"mean.{peer}.{metric}": value for (peer, metric), value in means.items()}
    return {"figures": figures, "peers": peers, "ratios": _ratios(figures, peers, [*measured, "mean"])}


def _gains(name: str, one: Measured) -> dict[str, float | None]:
    """How much better than the best peer, and the bootstrap error of that."""
    return {
        f"{name}.{metric} - best peer{what}": value
        for metric in scorecard.COMPARED
        for what, value in zip(("", ", error"), _gain(one, metric), strict=True)
    }


def _gain(one: Measured, metric: str) -> tuple[float, float]:
    found = one.card.differences[one.best][metric]
    low, high = found["interval"]
    return float(found["difference"]), (float(high) - float(low)) / 3.92


def _mean_gains(learnable: list[Measured]) -> dict[str, float | None]:
    out: dict[str, float | None] = {}
    for metric in scorecard.COMPARED:
        gains, errors = np.array([_gain(one, metric) for one in learnable]).T
        out[f"mean.{metric} - best peer"] = float(gains.mean())
        out[f"mean.{metric} - best peer, error"] = float(np.sqrt((errors**2).sum()) / len(errors))
    return out


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None


def _ratios(
    figures: Mapping[str, float | None], peers: Mapping[str, float | None], names: list[str]
) -> dict[str, float | None]:
    """Our log loss over that of each peer: below 1 is better."""
    return {
        f"{name}.log_loss / {peer}": ours / theirs
        for name in names
        for peer in ALL
        if (ours := figures.get(f"{name}.log_loss")) and (theirs := peers.get(f"{name}.{peer}.log_loss"))
    }


def show(measured: Mapping[str, Measured], result: Result) -> None:
    """One table: ROC-AUC and log loss of everybody, a line a set."""
    lines = [_line(name, result, (f"{one.card.split['test']:,}", one.verdict)) for name, one in measured.items()]
    if "mean.log_loss" in result["figures"]:
        learnable = sum(one.learnable for one in measured.values())
        lines.append(_line("mean", result, (f"{learnable} sets", "something to learn")))
    columns = (
        "",
        "test leads",
        "verdict",
        "leadloop",
        *(name.replace("_", " ") for name in ALL),
        "log loss - best peer",
    )
    console.print_table("ROC-AUC above log loss, forward in time", columns, lines, columns[3:])


def _line(name: str, result: Result, about: tuple[str, str]) -> tuple[str, ...]:
    figures, peers = result["figures"], result["peers"]
    gain, error = (figures[f"{name}.log_loss - best peer{what}"] or 0.0 for what in ("", ", error"))
    ours = _pair(figures[f"{name}.roc_auc"], figures[f"{name}.log_loss"])
    theirs = (_pair(peers[f"{name}.{peer}.roc_auc"], peers[f"{name}.{peer}.log_loss"]) for peer in ALL)
    return (name, *about, ours, *theirs, f"{gain:+.4f}\n± {error:.4f}")


def _pair(*values: float | None) -> str:
    return "\n".join("–" if value is None else f"{value:.3f}" for value in values)


def main() -> None:
    """Print figures, peers and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="one small world and the small sets")
    parser.add_argument("--only", default="", metavar="NAME", help="sets whose name begins so")
    given = parser.parse_args()
    measured = everything(given.only, quick=given.quick)
    result = told(measured)
    if given.json:
        for more in ALSO if not given.only else ():
            result = {part: {**result[part], **found} for part, found in more(given.quick).items()}
        json.dump(result, sys.stdout, indent=1)
    else:
        show(measured, result)


if __name__ == "__main__":
    main()
