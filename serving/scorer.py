"""From leads to scores: the same path for the command, one request, a batch and the queue."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from features.history import ALWAYS, NEVER, Floats, History, Ints
from features.kernel import last_version
from features.one import Filler
from leadloop.clock import isoformat
from leadloop.settings import Settings
from leadloop.store import instant
from leadloop.store.ledger import Ledger
from leadloop.store.rows import Value
from leadloop.tactics import Tiers
from models import registry
from models.bundle import Bundle
from models.explain import Reason, Waterfall
from models.judging import Scores
from models.priority import CELL_NAMES
from models.registry import Version

MOMENTS_SHOWN = 3
COLUMNS = (
    *("p_win", "expected_value", "importance", "urgency", "priority"),
    *("stars", "flames", "fit", "readiness", "cell"),
)
"""Of a score, in the order of the contract."""


def when(ledger: Ledger, as_of: int | None) -> int:
    """The instant asked for, else the newest that the ledger knows; the end of time in an undated ledger."""
    if as_of is not None:
        return as_of
    with ledger.reading() as connection:
        newest = instant.newest(connection)
    return int(NEVER) if newest is None else newest


def shown_instant(as_of: int) -> str | None:
    """An instant for an answer; None where the ledger is undated."""
    return None if as_of == NEVER else isoformat(as_of)


class Moments(NamedTuple):
    """Leads at an instant each, n in all: `as_of` in microseconds UTC, `X` their features, shape (n, features).

    `attributes`: as they were written, to be quoted.
    """

    lead_ids: list[str | None]
    as_of: list[int]
    X: Floats
    days_waited: Floats
    attributes: list[Mapping[str, Value]]


class Judged(NamedTuple):
    """Scores of some leads of whom only the features are at hand."""

    version: Version
    moments: Moments
    scores: Scores

    def rows(self, lang: str | None) -> list[dict[str, Any]]:
        """What the contract says of a score, a dict a lead; with reasons in a language, without where it is None."""
        told = rows(self.version, self.moments.lead_ids, self.moments.as_of, self.scores)
        if lang is not None:
            bundle = self.version.bundle
            parts = bundle.outcome.contributions(self.moments.X)
            for row, x, part, given in zip(told, self.moments.X, parts, self.moments.attributes, strict=True):
                row["reasons"] = bundle.explainer.reasons(x, part, lang, given=given)
        return told


@dataclass(frozen=True)
class Scorer:
    """A model version, ready to score."""

    version: Version

    @classmethod
    def load(cls, settings: Settings, ref: str | None = None) -> "Scorer":
        """The champion, or the version that `ref` names.

        Raises: NoModelError, BrokenModelError.
        """
        version = registry.load(settings, ref)
        return cls(replace(version, bundle=with_tiers(version.bundle, settings.tiers)))

    def score(self, history: History, leads: Ints, as_of: Ints) -> "Scored":
        """Score the leads numbered, each at its instant (microseconds UTC)."""
        return Scored(self.version, history, leads, as_of, self.version.bundle.score(history, leads, as_of))

    def judge(self, moments: Moments) -> Judged:
        """Score leads of whom the features are known."""
        scores = self.version.bundle.score_features(moments.X, moments.days_waited)
        return Judged(self.version, moments, scores)

    @cached_property
    def filler(self) -> Filler:
        """Fills the features of single leads."""
        return Filler(self.version.bundle.catalogue)


@dataclass(frozen=True)
class Scored:
    """Scores of some leads, and what they were made from."""

    version: Version
    history: History
    leads: Ints
    as_of: Ints
    scores: Scores

    def rows(self) -> list[dict[str, Any]]:
        """What the contract says of a score, a dict a lead, in the order of the leads; reasons are asked for apart."""
        lead_ids = [self.history.lead_ids[lead] for lead in self.leads.tolist()]
        return rows(self.version, lead_ids, self.as_of.tolist(), self.scores)

    def reasons(self, lang: str = "en", most: int = 5) -> list[list[Reason]]:
        """Why, for each lead: the facts that move its chance most, as exact parts of its log-odds."""
        tell = self.version.bundle.explainer.reasons
        return [tell(row, parts, lang, most, given) for row, parts, given in self._to_tell()]

    def waterfalls(self, lang: str = "en", most: int | None = None) -> list[Waterfall]:
        """The same with where all leads start and what is left, which add up to the log-odds of the chance shown."""
        tell = self.version.bundle.explainer.waterfall
        return [tell(row, parts, lang, most, given) for row, parts, given in self._to_tell()]

    def _to_tell(self) -> Iterator[tuple[Floats, Floats, dict[str, Value]]]:
        """Each lead's features, their contributions, and its attributes as they were written."""
        parts = self.version.bundle.outcome.contributions(self.scores.X)
        for i, (lead, as_of) in enumerate(zip(self.leads.tolist(), self.as_of.tolist(), strict=True)):
            yield self.scores.X[i], parts[i], self.history.attributes_at(lead, as_of)


