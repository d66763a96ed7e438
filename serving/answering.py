"""Leads of a request to scores: by the short way where it leads there, by the long one where not, in one answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from features.kernel import days_waited, matrix
from leadloop.clock import now, to_micros
from leadloop.errors import StoreError
from leadloop.settings import Settings
from leadloop.store import single
from leadloop.store.ledger import Ledger
from leadloop.store.single import UNKNOWN, Single, Singles
from serving.incoming import Sent, prepare
from serving.quick import Quick
from serving.scorer import Moments, Scorer, when


@dataclass
class Answering:
    """What scores of one model version take besides the model. One a scorer; requests share it."""

    scorer: Scorer
    ledger: Ledger
    settings: Settings
    quick: Quick = field(init=False)

    def __post_init__(self) -> None:
        self.quick = Quick(self.scorer.filler, self.settings.zone)

    def at_once(self, sent: Sent, singles: Singles, newest: int, lang: str | None) -> dict[str, Any] | None:
        """The score of a lead, without ever waiting for anything; None where that can't be."""
        stored = UNKNOWN if sent.lead_id is None else singles.read(sent.lead_id)
        if stored is None:
            return None
        known = self.quick.known(sent, stored, newest)
        return self.scorer.judge(self.quick.moments([sent], [known])).rows(lang)[0] if known else None

    def scores(self, sent: Sequence[Sent], lang: str | None) -> list[dict[str, Any]]:
        """The scores of leads, in their order; `lang`: of the reasons, None for none.

        Raises: InputError naming the lead, its field and the cause.
        """
        newest, stored = self._newest(sent), self._stored(sent)
        known = [self.quick.known(each, stored.get(each.lead_id or "", UNKNOWN), newest) for each in sent]
        long_way = [number for number, each in enumerate(known) if each is None]
        moments = self.quick.moments(sent, known)
        if long_way:
            self._fill(moments, sent, long_way, newest)
        return self.scorer.judge(moments).rows(lang)

    def _newest(self, sent: Sequence[Sent]) -> int:
        """The newest instant known; leads that are sent without a lead_id are answered while the ledger is silent."""
        try:
            return when(self.ledger, None)
        except StoreError:
            if any(each.lead_id for each in sent):
                raise
            return to_micros(now())

    def _stored(self, sent: Sequence[Sent]) -> Mapping[str, Single]:
        lead_ids = {each.lead_id for each in sent if each.lead_id is not None}
        if not lead_ids:
            return {}
        with self.ledger.reading() as connection:
            return single.read(connection, sorted(lead_ids))

    def _fill(self, moments: Moments, sent: Sequence[Sent], long_way: list[int], newest: int) -> None:
        """The features of the leads that the short way left out."""
        catalogue, zone = self.scorer.version.bundle.catalogue, self.settings.zone
        ready = prepare(
            self.ledger,
            [sent[number] for number in long_way],
            timezone=zone,
            dated=catalogue.dated,
            blocks=catalogue.read_apart,
            places=long_way if len(sent) > 1 else (),
            newest=newest,
        )
        leads, as_of = np.arange(len(long_way)), ready.as_of
        moments.X[long_way] = matrix(catalogue, ready.history, leads, as_of)
        moments.days_waited[long_way] = days_waited(ready.history, leads, as_of)
        for number, lead, at in zip(long_way, leads.tolist(), as_of.tolist(), strict=True):
            moments.as_of[number] = at
            moments.attributes[number] = ready.history.attributes_at(lead, at)
