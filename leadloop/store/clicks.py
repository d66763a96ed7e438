"""Clicks in the queue: which outcomes came from one, with its note, so that it can be undone for a while."""

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from leadloop.store.content import add_once
from leadloop.store.tables import clicks


@dataclass(frozen=True, slots=True)
class Click:
    """One click. `outcome_key`: of the outcome it made; `action`: accept, contact, reject or snooze.

    `clicked_at`, `undone_at`: microseconds UTC, None while it stands. `note` is what a person wrote.
    """

    outcome_key: str
    lead_id: str
    action: str
    note: str | None
    actor: str | None
    clicked_at: int
    undone_at: int | None = None


def add(connection: Connection, click: Click) -> None:
    """Keep a click."""
    add_once(connection, clicks, [{name: getattr(click, name) for name in Click.__dataclass_fields__}])


def of_lead(connection: Connection, lead_id: str) -> list[Click]:
    """All clicks on a lead, the last one first."""
    query = select(clicks).where(clicks.c.lead_id == lead_id).order_by(clicks.c.clicked_at.desc(), clicks.c.outcome_key)
    return [Click(*row) for row in connection.execute(query)]


def undo(connection: Connection, outcome_key: str, at: int) -> None:
    """Say that a click was undone at an instant."""
    connection.execute(update(clicks).where(clicks.c.outcome_key == outcome_key).values(undone_at=at))
