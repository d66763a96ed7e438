"""The ladder climbs as high as the leads let it and no higher, the same way every time."""

from dataclasses import replace

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.history import Floats
from models.joint import JointModel
from models.linear import Beyond
from models.outcome import Blend
from models.tree import TreeModel
from tests.made_up import drawn, numbers, rows_of
from training.candidates import TREES, fit_ridge, fit_trees
from training.fit import fit_outcome
from training.ladder import BLEND, LINEAR, NAIVE, PRIOR, RUNGS, SMALL, TUNED, Climb, climb, fit_win, forward_pairs
from training.rows import Recipe, Rows

FIVE = numbers("a", "b", "c", "d", "e")


def measured(count: int, seed: int) -> Floats:
    """Five numbers a lead."""
    return np.random.default_rng(seed).normal(0, 1, (count, 5))


def linear_world(count: int = 2_000, seed: int = 0) -> Rows:
    """Each number adds its part to the log-odds."""
    X = measured(count, seed)
    return rows_of(X, drawn(X @ np.array([1.0, -0.7, 0.5, 0.3, 0.0]) - 1.0, seed + 1))


def crossed_world(count: int = 4_000, seed: int = 0) -> Rows:
    """Won where two numbers have the same sign, so that neither says anything alone."""
    X = measured(count, seed)
    return rows_of(X, drawn(np.where(X[:, 0] * X[:, 1] > 0, 2.0, -2.0), seed + 1))


@pytest.mark.parametrize("seed", range(4))
def test_where_there_is_nothing_to_learn_the_prior_wins(seed: int) -> None:
    rows = rows_of(measured(1_500, seed), drawn(np.full(1_500, -1.0), 50 + seed))
    recipe, up = climb(FIVE, rows, seed=0, trials=0)
    assert recipe.rung == PRIOR
    assert min(up.mean(name) for name in up.raw) > up.mean(PRIOR) - 0.005


def test_of_a_linear_truth_the_logistic_rung_learns_most() -> None:
    recipe, up = climb(FIVE, linear_world(), seed=0, trials=0)
    assert recipe.rung == LINEAR
    assert up.mean(LINEAR) < up.mean(SMALL)


def test_of_a_truth_of_interactions_alone_trees_learn_most() -> None:
    recipe, up = climb(FIVE, crossed_world(), seed=0, trials=0)
    assert recipe.rung in (SMALL, TUNED)
    assert up.mean(recipe.rung) < up.mean(LINEAR) - 0.1


def test_a_step_that_is_not_surely_better_is_not_taken() -> None:
    up = Climb(FIVE, rows := linear_world(600), 0, forward_pairs(rows.won, rows.order))
    better, jitter = np.zeros(600), np.random.default_rng(0).normal(0, 1.0, 600)
    up.raw = {"low": better, "a hair": better + 0.01 * (rows.won - 0.5) + 0.2 * jitter, "high": rows.won - 0.5}
    assert not up.beats("a hair", "low")
    assert up.beats("high", "low")


def test_the_rung_taken_is_surely_better_than_each_below_that_was_left() -> None:
    for rows in (linear_world(), crossed_world()):
        recipe, up = climb(FIVE, rows, seed=0, trials=0)
        below = [name for name in RUNGS[: RUNGS.index(recipe.rung)] if name in up.raw]
        assert all(up.beats(recipe.rung, name) for name in (PRIOR, NAIVE) if name in below)


def test_every_prediction_is_of_the_future_of_what_taught_it() -> None:
    rows = linear_world(800)
    for before, after in forward_pairs(rows.won, rows.order):
        assert rows.order[before].max() < rows.order[after].min()


def test_all_won_or_all_lost_is_the_prior() -> None:
    rows = rows_of(measured(300, 0), np.ones(300))
    assert climb(FIVE, rows, seed=0, trials=0)[0] == Recipe(PRIOR)


@pytest.mark.parametrize("rung", RUNGS)
def test_the_same_seed_gives_the_same_model_to_the_bit(rung: str) -> None:
    rows, recipe = linear_world(800), Recipe(rung, penalty=0.1, trees={"num_leaves": 5, "rounds": 40})
    one, other = (fit_win(FIVE, rows, recipe, seed=3).raw(rows.X) for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_the_same_seed_climbs_to_the_same_model_and_the_same_figures() -> None:
    one, other = (fit_outcome(FIVE, crossed_world(1_500), 7, trials=0) for _ in range(2))
    assert (one.recipe, one.losses, one.calibrated_by) == (other.recipe, other.losses, other.calibrated_by)
    assert one.model.p_win(measured(200, 9)).tobytes() == other.model.p_win(measured(200, 9)).tobytes()


def told(count: int = 3_000) -> Rows:
    """Two reasons that were written down, each with a number of its own."""
    X = measured(count, 0)
    odds = np.exp(np.stack([np.zeros(count), 2.0 * X[:, 0], -2.0 * X[:, 1]], axis=1))
    share = np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)
    end = (np.random.default_rng(1).random(count)[:, None] > share).sum(axis=1)
    reason = np.array(["", "not_a_buyer", "no_budget"], dtype=object)[end]
    return rows_of(X, (end == 0).astype(np.float64), reason=reason)


def test_reasons_that_say_different_things_teach_the_win() -> None:
    rows = told()
    recipe, up = climb(FIVE, rows, seed=0, trials=0)
    assert recipe.joint > 0
    assert up.mean("with reasons") < up.mean("without reasons")
    parts = fit_win(FIVE, rows, replace(recipe, rung=LINEAR, alone=True), 0)
    assert isinstance(parts, JointModel)


