"""Small ledgers to learn from, and one MLflow store for every training of these tests."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from leadloop.settings import Settings
from leadloop.store import events, leads, outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow

Fill = Callable[[Sequence[LeadRow], Sequence[OutcomeRow], Sequence[EventRow]], Ledger]


@pytest.fixture(scope="session")
def somewhere(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Settings]:
    """Settings of a new home by its name; all share one MLflow store, since making one takes seconds."""
    store = tmp_path_factory.mktemp("mlflow") / "mlflow.db"

    def settings(name: str) -> Settings:
        given = {"experiment": name, "registered_model": name}
        home = tmp_path_factory.mktemp(name)
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
