"""How quickly events become the catalogue's engagement features: the kernel beside pandas, Polars and DuckDB.

Each way runs in a process of its own on the same events, sorted by lead and in memory in its own form; the matrices are
held to be equal. A peer that is not installed is named and left out (`uv pip install polars duckdb`). `--json` for
programs; `--leads` and `--events` for another size.
"""

import argparse
import importlib
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from features.catalogue import Catalogue
from features.engagement import WIDTH
from features.history import ALWAYS, NEVER, Events, Floats, History
from features.kernel import matrix
from leadloop import console
from leadloop.clock import DAY

KINDS = ("page_view", "email_open", "email_click", "download", "webinar", "pricing", "form", "demo")
SHARES = (0.38, 0.24, 0.11, 0.09, 0.05, 0.07, 0.04, 0.02)
CATALOGUE = Catalogue((), KINDS, dated=False)
COLUMNS = ("kind", "occurred_at", "recorded_at", "superseded_at")
T0 = 20_000 * DAY
ROUNDS = 5
EVENTS_OF_ONE, LEADS_OF_ONE, TIMES = 200, 500, 20

Facts = dict[str, Any]
"""Sorted columns of events, where each lead's start, and an instant a lead."""


def world(leads: int, events: int, seed: int = 0) -> Facts:
    """Leads with events over 90 days, one in ten known late, one in fifty corrected away; an instant for each lead."""
    draws = np.random.default_rng(seed)
    lead = np.sort(draws.integers(0, leads, events))
    occurred_at = T0 + draws.integers(0, 90 * DAY, events)
    occurred_at = occurred_at[np.lexsort((occurred_at, lead))]
    known_at = occurred_at + np.where(draws.random(events) < 0.1, draws.integers(0, 10 * DAY, events), 0)
    return {
        "start": np.concatenate([[0], np.cumsum(np.bincount(lead, minlength=leads))]),
        "kind": draws.choice(len(KINDS), events, p=SHARES),
        "occurred_at": occurred_at,
        "recorded_at": known_at,
        "superseded_at": np.where(draws.random(events) < 0.02, known_at + 20 * DAY, NEVER),
        "as_of": T0 + draws.integers(60 * DAY, 90 * DAY, leads),
    }


def history_of(facts: Facts) -> History:
    """Leads without attributes."""
    n = len(facts["as_of"])
    events = Events(start=facts["start"], kinds=KINDS, **{name: facts[name] for name in COLUMNS})
    ids, nothing = tuple(f"{i:09d}" for i in range(n)), np.full(n, ALWAYS)
    return History(ids, nothing, np.full(n, np.nan), (None,) * n, np.arange(n + 1), nothing, ({},) * n, events)


def frame(facts: Facts) -> Facts:
    """The events as the columns of a frame, the instant beside each."""
    lead = np.repeat(np.arange(len(facts["as_of"])), np.diff(facts["start"]))
    return {"lead": lead, **{name: facts[name] for name in COLUMNS}, "as_of": facts["as_of"][lead]}


def by_kernel(facts: Facts) -> Callable[[], Floats]:
    """The kernel as training and serving call it."""
    history, lead = history_of(facts), np.arange(len(facts["as_of"]))
    return lambda: matrix(CATALOGUE, history, lead, facts["as_of"])


