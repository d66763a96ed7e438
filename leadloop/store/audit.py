"""The audit log: who did what to what and when, only ever added to; nobody's data is in it, and leads are hashes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, insert, select

from leadloop.clock import isoformat, now, to_micros
from leadloop.store import tombstones
from leadloop.store.content import add_once, canonical
from leadloop.store.rows import Value
from leadloop.store.tables import audit, audit_leads

COMMAND = "command"
"""The actor of what is done with `leadloop …` on the machine itself, where nobody says who they are."""
KINDS = ("lead", "key", "person", "model", "webhook", "delivery", "definition", "sample")
"""What a subject may be: `kind:name`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was done. `lead_id`: of a subject that is a lead, as long as it is not erased."""

    entry_id: str
    recorded_at: int
    actor: str
    action: str
    subject: str
    detail: Mapping[str, Value]
    lead_id: str | None


def record(
    connection: Connection, actor: str, action: str, subject: str, detail: Mapping[str, Value] | None = None
) -> None:
    """Note in the caller's transaction that `actor` (`key:…`, `person:…`, COMMAND) did `action` to `subject`.

    The subject is `kind:name`, for a lead `lead:<its id>`: that becomes a hash. `detail` must not hold what a person
    wrote or who anyone is: it can't be changed or erased any more.
    """
    at, lead_id = to_micros(now()), _lead_of(subject)
    named = subject if lead_id is None else of_lead(lead_id)
    row = {"entry_id": f"{at:016x}{token_hex(4)}", "recorded_at": at, "actor": actor, "action": action}
    connection.execute(insert(audit).values(row | {"subject": named, "detail": canonical(detail or {})}))
    if lead_id is not None and not tombstones.erased(connection, [lead_id]):
        add_once(connection, audit_leads, [{"subject": named, "lead_id": lead_id}])


def _lead_of(subject: str) -> str | None:
    kind, _, name = subject.partition(":")
    if kind not in KINDS or not name:
        raise ValueError(f"'{subject}' is no subject of the audit log: write one of {', '.join(KINDS)}, a colon, which")
    return name if kind == "lead" else None


def of_lead(lead_id: str) -> str:
    """The subject that stands for a lead; it can be checked against an id, not read back.

    >>> of_lead("L-7") == of_lead("L-7") != of_lead("L-8")
    True
    """
    return f"lead:{tombstones.subject(lead_id)}"


@dataclass(frozen=True, slots=True)
class By:
    """Which entries: of one actor, one action, or of the actions that begin alike ("key.")."""

    actor: str | None = None
    action: str | None = None


ALL = By()


def read(
    connection: Connection,
    *,
    since: int | None = None,
    lead_id: str | None = None,
    before: str | None = None,
    limit: int | None = None,
    by: By = ALL,
) -> Sequence[Entry]:
    """Entries, newest first. `since`: microseconds UTC; `before`: an entry_id, for the page after it."""
    joined = audit.outerjoin(audit_leads, audit.c.subject == audit_leads.c.subject)
    query = select(*audit.c, audit_leads.c.lead_id).select_from(joined).order_by(audit.c.entry_id.desc()).limit(limit)
    if since is not None:
        query = query.where(audit.c.recorded_at >= since)
    if lead_id is not None:
        query = query.where(audit.c.subject == of_lead(lead_id))
    if before is not None:
        query = query.where(audit.c.entry_id < before)
    if by.actor is not None:
        query = query.where(audit.c.actor == by.actor)
    if by.action is not None:
        kind = by.action.endswith(".")
        query = query.where(
            audit.c.action.startswith(by.action, autoescape=True) if kind else audit.c.action == by.action
        )
    return [
        Entry(row.entry_id, row.recorded_at, row.actor, row.action, row.subject, json.loads(row.detail), row.lead_id)
        for row in connection.execute(query)
    ]


def actors(connection: Connection) -> list[str]:
    """Everyone who ever did something, sorted."""
    return sorted(connection.execute(select(audit.c.actor).distinct()).scalars())


def shown(entry: Entry) -> dict[str, Any]:
    """An entry as JSON has it."""
    done = {"actor": entry.actor, "action": entry.action, "subject": entry.subject, "lead_id": entry.lead_id}
    return {"id": entry.entry_id, "at": isoformat(entry.recorded_at), **done, "detail": dict(entry.detail)}
