"""Feedback in one click: an outcome in the ledger, once, noted in the audit log, and undone for a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from sqlalchemy import Connection, Select, select

from leadloop.clock import SECOND, isoformat, now, parse_as_of, to_micros
from leadloop.errors import InputError, LeadLoopError, UnknownLeadError
from leadloop.settings import Settings
from leadloop.store import audit, clicks, instant, leads, outcomes, people, standing, tables
from leadloop.store.clicks import Click
from leadloop.store.outcomes import StoredOutcome
from leadloop.store.rows import WITHDRAWN, OutcomeRow, Value
from models.reasons import FAMILIES, OTHER, unknown
from serving.sight import Sight

STAGES = {"accept": "accepted", "contact": "contacted", "reject": "rejected", "snooze": "recycled"}
_LOCK = 7_316_535  # apart from the locks of leadloop.store.touched


class ClosedLeadError(LeadLoopError):
    """Sales is done with this lead; take another one."""


class NothingToUndoError(LeadLoopError):
    """There is no click on this lead that can be undone."""


@dataclass(frozen=True)
class Feedback:
    """What somebody clicked, as they sent it."""

    lead_id: str
    action: str
    reason: str | None = None
    note: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Done:
    """The outcome that stands for a click, and the click, None where the outcome came by another way.

    `new`: whether it is of now.
    """

    outcome: StoredOutcome
    click: Click | None
    new: bool


def click(connection: Connection, settings: Settings, sees: Sight, sent: Feedback) -> Done:
    """Store what was clicked, in this transaction; the same click again changes nothing.

    Raises: UnknownLeadError, ClosedLeadError, InputError when a reason or a date is missing or wrong.
    """
    _check(settings, sent)
    lead_id, stand = _lead(connection, sees, sent.lead_id)
    at, last = to_micros(now()), stand.last.get(lead_id)
    until_at = _until(settings, sent, at)
    row = OutcomeRow(lead_id, STAGES[sent.action], at, at, sent.reason, actor=sees.caller.actor, until_at=until_at)
    if last is not None and _is_same(settings, last, row):
        found = next((one for one in clicks.of_lead(connection, lead_id) if one.outcome_key == last.outcome_key), None)
        return Done(last, found, new=False)
    if last is not None and lead_id in stand.closed and lead_id not in stand.put_off:
        raise ClosedLeadError(_closed(last))
    one = Click(outcomes.identify(row), lead_id, sent.action, sent.note or None, sees.caller.actor, at)
    outcomes.add(connection, [row])
    clicks.add(connection, one)
    instant.mark_live(connection)
    detail: dict[str, Value] = {
        "outcome": one.outcome_key,
        "reason_given": bool(sent.reason),
        "note_given": bool(sent.note),
    }
    audit.record(connection, sees.caller.actor, f"queue.{sent.action}", f"lead:{lead_id}", detail)
    return Done(_stored(connection, lead_id, one.outcome_key), one, new=True)


def undo(connection: Connection, settings: Settings, sees: Sight, lead_id: str, outcome_id: str | None) -> Done:
    """Take the last click on a lead back, in this transaction: from now on its outcome never was.

    Raises: UnknownLeadError, NothingToUndoError when there is none, it is too old, or something came after it.
    """
    lead_id, stand = _lead(connection, sees, lead_id)
    every = clicks.of_lead(connection, lead_id)
    if outcome_id is not None:
        asked = next((one for one in every if one.outcome_key == outcome_id), None)
        if asked is not None and asked.undone_at is not None:
            return Done(_version(connection, outcome_id), asked, new=False)
    last = _undoable(settings, every, stand.last.get(lead_id), outcome_id)
    taken = _stored(connection, lead_id, last.outcome_key)
    at = max(to_micros(now()), (taken.recorded_at or 0) + 1)
    row = OutcomeRow(lead_id, WITHDRAWN, taken.occurred_at, at, actor=sees.caller.actor, outcome_id=last.outcome_key)
    outcomes.add(connection, [row])
    clicks.undo(connection, last.outcome_key, at)
    detail: dict[str, Value] = {"outcome": last.outcome_key, "action": last.action}
    audit.record(connection, sees.caller.actor, "queue.undo", f"lead:{lead_id}", detail)
    return Done(taken, last, new=True)


def undoable_until(settings: Settings, one: Click) -> int:
    """Until when a click can be undone, microseconds UTC."""
    return one.clicked_at + round(settings.undo_minutes * 60 * SECOND)


def choices(settings: Settings) -> list[str]:
    """The reasons that a lead can be rejected for: the shipped ones and the company's own names."""
    return sorted({*FAMILIES, OTHER, *settings.reasons})


