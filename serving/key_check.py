"""Whom a key lets in; an address that tries many wrong ones is not even looked at for a while."""

from anyio import to_thread

from leadloop.errors import StoreError
from serving.access import Caller
from serving.keyring import KeyRing
from serving.pace import Pace
from serving.refused import RefusedError, away, too_often

FAILURES_A_MINUTE = 60
"""Wrong keys that an address may try; beyond, its wrong keys are not even looked at."""
UNKNOWN = "This key is unknown, expired or revoked; `leadloop keys list` names those that there are"


class KeyCheck:
    """One a server process, for requests that carry a key and for people who sign in with one."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys, self._failures = keys, Pace(FAILURES_A_MINUTE)

    async def caller(self, key: str, address: str, at: int) -> Caller:
        """Who has the key. `address`: where it came from.

        Raises: RefusedError when it lets nobody in, or the ledger does not answer.
        """
        try:
            return self._keys.find(key, at) or await self._looked_for(key, address, at)
        except StoreError as error:
            raise away(error) from None

    async def _looked_for(self, key: str, address: str, at: int) -> Caller:
        """Who has a key that is not known: a new one is in the ledger already."""
        if wait := self._failures.spent(address, at):
            raise too_often("Too many wrong keys came from this address", wait)
        if self._keys.worth_a_look(key, at):
            await to_thread.run_sync(self._keys.look)
            if (caller := self._keys.find(key, at)) is not None:
                return caller
        self._failures.wait(address, at)
        raise RefusedError(401, UNKNOWN, {"WWW-Authenticate": 'Bearer error="invalid_token"'})
