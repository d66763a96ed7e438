"""Browsers that somebody signed in with a key: the ledger keeps a hash of what the cookie says, until it ends."""

from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import Connection, delete, insert, select

from leadloop.store import audit
from leadloop.store.tables import visits


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose key opened it, and until when it lasts, microseconds UTC."""

    key_id: str
    until_at: int


def begin(connection: Connection, key_id: str, until_at: int, at: int) -> str:
    """Begin a visit; what the cookie is to say is told here and never again. Those that ended are forgotten."""
    connection.execute(delete(visits).where(visits.c.until_at <= at))
    token = token_urlsafe(32)
    connection.execute(insert(visits).values(digest=digest(token), key_id=key_id, until_at=until_at))
    audit.record(connection, f"key:{key_id}", "key.signed_in", f"key:{key_id}")
    return token


def find(connection: Connection, token: str) -> Visit | None:
    """The visit that a cookie speaks of; None when there is none."""
    query = select(visits.c.key_id, visits.c.until_at).where(visits.c.digest == digest(token))
    found = connection.execute(query).first()
    return None if found is None else Visit(found.key_id, found.until_at)


def end(connection: Connection, token: str) -> None:
    """End a visit, in every process and browser."""
    connection.execute(delete(visits).where(visits.c.digest == digest(token)))


def digest(token: str) -> str:
    """What is kept of a cookie; its 256 random bits can't be guessed."""
    return sha256(token.encode()).hexdigest()
