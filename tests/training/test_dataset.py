"""Moments of leads: never after the first touch, only of ripe leads, each lead weighing one."""

import numpy as np
import pytest

from features.history import ALWAYS, NEVER, History, Ints, build, read
from leadloop.clock import DAY
from leadloop.store import outcomes
from leadloop.store.leads import StoredLead
from tests.checks import T0, event, everyone, lead
from tests.support import Loop
from tests.training.test_labels import outcome
from training.dataset import arrival, order_of, ripe, to_judge, to_teach
from training.labels import UNKNOWN, WON, Labels, label

HORIZON = 180.0
OLD = [f"o{i:02d}" for i in range(20)]


def company(*young: str) -> History:
    """Twenty leads of the first day; young ones of day 20; events of each."""
    rows = [lead(name) for name in OLD] + [lead(name, T0 + 20 * DAY) for name in young]
    return build(rows, [event("view", T0 + DAY, lead_id=OLD[0])])


def won_after_ten_days() -> list[tuple[str, str, float]]:
    return [(name, "won", 10 + i / 100) for i, name in enumerate(OLD)]


def labels_of(history: History, closed: list[tuple[str, str, float]]) -> Labels:
    return label(history, [outcome(stage, day, lead_id=name) for name, stage, day in closed], {})


def test_a_young_lead_that_closed_already_is_not_taught() -> None:
    history = company("quick")
    labels = labels_of(history, [*won_after_ten_days(), ("quick", "lost", 21)])
    taught = {history.lead_ids[i] for i in np.flatnonzero(ripe(history, labels, T0 + 25 * DAY, HORIZON))}
    assert taught == set(OLD)


def test_a_lead_ripens_when_it_is_as_old_as_nine_wins_in_ten_were() -> None:
    history = company("quick")
    labels = labels_of(history, [*won_after_ten_days(), ("quick", "lost", 21)])
    days = [ripe(history, labels, T0 + day * DAY, HORIZON)[-1] for day in (30, 31)]
    assert days == [False, True]


def test_the_horizon_is_the_longest_that_ripening_takes() -> None:
    history = company("quick")
    labels = labels_of(history, [*won_after_ten_days(), ("quick", "lost", 21)])
    assert ripe(history, labels, T0 + 25 * DAY, 5.0)[-1]


def test_an_open_lead_is_never_ripe() -> None:
    history = company("open")
    labels = labels_of(history, [*won_after_ten_days(), ("open", "contacted", 21)])
    assert not ripe(history, labels, T0 + 999 * DAY, HORIZON)[-1]


def test_in_an_undated_export_every_known_lead_is_ripe() -> None:
    history = build([lead("a", None), lead("b", None)], [])
    labels = label(history, [outcome("lost", None)], {})
    assert ripe(history, labels, int(NEVER), HORIZON).tolist() == [True, False]


@pytest.fixture(scope="module")
def taught(loop: Loop) -> tuple[History, Labels, Ints]:
    history = read(loop.ledger)
    with loop.ledger.reading() as connection:
        labels = label(history, outcomes.read(connection), {})
    return history, labels, np.flatnonzero(labels.known)


def test_no_moment_is_after_the_first_touch(taught: tuple[History, Labels, Ints]) -> None:
    history, labels, leads = taught
    data = to_teach(history, labels, leads, HORIZON)
    touched = (labels.touched_at[data.lead] > arrival(history)[data.lead]) & (labels.touched_at[data.lead] != NEVER)
    assert (data.as_of[touched] < labels.touched_at[data.lead][touched]).all()
    assert touched.mean() > 0.9


def test_no_moment_is_before_the_lead_was_on_record(taught: tuple[History, Labels, Ints]) -> None:
    history, labels, leads = taught
    data = to_teach(history, labels, leads, HORIZON)
    assert (data.as_of >= arrival(history)[data.lead]).all()


def test_a_scorecards_moment_is_strictly_before_the_first_outcome(taught: tuple[History, Labels, Ints]) -> None:
    history, labels, leads = taught
    data, seen = to_judge(history, labels, leads, HORIZON), arrival(history)[leads] < labels.worked_at[leads]
    assert (data.as_of[seen] < labels.worked_at[leads][seen]).all()
    assert seen.mean() > 0.9


