"""Splits by time: the newest leads judge, an account is on one side only, folds go forward."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.history import History, build
from leadloop.clock import DAY
from tests.checks import T0, everyone, lead
from training.dataset import order_of
from training.split import Split, folds, forward


def history_of(count: int, accounts: dict[int, str] | None = None, *, dated: bool = True) -> History:
    """Leads that came in against the order of their ids, a day apart."""
    known = accounts or {}
    return build(
        [
            lead(f"{i:03d}", T0 + (count - i) * DAY if dated else None, known.get(i), float(count - i))
            for i in range(count)
        ],
        [],
    )


def split_of(history: History, share: float = 0.3) -> Split:
    return forward(history, everyone(len(history)), order_of(history), share, 0)


@pytest.mark.parametrize(("dated", "kind"), [(True, "time"), (False, "order")])
def test_the_newest_three_in_ten_judge(dated: bool, kind: str) -> None:
    split = split_of(history_of(100, dated=dated))
    assert (split.kind, split.notes) == (kind, ())
    assert (split.train.tolist(), split.test.tolist()) == (list(range(99, 29, -1)), list(range(29, -1, -1)))


def test_without_date_and_order_the_split_is_random_and_says_so() -> None:
    history = build([lead(f"{i:03d}", None) for i in range(100)], [])
    split = split_of(history)
    assert (split.kind, len(split.test)) == ("random", 30)
    assert "at random" in split.notes[0]


def test_a_random_split_is_the_same_every_time() -> None:
    history = build([lead(f"{i:03d}", None) for i in range(100)], [])
    assert split_of(history).test.tolist() == split_of(history).test.tolist()


def test_one_lead_without_an_order_makes_the_split_random() -> None:
    rows = [lead(f"{i:03d}", None, position=float(i)) for i in range(50)]
    assert split_of(build([*rows, lead("x", None)], [])).kind == "random"


def test_an_account_is_never_on_both_sides() -> None:
    history = history_of(100, {0: "acme", 50: "acme", 99: "acme", 70: "else", 71: "else"})
    split = split_of(history)
    assert {50, 99} & set(split.train.tolist()) == set()
    assert {70, 71} < set(split.train.tolist())


def test_leads_without_an_account_stay() -> None:
    assert len(split_of(history_of(100)).train) == 70


def test_accounts_stay_with_a_note_where_too_few_leads_would_be_left() -> None:
    split = split_of(history_of(100, dict.fromkeys(range(100), "acme")))
    assert len(split.train) == 70
    assert "too few would be left" in split.notes[0]


orders = st.lists(st.integers(0, 40), min_size=1, max_size=80).map(lambda o: np.array(o, dtype=np.float64))
quickly = settings(derandomize=True, deadline=None, max_examples=100)


@quickly
@given(orders)
def test_a_fold_is_predicted_from_what_came_before_alone(order: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> None:
    assert all(order[train].max() < order[test].min() for train, test in folds(order))


@quickly
@given(orders)
def test_no_row_is_predicted_twice(order: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> None:
    tested = [row for _, test in folds(order) for row in test.tolist()]
    assert len(tested) == len(set(tested))


def test_each_fold_learns_from_all_that_came_before() -> None:
    pairs = folds(np.arange(100.0))
    assert [len(test) for _, test in pairs] == [20, 20, 20, 20]
    assert [len(train) for train, _ in pairs] == [20, 40, 60, 80]


def test_moments_of_one_lead_are_in_one_fold() -> None:
    order = np.repeat(np.arange(30.0), 4)
    assert all(set(order[train]).isdisjoint(order[test]) for train, test in folds(order))
