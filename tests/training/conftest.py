"""Small ledgers to learn from, and one MLflow store for every training of these tests."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from leadloop.clock import DAY
from leadloop.settings import Settings
from leadloop.store import events, leads, outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow, Value
from tests.checks import T0

Fill = Callable[[Sequence[LeadRow], Sequence[OutcomeRow], Sequence[EventRow]], Ledger]


def leaky(count: int = 400) -> tuple[list[LeadRow], list[OutcomeRow]]:
    """Leads a day apart whose size says something, and whose `closed_reason` says all: the lost alone have one."""
    draws = np.random.default_rng(3)
    won = draws.random(count) < 0.4
    size = np.round(3 + draws.normal(0, 1, count) + won).tolist()
    made, closed = [], []
    for i in range(count):
        at, name = T0 + i * DAY, f"{i:03d}"
        attributes: dict[str, Value] = {"size": size[i], **({} if won[i] else {"closed_reason": "price"})}
        made.append(LeadRow(name, at, at, attributes=attributes))
        closed.append(OutcomeRow(name, "won" if won[i] else "lost", at + DAY, at + DAY, outcome_id=name))
    return made, closed


@pytest.fixture(scope="session")
def somewhere(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Settings]:
    """Settings of a new home by its name; all share one MLflow store, since making one takes seconds."""
    store = tmp_path_factory.mktemp("mlflow") / "mlflow.db"

    def settings(name: str) -> Settings:
        home = tmp_path_factory.mktemp(name)  # which numbers those of one name
        given = {"experiment": home.name, "registered_model": home.name}
        return Settings(home=home, mlflow_tracking_uri=f"sqlite:///{store}", **given)  # type: ignore[arg-type] # pydantic checks them

    return settings


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """A ledger that holds these rows."""

    def filled(
        lead_rows: Sequence[LeadRow], outcome_rows: Sequence[OutcomeRow], event_rows: Sequence[EventRow]
    ) -> Ledger:
        ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}")
        with ledger.writing() as connection:
            leads.add(connection, lead_rows)
            outcomes.add(connection, outcome_rows)
            events.add(connection, event_rows)
        return ledger

    return filled
