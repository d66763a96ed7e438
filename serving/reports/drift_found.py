"""What drift there is: the newest leads beside those at training, outcomes beside chances, and the refusals."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from features.history import ALWAYS, NEVER, Floats, History, Ints, read
from leadloop.clock import DAY, parse_as_of
from leadloop.settings import Settings
from leadloop.store import leads, outcomes
from leadloop.store.ledger import Ledger
from models.drift import ORDER, Drift, Level, compare, strangers_among
from models.drift_outcomes import Real, Shift, real, shifts
from models.drift_reference import LEADS_AT_MOST, recent
from models.reasons import codes
from serving.reports.drift_words import DRIFT
from serving.reports.facts import Facts, Flags
from serving.reports.facts import read as read_facts
from serving.reports.language import Both
from serving.reports.rates import ripe, ripeness
from serving.scorer import Scorer, numbers

REFUSALS_DAYS = 180
"""Refusals so long before training, and so long until now, are compared."""


@dataclass(frozen=True)
class Found:
    """Of one version at an instant. `drift`: None where the version kept nothing to compare with, or is younger.

    `names`: of facts, by language and source. `outcomes`: None where too few leads are ripe; `reasons`: by source.
    """

    version: str
    trained_as_of: str | None
    days: float | None
    drift: Drift | None
    outcomes: Real | None
    reasons: tuple[Shift, ...]
    names: Mapping[str, Mapping[str, str]]

    @property
    def level(self) -> Level:
        """Of the worst of it."""
        levels = [self.drift.level] if self.drift else []
        levels += [self.outcomes.level] if self.outcomes else []
        levels += [shift.level for shift in self.reasons]
        return max(levels, key=ORDER.index, default="steady")

    @property
    def alarms(self) -> list[dict[str, str]]:
        """What raises the alarm, `feature` and how people call it, in both languages."""
        facts = (*self.drift.features, *([self.drift.p_win] if self.drift.p_win else [])) if self.drift else ()
        found = [(moved.source, self.called(moved.source)) for moved in facts if moved.level == "alarm"]
        if self.outcomes and self.outcomes.level == "alarm":
            found.append(("outcomes", DRIFT["drift wins"]))
        for shift in self.reasons:
            if shift.level == "alarm":
                told = (text.format(source=shift.source or "–") for text in DRIFT["drift refusals"])
                found.append((f"reasons: {shift.source}", Both(*told)))
        return [{"feature": feature, "en": name.en, "fr": name.fr} for feature, name in found]

    def called(self, source: str) -> Both:
        """How people call a fact."""
        if source == "p_win":
            return DRIFT["all chances"]
        return Both(*(self.names[lang].get(source, source) for lang in Both._fields))


def look(ledger: Ledger, scorer: Scorer, settings: Settings, as_of: int, most: int = LEADS_AT_MOST) -> Found:
    """Look at the newest leads, at most so many, as known at an instant."""
    bundle = scorer.version.bundle
    trained_as_of = bundle.facts.get("as_of")
    trained_at = parse_as_of(str(trained_as_of)) if trained_as_of else None
    dated = trained_at is not None and as_of != NEVER
    since = _Since(ledger, scorer, settings, as_of, trained_at or 0, most)
    names = {lang: _names(scorer, lang) for lang in ("en", "fr")}
    return Found(
        version=scorer.version.version,
        trained_as_of=trained_as_of,
        days=bundle.reference.days if bundle.reference else None,
        drift=since.drift() if not dated or as_of >= since.trained_at else None,
        outcomes=since.outcomes() if dated and scorer.version.chances != "order_only" else None,
        reasons=since.reasons() if dated else (),
        names=names,
    )


def _names(scorer: Scorer, lang: str) -> dict[str, str]:
    explainer = scorer.version.bundle.explainer
    return {source: explainer.name(number, lang) for number, source in enumerate(explainer.sources)}


@dataclass(frozen=True)
class _Since:
    """What there is to look at since a training."""

    ledger: Ledger
    scorer: Scorer
    settings: Settings
    as_of: int
    trained_at: int
    most: int

    def drift(self) -> Drift | None:
        """The newest leads, as they are now, beside those that were the newest at training."""
        bundle = self.scorer.version.bundle
        if bundle.reference is None:
            return None
        days = bundle.reference.days
        after = None if days is None or self.as_of == NEVER else self.as_of - int(days * DAY)
        history = self._history(self._came_in(after))
        newest = recent(history, self.as_of, days)
        X, p_win = self._scored(history, newest, np.full(len(newest), self.as_of))
        strangers = strangers_among(history, newest, self.as_of, bundle.catalogue)
        return compare(bundle.reference, X, bundle.catalogue, p_win, strangers)

    def outcomes(self) -> Real | None:
        """Leads that came in since training, are old enough to tell and were looked at: won, and their chances just
        before sales first said anything of them.
        """
        horizon = int(self.settings.horizon_days * DAY)
        facts = self._facts(self._came_in(self.trained_at - 2 * horizon))
        rows = np.flatnonzero(self._ripe(facts))
        won = facts.first["won"][rows] != NEVER
        if won.all():  # nobody writes down what was not won
            return None
        ids = [facts.lead_ids[i] for i in rows.tolist()]
        history = self._history(ids)
        found = numbers(history, ids)
        if len(found) != len(ids):  # somebody erased one meanwhile
            return None
        arrived = np.maximum(history.created_at[found], history.version_at[history.start[found]])
        _, p_win = self._scored(history, found, np.maximum(arrived, facts.heard[rows] - 1))
        return real(p_win, won.astype(np.float64))

    def _ripe(self, facts: Facts) -> Flags:
        """Leads since training that were looked at, and that have had the days that the older half of all took."""
        dated = facts.counted & (facts.since != ALWAYS)
        middle = np.median(facts.since[dated]) if dated.any() else 0
        days = sum(ripeness(replace(facts, counted=dated & (facts.since <= middle))).values())
        given = min(days, self.settings.horizon_days) if days else self.settings.horizon_days
        old = dated & ripe(facts, np.where(dated, facts.since, NEVER), self.as_of, given)
        return np.asarray(old & (facts.since > self.trained_at) & (facts.heard != NEVER) & (facts.heard != ALWAYS))

    def reasons(self) -> tuple[Shift, ...]:
        """Why the leads of each source are refused, before training and since."""
        begin, middle = self.trained_at - REFUSALS_DAYS * DAY, min(self.trained_at, self.as_of)
        start = max(middle, self.as_of - REFUSALS_DAYS * DAY)
        before, after = (self._refused(*between) for between in ((begin, middle), (start, self.as_of)))
        return shifts(before, after)

    def _refused(self, after: int, until: int) -> dict[str, Counter[str]]:
        """By source, how many leads were turned away in a period, by the reason that was given."""
        with self.ledger.reading() as connection:
            ids = outcomes.told_of(connection, after, until, self.most)
        facts = self._facts(ids)
        source = dict(zip(facts.lead_ids, facts.source.tolist(), strict=True))
        rows = [row for row in facts.outcomes if row.stage in ("rejected", "lost")]
        told = [row for row in rows if row.occurred_at is not None and after < row.occurred_at <= until]
        meant = codes((row.reason for row in told), self.settings.reasons)
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for row in told:
            if reason := meant[row.reason]:
                found[source[row.lead_id]][reason] += 1
        return found

    def _came_in(self, after: int | None) -> list[str]:
        with self.ledger.reading() as connection:
            return leads.came_in(connection, after, self._cut, self.most)

    def _history(self, lead_ids: Sequence[str]) -> History:
        blocks = self.scorer.version.bundle.catalogue.read_apart
        return read(self.ledger, self._cut, sorted(lead_ids), blocks)

    def _facts(self, lead_ids: Sequence[str]) -> Facts:
        with self.ledger.reading() as connection:
            return read_facts(connection, self._cut, "created_at", sorted(lead_ids))

    def _scored(self, history: History, rows: Ints, at: Ints) -> tuple[Floats, Floats]:
        scores = self.scorer.version.bundle.score(history, rows, at)
        return scores.X, scores.p_win

    @property
    def _cut(self) -> int | None:
        return None if self.as_of == NEVER else self.as_of


def as_json(found: Found) -> dict[str, Any]:
    """All of it, for programs."""
    drift = found.drift
    return {
        "model_version": found.version,
        "trained_as_of": found.trained_as_of,
        "days": found.days,
        "level": found.level,
        "alarms": found.alarms,
        "leads_before": drift.leads_before if drift else None,
        "leads": drift.leads if drift else None,
        "enough": drift.enough if drift else False,
        "features": drift.as_json()["features"] if drift else [],
        "p_win": drift.as_json()["p_win"] if drift else None,
        "outcomes": found.outcomes.as_json() if found.outcomes else None,
        "reasons": [shift.as_json() for shift in found.reasons],
    }
