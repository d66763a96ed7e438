"""The kind of contact that each lead gave when it came in: all that a model may see of an e-mail or a phone.

What was added later is left out: sales asks for an e-mail while it sells, and to have one would tell how far that got.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from leadloop.store.bulk import matching
from leadloop.store.contact_kind import calling_code, kind_of_email

_ALWAYS = -(2**63)
_COLUMNS = "SELECT lead_id, recorded_at, version, email, phone FROM identities"


class Given(NamedTuple):
    """What a lead's first identity row says, recorded at `recorded_at` (microseconds UTC).

    `email`: a kind of address, `calling_code`: of the phone; "" where there is none.
    """

    recorded_at: int
    email: str
    calling_code: str


def kinds(email: str | None, phone: str | None, recorded_at: int | None = None) -> Given:
    """The kinds of an e-mail and a phone.

    >>> kinds("ada@gmail.com", "+33 2 61 91 99 93", 7)
    Given(recorded_at=7, email='free', calling_code='33')
    >>> kinds("", None, 7)
    Given(recorded_at=7, email='', calling_code='')
    """
    kind = kind_of_email(email or "")
    known_at = _ALWAYS if recorded_at is None else recorded_at
    return Given(known_at, "" if kind == "none" else kind, calling_code(phone or ""))


def read(connection: Connection, lead_ids: Sequence[str] | None = None) -> Mapping[str, Given]:
    """Of the leads named (None: all) that gave anything."""
    first: dict[str, tuple[int, int, str | None, str | None]] = {}
    for lead_id, recorded_at, version, email, phone in _rows(connection, lead_ids):
        row = (_ALWAYS if recorded_at is None else recorded_at, version, email, phone)
        if lead_id not in first or row[:2] < first[lead_id][:2]:
            first[lead_id] = row
    return {lead_id: kinds(email, phone, at) for lead_id, (at, _, email, phone) in first.items()}


def _rows(connection: Connection, lead_ids: Sequence[str] | None) -> Iterator[Any]:
    if lead_ids is None:
        result: Any = connection.exec_driver_sql(_COLUMNS)
    else:
        result = matching(connection, f"{_COLUMNS} WHERE lead_id :keys", lead_ids)
    rows: Iterator[Any] = iter(result.cursor.fetchall())  # SQLAlchemy would make an object of each row
    return rows
