"""Rows that came over HTTP into the ledger, and what is answered about each: stored, known already, or refused."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from leadloop.clock import isoformat
from leadloop.errors import ErasedLeadError, LeadLoopError
from leadloop.store import instant, tombstones
from leadloop.store.rows import EventRow, LeadRow, OutcomeRow
from serving.fresh import fresh_scores
from serving.idempotency import Answer
from serving.novelty import key_of, store
from serving.received import LedgerRow, Received, Refused
from serving.scorer import Scorer

STORED, KNOWN, REFUSED = 201, 200, 422
_ERASED = Refused("lead_id", "is of a lead that was erased; it does not come back")


@dataclass(frozen=True)
class Rescoring:
    """A request's wish for new scores; `scorer` is None where there is no model, and `why_not` says so."""

    scorer: Scorer | None
    lang: str
    why_not: str = ""


@dataclass
class _Told:
    """What is said about the rows of a request, as it becomes known."""

    statuses: list[int]
    scores: dict[str, dict[str, Any]] = field(default_factory=dict)
    why_not: str | None = None


def ingest(connection: Connection, received: Received, rescoring: Rescoring | None) -> Answer:
    """Store the good rows, all in this transaction, and say what became of each item.

    Raises: StoredMeanwhileError when another request stores the same rows at this moment; do it again. ErasedLeadError
    when the only item is about a lead that was erased.
    """
    received = _without_erased(connection, received)
    rows = received.rows
    new = store(connection, rows)
    if any(new):
        instant.mark_live(connection)
    told = _Told([STORED if each else KNOWN for each in new])
    if rescoring is not None:
        _rescore(connection, rescoring, rows, told)
    return _answer(received, told, scored=rescoring is not None)


def refused(received: Received) -> Answer:
    """The answer to a batch without a single good item."""
    return _answer(received, _Told([]), scored=False)


def _without_erased(connection: Connection, received: Received) -> Received:
    gone = tombstones.erased(connection, {row.lead_id for row in received.rows})
    if gone and not received.batch:
        raise ErasedLeadError(str(_ERASED))
    named = [_ERASED if not isinstance(item, Refused) and item.lead_id in gone else item for item in received.items]
    return replace(received, items=named) if gone else received


def _rescore(connection: Connection, rescoring: Rescoring, rows: Sequence[LedgerRow], told: _Told) -> None:
    """Scores; without a model the rows are stored all the same, since a lead must not be lost for one."""
    told.why_not = rescoring.why_not or "The ledger has no such lead at this instant; send it to /v1/leads"
    if rescoring.scorer is not None:
        try:
            told.scores.update(fresh_scores(connection, rescoring.scorer, rows, rescoring.lang))
        except LeadLoopError as error:
            told.why_not = str(error)


def _answer(received: Received, told: _Told, *, scored: bool) -> Answer:
    statuses = iter(told.statuses)
    items = []
    for index, item in enumerate(received.items):
        if isinstance(item, Refused):
            items.append({"index": index, "status": REFUSED, "field": item.field, "detail": str(item)})
        else:
            shown = _shown(item) | (_score(item, told) if scored else {})
            items.append({"index": index, "status": next(statuses), **shown})
    status = STORED if STORED in told.statuses else KNOWN
    return Answer(status, _json(_batch(items) if received.batch else _alone(items[0])))


def _batch(items: list[dict[str, Any]]) -> dict[str, Any]:
    counts = {"stored": STORED, "known": KNOWN, "refused": REFUSED}
    counted = {name: sum(item["status"] == status for item in items) for name, status in counts.items()}
    return {"items": items, **counted}


def _alone(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in ("index", "status")}


def _score(row: LedgerRow, told: _Told) -> dict[str, Any]:
    score = told.scores.get(row.lead_id)
    return {"score": score} if score else {"score": None, "score_detail": told.why_not}


def _shown(row: LedgerRow) -> dict[str, Any]:
    """A row as it was stored: times in UTC, stages by our names, texts without spaces around them."""
    known = {"key": key_of(row), "lead_id": row.lead_id}
    recorded = {"recorded_at": _time(row.recorded_at)}
    match row:
        case LeadRow():
            created = {"created_at": _time(row.created_at)}
            return known | created | recorded | {"attributes": row.attributes, "identity": row.identity}
        case EventRow():
            happened = {"event_id": row.event_id, "type": row.type, "occurred_at": _time(row.occurred_at)}
            return known | happened | recorded | {"properties": row.properties}
        case OutcomeRow():
            happened = {"outcome_id": row.outcome_id, "stage": row.stage, "occurred_at": _time(row.occurred_at)}
            names = ("reason", "amount", "currency", "actor")
            until = {"until": _time(row.until_at)}
            return known | happened | recorded | {name: getattr(row, name) for name in names} | until


def _time(at: int | None) -> str | None:
    return None if at is None else isoformat(at)


def _json(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