def _check(settings: Settings, sent: Feedback) -> None:
    for name in ("reason", "note"):
        if "\x00" in (getattr(sent, name) or ""):
            raise InputError(f"{name}: holds a character that no database stores (NUL); leave it out")
    if sent.action == "reject":
        if not sent.reason or not sent.reason.strip():
            raise InputError(f"reason: is missing; choose one of {', '.join(choices(settings))}")
        if unknown({sent.reason: 1}, settings.reasons):
            known = ", ".join(choices(settings))
            raise InputError(
                f"reason: '{sent.reason}' is unknown; choose one of {known}, or add it to the setting reasons"
            )
    elif sent.reason:
        raise InputError(f"reason: is for a rejection; to {sent.action} a lead needs none, write a note instead")
    if sent.until and sent.action != "snooze":
        raise InputError(f"until: is for snooze; leave it out to {sent.action} a lead")


def _until(settings: Settings, sent: Feedback, at: int) -> int | None:
    if sent.action != "snooze":
        return None
    if not sent.until:
        raise InputError("until: is missing; write when the lead is to come back, such as 2027-01-31")
    try:
        until = parse_as_of(sent.until, settings.zone)
    except InputError as error:
        raise InputError(f"until: {error}") from None
    if until <= at:
        raise InputError(f"until: {isoformat(until)} has passed; write an instant to come")
    return until


def _lead(connection: Connection, sees: Sight, asked: str) -> tuple[str, standing.Standings]:
    """The lead that stands for the person asked for, and where it stands; nobody else clicks meanwhile."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s, %s)", (_LOCK, crc32(asked.encode()) >> 1))
    if "\x00" in asked or connection.execute(_known(asked)).first() is None:
        raise UnknownLeadError(f"There is no lead '{asked}' in the ledger; import it first")
    known = people.read(connection, None, [asked])
    lead_id, members = known.of(asked), known.all_of([asked])
    sees.check(asked, leads.owner(connection, members))
    told = outcomes.read(connection, None, members)
    return lead_id, standing.of(told, known, to_micros(now()))


def _known(lead_id: str) -> Select[Any]:
    return select(1).where(tables.leads.c.lead_id == lead_id).limit(1)


def _is_same(settings: Settings, last: StoredOutcome, row: OutcomeRow) -> bool:
    """Whether the last outcome is what was clicked; a lead may be contacted again, but not within the time to undo."""
    if (last.stage, last.reason, last.until_at) != (row.stage, row.reason, row.until_at):
        return False
    lately = (row.occurred_at or 0) - (last.occurred_at or 0) <= settings.undo_minutes * 60 * SECOND
    return row.stage != "contacted" or lately


def _closed(last: StoredOutcome) -> str:
    why = f" ({last.reason})" if last.reason else ""
    since = f" since {isoformat(last.occurred_at)}" if last.occurred_at is not None else ""
    return f"Lead '{last.lead_id}' is closed: {last.stage}{why}{since}; take another one, or undo that first"


def _undoable(
    settings: Settings, every: Sequence[Click], stands: StoredOutcome | None, outcome_id: str | None
) -> Click:
    """The last click that stands, if it can be undone."""
    last = next((one for one in every if one.undone_at is None), None)
    if last is None or (outcome_id is not None and outcome_id != last.outcome_key):
        raise NothingToUndoError("There is no such click on this lead, or a later one stands; undo that one first")
    if to_micros(now()) > undoable_until(settings, last):
        late = isoformat(undoable_until(settings, last))
        raise NothingToUndoError(f"The click could be undone until {late}; send the outcome that holds instead")
    if stands is None or stands.outcome_key != last.outcome_key:
        raise NothingToUndoError("Something came after the click; send the outcome that holds instead")
    return last


def _stored(connection: Connection, lead_id: str, outcome_key: str) -> StoredOutcome:
    return next(row for row in outcomes.read(connection, None, [lead_id]) if row.outcome_key == outcome_key)


def _version(connection: Connection, outcome_key: str) -> StoredOutcome:
    """An outcome as it was before it was taken back."""
    query = select(tables.outcomes).where(tables.outcomes.c.outcome_key == outcome_key)
    return next(StoredOutcome(*row) for row in connection.execute(query) if row.stage != WITHDRAWN)
