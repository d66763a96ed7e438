"""Packed histories in one pass: those that an import left to be made, all of them anew, and whether they are right."""

from collections.abc import Iterator

from sqlalchemy import Connection, func, select

from leadloop.store import packed, touched
from leadloop.store.ledger import Ledger
from leadloop.store.tables import histories, leads


def fill(ledger: Ledger) -> int:
    """Pack every lead that has no packed row of today's format; returns how many had none.

    Each thousand is a transaction of its own, so that nobody waits long and nothing is lost when it is cut short.
    """
    done, after = 0, ""
    while True:
        with ledger.writing() as connection:
            lead_ids = _missing(connection, after, touched.PACKED_AT_ONCE)
            touched.touch(connection, lead_ids)
        if not lead_ids:
            return done
        done, after = done + len(lead_ids), lead_ids[-1]


def missing(connection: Connection) -> int:
    """How many leads have no packed row of today's format."""
    its = select(histories.c.lead_id).where(histories.c.lead_id == leads.c.lead_id, histories.c.format == packed.FORMAT)
    query = select(func.count(leads.c.lead_id.distinct())).where(~its.exists())
    return int(connection.execute(query).scalar_one())


def rebuild(ledger: Ledger) -> int:
    """Throw all packed rows away and make them anew; returns how many there are now."""
    with ledger.writing() as connection:
        packed.forget(connection, None)
    return fill(ledger)


def check(ledger: Ledger) -> list[str]:
    """The leads whose packed row is not what their rows say, sorted; none, unless somebody wrote round the ledger."""
    with ledger.reading() as connection:
        return sorted(lead_id for lead_ids in _held(connection) for lead_id in _wrong(connection, lead_ids))


def _wrong(connection: Connection, lead_ids: list[str]) -> list[str]:
    kept, right = packed.kept(connection, lead_ids), packed.from_rows(connection, lead_ids)
    return [lead_id for lead_id, row in kept.items() if row != right.get(lead_id)]


def _held(connection: Connection) -> Iterator[list[str]]:
    query = select(histories.c.lead_id).order_by(histories.c.lead_id).limit(touched.PACKED_AT_ONCE)
    lead_ids = list(connection.execute(query).scalars())
    while lead_ids:
        yield lead_ids
        lead_ids = list(connection.execute(query.where(histories.c.lead_id > lead_ids[-1])).scalars())


def _missing(connection: Connection, after: str, most: int) -> list[str]:
    """The next leads, by id, that have no packed row of today's format."""
    its = select(histories.c.lead_id).where(histories.c.lead_id == leads.c.lead_id, histories.c.format == packed.FORMAT)
    query = select(leads.c.lead_id).where(leads.c.lead_id > after, ~its.exists()).distinct()
    return list(connection.execute(query.order_by(leads.c.lead_id).limit(most)).scalars())
