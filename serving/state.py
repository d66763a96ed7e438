"""What a running server holds: the ledger, the model that serves, and the queue of the moment."""

from dataclasses import dataclass, field

from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from leadloop.store.single import Singles
from serving.answering import Answering
from serving.backlog.draws import Drawer
from serving.backlog.keeping import Keeper
from serving.backlog.paging import Pages
from serving.backlog.telling import Teller
from serving.metrics import Metrics
from serving.scorer import Scorer, when
from serving.scoring import Scoring
from serving.swap import Champion


@dataclass
class State:
    """One a process. Requests run in threads: what they share is replaced whole, never changed."""

    settings: Settings
    ledger: Ledger
    metrics: Metrics = field(default_factory=Metrics)
    champion: Champion = field(init=False)
    singles: Singles = field(init=False)
    scoring: Scoring = field(default_factory=Scoring)
    stopping: bool = False
    _answering: Answering | None = None
    keeper: Keeper = field(init=False)
    pages: Pages = field(default_factory=Pages)
    drawer: Drawer = field(init=False)
    teller: Teller = field(init=False)

    def __post_init__(self) -> None:
        """The model is there before the first request; without one the server is up and not ready."""
        self.champion = Champion(self.settings, self.ledger)
        self.champion.look()
        self.singles = Singles(self.ledger)
        self.drawer = Drawer(self.ledger, self.settings)
        self.teller = Teller(self.ledger, self.settings, self.drawer)
        self.keeper = Keeper(self.ledger, self.settings, self.scorer, self.teller.prepare)

    def scorer(self) -> Scorer:
        """The model that serves at this moment: take it once a request, so that no answer mixes two.

        Raises: NoModelError, BrokenModelError when there is none.
        """
        scorer = self.champion.scorer
        if scorer is None:
            raise self.champion.none()
        return scorer

    def answering(self) -> Answering:
        """What answers a request for scores: one that goes with the model of the moment.

        Raises: NoModelError, BrokenModelError when there is none.
        """
        scorer = self.scorer()
        if self._answering is None or self._answering.scorer is not scorer:
            self._answering = Answering(scorer, self.ledger, self.settings)
        return self._answering

    def look(self) -> int | None:
        """Ask the ledger what is the newest instant that it knows, and keep that until somebody writes to it.

        None where it can't be kept, since nobody would notice a write.
        """
        mark = self.singles.mark()
        if mark is None:
            return None
        newest = when(self.ledger, None)
        self.singles.remember(mark, newest)
        return newest
