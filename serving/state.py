"""What a running server holds: the ledger, the model that is switched on, and the queue of the moment."""

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from sqlalchemy import func, select

from leadloop.clock import SECOND
from leadloop.errors import LeadLoopError
from leadloop.settings import Settings
from leadloop.store import tables
from leadloop.store.ledger import Ledger
from models import registry
from serving.scorer import Scorer, when
from serving.worklist import Worklist, rank

MINUTE = 60 * SECOND
"""How long a live queue stands: its leads wait on, and their urgency with them."""


@dataclass
class State:
    """One a process. Requests run in threads: what they share is replaced whole, never changed."""

    settings: Settings
    ledger: Ledger
    _scorer: Scorer | None = None
    _switched_on: Any = None
    _queue: tuple[Any, Worklist] | None = None
    _lock: Lock = field(default_factory=Lock)
    stopping: bool = False
    """Set when the server is told to end: long jobs end what they are at."""

    def scorer(self) -> Scorer:
        """The champion, loaded again when another is switched on; while that is broken the last good one serves.

        Raises: NoModelError, BrokenModelError when there is none to fall back on.
        """
        mark = registry.mark(self.settings)
        if self._scorer is None or mark != self._switched_on:
            try:
                self._scorer = Scorer.load(self.settings)
            except LeadLoopError:
                if self._scorer is None:
                    raise
            self._switched_on = mark
        return self._scorer

    def queue(self) -> Worklist:
        """All open leads, ranked; made again when the ledger or the model changed, and in a live ledger each minute."""
        scorer = self.scorer()
        with self._lock:  # one thread ranks, the others wait for its result
            key = (scorer.version.version, self._size(), when(self.ledger, None) // MINUTE)
            if self._queue is None or self._queue[0] != key:
                self._queue = key, rank(self.ledger, scorer)
            return self._queue[1]

    def _size(self) -> tuple[int, ...]:
        """Rows only come in, merges are only undone and leads only erased: these numbers tell if anything happened."""
        rooms = (tables.leads, tables.events, tables.outcomes, tables.merges, tables.tombstones)
        counts = [select(func.count()).select_from(room) for room in rooms]
        with self.ledger.reading() as connection:
            undone = connection.execute(select(func.count(tables.merges.c.undone_at))).scalar_one()
            return (undone, *(connection.execute(count).scalar_one() for count in counts))
