"""Rounds in which a process that writes is killed, and its journal is compared with the ledger it leaves.

    python -m tests.crash.rounds URL ROUNDS SEED

Each round forks a writer: it adds batches, or imports files, and notes in a journal what the ledger acknowledged. It is
killed at a failpoint, or at any instant. Then nothing acknowledged may be missing, at most what was in flight may be
there beside it and only whole, packed histories must be what the rows say; and doing all of it again must end in each
row once. Forks come from this process, which has one thread.
"""

import json
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import sleep

from sqlalchemy import select, text

from leadloop.errors import InputError
from leadloop.intake.load import load
from leadloop.intake.report import ImportReport
from leadloop.intake.source import Chunk, read_paths
from leadloop.store import events, failpoint, leads, packed, repack
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow
from leadloop.store.tables import events as event_table
from leadloop.store.tables import import_progress

ANY = "any instant"
_BOTH = ("rows_in", "histories_written", "before_commit", "after_commit", ANY)
POINTS = {"add": _BOTH, "import": failpoint.NAMES + _BOTH[-1:], "strict": ("report_kept", *_BOTH)}
"""Where each way to write can be killed."""
WAYS = tuple(POINTS)
BATCHES, BATCH = 6, 20
Row = tuple[str, int]
"""What makes a stored event one: its key and its version."""


@dataclass(frozen=True)
class Round:
    """One writer's work: batches of a lead's row and events each, some of them corrections of earlier ones."""

    number: int
    way: str
    folder: Path

    @property
    def journal(self) -> Path:
        """A line a batch that the ledger acknowledged: its number."""
        return self.folder / "journal"

    def batch(self, which: int) -> tuple[LeadRow, list[EventRow]]:
        """The rows of a batch."""
        draw = random.Random(f"{self.number} {which}")  # noqa: S311 -- the same batch whoever asks
        name, at = f"L-{self.number}-{which % 2}", which * 1_000_000
        ids = [f"{self.number}-{which * BATCH + i - draw.choice((0, 0, BATCH)) * (which > 0)}" for i in range(BATCH)]
        return LeadRow(name, 0, at), [EventRow(name, draw.choice("xyz"), at, at + i, ids[i]) for i in range(BATCH)]

    def rows(self, which: int) -> set[Row]:
        """The events of a batch as the ledger keeps them."""
        return {(row[0], row[1]) for row in map(events.stored, self.batch(which)[1])}

    @property
    def lead_ids(self) -> list[str]:
        """The leads that it is about."""
        return [f"L-{self.number}-{i}" for i in range(2)]

    def write_file(self) -> Path:
        """The events of all batches as a file to import, the microseconds written out."""
        lines = [
            f"{row.lead_id},{row.type},{_iso(row.occurred_at)},{_iso(row.recorded_at)},{row.event_id}"
            for which in range(BATCHES)
            for row in self.batch(which)[1]
        ]
        path = self.folder / "events.csv"
        path.write_text("\n".join(["lead_id,type,occurred_at,recorded_at,event_id", *lines]) + "\n")
        return path


def _iso(micros: int) -> str:
    return f"1970-01-01T00:00:{micros // 1_000_000:02}.{micros % 1_000_000:06}Z"


def add(url: str, one: Round) -> int:
    """Add the batches, a transaction each; how many events were new."""
    ledger, new = Ledger.open(url), 0
    for which in range(BATCHES):
        lead, did = one.batch(which)
        with ledger.writing() as connection:
            leads.add(connection, [lead])
            new += events.add(connection, did)
        note(one, which)
    ledger.close()
    return new


def bring_in(url: str, one: Round) -> int:
    """Import the file, a batch to a chunk; how many events were new."""
    ledger, report = Ledger.open(url), ImportReport()
    chunks = read_paths([one.write_file()], mapping=None, timezone=None, stages={}, report=report, chunk_rows=BATCH)
    numbers: Iterator[int] = iter(range(BATCHES))
    strict = one.way == "strict"

    def done(_: Chunk) -> None:
        if not strict:  # it acknowledges all at once, in the end
            note(one, next(numbers))

    load(ledger, chunks, report, strict=strict, done=done, resume="")
    for which in range(BATCHES) if strict else ():
        note(one, which)
    ledger.close()
    if report.tables["events"].good != BATCHES * BATCH:
        raise InputError(f"the report says {report.tables['events']}")
    return report.tables["events"].new


def note(one: Round, which: int) -> None:
    """The ledger has acknowledged the batch."""
    with one.journal.open("a") as journal:
        journal.write(f"{which}\n")


WORK: dict[str, Callable[[str, Round], int]] = {"add": add, "import": bring_in, "strict": bring_in}


