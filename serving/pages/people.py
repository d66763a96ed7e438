"""Who leads are, for the eyes of those who may know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leadloop.store import leads
from leadloop.store.ledger import Ledger
from serving.sight import Sight


@dataclass(frozen=True)
class Person:
    """A lead as a person: what it is called, where it works; the id where nobody knows more, or may."""

    lead_id: str
    identity: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Of the person, else of the mailbox, else the id."""
        known = self.identity
        full = " ".join(filter(None, (known.get("first_name"), known.get("last_name"))))
        return full or known.get("email") or self.lead_id

    @property
    def company(self) -> str:
        """Of the person, or the domain of its address."""
        return self.identity.get("company") or self.identity.get("domain") or ""

    @property
    def named(self) -> dict[str, str]:
        """For a table: who it is beside its id; empty where nobody knows, or may."""
        return {"lead_id": self.lead_id, "name": self.name if self.identity else "", "company": self.company}


def people(ledger: Ledger, sees: Sight, lead_ids: Sequence[str]) -> dict[str, Person]:
    """The leads as people, by id."""
    if not sees.identity or not lead_ids:
        return {lead_id: Person(lead_id) for lead_id in lead_ids}
    with ledger.reading() as connection:
        known = leads.names(connection, lead_ids)
    return {lead_id: Person(lead_id, known.get(lead_id, {})) for lead_id in lead_ids}
