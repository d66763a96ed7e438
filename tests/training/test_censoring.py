"""Open leads teach by their chances: without them the mean chance is too low, with them it is about right."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from features.history import Floats, Ints
from models.calibration import chance
from tests.made_up import numbers, rows_of
from training.candidates import fit_ridge
from training.censoring import pace, soften
from training.rows import Rows

SIZE = numbers("size", "noise")


def test_the_pace_of_ends_is_that_of_a_calculation_by_hand() -> None:
    """Aalen & Johansen (1978): six leads; one leaves the sight on day 2, one on day 5, while still open.

    Day 1: a loss among 6, 1/6. Day 2: a win among 5, 5/6 x 1/5 = 1/6. Day 3: a loss among 3, 2/3 x 1/3 = 2/9.
    Day 4: a win among 2, 4/9 x 1/2 = 2/9. Losses come to 7/18, wins to 7/18.
    """
    days = np.array([1.0, 2.0, 2.0, 3.0, 4.0, 5.0])
    won = np.array([0.0, 1.0, 0.0, 0.0, 1.0, 0.0])
    closed = np.array([True, True, False, True, True, False])
    found = pace(days, won, closed, no_steps(6))
    assert found.times.tolist() == [1, 2, 3, 4, 5]
    assert found.won * 7 / 18 == pytest.approx([0, 1 / 6, 1 / 6, 7 / 18, 7 / 18])
    assert found.other * 7 / 18 == pytest.approx([1 / 6, 1 / 6, 7 / 18, 7 / 18, 7 / 18])
    assert found.share == pytest.approx(0.5)


def test_without_open_leads_the_pace_is_how_many_were_in_by_then() -> None:
    found = pace(np.array([1.0, 2, 3, 4]), np.array([0.0, 1, 0, 1]), np.ones(4, dtype=bool), no_steps(4))
    late_wins, late_others = found.left(np.array([0.0, 1.0, 2.5, 9.0]))
    assert late_wins == pytest.approx([1, 1, 0.5, 0])
    assert late_others == pytest.approx([1, 0.5, 0.5, 0])
    assert found.share == pytest.approx(0.5)


@dataclass(frozen=True)
class World:
    """Leads that sales took up at some time: a row each as known today, and the true chances."""

    rows: Rows
    closed: NDArray[np.bool_]
    days: Floats
    truth: Floats
    steps: Floats

    def take(self, rows: Ints) -> "World":
        """Some of the leads."""
        return World(self.rows.take(rows), self.closed[rows], self.days[rows], self.truth[rows], self.steps[rows])


def no_steps(count: int) -> Floats:
    return np.full((count, 2), np.inf)


def world(count: int = 6_000, seed: int = 0) -> World:
    """Wins take forty days on average, losses ten; sales have been at it for ninety."""
    draws = np.random.default_rng(seed)
    X = draws.normal(0, 1, (count, 2))
    truth = chance(X[:, 0] - 1.0)
    won = (draws.random(count) < truth).astype(np.float64)
    takes = draws.exponential(np.where(won == 1, 40.0, 10.0))
    ago = np.sort(draws.uniform(0, 90, count))[::-1]
    closed = takes <= ago
    why = np.where(won == 1, "", draws.choice(["no_budget", "not_a_buyer"], count)).astype(object)
    rows = rows_of(X, np.where(closed, won, 0.0), reason=np.where(closed, why, "").astype(object))
    return World(rows, closed, np.where(closed, takes, ago), truth, no_steps(count))


WORLD = world()


def mean_chance(rows: Rows) -> float:
    """What a model that these rows teach says of all leads."""
    return float(chance(fit_ridge(SIZE, rows, 0.1).raw(WORLD.rows.X)).mean())


def softened(some: World = WORLD) -> Rows:
    return soften(SIZE, some.rows, some, 365.0)


def test_where_wins_take_longer_leads_that_are_closed_say_too_little() -> None:
    assert mean_chance(WORLD.rows.take(WORLD.closed)) < 0.85 * WORLD.truth.mean()


@pytest.mark.parametrize("seed", range(3))
def test_with_the_open_ones_the_mean_chance_is_within_a_few_percent_of_the_truth(seed: int) -> None:
    some = world(seed=seed)
    said = chance(fit_ridge(SIZE, softened(some), 0.1).raw(some.rows.X))
    assert said.mean() == pytest.approx(some.truth.mean(), rel=0.06)


def test_with_the_open_ones_single_chances_are_nearer_the_truth() -> None:
    one = chance(fit_ridge(SIZE, WORLD.rows.take(WORLD.closed), 0.1).raw(WORLD.rows.X))
    other = chance(fit_ridge(SIZE, softened(), 0.1).raw(WORLD.rows.X))
    assert np.abs(other - WORLD.truth).mean() < np.abs(one - WORLD.truth).mean() / 2


def test_the_two_rows_of_an_open_lead_weigh_what_it_weighed() -> None:
    rows = softened()
    both = np.bincount(rows.order.astype(np.int64), rows.weight, len(WORLD.closed))
    assert np.abs(both - 1).max() < 1e-5


def test_the_longer_a_lead_is_open_the_likelier_it_is_one_of_those_that_take_long() -> None:
    rows = softened()
    open_ = rows.take(np.flatnonzero(~WORLD.closed[rows.order.astype(np.int64)] & (rows.won == 1)))
    age = WORLD.days[open_.order.astype(np.int64)]
    alike = np.abs(open_.X[:, 0]) < 0.3
    young, old = (open_.weight[alike & (age < 10)].mean(), open_.weight[alike & (age > 30)].mean())
    assert old > young + 0.2


def test_closed_leads_stay_as_they_are() -> None:
    rows = softened()
    same, kept = rows.take(np.arange(int(WORLD.closed.sum()))), WORLD.rows.take(WORLD.closed)
    for name in ("X", "won", "weight", "reason", "order"):
        assert (getattr(same, name) == getattr(kept, name)).all(), name


def test_without_open_leads_nothing_changes() -> None:
    every = np.ones(len(WORLD.closed), dtype=bool)
    rows = softened(replace(WORLD, closed=every))
    assert (rows.weight.tobytes(), rows.won.tobytes()) == (WORLD.rows.weight.tobytes(), WORLD.rows.won.tobytes())


def test_an_open_lead_is_lost_for_a_reason_of_those_that_take_as_long() -> None:
    rows = softened()
    open_ = ~WORLD.closed[rows.order.astype(np.int64)]
    assert set(rows.reason[open_ & (rows.won == 0)].tolist()) == {"no_budget", "not_a_buyer"}
    assert set(rows.reason[open_ & (rows.won == 1)].tolist()) == {""}


def test_open_leads_of_which_no_time_is_known_teach_nothing() -> None:
    rows = softened(replace(WORLD, days=np.where(WORLD.closed, WORLD.days, np.nan)))
    assert len(rows.won) == WORLD.closed.sum()


def test_with_hardly_a_win_nobody_can_say_what_an_open_leads_age_means() -> None:
    few = np.flatnonzero(~WORLD.closed | (WORLD.rows.won == 0) | (np.cumsum(WORLD.closed & (WORLD.rows.won == 1)) < 5))
    rows = softened(WORLD.take(few))
    assert len(rows.won) == WORLD.closed[few].sum()


def test_the_order_of_the_rows_plays_no_part() -> None:
    shuffle = np.random.default_rng(9).permutation(len(WORLD.closed))
    one = softened()
    other = softened(WORLD.take(shuffle))
    sides = (one, other)
    by_lead = [rows.take(np.lexsort((rows.won, rows.order))) for rows in sides]
    assert by_lead[0].order.tolist() == by_lead[1].order.tolist()
    assert np.abs(by_lead[0].weight - by_lead[1].weight).max() < 1e-3


def qualified(of_wins: float, of_others: float) -> World:
    """The same leads; sales qualified these shares of those that will be won, and of the others, within two days."""
    draws = np.random.default_rng(5)
    later = draws.random(len(WORLD.truth)) < WORLD.truth * 4.0 / (1.0 + 3.0 * WORLD.truth)  # slow ones are mostly wins
    wins = np.where(WORLD.closed, WORLD.rows.won == 1, later)
    taken = draws.random(len(wins)) < np.where(wins, of_wins, of_others)
    steps = no_steps(len(wins))
    steps[taken, 0] = draws.uniform(0.0, 2.0, int(taken.sum()))
    return replace(WORLD, steps=steps)


def weight_as_won(some: World) -> Floats:
    """Of each lead, 0 where it does not teach as won."""
    rows = softened(some)
    won = rows.won == 1
    return np.bincount(rows.order[won].astype(np.int64), rows.weight[won], len(some.closed)).astype(np.float64)


def test_an_open_lead_that_sales_qualified_looks_like_a_win_where_wins_are_qualified() -> None:
    some = qualified(0.95, 0.3)
    old = ~some.closed & (some.days > 5) & (some.days < 20)
    found, unseen = weight_as_won(some), weight_as_won(WORLD)
    far, near = old & np.isfinite(some.steps[:, 0]), old & np.isinf(some.steps[:, 0])
    assert found[far].mean() > unseen[far].mean() + 0.05
    assert found[near].mean() < unseen[near].mean() - 0.2


def test_where_as_many_of_those_that_are_lost_are_qualified_it_says_nothing() -> None:
    some = qualified(0.5, 0.5)
    open_ = ~some.closed & (some.days > 5)
    found, unseen = weight_as_won(some), weight_as_won(WORLD)
    assert np.abs(found[open_] - unseen[open_]).mean() < 0.05


def test_the_shares_of_stages_are_those_of_the_leads_that_lasted_by_hand() -> None:
    days, won = np.array([1.0, 4.0, 4.0, 1.0, 4.0]), np.array([1.0, 1.0, 1.0, 0.0, 0.0])
    steps = np.array([[0.5], [0.5], [np.inf], [0.5], [np.inf]])
    found = pace(days, won, np.ones(5, dtype=bool), steps)
    late_win, late_other = found.left_at(np.array([2.0, 2.0]), np.array([[1.0], [np.inf]]))
    # of the two wins that took longer than two days one was qualified; of both ends, one of three; two leads hold it
    assert late_win == pytest.approx(found.left(np.array([2.0]))[0] * np.array([1 + 2 / 3, 1 + 4 / 3]) / 4)
    assert late_other == pytest.approx(found.left(np.array([2.0]))[1] * np.array([0 + 2 / 3, 1 + 4 / 3]) / 3)
