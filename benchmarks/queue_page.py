"""How quickly the queue's first page comes from many open leads while leads, events and outcomes come in.

A demo company teaches a model; its leads are copied until there are as many open ones as asked for; a server in its own
process answers `GET /v1/queue`, and the page `/queue`, while a client posts to it. Then, in this process: how long it
takes to rank all of them, and to make the lines of those that changed anew. `--json` for programs.
"""

import argparse
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import numpy as np

from leadloop import console
from leadloop.clock import DAY, isoformat, now, to_micros
from leadloop.demo import DemoSettings, DemoWorld, simulate
from leadloop.settings import Settings
from leadloop.store import events, leads, outcomes, repack
from leadloop.store.ledger import Ledger
from training import retrain

PAGES, LEAD_PAGES, CHUNK = 400, 100, 5_000
POSTS_A_SECOND = 20
Figures = dict[str, float]


def company(home: Path) -> tuple[Settings, DemoWorld]:
    """A company of 3,000 leads, and the model that it learned."""
    settings, world = Settings(home=home), simulate(DemoSettings(seed=0, leads=3_000))
    ledger = Ledger.open(settings.ledger_url)
    with ledger.writing() as connection:
        leads.add(connection, world.leads)
        events.add(connection, world.events)
        outcomes.add(connection, world.outcomes)
    retrain.train(settings, ledger, world.truth.market.settings.end_at)
    ledger.close()
    return settings, world


def crowd(settings: Settings, world: DemoWorld, count: int) -> None:
    """As many open leads, copies of the company's, which came in over the last 90 days."""
    ledger = Ledger.open(settings.ledger_url)
    end, by_lead = to_micros(now()), _by_lead(world)
    ids = sorted(by_lead)
    draws = np.random.default_rng(0)
    for start in range(0, count, CHUNK):
        rows, did = [], []
        for number in range(start, min(start + CHUNK, count)):
            versions, acts = by_lead[ids[number % len(ids)]]
            name, first = f"Q-{number:07d}", versions[0].created_at or 0
            shift = end - int(draws.integers(0, 90 * DAY)) - first
            rows += [_lead_moved(row, name, shift, end) for row in versions]
            did += [_event_moved(row, name, shift) for row in acts if row.recorded_at + shift <= end]
        with ledger.writing() as connection:
            leads.add(connection, rows)
            events.add(connection, did)
    repack.fill(ledger)
    ledger.close()


def _by_lead(world: DemoWorld) -> dict[str, tuple[list[Any], list[Any]]]:
    found: dict[str, tuple[list[Any], list[Any]]] = {}
    for row in world.leads:
        found.setdefault(row.lead_id, ([], []))[0].append(row)
    for act in world.events:
        found.setdefault(act.lead_id, ([], []))[1].append(act)
    return {name: both for name, both in found.items() if both[0]}


def _lead_moved(row: Any, name: str, shift: int, end: int) -> Any:
    times = {"created_at": row.created_at + shift, "recorded_at": min(row.recorded_at + shift, end)}
    return replace(row, lead_id=name, identity={}, **times)


def _event_moved(row: Any, name: str, shift: int) -> Any:
    times = {"occurred_at": row.occurred_at + shift, "recorded_at": row.recorded_at + shift}
    return replace(row, lead_id=name, event_id=None, **times)


