"""One fact about a lead as a sentence in French or English: what is said depends on what carries its contribution."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Protocol

from features.profile import Attribute
from leadloop.store.rows import Value
from models.amounts import ago, counted, span, times, told, written
from models.attribute_words import Label, label_of
from models.event_words import EventWords

QUIET_DAYS = 7.0
"""From so long on, what a lead no longer does is told as its silence, where that counts against it."""
RECENT = 0.5  # a decayed count below it is of events more than a week old
RISING, FALLING = 1.25, 0.8
SHOWN_AT_MOST = 60  # characters of a value that somebody typed


class Case(NamedTuple):
    """The lead of whom something is to be told: its `row`; `given`: its attributes as they were written, where somebody
    has them at hand.
    """

    row: Sequence[float]
    given: Mapping[str, Value]


class Fact(Protocol):
    """Whatever a reason is about."""

    def tell(self, case: Case, column: int, *, against: bool) -> str:
        """The sentence: `column` carries most of its sum, which counts for the lead or `against` it."""


@dataclass(frozen=True)
class Did:
    """Events of a type. Columns are numbers in the row: all, of 7 days, of 30 days, days since the last."""

    words: EventWords
    lang: str
    count: int
    week: int
    month: int
    since: int

    def tell(self, case: Case, column: int, *, against: bool) -> str:
        """How long ago and how often; as a silence where it lies back and speaks against the lead.

        Such as "a demandé une démo il y a 2 jours (3 fois en 30 jours)".
        """
        row, words, lang = case.row, self.words, self.lang
        count, since = row[self.count], row[self.since]
        if not count > 0:
            return words.never
        if not told(since):
            return f"{words.did} ({times(count, lang)})"
        if against and since >= QUIET_DAYS and _silence(row, column, self.since):
            return f"{words.no_more} {span(since, lang) if lang == 'fr' else ago(since, lang)}"
        return f"{words.did} {ago(since, lang)}{self._how_often(row, column)}"

    def _how_often(self, row: Sequence[float], column: int) -> str:
        """In brackets, for the window that carries the reason; once needs no saying."""
        count, month, week = row[self.count], row[self.month], row[self.week]
        if column == self.week and week > 1:
            return _within(week, 7, self.lang)
        if (column != self.count or count == month) and month > 1:
            return _within(month, 30, self.lang)
        return _within(count, 0, self.lang) if count > 1 else ""


def _silence(row: Sequence[float], column: int, since: int) -> bool:
    """Whether, of what counts against a lead, it is what it no longer does, and not that it did so much."""
    return column == since or row[column] < RECENT


@lru_cache(maxsize=1_024)
def _within(n: float, days: int, lang: str) -> str:
    """How often within so many days; 0 for all of them."""
    if lang == "fr":
        return f" ({times(n, lang)} {f'en {days} jours' if days else 'en tout'})"
    return f" ({times(n, lang)} {f'in {days} days' if days else 'in all'})"


ACTIVITY = {"fr": ("activité", "activités"), "en": ("activity", "activities")}


@dataclass(frozen=True)
class Active:
    """What a lead did in all. `names`: what each of the group's columns is about, by its number."""

    lang: str
    names: Mapping[int, str]
    count: int
    since: int

    def tell(self, case: Case, column: int, *, against: bool) -> str:
        """The aspect that carries most: how much, how lately, on how many days, with what trend."""
        row, french = case.row, self.lang == "fr"
        if not row[self.count] > 0:
            return "aucune activité à ce jour" if french else "no activity so far"
        aspect = self.names.get(column, "count")
        value = row[column]
        if aspect in ("last 7 days", "last 30 days"):
            return self._lately(value, aspect.split(" ")[1])
        if aspect in ("days since", "decayed") and told(row[self.since]):
            return self._last(row[self.since], quiet=against and _silence(row, column, self.since))
        if aspect == "active days":
            return self._spread(value)
        if aspect == "trend":
            return self._trend(value)
        if aspect == "burst":
            most = counted(value, ACTIVITY[self.lang], self.lang)
            return f"jusqu’à {most} en un jour" if french else f"up to {most} in one day"
        return f"{counted(row[self.count], ACTIVITY[self.lang], self.lang)} {'en tout' if french else 'in all'}"

    def _last(self, days: float, *, quiet: bool) -> str:
        if quiet and days >= QUIET_DAYS:
            gone = span(days, self.lang)
            return f"aucune activité depuis {gone}" if self.lang == "fr" else f"no activity for {gone}"
        return f"{'dernière activité' if self.lang == 'fr' else 'last active'} {ago(days, self.lang)}"

    def _spread(self, days: float) -> str:
        if days == 1:
            return "activité sur un seul jour" if self.lang == "fr" else "active on a single day"
        n = written(days, self.lang)
        return f"activité sur {n} jours différents" if self.lang == "fr" else f"active on {n} different days"

    def _lately(self, n: float, days: str) -> str:
        french = self.lang == "fr"
        if not n:
            return f"aucune activité depuis {days} jours" if french else f"no activity in the last {days} days"
        what = counted(n, ACTIVITY[self.lang], self.lang)
        return f"{what} en {days} jours" if french else f"{what} in {days} days"

    def _trend(self, pace: float) -> str:
        if pace > RISING:
            return "activité en hausse cette semaine" if self.lang == "fr" else "more active this week than before"
        if pace < FALLING:
            return "activité en baisse cette semaine" if self.lang == "fr" else "less active this week than before"
        return "activité régulière" if self.lang == "fr" else "steady activity"


