"""leadloop in the eighteen months: its real routes on a real ledger at a simulated now, and its real retraining.

The app answers in this process; it has none of the chores of a server, which live by the time of day: a list is ranked
when it is asked for, and the champion is looked at after each training.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks.loop_orders import number
from benchmarks.loop_world import World, newest
from leadloop.clock import DAY, isoformat, simulated
from leadloop.demo.desk import Desk
from leadloop.demo.draws import Floats, Ints
from leadloop.demo.feed import Batch, Row
from leadloop.demo.market import lead_id
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow
from models.registry import Version
from serving import smoke
from serving.app import create_app
from serving.scorer import Scorer
from serving.state import State
from training.retraining import Tools, retrain

BATCH = 1_000
TRIALS = 0
"""Sets of LightGBM's parameters that a training tries: the setting `tune_trials`, turned down to save time."""
EVERY_LEAD = 1_000_000
PAGE = 50
LEFT = ("rejected", "lost", "recycled", "won", "promoter")
"""Stages of leads that sales was done with before they came again."""


class Product:
    """An installation of its own: a ledger, a registry and an app, in a folder that goes with it."""

    def __init__(self, world: World) -> None:
        self._folder = tempfile.TemporaryDirectory()
        home = Path(self._folder.name)
        self.settings = Settings(
            home=home,
            mlflow_tracking_uri=f"sqlite:///{home / 'mlflow.db'}",  # training writes its own into the environment
            capacity=world.plan.capacity,
            tune_trials=TRIALS,
            store_scores=False,
            rate_limit=0,
        )
        self.ledger = Ledger.open(self.settings.ledger_url)
        self.app = create_app(self.settings, without_key=True)
        self.state = self.app.state.leadloop = State(self.settings, self.ledger, self.app.state.metrics)
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://127.0.0.1")
        self.runner = asyncio.Runner()
        self.decisions: list[str] = []
        self._ranked_on = -1

    def send(self, batch: Batch, now: int) -> None:
        """Everything that became known, as a CRM sends it."""
        with simulated(now):
            for table, rows in (("leads", batch.leads), ("events", batch.events), ("outcomes", batch.outcomes)):
                items = [_sent(row) for row in rows]
                for begin in range(0, len(items), BATCH):
                    self.ask("POST", f"/v1/{table}", json={"items": items[begin : begin + BATCH]})

    def ask(self, method: str, path: str, **given: Any) -> dict[str, Any]:
        """An answer of the API.

        Raises: RuntimeError when it is none.
        """
        answer = self.runner.run(self.client.request(method, path, **given))
        told: dict[str, Any] = answer.json()
        if answer.is_error or told.get("refused"):
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text[:500]}")
        return told

    def look(self, now: int) -> None:
        """Bring the list up to date: all of it on a new day, later on what changed, as servers do with long lists."""
        keeper, day = self.state.keeper, now // DAY
        keeper.small = EVERY_LEAD if day > self._ranked_on else 0
        keeper.follow()
        self._ranked_on = day

    def retrain(self, now: int) -> None:
        """What `leadloop retrain` does, and the server's look at who is champion."""
        with simulated(now):
            done = retrain(self.settings, self.ledger, now, tools=Tools(look=_try))
            self.decisions.append(done.decision.outcome)
            self.state.champion.look()
            self._ranked_on = -1

    def close(self) -> None:
        """End it, and remove its folder."""
        self.runner.run(self.client.aclose())
        self.runner.close()
        self.ledger.close()
        self._folder.cleanup()


