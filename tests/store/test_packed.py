"""Packed histories: after any rows, in any order, they are what the rows say; and reading by them changes nothing."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from features.history import History, build, read
from leadloop.clock import DAY
from leadloop.store import bulk, events, leads, packed, repack, touched
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow
from leadloop.store.tables import events as event_table
from leadloop.store.tables import histories, metadata
from tests.store.support import at_once, kept

NAMES = ("a", "b", "c")
instants = st.integers(0, 3).map(lambda day: day * DAY)
lead_rows = st.builds(
    LeadRow,
    st.sampled_from(NAMES),
    st.none() | instants,
    st.none() | instants,
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.dictionaries(st.sampled_from(("é", 'q"')), st.none() | st.booleans() | st.integers() | st.text(max_size=3)),
    st.just({}) | st.just({"company": "Engines"}),
)
event_rows = st.builds(
    EventRow, st.sampled_from(NAMES), st.sampled_from(("x", "y")), instants, instants, st.sampled_from(("1", "2", "3"))
)
steps = st.lists(st.lists(lead_rows, max_size=3) | st.lists(event_rows, max_size=4), max_size=6)


def _add(ledger: Ledger, rows: list[Any]) -> None:
    if rows:
        kept(ledger, leads if isinstance(rows[0], LeadRow) else events, *rows)


def _empty(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        for table in metadata.sorted_tables:
            connection.execute(delete(table))


def _packed(ledger: Ledger) -> list[str]:
    with ledger.reading() as connection:
        return sorted(connection.execute(select(histories.c.lead_id)).scalars())


def _bits(history: History) -> dict[str, Any]:
    """Everything in it, arrays by type, shape and bytes."""
    every = {field.name: getattr(history, field.name) for field in fields(history)}
    every |= {f"events.{field.name}": getattr(history.events, field.name) for field in fields(history.events)}
    del every["events"]
    return {name: _array(value) if isinstance(value, np.ndarray) else value for name, value in every.items()}


def _array(value: Any) -> tuple[str, tuple[int, ...], bytes]:
    return str(value.dtype), value.shape, value.tobytes()


def _of_rows(ledger: Ledger, as_of: int | None, lead_ids: list[str] | None) -> History:
    """The long way: an object a row."""
    with ledger.reading() as connection:
        return build(leads.read(connection, as_of, lead_ids), events.read(connection, as_of, lead_ids))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_after_any_rows_the_packed_ones_are_what_the_rows_say(ledger: Ledger, steps: list[list[Any]]) -> None:
    _empty(ledger)
    for rows in steps:
        _add(ledger, rows)
        assert repack.check(ledger) == []
    assert _packed(ledger) == sorted({row.lead_id for rows in steps for row in rows if isinstance(row, LeadRow)})


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps, as_of=st.none() | instants, asked=st.lists(st.sampled_from((*NAMES, "nobody")), max_size=3))
def test_every_way_to_read_gives_the_same_history_to_the_bit(
    ledger: Ledger, steps: list[list[Any]], as_of: int | None, asked: list[str]
) -> None:
    _empty(ledger)
    for rows in steps:
        _add(ledger, rows)
    named = _bits(read(ledger, as_of, asked))
    with ledger.writing() as connection:
        packed.forget(connection, None)
    assert named == _bits(_of_rows(ledger, as_of, asked)) == _bits(read(ledger, as_of, asked))
    assert _bits(read(ledger, as_of)) == _bits(_of_rows(ledger, as_of, None))


def _some(name: str, days: int) -> tuple[LeadRow, list[EventRow]]:
    return LeadRow(name, 0, 0), [EventRow(name, "view", day * DAY, day * DAY, f"{name}{day}") for day in range(days)]


def _lead_with_events(ledger: Ledger, name: str = "a", days: int = 3) -> None:
    lead, did = _some(name, days)
    kept(ledger, leads, lead)
    kept(ledger, events, *did)


def test_a_lead_is_packed_with_its_rows(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        leads.add(connection, [LeadRow("a", 0, 0)])
        assert packed.kept(connection, ["a"]) == {}
    assert _packed(ledger) == ["a"]


def _fail_after_adding(ledger: Ledger, row: LeadRow) -> None:
    with ledger.writing() as connection:
        leads.add(connection, [row])
        raise KeyError


def test_a_failed_writer_leaves_no_packed_row(ledger: Ledger) -> None:
    with pytest.raises(KeyError):
        _fail_after_adding(ledger, LeadRow("a", 0, 0))
    kept(ledger, leads, LeadRow("b", 0, 0))
    assert _packed(ledger) == ["b"]


def test_an_event_that_moves_to_another_lead_is_packed_anew_for_both(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("a", 0, 0), LeadRow("b", 0, 0))
    kept(ledger, events, EventRow("a", "view", DAY, DAY, "e"))
    kept(ledger, events, EventRow("b", "view", DAY, 2 * DAY, "e"))
    assert repack.check(ledger) == []
    assert read(ledger, None, ["a"]).events.superseded_at.tolist() == [2 * DAY]


@pytest.mark.parametrize("most", [0, 2])
def test_too_many_leads_are_left_unpacked_and_no_others(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    for name in "abcd":
        _lead_with_events(ledger, name)
    monkeypatch.setattr(touched, "PACKED_AT_ONCE", most)
    kept(ledger, events, *(EventRow(name, "form", 0, 0) for name in "abc"))
    assert (_packed(ledger), repack.check(ledger)) == (["d"], [])


def test_a_transaction_that_touches_more_than_it_can_remember_leaves_nobody_packed(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lead_with_events(ledger, "d")
    monkeypatch.setattr(touched, "REMEMBERED", 3)
    kept(ledger, leads, *(LeadRow(name, 0, 0) for name in "abce"))
    assert _packed(ledger) == []


def test_what_is_missing_is_packed_in_one_pass(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abcde":
        _lead_with_events(ledger, name)
    with ledger.writing() as connection:
        packed.forget(connection, ["a", "c", "d"])
    monkeypatch.setattr(touched, "PACKED_AT_ONCE", 2)
    assert (repack.fill(ledger), _packed(ledger), repack.fill(ledger)) == (3, list("abcde"), 0)
    assert repack.check(ledger) == []


def test_rows_of_another_format_are_not_read_and_made_anew(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    _lead_with_events(ledger)
    before = _bits(read(ledger, None, ["a"]))
    with ledger.writing() as connection:
        connection.execute(update(histories).values(format=packed.FORMAT + 1, packed=b"of the future"))
    assert _bits(read(ledger, None, ["a"])) == before
    assert (repack.fill(ledger), repack.check(ledger)) == (1, [])


def test_the_check_names_a_row_that_went_round_the_ledger(ledger: Ledger) -> None:
    for name in "abc":
        _lead_with_events(ledger, name)
    with ledger.writing() as connection:
        connection.execute(delete(event_table).where(event_table.c.event_key == "b1"))
    assert repack.check(ledger) == ["b"]
    assert (repack.rebuild(ledger), repack.check(ledger)) == (3, [])


def test_adding_what_is_known_leaves_the_packed_row_alone(ledger: Ledger) -> None:
    _lead_with_events(ledger)
    with ledger.writing() as connection:
        packed.forget(connection, None)
    _lead_with_events(ledger)
    assert _packed(ledger) == []


def test_writers_of_one_lead_at_the_same_time_leave_it_packed_right(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("a", 0, 0), LeadRow("b", 0, 0))

    def work(writer: int) -> Callable[[], object]:
        rows = [EventRow("ab"[i % 2], f"{writer}", i, writer * 100 + i, f"e{i % 5}") for i in range(20)]
        return lambda: [kept(ledger, events, row) for row in rows]

    assert at_once(*(work(writer) for writer in range(4))) == []
    assert (_packed(ledger), repack.check(ledger)) == (["a", "b"], [])


@pytest.mark.parametrize("known", [0, 1, 600])
def test_many_rows_at_once_count_as_new_those_that_are(ledger: Ledger, known: int) -> None:
    rows = [EventRow("a", "view", i, i, f"e{i}", {"text": 'tab\t back\\slash \n "quote" \\N é'}) for i in range(600)]
    kept(ledger, events, *rows[:known])
    assert len(rows) > bulk.BULK_ROWS
    assert kept(ledger, events, *rows) == 600 - known
    with ledger.reading() as connection:
        assert {row.properties["text"] for row in events.read(connection)} == {'tab\t back\\slash \n "quote" \\N é'}


def test_many_rows_with_repetitions_among_them_go_in_once(ledger: Ledger) -> None:
    rows = [LeadRow(f"L-{i % 500}", 0, 0, None, {}, {"email": "", "phone": "1"}) for i in range(1_000)]
    assert kept(ledger, leads, *rows) == 500
    with ledger.reading() as connection:
        assert leads.names(connection, ["L-7"]) == {"L-7": {"phone": "1"}}
