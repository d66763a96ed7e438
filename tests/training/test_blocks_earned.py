"""An optional block of features is kept where it surely helps forward in time, and dropped where it is noise."""

import numpy as np
import pytest

from features.catalogue import Catalogue
from tests.made_up import drawn, numbers, rows_of
from training.blocks import ENOUGH_WINS, unearned
from training.rows import Rows

OFFERED = numbers("size", kinds=("visit",), dated=True, blocks=("calendar", "touch"))
HOUR = OFFERED.place["arrival: hour"]


def world(catalogue: Catalogue, *, by_hour: float, count: int = 2_000, seed: int = 0) -> Rows:
    """Every column is drawn at random; the size says something, and the hour of arrival `by_hour` as much."""
    X = np.random.default_rng(seed).normal(0, 1, (count, len(catalogue.features)))
    return rows_of(X, drawn(X[:, 0] + by_hour * X[:, HOUR] - 1.0, seed + 1))


@pytest.mark.parametrize("seed", range(3))
def test_a_block_that_carries_a_signal_is_kept_and_one_of_noise_is_dropped(seed: int) -> None:
    assert unearned(OFFERED, world(OFFERED, by_hour=0.8, seed=seed), 0) == {"touch"}


def test_where_nothing_is_in_them_all_are_dropped() -> None:
    assert unearned(OFFERED, world(OFFERED, by_hour=0.0), 0) == {"calendar", "touch"}


def test_with_few_wins_no_block_can_earn_its_place() -> None:
    rows = world(OFFERED, by_hour=3.0, count=200)
    assert rows.wins < ENOUGH_WINS
    assert unearned(OFFERED, rows, 0) == {"calendar", "touch"}


def test_of_a_catalogue_without_blocks_nothing_is_dropped() -> None:
    plain = OFFERED.without({"calendar", "touch"})
    rows = world(OFFERED, by_hour=0.0)
    assert unearned(plain, rows_of(rows.X[:, OFFERED.kept_columns({"calendar", "touch"})], rows.won), 0) == set()


def test_the_columns_of_a_dropped_block_go_and_no_others() -> None:
    kept = [OFFERED.features[number].name for number in OFFERED.kept_columns({"touch"}).tolist()]
    assert kept == [feature.name for feature in OFFERED.without({"touch"}).features]
    assert "arrival: hour" in kept