def test_without_reasons_nothing_is_learned_from_them() -> None:
    assert climb(FIVE, linear_world(), seed=0, trials=0)[0].joint == 0


# Trees know nothing beyond the longest silence they saw.

SILENCE = numbers("size", kinds=("visit",), dated=True)
WAIT = SILENCE.place["visit: days since"]


def silent(count: int = 3_000) -> Rows:
    """The longer nothing was heard of a lead, up to a hundred days, the smaller its chance."""
    draws = np.random.default_rng(0)
    X = np.zeros((count, len(SILENCE.features)))
    X[:, 0], X[:, WAIT] = draws.normal(0, 1, count), draws.uniform(0, 100, count)
    return rows_of(X, drawn(0.5 * X[:, 0] - 0.8 * (np.log1p(X[:, WAIT]) - 2.5), 1))


def waiting(*days: float) -> Floats:
    """A lead that has been silent for so long."""
    X = np.zeros((len(days), len(SILENCE.features)))
    X[:, WAIT] = days
    return X


@pytest.fixture(scope="module")
def trees_and_beyond() -> tuple[TreeModel, Beyond]:
    """What the small rung is made of."""
    model = fit_win(SILENCE, silent(), Recipe(SMALL), 0)
    assert isinstance(model, Blend)
    trees, more = model.parts
    assert isinstance(trees, TreeModel)
    assert isinstance(more, Beyond)
    return trees, more


def test_trees_alone_say_the_same_of_any_silence_longer_than_they_saw(
    trees_and_beyond: tuple[TreeModel, Beyond],
) -> None:
    assert np.ptp(trees_and_beyond[0].raw(waiting(101, 200, 400, 1_000))) == 0


def test_with_what_lies_beyond_the_chance_falls_on(trees_and_beyond: tuple[TreeModel, Beyond]) -> None:
    trees, more = trees_and_beyond
    raw = Blend((trees, more), (1.0, 1.0)).raw(waiting(100, 200, 400, 1_000))
    assert (np.diff(raw) < -0.1).all()


def test_within_what_was_seen_nothing_changes(trees_and_beyond: tuple[TreeModel, Beyond]) -> None:
    _, more = trees_and_beyond
    rows = silent()
    inner = rows.X[rows.X[:, WAIT] < np.quantile(rows.X[:, WAIT], 0.98)]
    assert (more.raw(inner) == 0).all()
    assert (more.contributions(inner) == 0).all()


def test_what_lies_beyond_is_told_as_the_silence_and_adds_up(trees_and_beyond: tuple[TreeModel, Beyond]) -> None:
    _, more = trees_and_beyond
    parts = more.contributions(waiting(500))
    assert parts.sum() == pytest.approx(more.raw(waiting(500))[0])
    assert parts[0, WAIT] == pytest.approx(parts.sum())


def test_a_lead_of_whom_nothing_is_known_is_not_beyond_anything(trees_and_beyond: tuple[TreeModel, Beyond]) -> None:
    nobody = np.full((1, len(SILENCE.features)), np.nan)
    assert trees_and_beyond[1].raw(nobody).tolist() == [0.0]


def test_a_blend_weighs_its_parts_as_it_was_tested() -> None:
    rows = told(1_200)
    model = fit_win(FIVE, rows, Recipe(BLEND, penalty=0.1), 0)
    trees, ridge = fit_trees(FIVE, rows, 0), fit_ridge(FIVE, rows, 0.1)
    assert np.abs(model.raw(rows.X) - (trees.raw(rows.X) + ridge.raw(rows.X)) / 2).max() < 1e-9


def test_a_step_down_to_fewer_leaves_is_a_parameter_like_any_other() -> None:
    rows = crossed_world(1_000)
    stump = fit_trees(FIVE, rows, 0, {"num_leaves": 2, "rounds": 5})
    assert stump.text.count("num_leaves=2") == 5
    assert TREES["num_leaves"] == 8


def catalogue_of_nothing() -> Catalogue:
    return Catalogue((), (), dated=False)


def test_leads_without_a_single_feature_have_the_share_of_wins() -> None:
    won = drawn(np.full(400, -1.0), 0)
    fitted = fit_win(catalogue_of_nothing(), rows_of(np.empty((400, 0)), won), Recipe(PRIOR), 0)
    assert fitted.raw(np.empty((1, 0)))[0] == pytest.approx(np.log(won.sum() / (400 - won.sum())), abs=0.01)


def test_a_kind_of_event_is_not_believed_once_a_column() -> None:
    """Five columns that say what one number says: a ridge that took each for a fact would believe them five to one."""
    some = numbers("size", kinds=("visit",))
    place = {feature.name: i for i, feature in enumerate(some.features)}
    told = np.random.default_rng(0).normal(0, 1, 400)
    X = np.zeros((400, len(some.features)))
    X[:, [i for name, i in place.items() if name == "size" or name.startswith("visit:")]] = told[:, None]
    parts = np.abs(fit_ridge(some, rows_of(X, drawn(told, 1)), 0.01).contributions(X)[:, :-1]).sum(axis=0)
    of_visits = sum(parts[i] for name, i in place.items() if name.startswith("visit:"))
    assert 0 < of_visits < parts[place["size"]]
