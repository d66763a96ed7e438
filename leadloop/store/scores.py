"""Scores in the ledger: what a version said of a lead at an instant, with the values that it saw."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from leadloop.store.bulk import add_rows, matching
from leadloop.store.tables import scores
from leadloop.store.tombstones import admitted

_LEVEL = 1
"""Of deflating: most values of a lead are nothing, and more effort saves little more."""


@dataclass(frozen=True, slots=True)
class StoredScore:
    """A score as it was given. Times in microseconds UTC; `as_of` is the end of time in an undated ledger.

    `seen`: the feature row, float64 little-endian, in the order of the catalogue whose hash is `feature_hash`;
    `days_waited`: since the lead came in, NaN or None where unknown. Both are what `model_version` scored.
    `place`: by priority among the `open_leads` of that moment, 1 the best; `percentile`: the share of them that matter
    less; `…_as_before`: of the lead's score before, among the same leads. None where no list was at hand.
    """

    lead_id: str
    as_of: int
    model_version: str
    feature_hash: str
    p_win: float
    expected_value: float
    importance: float
    urgency: float
    priority: float
    stars: int
    flames: int
    fit: float | None
    readiness: float | None
    cell: str
    seen: bytes
    recorded_at: int
    days_waited: float | None = None
    place: int | None = None
    place_as_before: int | None = None
    percentile: float | None = None
    percentile_as_before: float | None = None
    open_leads: int | None = None


_FIELDS = [field.name for field in fields(StoredScore)]
_NAMES, _SEEN = ", ".join(_FIELDS), _FIELDS.index("seen")


def add(connection: Connection, rows: Sequence[StoredScore]) -> int:
    """Keep each score once (a lead's, at an instant, by a version); returns how many were new."""
    return add_rows(connection, scores, [_packed(row) for row in admitted(connection, rows)])


def before(connection: Connection, lead_ids: Iterable[str], at: int) -> dict[str, StoredScore]:
    """The newest score of each lead that was made for an instant up to `at`; leads without one are left out."""
    query = f"""SELECT {_NAMES} FROM scores JOIN (SELECT lead_id AS its, max(as_of) AS newest FROM scores
        WHERE lead_id :keys AND as_of <= {int(at)} GROUP BY lead_id) AS last
        ON lead_id = its AND as_of = newest ORDER BY recorded_at"""  # noqa: S608 -- our own names and a number
    return {row[0]: _unpacked(row) for row in matching(connection, query, list(lead_ids))}


def newest_made(connection: Connection, lead_ids: Sequence[str], version: str) -> dict[str, int]:
    """When the last score by a version was stored, of each lead that has one."""
    query = select(scores.c.lead_id, func.max(scores.c.recorded_at)).group_by(scores.c.lead_id)
    chosen = query.where(scores.c.lead_id.in_(lead_ids), scores.c.model_version == version)
    return {row[0]: row[1] for row in connection.execute(chosen)}


def stars(connection: Connection, version: str, since: int) -> dict[int, int]:
    """How many of the scores that a version gave since an instant have how many stars."""
    query = select(scores.c.stars, func.count()).group_by(scores.c.stars)
    chosen = query.where(scores.c.model_version == version, scores.c.recorded_at >= since)
    return {row[0]: row[1] for row in connection.execute(chosen)}


def history(
    connection: Connection, lead_id: str, most: int | None = None, after: tuple[int, str] | None = None
) -> list[StoredScore]:
    """A lead's scores, newest first. `after`: as_of and version of the last one on the page before."""
    query = select(scores).where(scores.c.lead_id == lead_id)
    if after is not None:
        same = and_(scores.c.as_of == after[0], scores.c.model_version < after[1])
        query = query.where(or_(scores.c.as_of < after[0], same))
    query = query.order_by(scores.c.as_of.desc(), scores.c.model_version.desc()).limit(most)
    return [_unpacked(row) for row in connection.execute(query)]


def thin(connection: Connection, lead_ids: Sequence[str], older_than: int) -> int:
    """Drop what was stored before an instant, but for the newest score of each lead; returns how many went."""
    statement = f"""DELETE FROM scores WHERE lead_id :keys AND recorded_at < {int(older_than)} AND EXISTS (
        SELECT 1 FROM scores AS newer WHERE newer.lead_id = scores.lead_id AND newer.as_of > scores.as_of)"""  # noqa: S608 -- ours
    return matching(connection, statement, lead_ids).rowcount


def inflated(seen: bytes) -> bytes:
    """The values as they are in the table, made long again."""
    return zlib.decompress(seen)


def _packed(row: StoredScore) -> tuple[Any, ...]:
    values = [getattr(row, name) for name in _FIELDS]
    values[_SEEN] = zlib.compress(row.seen, _LEVEL)
    return tuple(values)


def _unpacked(row: Sequence[Any]) -> StoredScore:
    values = list(row)
    values[_SEEN] = inflated(values[_SEEN])
    return StoredScore(*values)
