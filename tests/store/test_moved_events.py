"""A correction may say that an event was another lead's; then the first lead never has it any more."""

from features import history
from leadloop.store import events, leads
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow


def test_a_lead_read_alone_knows_that_its_event_was_moved(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        leads.add(connection, [LeadRow("a", 0, 0), LeadRow("b", 0, 0)])
        events.add(connection, [EventRow("a", "view", 1, 1, "e"), EventRow("b", "view", 1, 5, "e")])
    together, alone = history.read(ledger), history.read(ledger, lead_ids=["a"])
    assert alone.events.superseded_at.tolist() == together.events.superseded_at[:1].tolist() == [5]