def killed(url: str, one: Round, point: str, draw: random.Random) -> bool:
    """Let a process do the work and kill it; False when it was done before that."""
    pid = os.fork()
    if pid == 0:
        if point != ANY:
            failpoint.arm(f"{point}:{_count(one, point, draw)}")
        try:
            WORK[one.way](url, one)
        finally:
            os._exit(0)
    if point == ANY:
        sleep(draw.random() * 0.12)
        os.kill(pid, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def _count(one: Round, point: str, draw: random.Random) -> int:
    """Which time it gets there, of those that it does."""
    once = point == "report_kept" or (one.way == "strict" and point != "rows_in")
    return 1 if once else draw.randint(1, BATCHES)


def wrong(ledger: Ledger, one: Round) -> Iterator[str]:
    """What the killed process should not have left."""
    there, batches = stored(ledger, one), [one.rows(which) for which in range(BATCHES)]
    noted = [int(line) for line in one.journal.read_text().split()] if one.journal.exists() else []
    if lost := set[Row]().union(*(batches[which] for which in noted)) - there:
        yield f"lost {len(lost)} acknowledged rows"
    possible = BATCHES if one.way == "strict" and there else len(noted) + 1  # strict: all or nothing
    allowed = [set[Row]().union(*batches[:some]) for some in {len(noted), min(possible, BATCHES)}]
    if there not in allowed:
        yield f"{len(there)} rows are there, {len(noted)} batches were acknowledged"
    yield from unlike(ledger, one)


def unlike(ledger: Ledger, one: Round) -> Iterator[str]:
    """Packed histories that are not what the rows say."""
    with ledger.reading() as connection:
        kept, right = packed.kept(connection, one.lead_ids), packed.from_rows(connection, one.lead_ids)
    yield from (f"{lead_id} is packed wrong" for lead_id, row in kept.items() if right.get(lead_id) != row)


def again(url: str, ledger: Ledger, one: Round) -> Iterator[str]:
    """Do it all once more, as a client that heard nothing does; each row must be there once in the end."""
    every, before = set[Row]().union(*map(one.rows, range(BATCHES))), stored(ledger, one)
    new = WORK[one.way](url, one)
    if new != len(every) - len(before):
        yield f"{new} rows counted as new, {len(every) - len(before)} were"
    if stored(ledger, one) != every:
        yield "not every row is there after doing it again"
    with ledger.reading() as connection:
        if one.way == "import" and connection.execute(select(import_progress)).first():
            yield "a complete import is still noted as begun"
    yield from unlike(ledger, one)


def stored(ledger: Ledger, one: Round) -> set[Row]:
    """The round's events in the ledger; raises when one is there twice."""
    query = select(event_table.c.event_key, event_table.c.version).where(event_table.c.lead_id.in_(one.lead_ids))
    with ledger.reading() as connection:
        rows = [(row[0], row[1]) for row in connection.execute(query)]
    if len(rows) != len(set(rows)):
        raise AssertionError(f"round {one.number}: rows are doubled")
    return set(rows)


def settled(ledger: Ledger) -> None:
    """Wait until the server has noticed that its client is dead."""
    if ledger.engine.dialect.name != "postgresql":
        return
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    for _ in range(500):
        with ledger.reading() as connection:
            if connection.execute(others).scalar_one() == 0:
                return
        sleep(0.01)


def run(url: str, rounds: int, seed: int) -> dict[str, object]:
    """So many rounds on one ledger: how many were killed where, and what was wrong."""
    draw, kills, found = random.Random(seed), Counter[str](), list[str]()  # noqa: S311 -- seeded to be repeated
    Ledger.open(url).close()
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            one = Round(number, WAYS[number % len(WAYS)], Path(folder))
            point = draw.choice(POINTS[one.way])
            kills[f"{one.way}: {point}"] += killed(url, one, point, draw)
            ledger = Ledger.open(url)
            settled(ledger)
            complaints = [*wrong(ledger, one), *again(url, ledger, one)]
            found += [f"round {number}, {one.way}, {point}: {complaint}" for complaint in complaints]
            ledger.close()
    return {"rounds": rounds, "killed": dict(sorted(kills.items())), "wrong": found + checked(url)}


def checked(url: str) -> list[str]:
    """Packed histories of the whole ledger, once all are packed."""
    ledger = Ledger.open(url)
    repack.fill(ledger)
    bad = [f"{lead_id} is packed wrong in the end" for lead_id in repack.check(ledger)]
    ledger.close()
    return bad


if __name__ == "__main__":
    json.dump(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])), sys.stdout)
