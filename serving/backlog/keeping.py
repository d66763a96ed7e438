"""Keeps a server's list of open leads current: small ones when asked, large ones between requests, by what changed.

A large list is ranked whole in a process of its own, so that no request waits for it; between two such rankings the
lines that changed are made anew in a thread. Who asks gets the last complete list, at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event, Lock

from leadloop.clock import SECOND, now, to_micros
from leadloop.errors import NoModelError, StoreError
from leadloop.settings import Settings
from leadloop.store import changes, leads
from leadloop.store.ledger import Ledger
from serving.backlog.aside import Aside
from serving.backlog.lines import Backlog
from serving.backlog.making import look, make, news, refreshed
from serving.scorer import Scorer

MINUTE = 60 * SECOND
"""How long a live list stands: its leads wait on, and their urgency with them."""
SMALL = 5_000
"""A list of so many leads is made while somebody waits for it; a larger one is not."""
FIRST = 20_000
"""The first list of so many leads is made for whoever asks first; for that of more, a process is started at once."""
FIRST_SECONDS = 20.0
"""How long a request waits for that process before it is told to come again."""
SHARE = 0.3
"""Of a core, for ranking a large list again and again."""
SLICE = 500
"""So many leads that changed are made anew at a time."""
FEW = 20_000
"""If more leads than that changed, ranking the whole list is the shorter way."""


class NotRankedYetError(StoreError):
    """The queue is being ranked for the first time since this server started; ask again in a moment."""


@dataclass
class Keeper:
    """One a server process. The list is replaced whole, never changed; `scorer` gives the model of the moment.

    `prepare`: what is done with a large list before requests see it.
    """

    ledger: Ledger
    settings: Settings
    scorer: Callable[[], Scorer]
    prepare: Callable[[Backlog], None] = lambda _: None
    small: int = SMALL
    first: int = FIRST
    _backlog: Backlog | None = None
    _lock: Lock = field(default_factory=Lock)
    _aside: Aside = field(default_factory=Aside)
    _made: Event = field(default_factory=Event)
    _much: bool = False
    _rank_from: int = 0
    _follow_from: int = 0

    def current(self) -> Backlog:
        """The list to answer from.

        Raises: NoModelError; NotRankedYetError for a large list that was never made.
        """
        scorer, found = self.scorer(), self._backlog
        if found is not None and found.leads > self.small:
            return found
        if found is None and self._count() > self.first:
            return self._first_list()
        with self._lock:  # one thread ranks, the others wait for its result
            found = self._backlog
            if found is None or (found.leads <= self.small and self._is_stale(found, scorer)):
                self._much = found is not None and self._count() > self.first
                if found is None or not self._much:  # a list that has outgrown this is ranked by the chore
                    self._backlog = found = make(self.ledger, scorer, self.settings)
            return found

    def lately(self) -> Backlog | None:
        """The list of the last minute, or of the last ranking of a large one; None while that is made for the first
        time. Nobody waits for a large one.

        Raises: NoModelError.
        """
        found = self._backlog
        if found is None:
            return None if self._count() > self.first else self.current()
        old = found.leads <= self.small and self.age_seconds(found) * SECOND > MINUTE
        return self.current() if old else found

    def caught_up(self) -> Backlog:
        """The list once it knows all that was committed before: what somebody just did is in it.

        Raises: as `current` does.
        """
        if self._backlog is None:
            return self.current()
        with self._lock:
            self._backlog = self._step(self._backlog)[0]
            return self._backlog

    def age_seconds(self, backlog: Backlog) -> float:
        """How long ago the ledger was last looked at for what changed."""
        return max(0.0, (to_micros(now()) - backlog.looked_at) / SECOND)

    def last_age_seconds(self) -> float | None:
        """The same of the last list, None where nobody has asked for one."""
        return None if self._backlog is None else self.age_seconds(self._backlog)

    def follow(self) -> None:
        """Make the lines of a large list anew that changed since it was last looked at; a chore."""
        begun, found = to_micros(now()), self._backlog
        if found is None or found.leads <= self.small or begun < self._follow_from:
            return
        with self._lock:
            now_known = self._step(self._backlog or found)[0]
            self.prepare(now_known)
            self._backlog = now_known
        self._follow_from = _rested(begun)

    def rank(self) -> None:
        """Rank a large list anew when it is time, in a process of its own; a chore."""
        try:
            scorer = self.scorer()
        except NoModelError:
            return
        if not self._is_due(scorer):
            return
        begun = to_micros(now())
        try:
            found = self._aside.make(self.settings, scorer, nice=self._backlog is not None)
        finally:
            self._rank_from = _rested(begun)
        if found is not None:
            self._take(replace(found, scorer=scorer))

    def close(self) -> None:
        """End a ranking that is under way."""
        self._aside.close()

    def _first_list(self) -> Backlog:
        """A large list is made by the chore; who asks before waits for it for a while."""
        if not self._made.wait(FIRST_SECONDS) or self._backlog is None:
            raise NotRankedYetError
        return self._backlog

    def _take(self, backlog: Backlog) -> None:
        """Put a new list in place, with what changed while it was made."""
        self._much, more = False, True
        while more and not self._much:
            backlog, more = self._step(backlog)
        self.prepare(backlog)
        with self._lock:
            self._backlog = self._step(backlog)[0]
        self._made.set()

    def _step(self, backlog: Backlog) -> tuple[Backlog, bool]:
        """The list with some of what changed, and whether there is more; what is left stays news."""
        seen = look(self.ledger, backlog.looked_at)
        changed = sorted(news(backlog, seen))
        if len(changed) > FEW or changes.MANY in changed:
            self._much = True
            return backlog, False
        now_done, left = changed[:SLICE], set(changed[SLICE:])
        if now_done:
            backlog = refreshed(backlog, self.ledger, self.settings, now_done)
        if left:
            known = {**backlog.seen, **{name: seen.rows[name] for name in now_done if name in seen.rows}}
            return replace(backlog, seen=known), True
        return replace(backlog, looked_at=seen.at, seen=seen.rows, buried=seen.buried, live=seen.live), False

    def _count(self) -> int:
        with self.ledger.reading() as connection:
            return leads.count(connection)

    def _is_stale(self, backlog: Backlog, scorer: Scorer) -> bool:
        """Whether a small list is to be made anew."""
        if scorer is not backlog.scorer or backlog.patched:
            return True
        seen = look(self.ledger, backlog.looked_at)
        return bool(news(backlog, seen)) or (seen.live and seen.at // MINUTE != backlog.as_of // MINUTE)

    def _is_due(self, scorer: Scorer) -> bool:
        """Whether a large list is to be ranked: at most so often that it takes its share of a core."""
        found = self._backlog
        if to_micros(now()) < self._rank_from:
            return False
        if found is None:
            return self._count() > self.first
        if found.leads <= self.small:
            return self._much
        newest = to_micros(now()) if found.live else found.newest
        return self._much or scorer is not found.scorer or newest - found.as_of >= MINUTE


def _rested(begun: int) -> int:
    """From when on something may be done again that began then and has just ended, so that it takes its share."""
    ended = to_micros(now())
    return ended + round((ended - begun) * (1 / SHARE - 1))
