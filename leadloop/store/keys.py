"""Keys of the API: made, listed and revoked; the ledger keeps a hash, and the key is shown once."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex

from sqlalchemy import Connection, case, insert, select, update

from leadloop.access import Role
from leadloop.clock import DAY, now, to_micros
from leadloop.errors import InputError
from leadloop.store import audit
from leadloop.store.tables import api_keys

PREFIX = "ll"
"""Keys read `ll_<id>_<secret>`, so that one that leaked is found by a search for it."""
_ID_BYTES, _SECRET_BYTES = 6, 32
DAYS = 365
"""How long a key is good unless somebody says so."""


class UnknownKeyError(InputError):
    """There is no such key; `leadloop keys list` names them."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a key is for. `owner`, `team`: whose leads it is about, for sales."""

    role: Role
    name: str = ""
    owner: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as the ledger has it. Times in microseconds UTC."""

    key_id: str
    holder: Holder
    digest: str
    created_at: int
    expires_at: int
    revoked_at: int | None
    last_used_at: int | None

    def standing(self, at: int) -> str:
        """Whether it lets anyone in at an instant: live, revoked or expired."""
        if self.revoked_at is not None:
            return "revoked"
        return "live" if at < self.expires_at else "expired"


def digest(key: str) -> str:
    """What is kept of a key. Its 256 random bits can't be guessed, so that a slow hash would only slow us down."""
    return sha256(key.encode()).hexdigest()


def id_of(key: str) -> str | None:
    """The id that a key says it has; None when it is no key of ours.

    >>> id_of("ll_3f9a_00ff"), id_of("secret")
    ('3f9a', None)
    """
    parts = key.split("_")
    return parts[1] if len(parts) == 3 and parts[0] == PREFIX else None


def create(connection: Connection, holder: Holder, days: int = DAYS, actor: str = audit.COMMAND) -> tuple[ApiKey, str]:
    """Make a key, good for so many days; what it is is told here and never again."""
    key_id = token_hex(_ID_BYTES)
    key, at = f"{PREFIX}_{key_id}_{token_hex(_SECRET_BYTES)}", to_micros(now())
    made = ApiKey(key_id, holder, digest(key), at, at + days * DAY, None, None)
    who = {"name": holder.name, "role": str(holder.role), "owner": holder.owner, "team": holder.team}
    row = {"key_id": key_id, **who, "digest": made.digest, "created_at": at, "expires_at": made.expires_at}
    connection.execute(insert(api_keys).values(row))
    audit.record(connection, actor, "key.created", f"key:{key_id}", {"role": str(holder.role), "days": days})
    return made, key


def revoke(connection: Connection, key_id: str, actor: str = audit.COMMAND) -> ApiKey:
    """End a key for good; one that was revoked keeps its date.

    Raises: UnknownKeyError.
    """
    still = update(api_keys).where(api_keys.c.key_id == key_id, api_keys.c.revoked_at.is_(None))
    if connection.execute(still.values(revoked_at=to_micros(now()))).rowcount:
        audit.record(connection, actor, "key.revoked", f"key:{key_id}")
    found = [key for key in read(connection) if key.key_id == key_id]
    if not found:
        raise UnknownKeyError(f"There is no key '{key_id}'; `leadloop keys list` names them")
    return found[0]


def read(connection: Connection) -> list[ApiKey]:
    """Every key that ever was, oldest first."""
    query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.key_id)
    return [
        ApiKey(
            row.key_id, Holder(Role(row.role), row.name, row.owner, row.team), row.digest,
            row.created_at, row.expires_at, row.revoked_at, row.last_used_at,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def used(connection: Connection, last: Mapping[str, int]) -> None:
    """Note when keys were last used; of several processes, the latest counts."""
    newer = case(last, value=api_keys.c.key_id)
    unknown = api_keys.c.last_used_at.is_(None) | (api_keys.c.last_used_at < newer)
    connection.execute(update(api_keys).where(api_keys.c.key_id.in_(last), unknown).values(last_used_at=newer))
