"""How much processor time a score takes by each of two versions: the scorer that serves, on the ledger's own leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import thread_time

import numpy as np
from sqlalchemy import select

from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from leadloop.store.single import Singles
from leadloop.store.tables import histories, leads
from models.registry import Version
from serving.answering import Answering
from serving.incoming import Sent
from serving.scorer import Scorer, when

LEADS = 60
ROUNDS = 5
"""How often each version scores them, in turns; the quickest round of each counts: the others were disturbed."""


def milliseconds(settings: Settings, ledger: Ledger, versions: tuple[Version, Version]) -> tuple[float, float]:
    """Processor time of one lead's score by each of two versions, in milliseconds; reading the lead is part of it."""
    with ledger.reading() as connection:
        packed = connection.execute(select(histories.c.lead_id).limit(LEADS)).scalars().all()
        lead_ids = packed or connection.execute(select(leads.c.lead_id).distinct().limit(LEADS)).scalars().all()
    sent = [Sent({"lead_id": lead_id}) for lead_id in lead_ids]
    ways = [_Way(Answering(Scorer(each), ledger, settings), Singles(ledger), when(ledger, None)) for each in versions]
    for way in ways:
        way.round(sent)  # what is compiled or loaded by the first score is no part of it
    rounds = np.array([[way.round(sent) for way in ways] for _ in range(ROUNDS)])
    first, second = rounds.min(axis=0).tolist()
    return first, second


@dataclass(frozen=True)
class _Way:
    """How a server answers: at once where it can."""

    answering: Answering
    singles: Singles
    newest: int

    def round(self, sent: Sequence[Sent]) -> float:
        """Milliseconds a lead."""
        begun = thread_time()
        for each in sent:
            if self.answering.at_once(each, self.singles, self.newest, None) is None:
                self.answering.scores([each], None)
        return (thread_time() - begun) * 1_000 / max(1, len(sent))