def test_one_moment_a_lead_judges(taught: tuple[History, Labels, Ints]) -> None:
    history, labels, leads = taught
    assert to_judge(history, labels, leads, HORIZON).lead.tolist() == leads.tolist()


def test_a_dataset_is_named_by_its_rows(taught: tuple[History, Labels, Ints]) -> None:
    history, labels, leads = taught
    hashes = [to_teach(history, labels, some, HORIZON).hash for some in (leads, leads, leads[1:])]
    assert hashes[0] == hashes[1] != hashes[2]


def test_where_only_closings_are_recorded_a_lead_teaches_at_each_age_it_was_open_at() -> None:
    history = company()
    labels = labels_of(history, won_after_ten_days())
    data = to_teach(history, labels, everyone(20), HORIZON)
    ages = ((data.as_of - T0) / DAY)[data.lead == 3].tolist()
    assert (labels.touches_recorded, ages) == (False, [0, 1, 3, 7])


def test_a_lead_that_closed_on_arrival_teaches_once() -> None:
    history = company()
    labels = labels_of(history, [(name, "won", i / 2) for i, name in enumerate(OLD)])
    data = to_teach(history, labels, everyone(20), HORIZON)
    assert data.as_of[data.lead == 0].tolist() == [T0]


def test_weights_sum_to_the_number_of_leads() -> None:
    history = company()
    labels = labels_of(history, [(name, "won", 2.0 * i) for i, name in enumerate(OLD)])
    data = to_teach(history, labels, everyone(20), HORIZON)
    assert len(data) > 20
    assert data.weight.sum() == pytest.approx(20)


def test_moments_of_a_lead_do_not_depend_on_the_others() -> None:
    history = company()
    labels = labels_of(history, won_after_ten_days())
    alone, together = (to_teach(history, labels, some, HORIZON) for some in (everyone(20)[5:6], everyone(20)))
    assert alone.as_of.tolist() == together.as_of[together.lead == 5].tolist()


def test_where_nothing_changes_one_moment_a_lead_is_enough() -> None:
    history = build([lead(name) for name in OLD], [])
    data = to_teach(history, labels_of(history, won_after_ten_days()), everyone(20), HORIZON)
    assert (len(data), set(data.weight.tolist())) == (20, {1.0})


def test_a_win_after_the_horizon_is_no_win() -> None:
    history = company()
    labels = labels_of(history, won_after_ten_days())
    late = to_judge(history, labels, everyone(20), 10.0)
    assert (labels.state == WON).all()
    assert late.won.tolist() == [1.0] + [0.0] * 19


def test_a_lead_recorded_after_its_first_touch_is_looked_at_when_it_came_on_record() -> None:
    history = build([StoredLead("a", 0, T0, T0 + 5 * DAY, None, {}, None), *(lead(n) for n in OLD)], [])
    touched = [("a", "contacted", 3.0), ("a", "won", 9.0), *((n, "contacted", 5 + i / 9) for i, n in enumerate(OLD))]
    labels = labels_of(history, [*touched, *won_after_ten_days()])
    assert to_judge(history, labels, everyone(2), HORIZON).as_of.tolist() == [T0 + 5 * DAY, T0 + 5 * DAY - 1]


def test_undated_leads_are_looked_at_at_the_end_of_time_and_ordered_by_place() -> None:
    history = build([lead("a", None, position=7.0), lead("b", None)], [])
    assert arrival(history).tolist() == [NEVER, NEVER]
    assert order_of(history).tolist() == [7.0, pytest.approx(np.nan, nan_ok=True)]


def test_the_past_of_an_unknown_lead_teaches_nothing() -> None:
    history = company("open")
    labels = labels_of(history, won_after_ten_days())
    assert labels.state[-1] == UNKNOWN
    assert labels.worked_at.min() > ALWAYS


def test_steps_are_counted_from_the_moment_and_never_taken_where_nobody_took_them() -> None:
    history = company()
    ends = [(OLD[0], "contacted", 2.0), (OLD[0], "sql", 5.0), (OLD[0], "won", 9.0), *won_after_ten_days()[1:]]
    data = to_judge(history, labels_of(history, ends), everyone(2), HORIZON)
    assert data.steps[0] == pytest.approx([5.0 - (data.as_of[0] - T0) / DAY, np.inf])
    assert data.steps[1].tolist() == [np.inf, np.inf]
