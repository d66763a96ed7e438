"""Which leads changed when: what a list of leads is kept current by, without looking at all of them again.

A row a lead, written last in the transaction that changed it, so that it is seen a moment after its own time; who reads
looks back over that moment. Rows of leads that are not on record yet are of no interest, and an erased lead has none.
"""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from leadloop.clock import SECOND, now, to_micros
from leadloop.store.bulk import matching
from leadloop.store.tables import changes

LATE = 30 * SECOND
"""A transaction may be seen so much later than its changes say, where several write."""
MANY = ""
"""Stands for more leads than are worth naming."""


def write(connection: Connection, lead_ids: Sequence[str] | None) -> None:
    """Say that the leads (None: many) changed now; the transaction is to be committed next."""
    at = to_micros(now())
    upsert = "ON CONFLICT (lead_id) DO UPDATE SET changed_at = excluded.changed_at"
    if lead_ids is None:
        connection.exec_driver_sql(f"INSERT INTO changes VALUES ('{MANY}', {at}) {upsert}")  # noqa: S608 -- ours
    elif lead_ids:
        known = f"SELECT DISTINCT lead_id, {at} FROM leads WHERE lead_id :keys"  # noqa: S608 -- ours
        matching(connection, f"INSERT INTO changes {known} {upsert}", lead_ids)


def since(connection: Connection, at: int) -> dict[str, int]:
    """The leads that changed at `at` (microseconds UTC) or later, and when each last did."""
    query = select(changes.c.lead_id, changes.c.changed_at).where(changes.c.changed_at >= at)
    return {row.lead_id: row.changed_at for row in connection.execute(query)}
