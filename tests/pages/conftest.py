"""One server on the made-up company, and one browser a file of tests; what a browser saw of each page."""

import json
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from leadloop.settings import Settings
from leadloop.store import events, leads, samples
from leadloop.store.ledger import Ledger
from leadloop.store.samples import SampleLead, Verdict
from tests.pages import browser as installed
from tests.pages.looking import Looker
from tests.support import Loop, serving

SLA = json.dumps({"within": "24 hours"})


@pytest.fixture(scope="session")
def site(loop: Loop) -> Iterator[httpx.Client]:
    """A client of a server of the made-up company that wants no key. Tests only read from it."""
    teams = json.dumps({"North": ["lea", "hugo"]})
    with serving(loop.settings.home, store_scores="false", sla=SLA, teams=teams) as client:
        yield client


@pytest.fixture
def few(loop: Loop, ledger: Ledger, ledger_url: str, tmp_path: Path) -> Settings:
    """A ledger of 40 open leads, on each database, and the model that the made-up company learned."""
    shutil.copytree(loop.settings.models_dir, tmp_path / "home" / "models")
    chosen = set(list(dict.fromkeys(row.lead_id for row in loop.world.leads))[:40])
    with ledger.writing() as connection:
        leads.add(connection, [row for row in loop.world.leads if row.lead_id in chosen])
        events.add(connection, [row for row in loop.world.events if row.lead_id in chosen])
    return Settings(home=tmp_path / "home", database_url=ledger_url)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. A file at a time, since its loop would be in the way of tests that run their own."""
    path = installed.find()
    if path is None:
        pytest.skip("no Chromium is on this machine; `make browser` installs Debian's where that is allowed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(scope="session")
def lead_id(site: httpx.Client) -> str:
    """The best lead of the queue."""
    found: str = site.get("/v1/queue", params={"limit": 1}).json()["leads"][0]["lead_id"]
    return found


@pytest.fixture(scope="module")
def sample_id(loop: Loop) -> Iterator[str]:
    """A sample of a planned campaign, of which something is said already; gone afterwards."""
    rows = [SampleLead(f"S-{n}", {"job_title": "CFO", "company_size": "51-200"}) for n in range(3)]
    with loop.ledger.writing() as connection:
        made, _ = samples.make(connection, "Spring", "spring-27", rows, "open")
        samples.judge(connection, Verdict(made.sample_id, "S-0", "key:rep", "no", "too_small", 1))
    yield made.sample_id
    with loop.ledger.writing() as connection:
        samples.remove(connection, made.sample_id, "open")


@pytest.fixture(scope="module")
def looker(browser: Browser, site: httpx.Client, lead_id: str, sample_id: str) -> Looker:
    """Opens pages, each once however many tests look at it."""
    axe = (Path(__file__).parent / "vendored" / "axe.min.js").read_text(encoding="utf-8")
    made = Looker(browser, str(site.base_url), {"lead_id": lead_id, "sample_id": sample_id}, axe)
    made.look = cache(made.look)  # type: ignore[method-assign] # one look serves all tests
    return made
