"""A trained model to look at, every candidate fitted, and a registry of its own to switch versions in."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.history import Floats, History, Ints, read
from leadloop.settings import Settings
from models import registry
from models.bundle import Bundle
from models.judging import Scores
from models.outcome import WinModel
from serving.scorer import existing, when
from tests.support import Loop
from training.ladder import RUNGS, fit_win
from training.rows import Recipe, Rows


@dataclass(frozen=True)
class Looked:
    """The champion of the made-up company, and what it says of everybody today."""

    bundle: Bundle
    history: History
    leads: Ints
    as_of: Ints
    scores: Scores


@pytest.fixture(scope="session")
def looked(loop: Loop) -> Looked:
    bundle = registry.load(loop.settings).bundle
    history = read(loop.ledger, blocks=bundle.catalogue.read_apart)
    now = when(loop.ledger, None)
    leads = existing(history, now)
    as_of = np.full(len(leads), now)
    win = _fitted(bundle.catalogue, bundle.score(history, leads, as_of).X)["blend"]
    bundle = replace(bundle, outcome=replace(bundle.outcome, win=win))  # every kind of part, whichever candidate won
    return Looked(bundle, history, leads, as_of, bundle.score(history, leads, as_of))


@pytest.fixture(scope="session")
def bundle(looked: Looked) -> Bundle:
    return looked.bundle


@pytest.fixture(scope="session")
def candidates(looked: Looked) -> dict[str, WinModel]:
    """Each candidate by its name, fitted on made-up outcomes of the company's leads."""
    return _fitted(looked.bundle.catalogue, looked.scores.X)


def _fitted(catalogue: Catalogue, X: Floats) -> dict[str, WinModel]:
    draws = np.random.default_rng(0)
    counted = [feature.name for feature in catalogue.features].index("events: count")
    won = (draws.random(len(X)) < np.where(np.nan_to_num(X[:, counted]) > 6, 0.6, 0.2)).astype(np.float64)
    why = np.where(won == 1, "", draws.choice(["no_budget", "not_a_buyer", ""], len(X))).astype(object)
    rows = Rows(X, won, np.ones(len(X)), why, np.arange(len(X), dtype=np.float64))
    recipes = {rung: Recipe(rung, joint=0.1) for rung in RUNGS}
    recipes |= {"joint": Recipe("logistic", joint=0.1, alone=True), "both": Recipe("logistic", joint=0.1)}
    return {name: fit_win(catalogue, rows, recipe, 0) for name, recipe in recipes.items()}


@pytest.fixture(scope="session")
def some(looked: Looked) -> Floats:
    """Features of fifty leads, and of one of whom nothing is known."""
    X: Floats = looked.scores.X[:: len(looked.scores.X) // 50]
    return np.concatenate([X, np.full((1, X.shape[1]), np.nan)])


@pytest.fixture(scope="session")
def registered(looked: Looked, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Two versions in a registry of its own: 1 was the champion, 2 is; 1 is of when importances were not kept."""
    settings = Settings(home=tmp_path_factory.mktemp("registry"))
    for horizon in (90, 180):
        other = replace(looked.bundle, facts={"horizon_days": horizon})
        run: dict[str, dict[str, object]] = {"params": {"horizon_days": horizon}, "tags": {"verdict": "activate"}}
        matters = None if horizon == 90 else {"facts": [{"feature": "source"}]}
        version = registry.register(
            settings, other, {"metrics": {"roc_auc": 0.7, "brier": None}}, run, importances=matters
        )
        registry.promote(settings, version)
    return settings


def edited(folder: Path, name: str, **changes: object) -> None:
    """Change entries of a JSON file."""
    path = folder / name
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
