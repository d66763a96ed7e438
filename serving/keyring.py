"""The keys that let someone in, in memory: read from the ledger every few seconds, so that requests need not."""

from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from threading import Lock

from sqlalchemy.exc import SQLAlchemyError

from leadloop.clock import SECOND, now, to_micros
from leadloop.errors import StoreError
from leadloop.store import keys
from leadloop.store.ledger import Ledger
from serving.access import Caller
from serving.chores import Chore
from serving.pace import Pace

LOOK_SECONDS = 2
"""So long after a key was revoked, at most, every process knows."""
TRUSTED_SECONDS = 300
"""So long after the ledger was last read, its keys go on letting people in."""
FRESH_SECONDS = 30
"""A key that is not known is refused for good by what was read so recently; otherwise it may be a new one."""
NOTED_SECONDS = 60
_LOOKS_A_MINUTE = 60  # beside the regular ones, for keys that are not known yet
_PATIENCE_SECONDS = 5
_NEVER = -(2**62)


@dataclass(frozen=True, slots=True)
class _Known:
    digest: str
    caller: Caller
    expires_at: int


class KeyRing:
    """The live keys as they were at the last look, replaced whole; who used which when."""

    def __init__(self) -> None:
        self._ledger: Ledger | None = None
        self._known: Mapping[str, _Known] = {}
        self._looked_at = _NEVER
        self._away = False
        self._lock = Lock()
        self._extra = Pace(_LOOKS_A_MINUTE, burst=10)
        self._used: dict[str, int] = {}

    def attach(self, ledger: Ledger) -> None:
        """Read the keys of this ledger from now on."""
        self._ledger = ledger
        self.look()

    def chores(self) -> tuple[Chore, ...]:
        """What is to be done about it between requests."""
        return (
            Chore("keys", LOOK_SECONDS, lambda _: self._keep_up()),
            Chore("use of keys", NOTED_SECONDS, lambda _: self.note_use()),
        )

    def find(self, key: str, at: int) -> Caller | None:
        """Who has this key, as known now; None when it lets nobody in.

        Raises: StoreError when what is known is too old to go by.
        """
        found = self._known.get(keys.id_of(key) or "")
        trusted = TRUSTED_SECONDS if found else FRESH_SECONDS
        if at > self._looked_at + trusted * SECOND:
            raise StoreError("The ledger does not answer and keys can't be checked; try again")
        if found is None or at >= found.expires_at or not compare_digest(found.digest, keys.digest(key)):
            return None
        self._used[found.caller.key_id] = at
        return found.caller

    def holder(self, key_id: str, at: int) -> Caller | None:
        """Who has the key of this id, as known now; None when it lets nobody in any more.

        Raises: StoreError when what is known is too old to go by.
        """
        if at > self._looked_at + TRUSTED_SECONDS * SECOND:
            raise StoreError("The ledger does not answer and keys can't be checked; try again")
        found = self._known.get(key_id)
        if found is None or at >= found.expires_at:
            return None
        self._used[key_id] = at
        return found.caller

    def worth_a_look(self, key: str, at: int) -> bool:
        """Whether a key that is not known may be a new one; random keys make us look once a second at most."""
        unknown = (key_id := keys.id_of(key)) is not None and key_id not in self._known
        return unknown and self._extra.wait("", at) == 0

    def look(self) -> None:
        """Read the live keys.

        Raises: StoreError when the ledger does not answer.
        """
        if self._ledger is None:
            return
        if not self._lock.acquire(timeout=_PATIENCE_SECONDS):
            raise StoreError("The ledger does not answer and keys can't be checked; try again")
        try:
            self._take(self._ledger)
        except SQLAlchemyError as error:
            raise StoreError(f"The ledger does not answer: {type(error).__name__}") from error
        finally:
            self._lock.release()

    def _take(self, ledger: Ledger) -> None:
        at = to_micros(now())
        with ledger.reading() as connection:
            every = keys.read(connection)
        live = (key for key in every if key.standing(at) == "live")
        self._known = {key.key_id: _Known(key.digest, _caller(key), key.expires_at) for key in live}
        self._looked_at = at

    def _keep_up(self) -> None:
        """Look again; of a ledger that stays away, only the first time is told."""
        try:
            self.look()
        except StoreError:
            if not self._away:
                self._away = True
                raise
        else:
            self._away = False

    def note_use(self) -> None:
        """Write down when keys were last used.

        Raises: StoreError when the ledger does not answer; it is noted the next time.
        """
        used, self._used = dict(self._used), {}
        if not used or self._ledger is None:
            return
        try:
            with self._ledger.writing() as connection:
                keys.used(connection, used)
        except StoreError:
            self._used = used | self._used
            raise


def _caller(key: keys.ApiKey) -> Caller:
    holder = key.holder
    return Caller(key.key_id, holder.role, holder.name, holder.owner, holder.team, f"key:{key.key_id}")
