"""The audit log only grows, on each database, and a lead that is erased is a hash in it."""

from contextlib import suppress

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from leadloop.store import audit, erasure, leads
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow
from leadloop.store.tables import audit as table
from tests.store.support import contents, kept


def noted(ledger: Ledger, action: str = "lead.accepted", subject: str = "lead:L-1") -> None:
    """Record in a transaction of its own."""
    with ledger.writing() as connection:
        audit.record(connection, "key:7", action, subject, {"stage": "accepted"})


def entries(ledger: Ledger, **asked: str | int) -> list[audit.Entry]:
    """What is recorded, newest first."""
    with ledger.reading() as connection:
        return list(audit.read(connection, **asked))  # type: ignore[arg-type] # since and limit are numbers


def test_what_was_done_is_told_newest_first_with_who_did_it(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", 1, 1))
    noted(ledger)
    noted(ledger, "key.revoked", "key:8")
    told = [(entry.actor, entry.action, entry.lead_id) for entry in entries(ledger)]
    assert told == [("key:7", "key.revoked", None), ("key:7", "lead.accepted", "L-1")]


@pytest.mark.parametrize("statement", [update(table).values(actor="me"), delete(table)])
def test_an_entry_can_be_neither_changed_nor_deleted(ledger: Ledger, statement: object) -> None:
    noted(ledger)
    with pytest.raises(DBAPIError, match="only added to"), ledger.writing() as connection:
        connection.execute(statement)  # type: ignore[call-overload] # either of two kinds
    assert len(entries(ledger)) == 1


def test_an_entry_can_be_neither_replaced_nor_emptied_out(ledger: Ledger) -> None:
    noted(ledger)
    with ledger.reading() as connection:
        row = dict(connection.execute(select(table)).mappings().one())
    sqlite = ledger.engine.dialect.name == "sqlite"
    statement = (
        insert(table).prefix_with("OR REPLACE").values(row | {"actor": "me"}) if sqlite else text("TRUNCATE audit")
    )
    with pytest.raises(DBAPIError, match="only added to"), ledger.writing() as connection:
        connection.execute(statement)


def test_an_undone_transaction_leaves_no_entry(ledger: Ledger) -> None:
    with suppress(ZeroDivisionError), ledger.writing() as connection:
        audit.record(connection, "key:7", "lead.accepted", "lead:L-1")
        raise ZeroDivisionError
    assert entries(ledger) == []


def test_a_lead_is_found_by_its_id_and_named_nowhere_in_the_log(ledger: Ledger) -> None:
    noted(ledger)
    noted(ledger, subject="lead:L-2")
    assert [entry.lead_id for entry in entries(ledger, lead_id="L-2")] == ["L-2"]
    assert "L-2" not in str(contents(ledger)["audit"])


def test_an_erased_leads_entries_stay_and_name_nobody(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", 1, 1))
    noted(ledger)
    erasure.erase(ledger, ["L-1"])
    noted(ledger, "lead.asked_for")
    told = [(entry.action, entry.lead_id) for entry in entries(ledger, lead_id="L-1")]
    assert told == [("lead.asked_for", None), ("lead.erased", None), ("lead.accepted", None)]
    assert "L-1" not in str(contents(ledger))


def test_pages_follow_each_other(ledger: Ledger) -> None:
    for number in range(5):
        noted(ledger, subject=f"model:{number}")
    first = entries(ledger, limit=3)
    rest = entries(ledger, before=first[-1].entry_id)
    assert [entry.subject for entry in (*first, *rest)] == [f"model:{number}" for number in (4, 3, 2, 1, 0)]


def test_since_leaves_older_entries_out(ledger: Ledger) -> None:
    noted(ledger)
    at = entries(ledger)[0].recorded_at
    assert (len(entries(ledger, since=at)), len(entries(ledger, since=at + 1))) == (1, 0)


def test_a_subject_says_what_it_is(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="'L-1' is no subject of the audit log"):
        noted(ledger, subject="L-1")


def test_entries_are_found_by_who_did_them_and_by_what_kind_of_thing_was_done(ledger: Ledger) -> None:
    noted(ledger)
    noted(ledger, "key.revoked", "key:8")
    noted(ledger, "keyboard.used", "key:9")
    with ledger.reading() as connection:
        kinds = [entry.action for entry in audit.read(connection, by=audit.By(action="key."))]
        one = [entry.action for entry in audit.read(connection, by=audit.By("key:7", "lead.accepted"))]
        assert audit.read(connection, by=audit.By("key:6")) == []
        assert audit.actors(connection) == ["key:7"]
    assert (kinds, one) == (["key.revoked"], ["lead.accepted"])
