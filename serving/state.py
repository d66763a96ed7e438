"""What a running server holds: the ledger, the model that is switched on, and the queue of the moment."""

from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from sqlalchemy import func, select

from leadloop.errors import LeadLoopError
from leadloop.settings import Settings
from leadloop.store import tables
from leadloop.store.ledger import Ledger
from models import registry
from serving.scorer import Scorer
from serving.worklist import Worklist, rank


@dataclass
class State:
    """One a process. Requests run in threads: what they share is replaced whole, never changed."""

    settings: Settings
    ledger: Ledger
    _scorer: Scorer | None = None
    _switched_on: Any = None
    _queue: tuple[Any, Worklist] | None = None
    _lock: Lock = field(default_factory=Lock)

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
        """All open leads, ranked as of the newest row; made again only when the ledger or the model changed."""
        scorer = self.scorer()
        with self._lock:  # one thread ranks, the others wait for its result
            key = (scorer.version.version, self._size())
            if self._queue is None or self._queue[0] != key:
                self._queue = key, rank(self.ledger, scorer)
            return self._queue[1]

    def _size(self) -> tuple[int, ...]:
        """Rows only ever come in, so that their number tells whether anything is new."""
        with self.ledger.reading() as connection:
            counts = [select(func.count()).select_from(t) for t in (tables.leads, tables.events, tables.outcomes)]
            return tuple(connection.execute(count).scalar_one() for count in counts)
