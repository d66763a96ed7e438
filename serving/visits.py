"""Who signed a browser in with a key: the cookie is no key for programs, and ends with the key or in the evening."""

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

from leadloop.clock import HOUR, SECOND
from leadloop.store import visits
from leadloop.store.ledger import Ledger
from leadloop.store.visits import Visit
from serving.access import Caller
from serving.keyring import LOOK_SECONDS, KeyRing
from serving.writing import write

COOKIE = "leadloop_visit"
LASTS = 12 * HOUR
"""A working day, whatever happens meanwhile to the tab."""
REMEMBERED = 2_000


@dataclass
class Visits:
    """The visits of a server process: looked up in the ledger, remembered for two seconds. Requests run in threads."""

    keys: KeyRing
    _ledger: Ledger | None = None
    _known: OrderedDict[str, tuple[int, Visit | None]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def attach(self, ledger: Ledger) -> None:
        """Look into this ledger from now on."""
        self._ledger = ledger

    def caller(self, token: str, at: int) -> Caller | None:
        """Who is visiting; None where nobody is.

        Raises: StoreError when the ledger does not answer.
        """
        visit = self._visit(token, at)
        return None if visit is None or at >= visit.until_at else self.keys.holder(visit.key_id, at)

    def begin(self, ledger: Ledger, key_id: str, at: int) -> str:
        """Begin a visit; returns what the cookie is to say."""
        return write(ledger, lambda connection: visits.begin(connection, key_id, at + LASTS, at))

    def end(self, ledger: Ledger, token: str) -> None:
        """End a visit; the other processes know within two seconds."""
        write(ledger, lambda connection: visits.end(connection, token))
        with self._lock:
            self._known.pop(token, None)

    def _visit(self, token: str, at: int) -> Visit | None:
        with self._lock:
            known = self._known.get(token)
        if known is not None and at < known[0] + LOOK_SECONDS * SECOND:
            return known[1]
        if self._ledger is None:
            return None
        with self._ledger.reading() as connection:
            found = visits.find(connection, token)
        with self._lock:
            self._known[token] = (at, found)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found
