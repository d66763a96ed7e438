"""Sentences for columns that tell one thing each (arrival, first touch, colleagues), known by words of their names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from features.spec import Feature
from features.titles import plain
from models.amounts import ago, counted, told, written
from models.sentences import ANSWERS, OTHER, Case

Phrase = Callable[[float, str], str]
"""A value and a language to a sentence."""


def _pair(french: str, english: str) -> Phrase:
    """The same with the value written into it."""
    return lambda value, lang: (french if lang == "fr" else english).format(written(value, lang))


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


_SAME_COMPANY = ("de la même entreprise", "at the same company")
_OTHERS = _many(
    ("aucun autre lead de la même entreprise", "no other lead at the same company"),
    ("autre lead", "autres leads"),
    ("other lead", "other leads"),
    _SAME_COMPANY,
)
_COLLEAGUES = _many(
    ("aucune activité de ses collègues en 30 jours", "no activity of colleagues in 30 days"),
    ("activité", "activités"),
    ("activity", "activities"),
    ("de ses collègues en 30 jours", "of colleagues in 30 days"),
)
_OPEN = _many(
    ("aucun autre lead en cours dans l’entreprise", "no other open lead at the company"),
    ("autre lead en cours", "autres leads en cours"),
    ("other open lead", "other open leads"),
    ("dans l’entreprise", "at the company"),
)
_KINDS = _many(
    ("aucune activité à ce jour", "no activity so far"),
    ("type d’activité", "types d’activité"),
    ("kind of activity", "kinds of activity"),
    ("à ce jour", "so far"),
)
_OFFICE = _if(
    ("lead arrivé aux heures de bureau", "lead came in during working hours"),
    ("lead arrivé hors des heures de bureau", "lead came in outside working hours"),
)
_CLIENT = _if(
    ("entreprise déjà cliente", "company has bought before"),
    ("entreprise pas encore cliente", "company has not bought yet"),
)

_PHRASES: tuple[tuple[str, Phrase], ...] = (
    ("working hours", _OFFICE),
    ("office hours", _OFFICE),
    ("hour", _pair("lead arrivé vers {} h", "lead came in around {}:00")),
    ("days since first", _when("première activité", "first active")),
    ("days since the first", _when("première activité", "first active")),
    ("kinds", _KINDS),
    ("account leads", _OTHERS),
    ("account other leads", _OTHERS),
    ("account events", _COLLEAGUES),
    ("account last 30 days", _COLLEAGUES),
    ("account days since", _when("dernière activité de ses collègues", "colleagues last active")),
    ("account won", _CLIENT),
    ("account open", _OPEN),
)
"""By the first of these words that a column's name has; its own meaning speaks for any other."""


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
        found = {i: phrase for i, feature in features.items() if (phrase := _phrase(feature))}
        return cls(features, levels, lang, found)

    def tell(self, case: Case) -> str:
        """Its sentence; such as "number of leads: 3", its meaning and the value, where it has none."""
        feature, value = self.features[case.column], case.row[case.column]
        phrase = self.phrases.get(case.column)
        if phrase and told(value):
            return phrase(value, self.lang)
        meaning = feature.fr if self.lang == "fr" else feature.en
        return f"{meaning}{' : ' if self.lang == 'fr' else ': '}{show(feature, self.levels, value, self.lang)}"


def _phrase(feature: Feature) -> Phrase | None:
    if feature.words or feature.kind == "category":
        return None
    name = plain(feature.name.replace("_", " ").replace(":", " "))
    return next((phrase for words, phrase in _PHRASES if words in name), None)


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
