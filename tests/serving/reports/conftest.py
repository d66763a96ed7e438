"""Small ledgers whose every figure can be counted by hand."""

from collections.abc import Callable
from typing import Any

import pytest

from leadloop.clock import parse_instant
from leadloop.settings import Settings
from leadloop.store import leads, outcomes
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow, OutcomeRow
from serving.reports.ask import Ask
from serving.reports.catalogue import make
from serving.reports.report import Report
from serving.scorer import when
from tests.store.support import kept
from tests.support import no_model

Fill = Callable[..., None]
"""Call it with a lead's id, when it came in, and (stage, when, …) for what became of it."""


@pytest.fixture
def fill(ledger: Ledger) -> Fill:
    """Puts leads with their outcomes into the ledger; times are ISO 8601, None in an undated export."""

    def put(lead_id: str, came: str | None, *told: tuple[Any, ...], **attributes: str) -> None:
        at = None if came is None else parse_instant(came)
        kept(ledger, leads, LeadRow(lead_id, at, at, attributes=attributes))
        kept(ledger, outcomes, *(_outcome(lead_id, *each) for each in told))

    return put


def _outcome(
    lead_id: str, stage: str, came: str | None, reason: str | None = None, amount: float | None = None
) -> OutcomeRow:
    at = None if came is None else parse_instant(came)
    return OutcomeRow(lead_id, stage, at, at, reason, amount)


Asking = Callable[..., Report]


@pytest.fixture
def asking(ledger: Ledger) -> Asking:
    """Makes a report of that ledger, without a model: `asking("sla", settings, "2026-04-02T…", lang="fr")`."""

    def ask(name: str, settings: Settings | None = None, as_of: str | None = None, **asked: object) -> Report:
        at = when(ledger, None if as_of is None else parse_instant(as_of))
        return make(ledger, name, Ask(settings or Settings(), at, **asked), no_model)  # type: ignore[arg-type]

    return ask
