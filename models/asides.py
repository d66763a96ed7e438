"""Sentences for columns that tell one thing each (arrival, first touch, colleagues), known by their names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from features.spec import Feature
from models.amounts import ago, counted, told, written
from models.sentences import ANSWERS, OTHER, Case

Phrase = Callable[[float, str], str]
"""A value and a language to a sentence."""


def _hour(value: float, lang: str) -> str:
    return f"lead arrivé vers {int(value)} h" if lang == "fr" else f"lead came in around {int(value)}:00"


def _when(french: str, english: str) -> Phrase:
    return lambda days, lang: f"{french if lang == 'fr' else english} {ago(max(days, 0.0), lang)}"


def _if(yes: tuple[str, str], no: tuple[str, str]) -> Phrase:
    return lambda value, lang: (yes if value > 0 else no)[0 if lang == "fr" else 1]


def _many(none: tuple[str, str], french: tuple[str, str], english: tuple[str, str], more: tuple[str, str]) -> Phrase:
    def phrase(n: float, lang: str) -> str:
        if n == 0:
            return none[0 if lang == "fr" else 1]
        return f"{counted(n, french if lang == 'fr' else english, lang)} {more[0 if lang == 'fr' else 1]}"

    return phrase


_SO_FAR = ("à ce jour", "so far")
_NOTHING = ("aucune activité à ce jour", "no activity so far")

_PHRASES: dict[str, Phrase] = {
    "arrival: hour": _hour,
    "arrival: working hours": _if(
        ("lead arrivé aux heures de bureau", "lead came in during working hours"),
        ("lead arrivé hors des heures de bureau", "lead came in outside working hours"),
    ),
    "touches: days since first": _when("première activité", "first active"),
    "touches: types of events": _many(
        _NOTHING, ("type d’activité", "types d’activité"), ("type of activity", "types of activity"), _SO_FAR
    ),
    "touches: kinds of content": _many(
        _NOTHING, ("genre de contenu", "genres de contenu"), ("kind of content", "kinds of content"), _SO_FAR
    ),
    "company: other leads": _many(
        ("aucun autre lead de l’entreprise en 180 jours", "no other lead of the company in 180 days"),
        ("autre lead", "autres leads"),
        ("other lead", "other leads"),
        ("de l’entreprise en 180 jours", "of the company in 180 days"),
    ),
    "company: events of others": _many(
        ("aucune activité de ses collègues en 30 jours", "no activity of colleagues in 30 days"),
        ("activité", "activités"),
        ("activity", "activities"),
        ("de ses collègues en 30 jours", "of colleagues in 30 days"),
    ),
    "company: days since others": _when("dernière activité de ses collègues", "colleagues last active"),
    "company: won before": _if(
        ("entreprise déjà cliente", "company has bought before"),
        ("entreprise pas encore cliente", "company has not bought yet"),
    ),
    "company: open elsewhere": _many(
        ("aucun autre lead en cours dans l’entreprise", "no other lead of the company in hand"),
        ("autre lead en cours", "autres leads en cours"),
        ("other lead in hand", "other leads in hand"),
        ("dans l’entreprise", "at the company"),
    ),
}
"""By the name of the column; its own meaning speaks for any other."""

NAMED = {"arrival: weekday": ("lead arrivé un {}", "lead came in on a {}")}
"""The same around a value that has a name of its own."""


@dataclass(frozen=True)
class Aside:
    """Columns that tell one thing each; `features` by number, `levels` of those that are categories."""

    features: Mapping[int, Feature]
    levels: tuple[str, ...]
    lang: str
    phrases: Mapping[int, Phrase]

    @classmethod
    def of(cls, features: Mapping[int, Feature], levels: tuple[str, ...], lang: str) -> "Aside":
        """With the sentence of each column that has one."""
        found = {i: _PHRASES[feature.name] for i, feature in features.items() if feature.name in _PHRASES}
        return cls(features, levels, lang, found)

    def tell(self, case: Case, column: int, *, against: bool) -> str:
        """Its sentence; such as "number of leads: 3", its meaning and the value, where it has none."""
        feature, value, phrase = self.features[column], case.row[column], self.phrases.get(column)
        if phrase and told(value):
            return phrase(value, self.lang)
        shown = show(feature, self.levels, value, self.lang)
        if feature.name in NAMED and value == value:
            return NAMED[feature.name][0 if self.lang == "fr" else 1].format(shown)
        return f"{feature.fr} : {shown}" if self.lang == "fr" else f"{feature.en}: {shown}"


MISSING = {"fr": "non renseigné", "en": "not given"}


def show(feature: Feature, levels: tuple[str, ...], value: float, lang: str) -> str:
    """A column's value as a person would write it."""
    if value != value:
        return MISSING[lang]
    if feature.words and value < len(feature.words):
        return feature.words[int(value)][0 if lang == "fr" else 1]
    if feature.kind == "category":
        return levels[int(value)] if value < len(levels) else OTHER[lang]
    return ANSWERS[lang][int(value > 0)] if feature.kind == "flag" else written(value, lang)
