"""The kinds of contact that leads gave first, on each database."""

from collections.abc import Mapping

from leadloop.clock import DAY
from leadloop.store import given, leads
from leadloop.store.given import Given
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow
from tests.store.support import kept


def lead(lead_id: str, day: int | None, **identity: str) -> LeadRow:
    at = None if day is None else day * DAY
    return LeadRow(lead_id, at, at, identity=identity)


def known(ledger: Ledger, *lead_ids: str) -> Mapping[str, Given]:
    with ledger.reading() as connection:
        return given.read(connection, lead_ids or None)


def test_what_was_given_first_is_told_by_its_kind(ledger: Ledger) -> None:
    kept(
        ledger,
        leads,
        lead("a", 2, email="ada@engines.example"),
        lead("a", 1, email="Ada@Gmail.com", phone="+33261919993"),
    )
    assert known(ledger) == {"a": Given(DAY, "free", "33")}


def test_only_those_that_gave_anything_are_told_of_and_only_those_asked_for(ledger: Ledger) -> None:
    kept(ledger, leads, lead("a", 1), lead("b", None, phone="02 61 91 99 93"), lead("c", 1, email="info@c.example"))
    assert known(ledger) == {"b": Given(given._ALWAYS, "", ""), "c": Given(DAY, "role", "")}
    assert set(known(ledger, "a", "c")) == {"c"}
