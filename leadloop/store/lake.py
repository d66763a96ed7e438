"""The ledger as a lake: partitioned Parquet for many machines, where all rows of a person are in one partition."""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, Table, Text, case, cast, distinct, func, null, or_, select

from leadloop.errors import InputError
from leadloop.store import people, tables
from leadloop.store.events import StoredEvent
from leadloop.store.leads import StoredLead
from leadloop.store.ledger import Ledger
from leadloop.store.people import People

FORMAT = 2
MANIFEST, PEOPLE = "lake.json", "people.parquet"
CHUNK_ROWS = 100_000
PARTITIONS_AT_MOST = 500
"""While a lake is written, one file a partition is open, and a process may hold about a thousand."""

# No identities, no properties, no actors: only what a model may see.
_COLUMNS = {
    "leads": ("lead_id", "version", "created_at", "recorded_at", "position", "attributes", "account"),
    "events": ("event_key", "version", "lead_id", "type", "occurred_at", "recorded_at"),
    "outcomes": (
        *("outcome_key", "version", "lead_id", "stage", "occurred_at", "recorded_at"),
        *("reason", "amount", "currency", "until_at"),
    ),
}
_DUPLICATES = ("lead_id", "survivor", "joined_at", "arrived_at")
_KEYS = {"events": "event_key", "outcomes": "outcome_key"}
_WHOLE = {"version", "created_at", "recorded_at", "occurred_at", "until_at"}
_REAL = {"position", "amount"}


