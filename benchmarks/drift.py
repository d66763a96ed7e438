"""Drift on made-up leads: how often nothing is taken for something, and how often something is found; beside the rule
of thumb (an index over 0.25 is an alarm, whatever the sample), on the same leads.

    python -m benchmarks.drift [--json] [--looks N]
"""

import argparse
import json
import sys
from collections.abc import Callable

import numpy as np

from features.catalogue import Catalogue
from features.history import Floats
from features.profile import Attribute
from leadloop import console
from models.drift import PSI, compare
from models.drift_reference import Reference

SOURCES = ("web", "fair", "partner", "ads", "referral", "mail")
SHARES = (0.4, 0.25, 0.15, 0.1, 0.06, 0.04)
NUMBERS = 40
CATALOGUE = Catalogue(
    (Attribute("source", "category", SOURCES), *(Attribute(f"n{i}", "number") for i in range(NUMBERS))), (), dated=False
)
TRAINED, SIZES = 1_000, (100, 300, 1_000)
Change = Callable[[Floats, np.random.Generator], None]


def company(draws: np.random.Generator, leads: int) -> Floats:
    """Leads of a company in which nothing changes: counts, flags and amounts, a fifth of them missing, and a source."""
    X = np.empty((leads, 1 + NUMBERS))
    X[:, 0] = draws.choice(len(SOURCES), leads, p=SHARES)
    X[:, 1:16] = draws.poisson(draws.gamma(0.7, 2.0, (leads, 15)))
    X[:, 16:28] = draws.random((leads, 12)) < np.linspace(0.02, 0.98, 12)
    X[:, 28:] = draws.lognormal(0, 2, (leads, NUMBERS - 27))
    X[:, 20:][draws.random((leads, NUMBERS - 19)) < 0.2] = np.nan
    return X


def _new_source(X: Floats, draws: np.random.Generator) -> None:
    X[draws.random(len(X)) < 0.1, 0] = len(SOURCES)


def _closed(X: Floats, _: np.random.Generator) -> None:
    X[X[:, 0] == 2, 0] = 0.0


def _larger(X: Floats, _: np.random.Generator) -> None:
    X[:, 30] *= 8


def _forgotten(X: Floats, draws: np.random.Generator) -> None:
    X[draws.random(len(X)) < 0.25, 25] = np.nan


CHANGES: dict[str, tuple[str, Change]] = {
    "a source of 10 % appears": ("source", _new_source),
    "a source of 15 % closes": ("source", _closed),
    "a number is 8 times as large": ("n29", _larger),
    "a quarter of a number is missing": ("n24", _forgotten),
}


def thumb(reference: Reference, X: Floats) -> list[float]:
    """The plain index of each column, as everybody computes it."""
    found = []
    for shape, x in zip(reference.columns, X.T, strict=True):
        pair = np.stack([np.array(shape.counts), shape.count(x)]).astype(np.float64)
        share = np.maximum(pair / pair.sum(axis=1, keepdims=True), 1e-4)
        found.append(float(np.sum((share[1] - share[0]) * np.log(share[1] / share[0]))))
    return found


def look(seed: int, leads: int, change: Change | None) -> tuple[set[str], set[str]]:
    """The facts that are told of, by us and by the rule of thumb."""
    draws = np.random.default_rng(seed)
    then, today = company(draws, TRAINED), company(draws, leads)
    if change:
        change(today, draws)
    reference = Reference.learn(CATALOGUE, then, np.full(TRAINED, 0.1), None)
    strangers = {"source": {"podcast": int((today[:, 0] == len(SOURCES)).sum())}}
    found = compare(reference, today, CATALOGUE, strangers=strangers)
    names = [feature.source for feature in CATALOGUE.features]
    over = {name for name, psi in zip(names, thumb(reference, today), strict=True) if psi > PSI[1]}
    return {moved.source for moved in found.features if moved.level == "alarm" or moved.values}, over


def measure(looks: int) -> dict[str, dict[str, float]]:
    """Shares of looks, by size of the sample."""
    ours, peers = dict[str, float](), dict[str, float]()
    for leads in SIZES:
        told = [look(seed, leads, None) for seed in range(looks)]
        for into, which in ((ours, 0), (peers, 1)):
            into[f"nothing moved, {leads} leads: looks with an alarm"] = float(np.mean([bool(t[which]) for t in told]))
        for name, (source, change) in CHANGES.items():
            told = [look(seed, leads, change) for seed in range(looks)]
            for into, which in ((ours, 0), (peers, 1)):
                into[f"{name}, {leads} leads: found"] = float(np.mean([source in t[which] for t in told]))
    return {"figures": ours, "peers": peers, "ratios": {}}


def main() -> None:
    """Print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--looks", type=int, default=200)
    given = parser.parse_args()
    found = measure(given.looks)
    if given.json:
        json.dump(found, sys.stdout, indent=1)
        return
    rows = [(name, value, found["peers"][name]) for name, value in found["figures"].items()]
    console.print_table("Shares of looks", ("", "leadloop", "index > 0.25"), rows, ("leadloop", "index > 0.25"))


if __name__ == "__main__":
    main()
