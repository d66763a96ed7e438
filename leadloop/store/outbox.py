"""What there is to tell others, written in the transaction of what happened: neither is there without the other."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, func, select

from leadloop.clock import isoformat, now, to_micros
from leadloop.errors import LeadLoopError
from leadloop.store import content, leads, tombstones, webhooks
from leadloop.store.content import add_once, among, canonical
from leadloop.store.rows import Value
from leadloop.store.tables import deliveries, outbox
from leadloop.store.webhooks import KINDS, Webhook

LONGEST_PAYLOAD = 20_000
"""Bytes; Standard Webhooks asks senders for no more."""


class LongPayloadError(LeadLoopError):
    """What is to be told is too long for a webhook; tell less."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell. `once`: what makes it the same thing when it is told again; it is kept once then."""

    kind: str
    lead_id: str | None
    payload: Mapping[str, Value]
    once: str | None = None


Fresh = dict[str, Note]
"""Notes by the id of their event."""


def put(
    connection: Connection, kind: str, lead_id: str | None, payload: Mapping[str, Value], once: str | None = None
) -> str | None:
    """Tell the targets that are subscribed now, in the caller's transaction; the event's id, None: nobody to tell.

    Raises: LongPayloadError, ValueError when the kind is none of KINDS.
    """
    return next(iter(put_all(connection, [Note(kind, lead_id, payload, once)])), None)


def put_all(connection: Connection, notes: Sequence[Note]) -> list[str]:
    """The same for many, in their order; the ids of the events that are new and have somebody to be told."""
    if unknown := {note.kind for note in notes} - set(KINDS):
        raise ValueError(f"{unknown.pop()} is no kind of event; write one of {', '.join(KINDS)}")
    if not _subscribed(connection, notes):
        return []
    webhooks.alone(connection)  # so that the sequence is the order of the commits
    told = _listeners(connection, _fresh(connection, notes), _subscribed(connection, notes))
    return _stored(connection, told) if told else []


def _subscribed(connection: Connection, notes: Sequence[Note]) -> list[Webhook]:
    kinds = {note.kind for note in notes}
    return [each for each in webhooks.all_of(connection) if each.disabled_at is None and kinds & set(each.kinds)]


def _fresh(connection: Connection, notes: Sequence[Note]) -> Fresh:
    """Those that were not kept before, of leads that are not erased."""
    events = {_event(note): note for note in notes}
    known = set(
        connection.execute(select(outbox.c.event).where(among(connection, outbox.c.event, list(events)))).scalars()
    )
    gone = tombstones.erased(connection, {note.lead_id for note in notes if note.lead_id is not None})
    return {event: note for event, note in events.items() if event not in known and note.lead_id not in gone}


def _event(note: Note) -> str:
    return "msg_" + (token_hex(16) if note.once is None else content.key(note.kind, note.lead_id, note.once))


def _listeners(
    connection: Connection, fresh: Fresh, subscribed: Sequence[Webhook]
) -> list[tuple[str, Note, list[str]]]:
    """Each note with the targets that want it, where there are any."""
    filtered = any(each.owner or each.team for each in subscribed)
    whose = _whose(connection, {n.lead_id for n in fresh.values() if n.lead_id is not None}) if filtered else {}
    told = [
        (event, note, [each.webhook for each in subscribed if _wants(each, note, whose)])
        for event, note in fresh.items()
    ]
    return [each for each in told if each[2]]


def _whose(connection: Connection, lead_ids: Iterable[str]) -> dict[str, dict[str, Value]]:
    """The leads' attributes as they are now, among them owner and team."""
    attributes: dict[str, dict[str, Value]] = {}
    for row in sorted(
        leads.read(connection, None, list(lead_ids)), key=lambda row: (row.recorded_at or 0, row.version)
    ):
        attributes.setdefault(row.lead_id, {}).update(row.attributes)
    return attributes


def _wants(target: Webhook, note: Note, whose: Mapping[str, Mapping[str, Value]]) -> bool:
    """What is about no lead is for all who subscribed to its kind."""
    if note.kind not in target.kinds:
        return False
    lead = whose.get(note.lead_id, {}) if note.lead_id is not None else {"owner": target.owner, "team": target.team}
    return target.owner in (None, lead.get("owner")) and target.team in (None, lead.get("team"))


def _stored(connection: Connection, told: Sequence[tuple[str, Note, list[str]]]) -> list[str]:
    at = to_micros(now())
    last = connection.execute(select(func.max(outbox.c.sequence))).scalar() or 0
    numbered = list(enumerate(told, last + 1))
    add_once(connection, outbox, [_row(number, event, note, at) for number, (event, note, _) in numbered])
    waiting = [
        {
            "webhook": target,
            "sequence": number,
            "lead_id": note.lead_id,
            "line": note.lead_id or "",
            "attempts": 0,
            "next_attempt_at": at,
        }
        for number, (_, note, targets) in numbered
        for target in targets
    ]
    add_once(connection, deliveries, waiting)
    return [event for event, _, _ in told]


def _row(number: int, event: str, note: Note, at: int) -> dict[str, Any]:
    payload = _body(note.kind, note.payload, at)
    known = {"sequence": number, "event": event, "kind": note.kind, "lead_id": note.lead_id}
    return {**known, "payload": payload, "created_at": at}


def _body(kind: str, payload: Mapping[str, Value], at: int) -> str:
    """What is sent, by the byte: the signature is of the same bytes at each attempt."""
    data = json.loads(canonical(payload))
    body = json.dumps({"type": kind, "timestamp": isoformat(at), "data": data}, ensure_ascii=False)
    if len(body.encode()) > LONGEST_PAYLOAD:
        raise LongPayloadError(
            f"An event {kind} of {len(body.encode()):,} bytes is too long; {LONGEST_PAYLOAD:,} are allowed"
        )
    return body
