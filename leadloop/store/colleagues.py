"""Which leads belong to a company, by the first account that each one's rows name."""

from sqlalchemy import Connection

_ALWAYS = -(2**63)
"""When undated rows were recorded."""


def newest(connection: Connection, account: str, as_of: int | None, at_most: int) -> list[str]:
    """The leads that by `as_of` (None: ever) were known to be of the account, newest first."""
    postgresql = connection.dialect.name == "postgresql"
    mark, by_bytes = ("%s", ' COLLATE "C"') if postgresql else ("?", "")
    query = f"""
        SELECT lead_id FROM (
            SELECT lead_id, version, COALESCE(recorded_at, {mark}) AS known_at FROM leads WHERE account = {mark}
        ) AS mine
        WHERE known_at <= {mark} AND NOT EXISTS (
            SELECT 1 FROM leads AS earlier WHERE earlier.lead_id = mine.lead_id AND earlier.account IS NOT NULL
            AND (COALESCE(earlier.recorded_at, {mark}) < mine.known_at
                OR (COALESCE(earlier.recorded_at, {mark}) = mine.known_at AND earlier.version < mine.version))
        )
        ORDER BY known_at DESC, lead_id{by_bytes} DESC LIMIT {mark}"""  # noqa: S608 -- our own names
    cut = 2**63 - 1 if as_of is None else as_of
    given = (_ALWAYS, account, cut, _ALWAYS, _ALWAYS, at_most)
    return [row[0] for row in connection.exec_driver_sql(query, given)]
