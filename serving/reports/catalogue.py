"""Every report by its name, made for whoever asks: the command, the API and the pages."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from sqlalchemy import Connection

from leadloop.errors import ModelError, NoModelError
from leadloop.store.ledger import Ledger
from serving.reports import (
    arrival,
    contract,
    definitions,
    drift,
    drift_found,
    lift,
    lift_rival,
    lives,
    matters,
    personas,
    placing,
    promise,
    refusals,
    samples,
    sources,
)
from serving.reports.ask import Ask
from serving.reports.report import Report
from serving.scorer import Scorer

REPORTS: Mapping[str, Callable[[Connection, Ask], Report]] = {
    "rejections": refusals.report,
    "sources": sources.of_sources,
    "campaigns": sources.of_campaigns,
    "sla": promise.report,
    "contract": contract.report,
    "funnel": lives.funnel,
    "transitions": lives.transitions,
    "duplicates": lives.duplicates,
    "features": matters.report,
    "personas": personas.report,
    "samples": samples.report,
    "definitions": definitions.report,
    "drift": drift.report,
    "lift": lift.report,
}


_OF_LEADS = ("rejections", "sources", "campaigns")
_OF_PROMISES = ("sla", "contract")


def make(ledger: Ledger, name: str, ask: Ask, scorer: Callable[[], Scorer]) -> Report:
    """Make a report from one state of the ledger; `scorer` is asked for only where a model has something to say."""
    if _wants_a_model(name, ask):
        with suppress(ModelError):  # the report is the same without one, and has fewer columns
            ask = replace(ask, arrival=arrival.scored(ledger, scorer(), ask.as_of))
    if name == "personas":
        ask = replace(ask, placed=placing.placed(ledger, _any(scorer), ask.settings.target, ask.as_of))
    if name == "drift":
        with suppress(NoModelError):
            ask = replace(ask, drift=drift_found.look(ledger, scorer(), ask.settings, ask.as_of))
    if name == "lift" and ask.challenger:
        rival = Scorer.load(ask.settings, ask.challenger)
        ask = replace(ask, rival=lift_rival.scored(ledger, rival, ask.as_of))
    with ledger.reading() as connection:
        return REPORTS[name](connection, ask)


def _wants_a_model(name: str, ask: Ask) -> bool:
    promised_by_cell = ask.sla is not None and any(each.cell for each in ask.sla.promises)
    return ask.cut is not None and (name in _OF_LEADS or (name in _OF_PROMISES and promised_by_cell))


def _any(scorer: Callable[[], Scorer]) -> Scorer | None:
    with suppress(ModelError):
        return scorer()
    return None
