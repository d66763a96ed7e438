"""The features of one lead the short way are, to the bit, those of the matrix."""

import numpy as np
import pytest

from features.catalogue import Catalogue
from features.contact import NOTHING
from features.history import NEVER, Floats, History
from features.kernel import matrix
from features.one import Filler, Known, attributes_at
from leadloop.clock import DAY
from leadloop.store.rows import Value
from tests import checks
from tests.checks import CLEAN, NOW, T0, Facts, bits

FULL = checks.catalogue_of(CLEAN)
SMALL = FULL.without({"account"})
UNDATED = checks.catalogue_of(checks.undated(CLEAN), int(NEVER))


def known(history: History, lead: int, as_of: int) -> Known:
    """A lead of a history as a packed one would tell of it."""
    first, last = history.start[lead], history.start[lead + 1]
    versions = [
        (None, None, None, None, history.attributes[row])
        for row in range(first, last)
        if history.version_at[row] <= as_of
    ]
    events = history.events
    rows = slice(events.start[lead], events.start[lead + 1])
    table = np.stack(
        [each[rows] for each in (events.kind, events.occurred_at, events.recorded_at, events.superseded_at)]
    )
    given = history.given[lead] if history.given else NOTHING
    return Known(as_of, int(history.created_at[lead]), attributes_at(versions), events.kinds, table, given)


def filled(catalogue: Catalogue, history: History, as_of: int) -> Floats:
    filler, out, waited = Filler(catalogue), np.zeros((len(history), len(catalogue.features))), np.zeros(len(history))
    for lead in range(len(history)):
        filler.fill(known(history, lead, as_of), out, waited, lead)
    return out


def test_it_is_held_against_every_kind_of_block_it_can_do() -> None:
    assert set(SMALL.blocks) == {"calendar", "touch", "contact"}
    assert Filler(SMALL).able
    assert not Filler(FULL).able


@pytest.mark.parametrize("days", [0, 5, 13, 34, 60])
def test_a_lead_gets_the_bits_of_the_matrix(days: int) -> None:
    at = T0 + days * DAY
    history = CLEAN.history()
    everyone = checks.everyone(len(history))
    there = np.array([history.version_at[history.start[i]] <= at for i in everyone.tolist()])
    whole = matrix(SMALL, history, everyone, np.full(len(history), at))
    assert (bits(filled(SMALL, history, at)[there]) == bits(whole[there])).all()


def test_awkward_values_get_the_bits_of_the_matrix() -> None:
    odd = checks.awkward(SMALL)
    history = Facts(CLEAN.leads + odd.leads, CLEAN.events + odd.events, (), CLEAN.given).history()
    whole = matrix(SMALL, history, checks.everyone(len(history)), np.full(len(history), NOW))
    assert (bits(filled(SMALL, history, NOW)) == bits(whole)).all()


def test_undated_leads_get_the_bits_of_the_matrix() -> None:
    history = checks.undated(CLEAN).history()
    at = int(NEVER)
    whole = matrix(UNDATED, history, checks.everyone(len(history)), np.full(len(history), at))
    assert (bits(filled(UNDATED.without({"account"}), history, at)) == bits(whole)).all()


@pytest.mark.parametrize("values", [(True, 1, 1.0), (1.0, True, 1), ("1", 1, True), (None, "", "x")])
def test_values_that_are_equal_to_python_are_not_taken_for_each_other(values: tuple[Value, ...]) -> None:
    filler = Filler(SMALL)
    for value in (*values, *values):
        facts = Facts((checks.lead("a", NOW - DAY, **dict.fromkeys((a.name for a in SMALL.attributes), value)),))
        history = facts.history()
        out = np.zeros((1, len(SMALL.features)))
        filler.fill(known(history, 0, NOW), out, np.zeros(1), 0)
        assert (bits(out) == bits(matrix(SMALL, history, checks.everyone(1), np.array([NOW])))).all()
