"""What anyone could do without learning: who moved last is told by what leads did themselves."""

import numpy as np

from features.history import build
from leadloop.clock import DAY
from models.baseline import last_sign
from tests.checks import T0, event, lead


def test_a_lead_was_last_heard_of_when_it_did_something_itself() -> None:
    opened = [event("demo_request", T0 + DAY), event("email_open", T0 + 9 * DAY), event("email_sent", T0 + 9 * DAY)]
    history = build([lead(recorded_at=T0)], opened)
    assert last_sign(history, np.array([0]), np.array([T0 + 10 * DAY])).tolist() == [T0 + DAY]


def test_a_lead_that_did_nothing_itself_was_last_heard_of_when_it_came() -> None:
    history = build([lead(recorded_at=T0)], [event("email_open", T0 + 9 * DAY)])
    assert last_sign(history, np.array([0]), np.array([T0 + 10 * DAY])).tolist() == history.created_at.tolist()