def by_pandas(facts: Facts) -> Callable[[], Floats]:
    """Two group-bys of derived columns."""
    import pandas as pd

    events, n = pd.DataFrame(frame(facts)), len(facts["as_of"])

    def run() -> Floats:
        known = (events.recorded_at <= events.as_of) & (events.superseded_at > events.as_of)
        seen = events[known & (events.occurred_at <= events.as_of)]
        days = (seen.as_of - seen.occurred_at) / DAY
        told = pd.DataFrame({"lead": seen.lead, "kind": seen.kind, "one": 1, "week": days <= 7, "month": days <= 30})
        told = told.assign(decayed=np.exp2(-days / 7), last=days, before=days <= 28)
        sums = dict.fromkeys(("one", "week", "month", "decayed"), "sum") | {"last": "min", "before": "sum"}
        kinds = told.groupby(["lead", "kind"], sort=False).agg(sums).reset_index()
        perday = seen.groupby([seen.lead, seen.occurred_at // DAY], sort=False).size()
        spread = perday.groupby(level=0).agg(["size", "max"]).reset_index()
        return assemble(n, *({str(name): each[name].to_numpy() for name in each} for each in (kinds, spread)))

    return run


def by_polars(facts: Facts) -> Callable[[], Floats]:
    """The same as one lazy plan, on all cores."""
    pl = importlib.import_module("polars")
    events, n = pl.DataFrame(frame(facts)), len(facts["as_of"])
    c, days = pl.col, pl.col("days")

    def run() -> Floats:
        seen = events.lazy().filter(
            (c("occurred_at") <= c("as_of")) & (c("recorded_at") <= c("as_of")) & (c("superseded_at") > c("as_of"))
        )
        told = seen.with_columns(days=(c("as_of") - c("occurred_at")) / DAY, day=c("occurred_at") // DAY)
        kinds = told.group_by("lead", "kind").agg(
            one=pl.len(),
            week=(days <= 7).sum(),
            month=(days <= 30).sum(),
            decayed=(2.0 ** (-days / 7)).sum(),
            last=days.min(),
            before=(days <= 28).sum(),
        )
        perday = told.group_by("lead", "day").agg(events=pl.len()).group_by("lead")
        spread = perday.agg(size=pl.len(), max=c("events").max())
        frames = pl.collect_all([kinds, spread])
        return assemble(n, *({name: each[name].to_numpy() for name in each.columns} for each in frames))

    return run


SUMS = ("one", "week", "month", "decayed", "last", "before")
SEEN = "occurred_at <= as_of AND recorded_at <= as_of AND superseded_at > as_of"
KINDS_SQL = f"""
SELECT lead, kind, count(*) AS one, count(*) FILTER (days <= 7) AS week, count(*) FILTER (days <= 30) AS month,
       sum(pow(2.0, -days / 7)) AS decayed, min(days) AS last, count(*) FILTER (days <= 28) AS before
FROM (SELECT lead, kind, (as_of - occurred_at) / {DAY} AS days FROM events WHERE {SEEN}) GROUP BY lead, kind
"""  # noqa: S608 -- constants of this file
SPREAD_SQL = f"""
SELECT lead, count(*) AS size, max(n) AS max
FROM (SELECT lead, count(*) AS n FROM events WHERE {SEEN} GROUP BY lead, occurred_at // {DAY}) GROUP BY lead
"""  # noqa: S608 -- the same


def by_duckdb(facts: Facts) -> Callable[[], Floats]:
    """The same in SQL, on all cores."""
    import pyarrow as pa

    connection, n = importlib.import_module("duckdb").connect(), len(facts["as_of"])
    connection.register("given", pa.table(frame(facts)))
    connection.execute("CREATE TABLE events AS SELECT * FROM given")
    connection.unregister("given")
    return lambda: assemble(n, *(connection.execute(query).fetchnumpy() for query in (KINDS_SQL, SPREAD_SQL)))


WAYS = {"kernel": by_kernel, "pandas": by_pandas, "polars": by_polars, "duckdb": by_duckdb}


def assemble(leads: int, kinds: Facts, spread: Facts) -> Floats:
    """A peer's aggregates as the kernel's matrix; events of all types are the sums over the types."""
    blocks = np.zeros((leads, len(KINDS) + 1, len(SUMS)))
    for i, name in enumerate(SUMS):
        blocks[kinds["lead"], kinds["kind"], i] = kinds[name]
    last, none = blocks[:, :, WIDTH - 1], blocks[:, :, 0] == 0
    blocks[:, -1] = blocks[:, :-1].sum(axis=1)
    last[none] = np.inf
    last[:, -1] = last[:, :-1].min(axis=1)
    last[np.isinf(last)] = np.nan
    week, before = blocks[:, -1, 1], blocks[:, -1, WIDTH]
    pace = np.stack([np.zeros(leads), (week + 1) / ((before - week) / 3 + 1), np.zeros(leads)], axis=1)
    pace[spread["lead"], 0], pace[spread["lead"], 2] = spread["size"], spread["max"]
    return np.hstack([blocks[:, :, :WIDTH].reshape(leads, -1), pace])


def resident(field: str = "VmRSS") -> int:
    """Bytes of memory in use now, or at most so far (VmHWM)."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def measure(way: str, folder: Path) -> dict[str, float]:
    """In this process: load the facts, make the matrix, and say how long it took at best and what memory it needed."""
    WAYS[way](world(20, 2_000))()  # compiled, imported
    before = resident()
    facts = {file.stem: np.load(file) for file in folder.glob("facts/*.npy")}
    given = sum(column.nbytes for column in facts.values())
    run = WAYS[way](facts)
    del facts
    took = [timed(run) for _ in range(ROUNDS)]
    np.save(folder / f"{way}.npy", run())
    wall, processor = (min(each) for each in zip(*took, strict=True))
    return {
        "seconds": wall,
        "processor_seconds": processor,
        "peak_memory_to_inputs": (resident("VmHWM") - before) / given,
    }


def timed(run: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the wall, and of processors."""
    wall, processor = time.perf_counter(), time.process_time()
    run()
    return time.perf_counter() - wall, time.process_time() - processor


def one_lead() -> float:
    """Processor microseconds from one lead's sorted arrays to its row of features; leads vary, as they do in life."""
    runs = [by_kernel(world(1, EVENTS_OF_ONE, seed)) for seed in range(LEADS_OF_ONE)]
    return min(timed(lambda: deque((run() for run in runs), maxlen=0))[1] for _ in range(TIMES)) / len(runs) * 1e6


def elsewhere(way: str, folder: Path) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--way", way, "--folder", str(folder)]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def measured(folder: Path, leads: int, events: int) -> dict[str, dict[str, float]]:
    """Every way that is installed, their matrices held to be equal."""
    (folder / "facts").mkdir()
    for name, column in world(leads, events).items():
        np.save(folder / "facts" / f"{name}.npy", column)
    found = {}
    for way in WAYS:
        if way != "kernel" and importlib.util.find_spec(way) is None:
            console.warn(f"{way} left out: it is not installed (uv pip install {way})")
            continue
        console.say(f"{way}: {events:,} events of {leads:,} leads")
        found[way] = elsewhere(way, folder)
        if way != "kernel":
            ours, theirs = (np.load(folder / f"{each}.npy", mmap_mode="r") for each in ("kernel", way))
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, err_msg=f"{way} comes to other features")
    return found


def report(found: dict[str, dict[str, float]], one_us: float) -> dict[str, dict[str, float]]:
    """Figures, peers and ratios: how many times the kernel's time a peer takes, by the clock and of processors."""
    told = {f"{way}.{name}": value for way, each in found.items() for name, value in each.items()}
    return {
        "figures": {k: v for k, v in told.items() if k.startswith("kernel.")} | {"one_lead.microseconds": one_us},
        "peers": {k: v for k, v in told.items() if not k.startswith("kernel.")},
        "ratios": {
            f"{way} / kernel ({name})": each[name] / found["kernel"][name]
            for way, each in found.items()
            if way != "kernel"
            for name in ("seconds", "processor_seconds")
        },
    }


def main() -> None:
    """Print figures, peers and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--leads", type=int, default=200_000)
    parser.add_argument("--events", type=int, default=10_000_000)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.way:
        print(json.dumps(measure(asked.way, asked.folder)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        result = report(measured(Path(scratch), asked.leads, asked.events), one_lead())
    if asked.json:
        print(json.dumps(result, indent=1))
        return
    for title, values in result.items():
        console.print_table(title, ("", "value"), list(values.items()), ("value",))


if __name__ == "__main__":
    main()
