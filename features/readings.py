"""What is read out of an attribute besides its own values: told by the column's name, in French or English."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from features import languages, sizes, titles
from features.spec import Feature
from leadloop.store.rows import Value

READABLE = 0.5  # share of the values given that a reading must understand, or the column is about something else
ENOUGH = 5  # leads that it must understand


@dataclass(frozen=True)
class Reading:
    """`columns`: matches the names of the attributes it reads.

    `read`: a value as a step or a name; NaN or None where it does not say.
    `words`: what steps, or names, are called in French and English.
    `block`: the optional block that it is of.
    """

    columns: re.Pattern[str]
    read: Callable[[Value], float | str | None]
    fr: str
    en: str
    words: Mapping[str, tuple[str, str]]
    block: str = ""

    def feature(self, kind: str, name: str, levels: tuple[str, ...]) -> Feature:
        """The column that this reading (of this `kind`) of the attribute `name` makes."""
        source = source_of(kind, name)
        words = tuple(self.words[each] for each in (levels or self.words))
        meaning = (f"{self.fr} ({name})", f"{self.en} ({name})")
        return Feature(source, "category" if levels else "number", source, *meaning, words, self.block)


_TITLE = re.compile(
    r"(job|poste|professional|contact|lead) ?(title|role|position|function)|title|titre|jobtitle|job|role|position"
    r"|fonction|poste|metier|profession|intitule( d[eu])?( poste)?"
)
_SIZE = re.compile(
    r"(company|firm|organi[sz]ation|business|account) ?(size|headcount)|companysize|size|headcount"
    r"|(nb|n|no|num|number)?( of| de)? ?(employees|salaries|collaborateurs)|taille( (de )?(l )?(entreprise|societe))?"
    r"|effectifs?( (de )?(l )?(entreprise|societe))?|tranche( d)? effectifs?"
)
_PLACE = re.compile(r"(country|nation)( code| name)?|pays|locale|land")


def _steps(words: Sequence[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    return {str(step): both for step, both in enumerate(words)}


READINGS: Mapping[str, Reading] = {
    "seniority": Reading(_TITLE, titles.seniority, "niveau hiérarchique", "seniority", _steps(titles.STEPS)),
    "department": Reading(_TITLE, titles.department, "service", "department", titles.DEPARTMENTS),
    "company size": Reading(_SIZE, sizes.company_size, "taille d’entreprise", "company size", _steps(sizes.STEPS)),
    "language": Reading(
        _PLACE, languages.language, "langue probable", "likely language", languages.LANGUAGES, "contact"
    ),
}


def source_of(kind: str, name: str) -> str:
    """What the reading of an attribute is known by.

    >>> source_of("seniority", "poste")
    'poste: seniority'
    """
    return f"{name}: {kind}"


def readings_of(name: str) -> list[str]:
    """The kinds of readings that a column's name asks for.

    >>> readings_of("Job Title"), readings_of("Taille de l'entreprise"), readings_of("source")
    (['seniority', 'department'], ['company size'], [])
    """
    plain = titles.plain(name.replace("_", " "))
    return [kind for kind, reading in READINGS.items() if reading.columns.fullmatch(plain)]


def meaning() -> str:
    """A hash of all that the readings understand: other words make other columns."""
    return blake2b(json.dumps([titles.meaning(), sizes.meaning()]).encode(), digest_size=8).hexdigest()
