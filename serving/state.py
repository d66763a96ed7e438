"""What a running server holds: the ledger, the model that is switched on, and the queue of the moment."""

from dataclasses import dataclass, field
from typing import Any

from leadloop.errors import LeadLoopError
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from models import registry
from serving.backlog.keeping import Keeper
from serving.backlog.paging import Pages
from serving.backlog.telling import Teller
from serving.scorer import Scorer


@dataclass
class State:
    """One a process. Requests run in threads: what they share is replaced whole, never changed."""

    settings: Settings
    ledger: Ledger
    _scorer: Scorer | None = None
    _switched_on: Any = None
    keeper: Keeper = field(init=False)
    pages: Pages = field(default_factory=Pages)
    teller: Teller = field(init=False)

    def __post_init__(self) -> None:
        """The list of open leads is made by the model of the moment."""
        self.keeper = Keeper(self.ledger, self.settings, lambda: self.scorer())
        self.teller = Teller(self.ledger, self.settings)

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

    def close(self) -> None:
        """Let go of what is held."""
        self.keeper.close()
        self.ledger.close()