@contextmanager
def server(settings: Settings) -> Iterator[tuple[httpx.Client, int]]:
    """`leadloop serve` on a free port, a client of it and its process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("leadloop")), "serve", "--open"]
    command += ["--home", str(settings.home), "--port", str(port)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ, "OMP_NUM_THREADS": "1"})
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        try:
            yield client, process.pid
        finally:
            process.terminate()
            process.wait(30)


def until(holds: Any, seconds: float = 600.0) -> float:
    """Seconds until something holds."""
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        try:
            if holds():
                return time.perf_counter() - began
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"it did not hold within {seconds:.0f} seconds")


def coming_in(base_url: str, names: list[str], stop: Event) -> None:
    """Events of leads, one a request, so many a second, for as long as it is not stopped."""
    with httpx.Client(base_url=base_url, timeout=60) as client:
        for number in range(10**9):
            if stop.wait(1 / POSTS_A_SECOND):
                return
            at = isoformat(to_micros(now()))
            event = {"lead_id": names[number % len(names)], "type": "page_view", "occurred_at": at}
            client.post("/v1/events", json=event).raise_for_status()


def served(settings: Settings, count: int) -> Figures:
    """Pages while events come in, and how soon what happened is in the list."""
    with server(settings) as (client, pid):
        first = until(lambda: client.get("/v1/queue").status_code == 200)
        stop = Event()
        names = [f"Q-{number:07d}" for number in range(0, count, max(1, count // 5_000))]
        writer = Thread(target=coming_in, args=(str(client.base_url), names, stop))
        writer.start()
        took = [_timed(client) for _ in range(PAGES)]
        seen = _seen_by_people(client)
        rejected, arrived = _seen_within(client)
        stop.set()
        writer.join()
        memory = int(Path(f"/proc/{pid}/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024
    centiles = statistics.quantiles(took, n=100)
    return {
        "first_list_s": first,
        "page_p50_ms": centiles[49],
        "page_p99_ms": centiles[98],
        "page_max_ms": max(took),
        **seen,
        "rejected_gone_ms": rejected,
        "new_lead_counted_s": arrived,
        "server_mb": memory,
    }


def _timed(client: httpx.Client, path: str = "/v1/queue") -> float:
    time.sleep(0.05)
    began = time.perf_counter()
    client.get(path).raise_for_status()
    return 1_000 * (time.perf_counter() - began)


def _seen_by_people(client: httpx.Client) -> Figures:
    """The same as a page; with filters, of which nothing is kept ready; and single leads, a different one each time."""
    ids = [row["lead_id"] for row in client.get("/v1/queue", params={"limit": LEAD_PAGES}).json()["leads"]]
    paths = {
        "html": ["/queue"] * PAGES,
        "html_filtered": ["/queue?cell=nurture&source=webinar"] * (PAGES // 4),
        "html_lead": [f"/leads/{lead_id}" for lead_id in ids],
    }
    found: Figures = {}
    for name, some in paths.items():
        centiles = statistics.quantiles([_timed(client, path) for path in some], n=100)
        found |= {f"{name}_p50_ms": centiles[49], f"{name}_p99_ms": centiles[98]}
    size = client.get("/queue", headers={"Accept-Encoding": "gzip"}).headers["content-length"]
    return {**found, "html_kb": int(size) / 1_000}


def _seen_within(client: httpx.Client) -> tuple[float, float]:
    """Milliseconds that a rejection takes with its answer, after which the lead is gone; seconds to a new lead."""
    top = client.get("/v1/queue").json()
    lead_id = top["leads"][0]["lead_id"]
    began = time.perf_counter()
    client.post(f"/v1/queue/{lead_id}/reject", json={"reason": "no_budget"}).raise_for_status()
    rejected = 1_000 * (time.perf_counter() - began)
    assert lead_id not in [row["lead_id"] for row in client.get("/v1/queue").json()["leads"]]
    lead = {"lead_id": "brand-new", "created_at": isoformat(to_micros(now())), "owner": "brand-new"}
    client.post("/v1/leads", json=lead).raise_for_status()
    arrived = until(lambda: client.get("/v1/queue", params={"owner": "brand-new"}).json()["total"] == 1)
    return rejected, arrived


def ranked(settings: Settings, count: int) -> Figures:
    """In this process: all of it, and 500 lines of it."""
    from serving.backlog.making import make, refreshed
    from serving.scorer import Scorer

    ledger, scorer = Ledger.open(settings.ledger_url), Scorer.load(settings)
    began, worked = time.perf_counter(), time.process_time()
    backlog = make(ledger, scorer, settings)
    all_s, all_cpu = time.perf_counter() - began, time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    few = [f"Q-{number:07d}" for number in range(0, count, max(1, count // 500))][:500]
    took = []
    for _ in range(5):
        began = time.perf_counter()
        refreshed(backlog, ledger, settings, few)
        took.append(1_000 * (time.perf_counter() - began))
    began = time.perf_counter()
    refreshed(backlog, ledger, settings, few[:1])
    one = 1_000 * (time.perf_counter() - began)
    listed = {"list_mb": (backlog.lines.nbytes + backlog.lead_ids.nbytes) / 2**20, "open_leads": float(len(backlog))}
    return {"rank_all_s": all_s, "rank_all_cpu_s": all_cpu, "ranking_peak_mb": peak, **listed} | {
        "refresh_500_ms": statistics.median(took),
        "refresh_1_ms": one,
    }


def measure(count: int) -> Figures:
    """All figures."""
    with tempfile.TemporaryDirectory() as scratch:
        console.say("a company, and what it learned")
        settings, world = company(Path(scratch))
        console.say(f"{count:,} open leads")
        crowd(settings, world, count)
        console.say("the server")
        figures = served(settings, count)
        console.say("ranking")
        return figures | ranked(settings, count)


def main() -> None:
    """Print the figures; there is no peer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--leads", type=int, default=200_000)
    given = parser.parse_args()
    figures = measure(given.leads)
    if given.json:
        json.dump({"figures": figures, "peers": {}, "ratios": {}}, sys.stdout, indent=1)
    else:
        console.print_table(f"{given.leads:,} open leads", ("", "figure"), list(figures.items()), ("figure",))


if __name__ == "__main__":
    main()