@dataclass(frozen=True)
class Lake:
    """A lake that was written. `as_of`: the instant it stands for, microseconds UTC; None in an undated one.

    `twice`: whether somebody is there twice. Who is one person was found when the lake was written, from identities
    that are not in it, so that such a lake answers for its own instant only.
    """

    folder: Path
    partitions: int
    as_of: int | None
    twice: bool

    @classmethod
    def open(cls, folder: Path) -> "Lake":
        """The lake in `folder`.

        Raises: InputError when there is none, or it is of another format.
        """
        try:
            saved = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            known = saved["format"] == FORMAT
            lake = cls(folder.resolve(), int(saved["partitions"]), saved["as_of"], bool(saved["twice"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"There is no lake in {folder} ({error}); write one with `leadloop lake {folder}`"
            ) from None
        if not known:
            raise InputError(f"The lake in {folder} is of another format; write it anew with `leadloop lake {folder}`")
        return lake

    def leads(self, number: int, as_of: int | None = None) -> list[StoredLead]:
        """Versions of the leads of one partition recorded by `as_of` (None: all)."""
        rows = self.rows("leads", number, as_of)
        return [StoredLead(*(*row[:5], json.loads(row[5]), row[6])) for row in rows]

    def events(self, number: int, as_of: int | None = None) -> list[StoredEvent]:
        """Versions of events that its leads ever had, as `leadloop.store.events.read` gives them; no properties."""
        return [StoredEvent(*(*row, {})) for row in self.rows("events", number, as_of)]

    def people(self, number: int | None = None) -> People:
        """Who is there twice, among the leads of one partition (None: of all)."""
        import pyarrow.parquet as pq

        cut = None if number is None else [("partition", "==", number)]
        table = pq.read_table(self.folder / PEOPLE, filters=cut, partitioning=None)
        return _people(zip(*(table[column].to_pylist() for column in _DUPLICATES), strict=True))

    def homes(self, lead_ids: Iterable[str]) -> list[int]:
        """The partitions in which these leads are, and the leads that stand for them."""
        people = self.people()
        return sorted({partition_of(people.of(lead_id), self.partitions) for lead_id in lead_ids})

    def rows(self, name: str, number: int, as_of: int | None) -> Iterator[tuple[Any, ...]]:
        """Rows of one partition of a table that were recorded by `as_of` (None: all), in the order of its columns."""
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        known = pc.field("recorded_at")
        cut = None if as_of is None else (known <= as_of) | known.is_null()
        table = pq.read_table(_file(self.folder, name, number), filters=cut, partitioning=None)
        return zip(*(table[column].to_pylist() for column in _COLUMNS[name]), strict=True)


def partition_of(lead_id: str, partitions: int) -> int:
    """Where the rows of a lead are, a duplicate's with its person's, on every machine and in every run.

    >>> partition_of("L-7", 16)
    5
    """
    return int.from_bytes(blake2b(lead_id.encode(), digest_size=8).digest(), "big") % partitions


def _people(rows: Iterable[tuple[Any, ...]]) -> People:
    """People from rows of duplicates, those of a person in order."""
    survivor, joined_at, members, arrived_at = dict[str, str](), dict[str, int](), dict[str, list[str]](), {}
    for lead_id, first, since, at in rows:
        survivor[lead_id], joined_at[lead_id], arrived_at[lead_id] = first, since, at
        members.setdefault(first, [first]).append(lead_id)
    return People(survivor, joined_at, {first: tuple(all_) for first, all_ in members.items()}, arrived_at)


def write(ledger: Ledger, folder: Path, partitions: int, as_of: int | None) -> dict[str, int]:
    """Write what the ledger knew at `as_of` (None: undated), and put it in place whole; returns each table's rows.

    Raises: InputError when `folder` holds something that is not a lake.
    """
    _refuse_anything_else(folder)
    scratch = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    try:
        with ledger.reading() as connection:
            writer = _Writer(connection, scratch, partitions, as_of, people.read(connection, as_of))
            rows = {name: writer.table(name) for name in _COLUMNS}
        writer.people()
        _manifest(scratch, {"partitions": partitions, "as_of": as_of, "twice": bool(writer.one.survivor), "rows": rows})
        _put_in_place(scratch, folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return rows


def _manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    (folder / MANIFEST).write_text(json.dumps({"format": FORMAT, **facts}, indent=1), encoding="utf-8")


def _refuse_anything_else(folder: Path) -> None:
    if folder.exists() and not (folder / MANIFEST).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} holds something that is not a lake; choose another folder")


def _put_in_place(scratch: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    if folder.exists():
        folder.rename(old)
    scratch.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _file(folder: Path, name: str, number: int) -> Path:
    return folder / name / f"partition={number}" / "rows.parquet"


@dataclass(frozen=True)
class _Writer:
    """Writes one state of the ledger into a folder; `one` says which leads are one person."""

    connection: Connection
    folder: Path
    partitions: int
    as_of: int | None
    one: People

    def table(self, name: str) -> int:
        """A table, by chunks of rows as columns, one file a partition; returns the rows read."""
        import pyarrow as pa

        schema, moved, count = _schema(name), self._moved(name), 0
        rows = self.connection.execute(_query(name, self.as_of), execution_options={"yield_per": CHUNK_ROWS})
        with ExitStack() as files:
            writers = [files.enter_context(_writer(self.folder, name, n, schema)) for n in range(self.partitions)]
            for some in rows.partitions():
                columns = zip(schema, zip(*some, strict=True), strict=True)
                chunk = pa.table([pa.array(values, field.type) for field, values in columns], schema=schema)
                for number, members in enumerate(self._members(name, some, moved)):
                    if members:
                        writers[number].write_table(chunk.take(members))
                count += len(some)
        return count

    def people(self) -> None:
        """Duplicates and who stands for them, those of a person in order."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        twice = [lead_id for all_ in self.one.members.values() for lead_id in all_[1:]]
        columns = {
            "lead_id": pa.array(twice, pa.string()),
            "survivor": pa.array([self.one.survivor[each] for each in twice], pa.string()),
            "joined_at": pa.array([self.one.joined_at[each] for each in twice], pa.int64()),
            "arrived_at": pa.array([self.one.arrived_at[each] for each in twice], pa.int64()),
            "partition": pa.array([self._home(each) for each in twice], pa.int64()),
        }
        pq.write_table(pa.table(columns), self.folder / PEOPLE)

    def _home(self, lead_id: str) -> int:
        return partition_of(self.one.of(lead_id), self.partitions)

    def _members(self, name: str, rows: Sequence[Any], moved: Mapping[str, Iterable[int]]) -> list[list[int]]:
        """Which of the rows each partition holds."""
        members: list[list[int]] = [[] for _ in range(self.partitions)]
        lead = _COLUMNS[name].index("lead_id")
        for i, row in enumerate(rows):
            for number in moved.get(row[0]) or (self._home(row[lead]),):
                members[number].append(i)
        return members

    def _moved(self, name: str) -> dict[str, set[int]]:
        """Events and outcomes that a correction moved to another lead: all versions go to the partitions of both."""
        if name not in _KEYS:
            return {}
        table: Table = getattr(tables, name)
        key = table.c[_KEYS[name]]
        several = select(key).group_by(key).having(func.count(distinct(table.c.lead_id)) > 1)
        found: dict[str, set[int]] = {}
        for moved, lead_id in self.connection.execute(select(key, table.c.lead_id).where(key.in_(several))):
            found.setdefault(moved, set()).add(self._home(lead_id))
        return found


def _writer(folder: Path, name: str, number: int, schema: Any) -> Any:
    import pyarrow.parquet as pq

    file = _file(folder, name, number)
    file.parent.mkdir(parents=True)
    return pq.ParquetWriter(file, schema, compression="zstd")


def _schema(name: str) -> Any:
    import pyarrow as pa

    kinds = {**dict.fromkeys(_WHOLE, pa.int64()), **dict.fromkeys(_REAL, pa.float64())}
    return pa.schema([(column, kinds.get(column, pa.string())) for column in _COLUMNS[name]])


def _query(name: str, as_of: int | None) -> Select[Any]:
    """The columns of a table; of an account only which leads share it, since its name may be a person's."""
    table: Table = getattr(tables, name)
    account = tables.leads.c.account
    shared = case((account.is_(None), null()), else_=cast(func.dense_rank().over(order_by=account), Text))
    query = select(*(shared.label(c) if c == "account" else table.c[c] for c in _COLUMNS[name]))
    known_at = table.c.recorded_at
    return query if as_of is None else query.where(or_(known_at.is_(None), known_at <= as_of))
