"""Processor time of importing events, checked and each kept once, beside each database's own bulk loader.

`leadloop import` reads a file as a CRM writes it; the peer gets the finished rows and only fills the same table with
the same indexes: `.import` of the sqlite3 command, COPY of PostgreSQL. Each side runs in a process of its own, into an
empty ledger. For PostgreSQL the processor time is the client's and its backend's (from /proc, so the server must be on
this machine); its background writers are not counted on either side. `--json` for programs.
"""

import argparse
import csv
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from leadloop import console
from leadloop.intake.load import load
from leadloop.intake.report import ImportReport
from leadloop.intake.source import read_paths
from leadloop.store import events, tables
from leadloop.store.ledger import Ledger

POSTGRES = os.environ.get("LEADLOOP_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")
CHUNK_ROWS = 100_000
TYPES = ("email_open", "email_click", "page_view", "form", "webinar", "call", "download", "trial")
Measured = dict[str, float]


def write_events(path: Path, count: int, ids: str) -> None:
    """Events in the order of time, 25 to a lead on average, some with properties, as an export has them."""
    draw, at = random.Random(0), datetime(2025, 1, 1, tzinfo=UTC)  # noqa: S311 -- no secret
    with path.open("w", encoding="utf-8") as file:
        file.write("lead_id,type,occurred_at,recorded_at,event_id,campaign,page\n")
        for number in range(count):
            at += timedelta(seconds=draw.randrange(1, 12))
            known, lead = at + timedelta(seconds=draw.randrange(100)), f"L-{draw.randrange(count // 25 + 1):07d}"
            event = f"{draw.getrandbits(128):032x}" if ids == "random" else f"E-{number:09d}"
            more = f"{'spring' if number % 3 == 0 else ''},{'/pricing' if number % 2 else ''}"
            file.write(f"{lead},{TYPES[draw.randrange(8)]},{at.isoformat()},{known.isoformat()},{event},{more}\n")


def write_rows(source: Path, path: Path) -> None:
    """The finished rows of the table, in the order of the file: what the databases' own loaders are given."""
    chunks = read_paths([source], mapping=None, timezone=None, stages={}, report=ImportReport())
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for chunk in chunks:
            writer.writerows(events.stored(row) for row in chunk.events)


def imported(url: str, source: Path) -> Measured:
    """Import into the empty ledger, as the command does."""
    ledger, began = Ledger.open(url), time.process_time()
    before, report = backend_seconds(ledger), ImportReport()
    chunks = read_paths([source], mapping=None, timezone=None, stages={}, report=report, chunk_rows=CHUNK_ROWS)
    load(ledger, chunks, report, strict=False, done=lambda _: None)
    client, backend = time.process_time() - began, backend_seconds(ledger) - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"client_s": client, "backend_s": backend, "peak_mb": peak, "new": report.tables["events"].new}


def copied(url: str, rows: Path) -> Measured:
    """The same rows by COPY."""
    ledger, began = Ledger.open(url), time.process_time()
    before = backend_seconds(ledger)
    with ledger.writing() as connection, rows.open("rb") as file:
        cursor: Any = connection.connection.cursor()
        with cursor, cursor.copy("COPY events FROM STDIN (FORMAT csv)") as copy:
            while piece := file.read(1 << 20):
                copy.write(piece)
    client, backend = time.process_time() - began, backend_seconds(ledger) - before
    return {"client_s": client, "backend_s": backend, "peak_mb": 0.0, "new": count(ledger)}


def sqlite_imported(url: str, rows: Path) -> Measured:
    """The same rows by the sqlite3 command."""
    Ledger.open(url).close()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["sqlite3", make_url(url).database or "", f".import --csv {rows} events"], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"client_s": spent, "backend_s": 0.0, "peak_mb": after.ru_maxrss / 1024, "new": count(Ledger.open(url))}


SIDES = {"import": imported, "copy": copied, "sqlite3": sqlite_imported}


def count(ledger: Ledger) -> int:
    """Events in the ledger."""
    with ledger.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.events)).scalar_one())


def backend_seconds(ledger: Ledger) -> float:
    """Processor time so far of the server's processes that work for this ledger's clients; 0 for SQLite."""
    if ledger.engine.dialect.name != "postgresql":
        return 0.0
    query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
    with ledger.reading() as connection:
        pids = connection.execute(text(query)).scalars().all()
    ticks = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in pids)
    return sum(int(user) + int(system) for user, system in ticks) / os.sysconf("SC_CLK_TCK")


def side(name: str, url: str, file: Path) -> Measured:
    """One side, in a process of its own."""
    command = [sys.executable, __file__, "--side", name, url, str(file)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    measured: Measured = json.loads(done.stdout)
    return {**measured, "total_s": measured["client_s"] + measured["backend_s"]}


@contextmanager
def scratch_database() -> Iterator[str | None]:
    """A PostgreSQL database of this run's own; None where no server answers."""
    name = f"leadloop_ingest_{uuid4().hex[:8]}"
    admin = create_engine(POSTGRES, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3})
    try:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except OperationalError:
        yield None
        return
    try:
        yield make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


def measure(count: int, ids: str) -> dict[str, tuple[Measured, Measured]]:
    """Ours and the peer's, by database."""
    found: dict[str, tuple[Measured, Measured]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        source, rows = Path(scratch) / "events.csv", Path(scratch) / "rows.csv"
        console.say(f"writing {count:,} events")
        write_events(source, count, ids)
        write_rows(source, rows)
        if shutil.which("sqlite3"):
            console.say("SQLite")
            ours = side("import", f"sqlite:///{scratch}/ours.db", source)
            (Path(scratch) / "ours.db").unlink()
            found["sqlite"] = ours, side("sqlite3", f"sqlite:///{scratch}/peer.db", rows)
            (Path(scratch) / "peer.db").unlink()
        else:
            console.warn("SQLite left out: there is no sqlite3 command (apt-get install sqlite3)")
        with scratch_database() as mine, scratch_database() as peers:
            if mine and peers:
                console.say("PostgreSQL")
                found["postgresql"] = side("import", mine, source), side("copy", peers, rows)
            else:
                console.warn("PostgreSQL left out: no server answers; set LEADLOOP_TEST_POSTGRES")
    return found


def main() -> None:
    """Print figures, peers and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--ids", choices=["serial", "random"], default="serial", help="event_ids: in order, or hashes")
    parser.add_argument("--side", nargs=3, metavar=("NAME", "URL", "FILE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        name, url, file = given.side
        print(json.dumps(SIDES[name](url, Path(file))))
        return
    measured = measure(given.events, given.ids)
    assert all(ours["new"] == peer["new"] == given.events for ours, peer in measured.values())
    figures = {f"{name}.{key}": ours[key] for name, (ours, _) in measured.items() for key in ours}
    peers = {f"{name}.{key}": peer[key] for name, (_, peer) in measured.items() for key in peer}
    ratios = {f"{name}.processor_time": ours["total_s"] / peer["total_s"] for name, (ours, peer) in measured.items()}
    if given.json:
        json.dump({"figures": figures, "peers": peers, "ratios": ratios}, sys.stdout, indent=1)
        return
    columns = ("", "leadloop import s", "own bulk loader s", "times", "peak MB")
    lines = [
        (name, ours["total_s"], peer["total_s"], ratios[f"{name}.processor_time"], ours["peak_mb"])
        for name, (ours, peer) in measured.items()
    ]
    console.print_table(f"{given.events:,} events, processor time", columns, lines, columns[1:])


if __name__ == "__main__":
    main()
