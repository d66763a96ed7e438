"""What a running server holds: the ledger, the model that serves, and the queue of the moment."""

from dataclasses import dataclass, field

from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from serving.backlog.keeping import Keeper
from serving.backlog.paging import Pages
from serving.backlog.telling import Teller
from serving.scorer import Scorer
from serving.swap import Champion


@dataclass
class State:
    """One a process. Requests run in threads: what they share is replaced whole, never changed."""

    settings: Settings
    ledger: Ledger
    champion: Champion = field(init=False)
    stopping: bool = False
    keeper: Keeper = field(init=False)
    pages: Pages = field(default_factory=Pages)
    teller: Teller = field(init=False)

    def __post_init__(self) -> None:
        """The model is there before the first request; without one the server is up and not ready."""
        self.champion = Champion(self.settings, self.ledger)
        self.champion.look()
        self.teller = Teller(self.ledger, self.settings)
        self.keeper = Keeper(self.ledger, self.settings, self.scorer, self.teller.prepare)

    def scorer(self) -> Scorer:
        """The model that serves at this moment: take it once a request, so that no answer mixes two.

        Raises: NoModelError, BrokenModelError when there is none.
        """
        scorer = self.champion.scorer
        if scorer is None:
            raise self.champion.none()
        return scorer
