"""Everything held on a lead, for whoever has a right to know it: rows of the ledger, and the score of this moment."""

from typing import Any

from leadloop.clock import isoformat, now, to_micros
from leadloop.errors import UnknownLeadError
from leadloop.store import audit, personal, tombstones
from leadloop.store.ledger import Ledger
from serving.scorer import Scorer
from serving.worklist import explained, rank


def everything(ledger: Ledger, lead_id: str, scorer: Scorer | None, lang: str, actor: str) -> dict[str, Any]:
    """As JSON has it; the audit log notes who asked. `scorer`: None where there is no model.

    Raises: UnknownLeadError when nothing is held.
    """
    with ledger.writing() as connection:
        if not personal.held(connection, [lead_id]):
            gone = tombstones.erased(connection, [lead_id])
            cause = "was erased; nothing is held on it" if gone else "is not in the ledger; nothing is held on it"
            raise UnknownLeadError(f"Lead '{lead_id}' {cause}")
        found = personal.everything(connection, lead_id)
        audit.record(connection, actor, "lead.exported", f"lead:{lead_id}")
    score = None if scorer is None else _score(ledger, lead_id, scorer, lang)
    return {"exported_at": isoformat(to_micros(now())), **found, "score": score}


def _score(ledger: Ledger, lead_id: str, scorer: Scorer, lang: str) -> dict[str, Any] | None:
    """Its rank is among itself alone, which says nothing."""
    worklist = rank(ledger, scorer, lead_ids=[lead_id])
    rows = explained(worklist, scorer, worklist.rows, lang)
    return {name: value for name, value in rows[0].items() if name != "rank"} if rows else None
