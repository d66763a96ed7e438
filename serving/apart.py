"""What optional blocks look at of leads that a request sends: stored colleagues, none of the others that are sent."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from features import account, contact
from features.history import NEVER, History, with_companies, with_given
from leadloop.store import colleagues, company_facts, given
from leadloop.store import events as event_table
from leadloop.store import leads as lead_table
from leadloop.store.events import StoredEvent
from leadloop.store.given import Given
from leadloop.store.leads import StoredLead
from leadloop.store.ledger import Ledger

LAST = 2**63 - 1
"""The version of what is sent: it comes after every stored version of the same instant."""


@dataclass(frozen=True)
class Apart:
    """A lead sent: its rows, under names of its own that begin with `name`; the stored leads that are that person.

    `identity`: as sent.
    """

    name: str
    rows: Sequence[StoredLead]
    members: tuple[str, ...]
    as_of: int
    identity: Mapping[str, str]


def with_blocks(ledger: Ledger, one: History, sent: Sequence[Apart], blocks: Set[str]) -> History:
    """The history `one` of the leads sent, with what these blocks look at."""
    if contact.BLOCK in blocks:
        one = with_given(one, _given(ledger, sent))
    return in_company(ledger, one, sent) if account.BLOCK in blocks else one


def _given(ledger: Ledger, sent: Sequence[Apart]) -> Mapping[str, Given]:
    """What each gave when it came in: as stored, and as sent for a lead that comes in with the request."""
    with ledger.reading() as connection:
        stored = given.read(connection, [each.members[0] for each in sent])
    found = {each.name: stored[each.members[0]] for each in sent if each.members[0] in stored}
    new = (each for each in sent if all(row.version == LAST for row in each.rows))
    return found | {each.name: given.kinds(each.identity.get("email"), each.identity.get("phone")) for each in new}


def in_company(ledger: Ledger, one: History, sent: Sequence[Apart]) -> History:
    """The history `one` of the leads sent, with the other leads of their companies as the ledger knows them."""
    with ledger.reading() as connection:
        others = {each.name: _colleagues(connection, each) for each in sent}
        everyone = sorted({lead_id for some in others.values() for lead_id in some})
        leads = _by_lead(lead_table.read(connection, None, everyone))
        did = versions_by_lead(event_table.read(connection, None, everyone))
        became = versions_by_lead(company_facts.read(connection, None, everyone))
    rows = [_renamed(row, each.name, row.lead_id) for each in sent for row in each.rows]
    events, deals = list[StoredEvent](), list[StoredEvent]()
    for name, some in others.items():
        rows += [_renamed(row, name, f"{name}~{lead_id}") for lead_id in some for row in leads[lead_id]]
        events += _apart(name, some, did)
        deals += _apart(name, some, became)
    return with_companies(one, rows, events, deals)


def _colleagues(connection: Connection, sent: Apart) -> list[str]:
    accounts = sorted({row.account for row in sent.rows if row.account})
    cut, at_most = None if sent.as_of == NEVER else sent.as_of, account.COLLEAGUES_AT_MOST + 1 + len(sent.members)
    found = (lead_id for name in accounts for lead_id in colleagues.newest(connection, name, cut, at_most))
    return [lead_id for lead_id in found if lead_id not in sent.members]


def _by_lead(rows: Iterable[StoredLead]) -> Mapping[str, list[StoredLead]]:
    found: dict[str, list[StoredLead]] = {}
    for row in rows:
        found.setdefault(row.lead_id, []).append(row)
    return found


def versions_by_lead(events: Iterable[StoredEvent]) -> Mapping[str, list[StoredEvent]]:
    """All versions of the events that each lead ever had: of one that was moved, its former lead must see that too."""
    versions: dict[str, list[StoredEvent]] = {}
    for event in events:
        versions.setdefault(event.event_key, []).append(event)
    found: dict[str, list[StoredEvent]] = {}
    for rows in versions.values():
        for lead_id in {row.lead_id for row in rows}:
            found.setdefault(lead_id, []).extend(rows)
    return found


def _renamed(row: StoredLead, name: str, lead_id: str) -> StoredLead:
    """The row in a company that only the lead sent under `name` is of."""
    return replace(row, lead_id=lead_id, account=f"{name}~{row.account}" if row.account else None)


def _apart(name: str, lead_ids: Sequence[str], by_lead: Mapping[str, list[StoredEvent]]) -> Iterable[StoredEvent]:
    """The colleagues' events under their names; an event of two of them comes once for each, and each has its own."""
    for lead_id in lead_ids:
        for row in by_lead.get(lead_id, ()):
            mine = f"{name}~{lead_id}" if row.lead_id == lead_id else ""
            yield replace(row, lead_id=mine, event_key=f"{name}~{lead_id}~{row.event_key}")
