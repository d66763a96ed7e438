"""How fast a chance falls while a lead waits: found where leads show it, a prior where not, and never a rise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.history import Floats
from models.decay import Decay
from tests.made_up import drawn, numbers, rows_of
from training.decay import FEW, POWERS, SCALES_DAYS, fit_decay
from training.rows import Rows

SIZE = numbers("size")
DAYS = np.array([0.0, 0.5, 1.0, 3.0, 10.0, 60.0])


def world(decay: Decay, *, count: int = 6_000, by_size: float = 0.0, seed: int = 0) -> tuple[Rows, Floats]:
    """Leads of different sizes and their waits in days; `by_size`: how much sooner the big ones are called."""
    draws = np.random.default_rng(seed)
    size = draws.normal(0, 1, count)
    wait = np.exp(draws.normal(0, 1.5, count) - by_size * size)
    log_odds = 1.2 * size - 0.5 + np.log(decay.left(wait))
    return rows_of(size[:, None], drawn(log_odds, seed + 1)), wait


@given(st.sampled_from(SCALES_DAYS), st.sampled_from(POWERS), st.floats(0, 400), st.floats(0, 400))
def test_no_decay_that_can_be_learned_ever_rises(scale: float, power: float, one: float, other: float) -> None:
    sooner, later = Decay(scale, power).left(np.sort([one, other]))
    assert 1.0 >= sooner >= later > 0


def test_later_contacts_that_were_won_more_often_are_not_believed() -> None:
    rows, wait = world(Decay(1.0, 0.0))
    rising = drawn(0.8 * np.log1p(wait) - 1.5, 7)
    found = fit_decay(SIZE, rows_of(rows.X, rising), wait)
    assert found.power >= 0
    assert (np.diff(found.left(DAYS)) <= 0).all()
    assert found.left(np.array([10.0]))[0] > 0.9


def test_few_wins_leave_the_prior() -> None:
    rows, wait = world(Decay(0.5, 1.5), count=60)
    assert rows.wins < FEW
    assert fit_decay(SIZE, rows, wait) == Decay()


def test_waits_that_are_all_alike_or_unknown_leave_the_prior() -> None:
    rows, wait = world(Decay(0.5, 1.5))
    assert fit_decay(SIZE, rows, np.full_like(wait, 2.0)) == Decay()
    assert fit_decay(SIZE, rows, np.full_like(wait, np.nan)) == Decay()


@pytest.mark.parametrize("truth", [Decay(1.0, 0.0), Decay(1.0, 0.35), Decay(0.5, 1.0)], ids=["none", "slow", "steep"])
def test_the_decay_that_was_simulated_is_found(truth: Decay) -> None:
    found = fit_decay(SIZE, *world(truth))
    assert found.left(DAYS) == pytest.approx(truth.left(DAYS), abs=0.12)


def test_better_leads_called_sooner_are_not_taken_for_a_decay() -> None:
    found = fit_decay(SIZE, *world(Decay(1.0, 0.0), by_size=1.0))
    assert found.left(np.array([3.0]))[0] > 0.85


def test_worse_leads_called_sooner_do_not_hide_a_decay() -> None:
    found = fit_decay(SIZE, *world(Decay(0.5, 1.0), by_size=-1.0))
    assert found.left(np.array([3.0]))[0] < 0.4  # 0.14 in truth, 0.61 by the prior


def test_what_tells_the_time_does_not_explain_the_wait_away() -> None:
    timed = numbers("size", kinds=("visit",), dated=True)
    truth = Decay(0.5, 1.0)
    rows, wait = world(truth)
    X = np.zeros((len(wait), len(timed.features)))
    X[:, 0], X[:, timed.place["visit: days since"]] = rows.X[:, 0], wait
    X[:, timed.place["lead age"]] = wait
    found = fit_decay(timed, rows_of(X, rows.won), wait)
    assert found.left(DAYS) == pytest.approx(truth.left(DAYS), abs=0.15)