@dataclass(frozen=True)
class CameIn:
    """The age of the lead."""

    lang: str

    def tell(self, case: Case, column: int, *, against: bool) -> str:
        """When it came in."""
        days = case.row[column]
        if not told(days):
            return "date d’arrivée inconnue" if self.lang == "fr" else "date of arrival unknown"
        return f"{'lead arrivé' if self.lang == 'fr' else 'lead came in'} {ago(max(days, 0.0), self.lang)}"


OTHER = {"fr": "autre", "en": "another"}
ANSWERS = {"fr": ("non", "oui"), "en": ("no", "yes")}


@dataclass(frozen=True)
class Is:
    """An attribute, or what is read out of it; `first` is the number of its first column, `start` how it begins."""

    attribute: Attribute
    lang: str
    first: int
    label: Label
    start: str

    @classmethod
    def of(cls, attribute: Attribute, lang: str, first: int) -> "Is":
        """With its name in words."""
        label = label_of(attribute.kind, attribute.name, lang)
        return cls(attribute, lang, first, label, f"{label.name}{' : ' if lang == 'fr' else ': '}")

    def tell(self, case: Case, column: int, *, against: bool) -> str:
        """Its name and value, such as "fonction : Directrice des achats"; or that it was not given."""
        value, kind = case.row[column], self.attribute.kind
        if value != value:
            return self.label.missing
        if kind == "number":
            return self.start + written(value, self.lang)
        if kind == "text":
            return self.start + self._word(column - self.first, value)
        if kind == "company size":
            return self._of_a_company(level(self.attribute, value, self.lang))
        return self.start + self._value(value, own(case.given.get(self.attribute.name)))

    def _value(self, value: float, written_so: str | None) -> str:
        """A value that is there, as a person would write it; the lead's own spelling where it is at hand."""
        kind = self.attribute.kind
        if kind == "category":
            return written_so or level(self.attribute, value, self.lang)
        if kind == "flag":
            return ANSWERS[self.lang][int(value > 0)]
        if kind == "date":
            return ago(value, self.lang) if told(value) else written(value, self.lang)
        step = level(self.attribute, value, self.lang)
        return f"{step} ({written_so})" if written_so else step

    def _of_a_company(self, size: str) -> str:
        if self.lang == "fr":
            return "entreprise d’une personne" if size == "1 personne" else f"entreprise de {size}"
        return f"company of {size}"

    def _word(self, number: int, value: float) -> str:
        if number == 0:
            return counted(value, ("mot", "mots") if self.lang == "fr" else ("word", "words"), self.lang)
        word = self.attribute.levels[number - 1]
        if self.lang == "fr":
            return f"contient « {word} »" if value else f"ne contient pas « {word} »"
        return f"contains “{word}”" if value else f"does not contain “{word}”"


def named(attribute: Attribute, lang: str) -> str:
    """What an attribute is called, and what is read out of it, in a table."""
    return label_of(attribute.kind, attribute.name, lang).name


def level(attribute: Attribute, value: float, lang: str) -> str:
    """The name of a level or step, by its code."""
    words = attribute.features[0].words
    if words and value < len(words):
        return words[int(value)][0 if lang == "fr" else 1]
    return attribute.levels[int(value)] if value < len(attribute.levels) else OTHER[lang]


@lru_cache(maxsize=8_192)
def own(value: Value) -> str | None:
    """A value as somebody wrote it, on one line; None where there is none."""
    text = " ".join(str(value).split()) if isinstance(value, str) else ""
    return None if not text else text if len(text) <= SHOWN_AT_MOST else f"{text[: SHOWN_AT_MOST - 1]}…"
