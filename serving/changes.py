"""Why a lead's score changed: each stored score beside the one before, in parts that add up exactly."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from features.history import NEVER, History, read
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from leadloop.store.rows import Value
from leadloop.store.scores import StoredScore
from models.bundle import Bundle
from models.registry import Version
from serving.scorer import numbers, shown_instant
from serving.steps import PARTS, WORDS, beside, bundle_of, events_between, said
from serving.way import FIGURES, Way, figures_of, look_at, seen_by

Row = dict[str, Any]
Parts = Mapping[str, float | None]
Split = dict[str, dict[str, float | None]]


def _plainly(at: str) -> str:
    """An instant (ISO 8601), to the minute, in UTC."""
    return at[:16].replace("T", " ")


@dataclass(frozen=True)
class Place:
    """Where what is needed is, and in which language it is told; `current` is the version that serves, if any;
    `written`: how sentences write an instant.
    """

    ledger: Ledger
    settings: Settings
    current: Version | None
    lang: str
    written: Callable[[str], str] = _plainly

    @property
    def chances(self) -> str:
        """Whether percentages may be shown."""
        return self.current.chances if self.current else "true"

    def bundle(self, score: StoredScore) -> Bundle | None:
        """The model that gave a score, if it is on this machine."""
        if self.current and self.current.version == score.model_version:
            found: Bundle | None = self.current.bundle
        else:
            found = bundle_of(self.settings, score.model_version)
        return found if found is not None and found.catalogue.hash == score.feature_hash else None


def changes(place: Place, rows: Sequence[StoredScore]) -> list[Row]:
    """What became of a lead from each score to the one before it, newest first; one fewer than there are scores."""
    return [_Pair(place, before, after).told() for after, before in pairwise(rows)]


@dataclass(frozen=True)
class _Pair:
    """A score and the one before it."""

    place: Place
    before: StoredScore
    after: StoredScore

    def told(self) -> Row:
        """All of it."""
        split, way = self._split(), self._way
        given = self._given()
        facts = {part: way.facts(part, self.place.lang, given) for part in ("data", "waiting")} if way else None
        told = {
            "as_of": shown_instant(self.after.as_of),
            "since": shown_instant(self.before.as_of),
            "model_version": self.after.model_version,
            "model_version_before": self.before.model_version,
            "told_by": self._told_by,
            **split,
            "facts": facts,
            **self._news(),
            **self._places(),
        }
        return {**told, "text": self._text(told)}

    @cached_property
    def _older(self) -> Bundle | None:
        return self.place.bundle(self.before)

    @cached_property
    def _newer(self) -> Bundle | None:
        return self.place.bundle(self.after)

    @property
    def _told_by(self) -> str:
        """Which model tells the parts apart: of then; of now, where that of then is gone; none that is here."""
        return "older" if self._older else "newer" if self._newer else "nobody"

    @cached_property
    def _way(self) -> Way | None:
        bundle = self._older or self._newer
        if bundle is None:
            return None
        stored = [seen_by(each) if each.feature_hash == bundle.catalogue.hash else None for each in self._both]
        past, today = (self._history(each.as_of, bundle) for each in self._both)
        then, waited = look_at(bundle, past, self.before.lead_id, [each.as_of for each in self._both])
        known = stored[1] or look_at(bundle, today, self.after.lead_id, [self.after.as_of])[0]
        scored = stored[0] or then or known
        known = known or scored
        if scored is None or known is None:  # erased meanwhile
            return None
        if then is None or waited is None or self.before.as_of == self.after.as_of:
            return Way(bundle, scored, scored, scored, known)  # what the ledger has of then can't be told apart
        return Way(bundle, scored, then, waited, known)

    @property
    def _both(self) -> tuple[StoredScore, StoredScore]:
        return self.before, self.after

    def _split(self) -> Split:
        """Each figure: before + its parts = after; a part that nobody can tell is None, and in that of the model."""
        start, end, way = figures_of(self.before), figures_of(self.after), self._way
        parts: Mapping[str, Parts] = {name: dict.fromkeys(PARTS) for name in FIGURES}
        if way is not None:
            models = self._by_older(way) if self._older else self._by_newer(way)
            parts = {name: {**way.of_time[name], **models[name]} for name in FIGURES}
        return {name: {"before": start[name], "after": end[name], **parts[name]} for name in FIGURES}

    def _by_older(self, way: Way) -> Mapping[str, Parts]:
        """Time and news by the model of then; then the model of now, beside the same open leads; then beside its own.

        What changed in how the older score is made (its cut-offs, by the setting `tiers`) is of the open leads too.
        """
        start, end, known = figures_of(self.before), figures_of(self.after), way.known.figures(way.bundle)
        first = way.scored.figures(way.bundle)
        same, newer = self.before.model_version == self.after.model_version, self._newer
        if newer is None and not same:
            return {
                name: {"model": end[name] - known[name] + first[name] - start[name], "population": None}
                for name in FIGURES
            }
        judged = known if same or newer is None else seen_by(self.after).figures(beside(newer, way.bundle))
        return {
            name: {
                "model": judged[name] - known[name],
                "population": end[name] - judged[name] + first[name] - start[name],
            }
            for name in FIGURES
        }

    def _by_newer(self, way: Way) -> Mapping[str, Parts]:
        """The other model first, on what was seen then, its open leads with it; then time and news by that model."""
        first, start = way.scored.figures(way.bundle), figures_of(self.before)
        return {name: {"model": first[name] - start[name], "population": None} for name in FIGURES}

    def _history(self, as_of: int, bundle: Bundle | None = None) -> History:
        blocks = bundle.catalogue.read_apart if bundle else frozenset[str]()
        return read(self.place.ledger, None if as_of == NEVER else as_of, [self.after.lead_id], blocks)

    @cached_property
    def _today(self) -> History:
        """The lead as it was known when the newer score was made."""
        return self._history(self.after.as_of)

    def _given(self, as_of: int | None = None) -> Mapping[str, Value]:
        """Its attributes at an instant (None: of the newer score), as the ledger has them today."""
        lead = numbers(self._today, [self.after.lead_id])
        at = self.after.as_of if as_of is None else as_of
        return self._today.attributes_at(int(lead[0]), at) if len(lead) else {}

    def _news(self) -> Row:
        """What the ledger recorded between the two."""
        lead, since, until = numbers(self._today, [self.after.lead_id]), self.before.as_of, self.after.as_of
        then, now = self._given(since), self._given()
        changed = sorted(name for name in {*then, *now} if then.get(name) != now.get(name))
        dated = len(lead) and until != NEVER
        return {
            "events": events_between(self._today, int(lead[0]), since, until) if dated else [],
            "attributes": [{"name": name, "before": then.get(name), "after": now.get(name)} for name in changed],
        }

    def _places(self) -> Row:
        before, after = self.before, self.after
        return {
            "place": _moved(before.place, after.place_as_before, after.place),
            "percentile": _moved(before.percentile, after.percentile_as_before, after.percentile),
            "open_leads": after.open_leads,
        }

    def _text(self, told: Row) -> str:
        words, lang = WORDS[self.place.lang], self.place.lang
        since = words["score before"]
        if told["since"]:
            since = words["instant"].format(at=self.place.written(told["since"]))
        text = said(told["p_win"], lang, self.place.chances, since)
        if place := told["place"]:
            text += words["place"].format(**place, leads=told["open_leads"])
        if self._told_by == "nobody":
            text += words["unknown"]
        return text + (words["apart"].format(version=self.before.model_version) if self._told_by == "newer" else "")


def _moved(before: float | None, as_before: float | None, after: float | None) -> Row | None:
    """Where a lead stood and stands: `others` moved it with the score it had, `own`: its new score the rest."""
    if before is None or as_before is None or after is None:
        return None
    return {"before": before, "after": after, "others": as_before - before, "own": after - as_before}
