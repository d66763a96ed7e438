"""Where people decide who is one person, by command and on the page alike: each decision is made and noted at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from leadloop.store import audit, duplicates
from leadloop.store.ledger import Ledger
from serving.writing import write

Made = TypeVar("Made")


@dataclass(frozen=True)
class Desk:
    """Decisions in the name of `actor`, as the audit log names them; `decided_by`: as the decision itself does."""

    ledger: Ledger
    actor: str
    decided_by: str | None = None

    def merge(self, duplicate_id: str, survivor_id: str) -> None:
        """Two leads are one person, for whom `survivor_id` stands.

        Raises: UnknownLeadError, InputError, as the following.
        """
        self._decided(
            "lead.merged",
            duplicate_id,
            lambda books, at: duplicates.merge(books, duplicate_id, survivor_id, self._by, at),
        )

    def keep_apart(self, one_id: str, other_id: str) -> None:
        """Two leads that look alike are two people."""
        self._decided(
            "lead.kept_apart", one_id, lambda books, at: duplicates.keep_apart(books, one_id, other_id, self._by, at)
        )

    def unmerge(self, lead_id: str) -> list[str]:
        """A lead is taken apart from those that it was joined with; which, sorted."""
        return self._decided(
            "lead.unmerged", lead_id, lambda books, at: duplicates.unmerge(books, lead_id, self._by, at)
        )

    @property
    def _by(self) -> str:
        return self.decided_by or self.actor

    def _decided(self, action: str, lead_id: str, work: Callable[[Connection, int], Made]) -> Made:
        def noted(connection: Connection) -> Made:
            made = work(connection, duplicates.now_of(connection))
            audit.record(connection, self.actor, action, f"lead:{lead_id}")
            return made

        return write(self.ledger, noted)
