"""Eight who write at once, to a real server: each keeps a journal, and at the end the ledger says the same."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from leadloop.clock import HOUR, isoformat
from leadloop.store.ledger import Ledger
from leadloop.store.tables import events, idempotency, leads
from tests.support import serving

WRITERS, ROUNDS, SHARED = 8, 15, 40
LONGEST_WAIT_SECONDS = 30.0


@dataclass
class Journal:
    """What one writer was answered: keys of rows, and of those that it made new."""

    answered: set[str] = field(default_factory=set)
    made: list[str] = field(default_factory=list)
    statuses: set[int] = field(default_factory=set)


@pytest.fixture(params=[1, 2], ids=["one process", "two processes"])
def server(request: pytest.FixtureRequest, ledger_url: str, tmp_path: Path) -> Iterator[str]:
    """The address of a server with an empty ledger, on each database in turn."""
    with serving(tmp_path / "home", workers=request.param, database_url=ledger_url) as client:
        yield str(client.base_url)


def post(client: httpx.Client, journal: Journal, table: str, body: dict[str, Any], key: str | None = None) -> None:
    """Send, and write down what was answered."""
    answer = client.post(f"/v1/{table}", json=body, headers={"Idempotency-Key": key} if key else {})
    journal.statuses.add(answer.status_code)
    told = answer.json()
    for item in told.get("items", [{**told, "status": answer.status_code}]):
        journal.answered.add(item["key"])
        if item["status"] == 201 and "idempotent-replayed" not in answer.headers:
            journal.made.append(item["key"])


def write(address: str, writer: int) -> Journal:
    """Leads, each sent twice, batches of own events, and batches that all writers send, in orders of their own."""
    journal = Journal()
    with httpx.Client(base_url=address, timeout=LONGEST_WAIT_SECONDS) as client:
        for i in range(ROUNDS):
            name = f"L-{writer}-{i}"
            for _ in range(2):
                post(client, journal, "leads", {"lead_id": name, "created_at": isoformat(i * HOUR)}, f"{writer}-{i}")
            own = [event(name, f"own-{writer}-{i}-{n}") for n in range(20)]
            post(client, journal, "events", {"items": own}, f"{writer}-{i}-events")
            shared = [event("L-0-0", f"shared-{i}-{n}") for n in range(SHARED)]
            post(client, journal, "events", {"items": shared[writer * 5 :] + shared[: writer * 5]})
    return journal


def event(lead_id: str, event_id: str) -> dict[str, Any]:
    """An event that says who sent it."""
    return {"lead_id": lead_id, "event_id": event_id, "type": "visit", "occurred_at": "2026-03-01T10:00:00Z"}


@pytest.fixture
def journals(server: str) -> list[Journal]:
    """What the writers wrote down, each in a thread with a client of its own."""
    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(lambda writer: write(server, writer), range(WRITERS)))


def test_the_journals_of_eight_writers_and_the_ledger_say_the_same(journals: list[Journal], ledger_url: str) -> None:
    opened = Ledger.open(ledger_url)
    with opened.reading() as connection:
        stored = [*connection.execute(select(leads.c.lead_id)).scalars()]
        stored += connection.execute(select(events.c.event_key)).scalars()
        in_flight = connection.execute(select(idempotency.c.key).where(idempotency.c.status.is_(None))).scalars().all()
    opened.close()
    assert set.union(*(journal.statuses for journal in journals)) <= {200, 201}
    assert set.union(*(journal.answered for journal in journals)) == set(stored)
    assert sorted(key for journal in journals for key in journal.made) == sorted(stored)
    assert in_flight == []
