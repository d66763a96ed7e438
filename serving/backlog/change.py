"""What changed since yesterday and why: a lead's score now against the one before, split into exact parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.history import NEVER, Floats, History, Ints
from features.history import read as read_history
from leadloop.clock import DAY, isoformat
from leadloop.settings import Settings
from leadloop.store import scores
from leadloop.store.ledger import Ledger
from models.bundle import Bundle
from serving.scorer import Scored, existing, numbers
from serving.steps import WORDS, Figures, Row, Steps, beside, bundle_of, events_between, said

SPLIT = ("p_win", "priority")


def changes_of(ledger: Ledger, settings: Settings, scored: Scored, lang: str) -> list[Row | None]:
    """For each lead scored, what became of its figures in the day before; None where nothing is dated.

    A score as of a day ago is, to the bit, the one of that day: so the parts are differences of scores. `waiting`: by
    the model of then, what was known then, looked at now, against then; `data`: what is known now against that;
    `model`: the model of now against the one of then, on what is known now; `population`: the open leads that it is
    compared with against those of the model of then.
    """
    if not len(scored.leads):
        return []
    at = int(scored.as_of[0])
    if at == NEVER:
        return [None] * len(scored.leads)
    names = [scored.history.lead_ids[i] for i in scored.leads.tolist()]
    steps = _Day(ledger, settings, scored, at).steps(names)
    since, told = WORDS[lang]["yesterday"], []
    for lead, name in zip(scored.leads.tolist(), names, strict=True):
        events = events_between(scored.history, lead, at - DAY, at)
        row: Row = {"since": isoformat(at - DAY), "events": events}
        row |= {figure: steps[name].split(figure) if name in steps else None for figure in SPLIT}
        told.append({**row, "text": said(row["p_win"], lang, scored.version.chances, since)})
    return list(told)


@dataclass(frozen=True)
class _Day:
    """The day before the instant of some scores."""

    ledger: Ledger
    settings: Settings
    scored: Scored
    at: int

    def steps(self, names: Sequence[str]) -> dict[str, Steps]:
        """Of the leads that were on record a day ago."""
        found: dict[str, Steps] = {}
        current = self.scored.version
        for version, some in self._served(names).items():
            bundle = current.bundle if version == current.version else bundle_of(self.settings, version)
            if bundle is not None:  # else gone from this machine: what it gave can't be told apart
                found |= self._by(bundle, some)
        return found

    def _by(self, bundle: Bundle, names: Sequence[str]) -> dict[str, Steps]:
        """Of the leads that this model scored a day ago."""
        since, at = self.at - DAY, self.at
        then = read_history(self.ledger, since, names, bundle.catalogue.read_apart)
        before, waited = (_scores(bundle, then, names, since, when) for when in (since, at))
        after = known = judged = self._now(self.scored.version.bundle)
        if bundle is not self.scored.version.bundle:
            now = read_history(self.ledger, at, names, bundle.catalogue.read_apart)
            known = _scores(bundle, now, names, since, at)
            judged = self._now(beside(self.scored.version.bundle, bundle))
        return {
            name: Steps(before[name], waited[name], known[name], judged[name], after[name])
            for name in before
            if name in known
        }

    def _now(self, bundle: Bundle) -> dict[str, Figures]:
        """By a model that sees what the one of now sees."""
        given = self.scored.scores
        if bundle is not self.scored.version.bundle:
            given = bundle.score(self.scored.history, self.scored.leads, self.scored.as_of)
        return _by_name(self.scored.history, self.scored.leads, {name: getattr(given, name) for name in SPLIT})

    def _served(self, names: Sequence[str]) -> Mapping[str, list[str]]:
        """By version, the leads whose score it gave a day ago: as it was stored then, else the version of now."""
        with self.ledger.reading() as connection:
            stored = scores.before(connection, names, self.at - DAY)
        served: dict[str, list[str]] = {}
        for name in names:
            version = stored[name].model_version if name in stored else self.scored.version.version
            served.setdefault(version, []).append(name)
        return served


def _scores(bundle: Bundle, history: History, names: Sequence[str], there: int, at: int) -> dict[str, Figures]:
    """The figures at `at` of those of the leads that were on record at `there`."""
    leads = np.intersect1d(existing(history, there), numbers(history, names))
    given = bundle.score(history, leads, np.full(len(leads), at))
    return _by_name(history, leads, {name: getattr(given, name) for name in SPLIT})


def _by_name(history: History, leads: Ints, figures: Mapping[str, Floats]) -> dict[str, Figures]:
    return {
        history.lead_ids[lead]: {name: float(values[i]) for name, values in figures.items()}
        for i, lead in enumerate(leads.tolist())
    }
