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
    """What is to be told: the lead's `row`, the `column` that carries most, whether the sum counts `against` it.

    `given`: its attributes as they were written, where somebody has them at hand.
    """

    row: Sequence[float]
    column: int
    against: bool
    given: Mapping[str, Value]


class Fact(Protocol):
    """Whatever a reason is about."""

    def tell(self, case: Case) -> str:
        """The sentence."""


@dataclass(frozen=True)
class Did:
    """Events of a type. Columns are numbers in the row: all, of 7 days, of 30 days, days since the last."""

    words: EventWords
    lang: str
    count: int
    week: int
    month: int
    since: int

    def tell(self, case: Case) -> str:
        """How long ago and how often; as a silence where it lies back and speaks against the lead.

        Such as "a demandé une démo il y a 2 jours (3 fois en 30 jours)".
        """
        count, since = case.row[self.count], case.row[self.since]
        if not count > 0:
            return self.words.never
        if not told(since):
            return f"{self.words.did} ({times(count, self.lang)})"
        if since >= QUIET_DAYS and _silence(case, self.since):
            gone = span(since, self.lang) if self.lang == "fr" else ago(since, self.lang)
            return f"{self.words.no_more} {gone}"
        return f"{self.words.did} {ago(since, self.lang)}{self._how_often(case)}"

    def _how_often(self, case: Case) -> str:
        """In brackets, for the window that carries the reason; once needs no saying."""
        count, month, week = (case.row[i] for i in (self.count, self.month, self.week))
        if case.column == self.week and week > 1:
            return f" ({_within(week, 7, self.lang)})"
        if (case.column != self.count or count == month) and month > 1:
            return f" ({_within(month, 30, self.lang)})"
        if count > 1:
            return f" ({times(count, self.lang)} {'en tout' if self.lang == 'fr' else 'in all'})"
        return ""


def _silence(case: Case, since: int) -> bool:
    """Whether it is what a lead no longer does that counts against it, and not that it did so much."""
    return case.against and (case.column == since or case.row[case.column] < RECENT)


def _within(n: float, days: int, lang: str) -> str:
    return f"{times(n, lang)} {'en' if lang == 'fr' else 'in'} {days} {'jours' if lang == 'fr' else 'days'}"


ACTIVITY = {"fr": ("activité", "activités"), "en": ("activity", "activities")}


@dataclass(frozen=True)
class Active:
    """What a lead did in all. `names`: what each of the group's columns is about, by its number."""

    lang: str
    names: Mapping[int, str]
    count: int
    since: int

    def tell(self, case: Case) -> str:
        """The aspect that carries most: how much, how lately, on how many days, with what trend."""
        row, french = case.row, self.lang == "fr"
        if not row[self.count] > 0:
            return "aucune activité à ce jour" if french else "no activity so far"
        aspect = self.names.get(case.column, "count")
        value = row[case.column]
        if aspect in ("last 7 days", "last 30 days"):
            return self._lately(value, aspect.split(" ")[1])
        if aspect in ("days since", "decayed") and told(row[self.since]):
            return self._last(row[self.since], quiet=_silence(case, self.since))
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

    def tell(self, case: Case) -> str:
        """When it came in."""
        days = case.row[case.column]
        if not told(days):
            return "date d’arrivée inconnue" if self.lang == "fr" else "date of arrival unknown"
        return f"{'lead arrivé' if self.lang == 'fr' else 'lead came in'} {ago(max(days, 0.0), self.lang)}"


OTHER = {"fr": "autre", "en": "another"}
ANSWERS = {"fr": ("non", "oui"), "en": ("no", "yes")}


@dataclass(frozen=True)
class Is:
    """An attribute, or what is read out of it; `first` is the number of its first column."""

    attribute: Attribute
    lang: str
    first: int
    label: Label

    @classmethod
    def of(cls, attribute: Attribute, lang: str, first: int) -> "Is":
        """With its name in words."""
        return cls(attribute, lang, first, label_of(attribute.kind, attribute.name, lang))

    def tell(self, case: Case) -> str:
        """Its name and value, such as "fonction : Directrice des achats"; or that it was not given."""
        value = case.row[case.column]
        if value != value:
            return self.label.missing
        if self.attribute.kind == "text":
            return self._word(case.column - self.first, value)
        return self._said(self.value(value, case))

    def value(self, value: float, case: Case | None = None) -> str:
        """A value that is there, as a person would write it; the lead's own spelling where it is at hand."""
        kind = self.attribute.kind
        written_so = own(case.given.get(self.attribute.name)) if case else None
        if kind == "category":
            return written_so or level(self.attribute, value, self.lang)
        if kind == "flag":
            return ANSWERS[self.lang][int(value > 0)]
        if kind == "date":
            return ago(value, self.lang) if told(value) else written(value, self.lang)
        if kind == "number":
            return written(value, self.lang)
        step = level(self.attribute, value, self.lang)
        return f"{step} ({written_so})" if written_so and kind != "company size" else step

    def _said(self, value: str) -> str:
        if self.attribute.kind == "company size":
            french = "entreprise d’une personne" if value == "1 personne" else f"entreprise de {value}"
            return french if self.lang == "fr" else f"company of {value}"
        return f"{self.label.name} : {value}" if self.lang == "fr" else f"{self.label.name}: {value}"

    def _word(self, number: int, value: float) -> str:
        if number == 0:
            return self._said(counted(value, ("mot", "mots") if self.lang == "fr" else ("word", "words"), self.lang))
        word = self.attribute.levels[number - 1]
        if self.lang == "fr":
            return self._said(f"contient « {word} »" if value else f"ne contient pas « {word} »")
        return self._said(f"contains “{word}”" if value else f"does not contain “{word}”")


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
