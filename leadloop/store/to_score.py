"""Leads whose stored score is behind their history: noted in the transaction of the change, struck off once scored."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select

from leadloop.clock import now, to_micros
from leadloop.store.tables import to_score


def note(connection: Connection, lead_ids: Sequence[str]) -> None:
    """Something of these leads changed now; in an order that all writers keep, so that nobody deadlocks."""
    if not lead_ids:
        return
    add = "INSERT INTO to_score (lead_id, changed_at) VALUES (?, ?) ON CONFLICT (lead_id) DO UPDATE SET changed_at"
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    statement = f"{add} = excluded.changed_at".replace("?", mark)
    at = to_micros(now())
    connection.exec_driver_sql(statement, [(lead_id, at) for lead_id in sorted(lead_ids)])


def first(connection: Connection, most: int) -> dict[str, int]:
    """Up to so many leads that wait, and when each changed: the newest first, for whom somebody may be waiting too."""
    query = select(to_score.c.lead_id, to_score.c.changed_at).order_by(to_score.c.changed_at.desc())
    return {row.lead_id: row.changed_at for row in connection.execute(query.limit(most))}


def strike(connection: Connection, scored: Mapping[str, int]) -> None:
    """Take leads off the list, but for those that changed once more meanwhile.

    Who is being written at this moment is left for the next time instead of waited for.
    """
    if not scored:
        return
    if connection.dialect.name == "postgresql":
        statement = (
            "DELETE FROM to_score WHERE lead_id IN (SELECT t.lead_id FROM to_score t"
            " JOIN unnest(%s::text[], %s::bigint[]) AS s (lead_id, changed_at)"
            " ON t.lead_id = s.lead_id AND t.changed_at = s.changed_at FOR UPDATE OF t SKIP LOCKED)"
        )
        connection.exec_driver_sql(statement, (list(scored), list(scored.values())))
    else:
        connection.exec_driver_sql("DELETE FROM to_score WHERE lead_id = ? AND changed_at = ?", list(scored.items()))


def waiting(connection: Connection) -> tuple[int, int | None]:
    """How many leads wait, and since when the first of them does."""
    row = connection.execute(select(func.count(), func.min(to_score.c.changed_at))).one()
    return int(row[0]), row[1]
