"""The demo world put together: a market, a sales team that works it by habit, and the rows a CRM would hand over."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from leadloop.demo.habit import Sales, sell
from leadloop.demo.market import Market, lead_id, open_market
from leadloop.demo.profiles import lead_rows, show
from leadloop.demo.settings import DemoSettings
from leadloop.demo.truth import Truth
from leadloop.demo.words import CLICK, DOWNLOAD, EVENT_TYPES, OPEN, PAGE, TOPICS
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow, Value

_Row = TypeVar("_Row", LeadRow, OutcomeRow)


@dataclass(frozen=True)
class DemoWorld:
    """The three tables, each in the order of recording, and what is true behind them."""

    leads: list[LeadRow]
    events: list[EventRow]
    outcomes: list[OutcomeRow]
    truth: Truth


def simulate(
    settings: DemoSettings = DemoSettings(),  # noqa: B008 -- frozen, so sharing it is safe
    progress: Callable[[float], None] | None = None,
) -> DemoWorld:
    """Simulate a world; the same settings give the same rows anywhere. `progress` hears the share done, 0 to 1."""
    tell = progress or (lambda share: None)
    market = open_market(settings)
    tell(0.3)
    shown = show(market)
    sales = sell(market, shown)
    tell(0.7)
    events = event_rows(market)
    tell(0.9)
    filled_in = [row for one in sales.worked for row in one.profile]
    world = DemoWorld(
        leads=_known(lead_rows(market, shown) + filled_in, settings.end_at),
        events=events,
        outcomes=_known([row for one in sales.worked for row in one.outcomes], settings.end_at),
        truth=Truth(market, _untouched(sales)),
    )
    tell(1.0)
    return world


def event_rows(market: Market) -> list[EventRow]:
    """All engagement of a market as the CRM hands it over."""
    events = market.engagement
    named = market.draws.uniform("event named", events.lead, events.number) < 0.7
    topic = market.draws.below("topic", events.lead, len(TOPICS), events.number)
    columns = (events.lead, events.number, events.type, events.occurred_at, events.recorded_at, named, topic)
    return [
        EventRow(
            lead_id=lead_id(lead),
            type=EVENT_TYPES[kind],
            occurred_at=occurred_at,
            recorded_at=recorded_at,
            event_id=f"E{lead + 1:07d}-{number}" if has_id else None,
            properties=_properties(kind, about),
        )
        for lead, number, kind, occurred_at, recorded_at, has_id, about in zip(
            *(column.tolist() for column in columns), strict=True
        )
    ]


def _properties(kind: int, topic: int) -> dict[str, Value]:
    if kind in {OPEN, CLICK}:
        return {"campaign": f"newsletter-{TOPICS[topic]}"}
    return {"topic": TOPICS[topic]} if kind in {PAGE, DOWNLOAD} else {}


def _known(rows: list[_Row], end_at: int) -> list[_Row]:
    """Those recorded by the end, in the order of recording, then of ids."""
    known = [row for row in rows if row.recorded_at is not None and row.recorded_at <= end_at]
    return sorted(known, key=lambda row: (row.recorded_at or 0, row.lead_id))


def _untouched(sales: Sales) -> frozenset[str]:
    return frozenset(lead_id(lead) for lead in np.flatnonzero(sales.first_at < 0).tolist())