def rows(
    version: Version, lead_ids: Sequence[str | None], as_of: Sequence[int], scores: Scores
) -> list[dict[str, Any]]:
    """Scores of leads as the contract has them, in their order, without reasons."""
    number, chances, reasons = version.version, version.chances, scores.reasons
    by_lead = zip(lead_ids, as_of, scores.table.T.tolist(), strict=True)
    return [_row(lead_id, at, number, chances, reasons, told) for lead_id, at, told in by_lead]


def _row(
    lead_id: str | None, as_of: int, version: str, chances: str, reasons: tuple[str, ...], told: list[float]
) -> dict[str, Any]:
    """`told`: a column of the table of scores."""
    p_win, low, high, value, importance, urgency, priority, stars, flames, fit, readiness, cell, *p_reject = told
    return {
        "lead_id": lead_id,
        "as_of": shown_instant(as_of),
        "model_version": version,
        "p_win": p_win,
        "expected_value": value,
        "importance": importance,
        "urgency": urgency,
        "priority": priority,
        "stars": int(stars),
        "flames": int(flames),
        "fit": fit if fit == fit else None,
        "readiness": readiness if readiness == readiness else None,
        "cell": CELL_NAMES[int(cell)],
        "p_reject": dict(zip(reasons, p_reject, strict=True)),
        "p_win_interval": [low, high],
        "chances": chances,
    }


def with_tiers(bundle: Bundle, tiers: Tiers | None) -> Bundle:
    """The bundle with the company's own cut-offs in place of the percentiles of open leads that it learned."""
    if tiers is None:
        return bundle
    population = bundle.population
    stars, flames = tiers.stars or population.importance, tiers.flames or population.urgency
    return replace(bundle, population=replace(population, importance=stars, urgency=flames))


def existing(history: History, as_of: int) -> Ints:
    """Numbers of the leads that were on record by `as_of`."""
    everyone = np.arange(len(history))
    known = last_version(history.start, history.version_at, everyone, np.full(len(history), as_of)) >= 0
    there: Ints = everyone[known & ((history.created_at <= as_of) | (history.created_at == ALWAYS))]
    return there


def moments(history: History, lead: int, as_of: int) -> list[dict[str, str]]:
    """The last things that the lead did, newest first, each kind once."""
    events, seen = history.events, dict[str, int]()
    for row in range(int(events.start[lead + 1]) - 1, int(events.start[lead]) - 1, -1):
        if events.occurred_at[row] <= as_of and events.recorded_at[row] <= as_of < events.superseded_at[row]:
            seen.setdefault(events.kinds[events.kind[row]], int(events.occurred_at[row]))
    return [{"type": kind, "occurred_at": isoformat(at)} for kind, at in list(seen.items())[:MOMENTS_SHOWN]]


def numbers(history: History, lead_ids: Sequence[str]) -> Ints:
    """Numbers of the leads named, a duplicate's being its survivor's; those not in the history are left out."""
    place = {lead_id: i for i, lead_id in enumerate(history.lead_ids)}
    asked = [history.people.of(lead_id) for lead_id in lead_ids]
    return np.array([place[lead_id] for lead_id in asked if lead_id in place], dtype=np.int64)