@dataclass
class LeadLoop:
    """The queue, as the server ranks it."""

    world: World
    product: Product

    def told(self, batch: Batch, now: int) -> None:
        """Tell the API."""
        self.product.send(batch, now)

    def learn(self, now: int) -> None:
        """Train again."""
        self.product.retrain(now)

    def pick(self, desk: Desk, now: int, size: int) -> Ints:
        """Whom to call: the first of the queue; newest first as before, until a model is switched on."""
        if not size:
            return np.empty(0, dtype=np.int64)
        if self.product.state.champion.scorer is None:
            return newest(self.world, desk, now)[:size]
        with simulated(now):
            self.product.look(now)
            return np.array(self._first(size, desk, now), dtype=np.int64)

    def _first(self, size: int, desk: Desk, now: int) -> list[int]:
        """The first of the queue, page by page, but for those that the team has in hand already."""
        waiting, found, cursor = set(desk.waiting(now).tolist()), list[int](), ""
        while len(found) < size:
            queue = self.product.ask("GET", f"/v1/queue?limit={PAGE}{cursor}")
            called = (self._called(row, waiting) for row in queue["leads"])
            found += [lead for lead in called if lead is not None]
            if queue["next_cursor"] is None:
                break
            cursor = f"&cursor={queue['next_cursor']}"
        return found[:size]

    def _called(self, row: dict[str, Any], waiting: set[int]) -> int | None:
        """The lead to call for a line of the queue: the one listed, or of somebody who is back, the lead that came."""
        lead, person = number(row["lead_id"]), self.world.market.arrivals.person
        if lead in waiting:
            return lead
        again = [other for other in waiting if person[other] == person[lead]] if row["stage"] in LEFT else []
        return min(again, default=None)


@dataclass
class ScoreOnly(LeadLoop):
    """leadloop's chances as of each lead's arrival, and nothing else: neither value nor what happened since.

    Learns from its own ledger as leadloop does.
    """

    p_win: Floats = field(init=False)
    unscored: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Nobody has a score."""
        self.p_win = np.full(len(self.world.market.arrivals.kind), -1.0)

    def told(self, batch: Batch, now: int) -> None:
        """Tell the API, and have the new leads scored."""
        super().told(batch, now)
        created = {number(row.lead_id) for row in batch.leads}
        self.unscored += sorted(lead for lead in created if self.p_win[lead] < 0)
        if self.product.state.champion.scorer is not None:
            self._score(now)

    def learn(self, now: int) -> None:
        """Train again; leads that came before the first model are scored by it."""
        super().learn(now)
        if self.product.state.champion.scorer is not None:
            self._score(now)

    def pick(self, desk: Desk, now: int, size: int) -> Ints:
        """Whom to call: the highest chance; among equals the newest."""
        waiting = self.world.first_of_their_person(desk.waiting(now))[::-1]
        return waiting[np.argsort(-self.p_win[waiting], kind="stable")][:size]

    def _score(self, now: int) -> None:
        with simulated(now):
            for begin in range(0, len(self.unscored), BATCH):
                some = self.unscored[begin : begin + BATCH]
                body = {"leads": [{"lead": {"lead_id": lead_id(lead)}} for lead in some]}
                scores = self.product.ask("POST", "/v1/score/batch?reasons=false", json=body)["scores"]
                self.p_win[some] = [score["p_win"] for score in scores]
        self.unscored = []


def _try(ledger: Ledger, version: Version) -> None:
    smoke.check(Scorer(version), ledger)


def _sent(row: Row) -> dict[str, Any]:
    """A row as JSON; what is blank is left out."""
    times = {name: getattr(row, name, None) for name in ("created_at", "occurred_at", "recorded_at")}
    told: dict[str, Any] = {name: isoformat(at) for name, at in times.items() if at is not None}
    if isinstance(row, LeadRow):
        return {"lead_id": row.lead_id, **told, **row.identity, **row.attributes}
    names: Sequence[str] = ("event_id", "type") if isinstance(row, EventRow) else _OUTCOME
    given = {name: value for name in names if (value := getattr(row, name)) is not None}
    more = row.properties if isinstance(row, EventRow) else {}
    return {"lead_id": row.lead_id, **told, **given, **more}


_OUTCOME = ("stage", "reason", "amount", "currency", "actor", "outcome_id")
