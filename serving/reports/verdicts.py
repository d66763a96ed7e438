"""Month by month, what each side promised against what it did: kept, not kept, or too early to say."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from features.history import NEVER
from leadloop.clock import DAY
from leadloop.contract import ContractSettings
from models.reasons import FAMILIES, codes
from serving.reports.deadlines import Promised
from serving.reports.facts import WAYS_OUT, Facts, Flags
from serving.reports.months import Months

UNFIT = {reason for reason, family in FAMILIES.items() if family in ("fit", "data")} | {"invalid_contact"}
"""Reasons that lie in what the lead is, not in when or how it was called."""
SIDES = ("marketing", "sales")


@dataclass(frozen=True)
class Measure:
    """One promise in one month. `of`: a source, where it is about one; `real`: a count of leads, or a share.

    `open`: cases that may still go either way. `verdict`: kept, not_kept, too_early or nothing_due.
    """

    month: str
    side: str
    promise: str
    of: str | None
    promised: float
    real: float | None
    cases: int
    open: int
    verdict: str

    @property
    def kind(self) -> str:
        """How its figures are written."""
        return "count" if self.promise in ("leads", "source") else "share"


@dataclass(frozen=True)
class Books:
    """What is judged: the facts, the promises of first contacts, by months, at an instant."""

    facts: Facts
    promised: Promised
    months: Months
    as_of: int
    own_reasons: Mapping[str, str]

    @cached_property
    def unfit(self) -> Flags:
        """Leads that left for what they are."""
        left = [row for row in self.facts.outcomes if row.stage in WAYS_OUT]
        meant = codes((row.reason for row in left), self.own_reasons)
        gone = {row.lead_id for row in left if meant[row.reason] in UNFIT}
        return np.array([lead_id in gone for lead_id in self.facts.lead_ids], dtype=bool)

    @cached_property
    def refusals(self) -> Counter[tuple[int, bool]]:
        """Dated refusals, by the number of their month and by whether they have a reason."""
        refused = [row for row in self.facts.outcomes if row.stage == "rejected" and row.occurred_at is not None]
        months = self.months.number(np.array([row.occurred_at for row in refused], dtype=np.int64)).tolist()
        return Counter((month, bool((row.reason or "").strip())) for row, month in zip(refused, months, strict=True))


def share(kept: int, failed: int, still_open: int, promised: float, *, ended: bool) -> str:
    """The verdict on a share, once no case that is open can change it.

    >>> share(90, 10, 0, 0.9, ended=True), share(80, 10, 10, 0.9, ended=True), share(50, 20, 10, 0.9, ended=True)
    ('kept', 'too_early', 'not_kept')
    """
    total = kept + failed + still_open
    if not ended:
        return "too_early"
    if not total:
        return "nothing_due"
    if kept / total >= promised:
        return "kept"
    return "not_kept" if (kept + still_open) / total < promised else "too_early"


def side(measures: Sequence[Measure]) -> str:
    """One side's verdict in a month: every promise must be kept."""
    found = {each.verdict for each in measures}
    for verdict in ("not_kept", "too_early", "kept"):
        if verdict in found:
            return verdict
    return "nothing_due"


def measures(books: Books, contract: ContractSettings) -> list[Measure]:
    """Every promise in every month, the newest month first."""
    numbers = books.months.number(books.facts.since)
    return [
        measure
        for month in reversed(range(len(books.months.names)))
        for measure in (
            *_marketing(books, contract, month, books.facts.counted & (numbers == month)),
            *_sales(books, contract, month, books.facts.counted & (numbers == month)),
        )
    ]


def _marketing(books: Books, contract: ContractSettings, month: int, mine: Flags) -> Iterator[Measure]:
    promised = contract.marketing
    if promised.leads is not None:
        yield _volume(books, month, "leads", None, promised.leads, int(mine.sum()))
    for source, count in promised.by_source.items():
        came = int((mine & (books.facts.source == source)).sum())
        yield _volume(books, month, "source", source, count, came)
    grace = int(books.months.starts[month + 1]) + contract.sales.feedback_days * DAY
    judged = mine & (books.facts.heard <= books.as_of)
    waiting = 0 if grace <= books.as_of else int((mine & ~judged).sum())
    if promised.fit is not None:
        kept = int((judged & ~books.unfit).sum())
        yield _share(books, month, ("marketing", "fit", promised.fit), kept, int(judged.sum()) - kept, waiting)
    if promised.accepted is not None:
        kept = int((judged & (books.facts.reached["accepted"] != NEVER)).sum())
        yield _share(
            books, month, ("marketing", "accepted", promised.accepted), kept, int(judged.sum()) - kept, waiting
        )


def _sales(books: Books, contract: ContractSettings, month: int, mine: Flags) -> Iterator[Measure]:
    promised = contract.sales
    state = books.promised.state
    if promised.in_time is not None and (state != "none").any():
        kept, failed, waiting = (
            int((mine & np.isin(state, names)).sum())
            for names in (("kept",), ("late", "lapsed", "missed"), ("in_time", "at_risk"))
        )
        yield _share(books, month, ("sales", "in_time", promised.in_time), kept, failed, waiting)
    if promised.reasons is not None:
        given, silent = (books.refusals[month, said] for said in (True, False))
        yield _share(books, month, ("sales", "reasons", promised.reasons), given, silent, 0)
    if promised.feedback is not None:
        mine = mine & books.facts.timed
        due = books.facts.since + int(promised.feedback_days * DAY)
        kept = int((mine & (books.facts.heard <= due)).sum())
        waiting = int((mine & (books.facts.heard > due) & (due >= books.as_of)).sum())
        failed = int(mine.sum()) - kept - waiting
        yield _share(books, month, ("sales", "feedback", promised.feedback), kept, failed, waiting)


def _volume(books: Books, month: int, promise: str, of: str | None, promised: int, real: int) -> Measure:
    ended = books.months.ended(month, books.as_of)
    verdict = "kept" if real >= promised else "not_kept" if ended else "too_early"
    return Measure(books.months.names[month], "marketing", promise, of, promised, real, real, 0, verdict)


def _share(books: Books, month: int, what: tuple[str, str, float], kept: int, failed: int, waiting: int) -> Measure:
    whose, promise, promised = what
    verdict = share(kept, failed, waiting, promised, ended=books.months.ended(month, books.as_of))
    known = kept + failed
    real = kept / known if known else None
    return Measure(books.months.names[month], whose, promise, None, promised, real, known, waiting, verdict)
