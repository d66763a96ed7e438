"""LightGBM's trees, walked without it: to the bit its scores, and its contributions at a fraction of their price."""

from typing import Any

import lightgbm
import numpy as np
import pytest

from features.history import Floats
from models.forest import parse
from models.forest_text import path_of, read
from models.lanes import FEW, MANY
from models.levels import NODE_COUNTS
from models.tree import TreeModel

FEATURES = 12


def rows(seed: int, n: int = 1_500) -> Floats:
    """Numbers with gaps, a wide and a narrow category, and a number that is mostly 0."""
    draws = np.random.default_rng(seed)
    X = draws.normal(size=(n, FEATURES))
    X[draws.random(X.shape) < 0.15] = np.nan
    X[:, 0], X[:, 1] = draws.integers(0, 70, n), draws.integers(0, 4, n)
    X[:, 2] = np.where(draws.random(n) < 0.6, 0.0, X[:, 2])
    return X


def grown(seed: int = 0, rounds: int = 40, **params: Any) -> lightgbm.Booster:
    X, draws = rows(seed), np.random.default_rng(seed)
    raw = np.nan_to_num(X[:, 3] * X[:, 4] + X[:, 5]) + 2.0 * (X[:, 0] % 7 == 3) + np.nan_to_num(np.abs(X[:, 2]))
    won = (draws.random(len(X)) < 1 / (1 + np.exp(-raw))).astype(float)
    data = lightgbm.Dataset(X, won, categorical_feature=[0, 1], params={"verbosity": -1})
    chosen = {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 3, "seed": seed, **params}
    return lightgbm.train(chosen, data, num_boost_round=rounds)


def odd(seed: int) -> Floats:
    """Rows that teach nothing: all missing, categories never seen, below zero or halves, infinities and zeros."""
    X = rows(seed + 100, 300)
    X[:10] = np.nan
    X[10:20, 0], X[20:30, 0], X[30:40, 1], X[40:50, 0] = -3, 1e6, 99, 2.5
    X[50:60, 3], X[60:70, 4], X[70:80, 2] = np.inf, -np.inf, 1e-40
    return X


KINDS: dict[str, dict[str, Any]] = {
    "small": {"num_leaves": 8},
    "deep": {"num_leaves": 63},
    "wide": {"num_leaves": 200, "min_data_in_leaf": 1},
    "narrow": {"num_leaves": 40, "max_depth": 4},
    "no missing": {"num_leaves": 16, "use_missing": False},
    "stumps": {"num_leaves": 2},
    "one hot": {"num_leaves": 16, "max_cat_to_onehot": 100},
    "weighted": {"num_leaves": 16, "scale_pos_weight": 3.0, "feature_fraction": 0.4},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [0, 1])
def test_scores_are_those_of_lightgbm_to_the_bit(kind: str, seed: int) -> None:
    booster = grown(seed, **KINDS[kind])
    X = odd(seed)
    assert (parse(booster.model_to_string()).raw(X) == booster.predict(X, raw_score=True, num_threads=1)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_contributions_are_those_of_lightgbm(kind: str) -> None:
    booster = grown(2, **KINDS[kind])
    X = odd(2)
    theirs = np.asarray(booster.predict(X, pred_contrib=True, num_threads=1))
    assert np.abs(parse(booster.model_to_string()).contributions(X) - theirs).max() < 1e-11


def test_contributions_add_up_to_the_score() -> None:
    forest = parse(grown(3, num_leaves=31).model_to_string())
    X = odd(3)
    assert np.abs(forest.contributions(X).sum(axis=1) - forest.raw(X)).max() < 1e-11


def test_a_lead_alone_gets_what_it_gets_among_others() -> None:
    forest = parse(grown(4, num_leaves=31).model_to_string())
    X = odd(4)
    alone = [(forest.raw(x[None])[0], forest.contributions(x[None])[0]) for x in X[:40]]
    assert [raw for raw, _ in alone] == forest.raw(X)[:40].tolist()
    assert (np.array([parts for _, parts in alone]) == forest.contributions(X)[:40]).all()


def test_long_paths_ask_for_more_nodes() -> None:
    short, long = (parse(grown(5, rounds=5, num_leaves=leaves).model_to_string()) for leaves in (3, 63))
    assert (short.width, long.width) == (FEW, MANY)
    assert all(count in (FEW, MANY) or count % MANY == 0 for count in NODE_COUNTS)


def test_ways_past_more_features_than_there_are_lanes_are_worked_off_in_several_goes() -> None:
    draws = np.random.default_rng(6)
    X = draws.random((4_000, 40))
    won = (X > 0.02).all(axis=1).astype(float) + 0.01 * draws.random(len(X))  # a flaw in any feature decides alone
    params = {"verbosity": -1, "num_threads": 1, "num_leaves": 40, "min_data_in_leaf": 1, "learning_rate": 0.5}
    booster = lightgbm.train(params, lightgbm.Dataset(X, won, params={"verbosity": -1}), 6)
    text = booster.model_to_string()
    longest = {path_of(read(block)).longest for block in text.split("\nTree=")[1:]}
    assert min(longest) <= 2 * MANY < 32 < max(longest)
    theirs = np.asarray(booster.predict(X[:200], pred_contrib=True, num_threads=1))
    forest = parse(text)
    ours = forest.contributions(X[:200])
    assert np.abs(ours.sum(axis=1) - forest.raw(X[:200])).max() < 1e-14
    assert np.abs(ours - theirs).max() < 1e-8  # theirs miss the score by 1e-7 on such ways


def test_trees_that_never_split_are_their_value() -> None:
    booster = grown(0, rounds=3, min_data_in_leaf=1_000)
    X = rows(1, 5)
    model = TreeModel(booster.model_to_string())
    assert (model.raw(X) == booster.predict(X, raw_score=True)).all()
    assert not model.contributions(X)[:, :-1].any()


@pytest.mark.parametrize(
    ("params", "cause"), [({"linear_tree": True}, "linear leaves"), ({"zero_as_missing": True}, "zero for missing")]
)
def test_trees_of_a_kind_that_is_not_walked_are_refused(params: dict[str, Any], cause: str) -> None:
    draws = np.random.default_rng(0)
    X, won = draws.normal(size=(300, 3)), draws.integers(0, 2, 300).astype(float)
    data = lightgbm.Dataset(X, won, params={"verbosity": -1, **params})
    booster = lightgbm.train({"objective": "binary", "verbosity": -1, "num_threads": 1, **params}, data, 3)
    with pytest.raises(ValueError, match=cause):
        parse(booster.model_to_string())


def test_no_rows_are_no_scores() -> None:
    forest = parse(grown(0, rounds=2).model_to_string())
    nobody = np.zeros((0, FEATURES))
    assert forest.raw(nobody).shape == (0,)
    assert forest.contributions(nobody).shape == (0, FEATURES + 1)
