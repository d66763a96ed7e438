"""What the program said of an error, in the words of the reader: errors are English, as the API tells them."""

import re
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from serving.pages.languages import LANGUAGES, errors

LONGEST = 2_000
"""Characters of what is looked up; more of it stays as it is."""
PROGRAM = "error"
"""The placeholder that holds another text of the program, which is told too; others hold names and numbers."""
_HOLE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Message:
    """What the program may say, how that is known again, and how it is told."""

    english: str
    pattern: re.Pattern[str]
    text: str


def told(lang: str, detail: str) -> tuple[str, str]:
    """What was said, and in which language that is; a text that no catalogue knows stays as it is, in English.

    >>> told("fr", "A key is good for 1 to 3650 days, not for 9999")
    ('Une clé vaut de 1 à 3650 jours, et non 9999', 'fr')
    >>> told("fr", "ssl: wrong version"), told("en", "There is no such file")
    (('ssl: wrong version', 'en'), ('There is no such file', 'en'))
    """
    known = known_again(lang, detail)
    if known is None:
        return detail, "en"
    message, values = known
    if PROGRAM in values:
        values[PROGRAM], _ = told(lang, values[PROGRAM])
    return message.text % values, lang


def in_words(lang: str, detail: object) -> Markup:
    """What was said as a page shows it, with its language."""
    text, spoken = told(lang, str(detail))
    return Markup('<span lang="{}">{}</span>').format(spoken, text)


def known_again(lang: str, detail: str) -> tuple[Message, dict[str, str]] | None:
    """The message of the catalogue that a text is, and what its placeholders hold; None where it is none."""
    for message in _messages(lang) if len(detail) <= LONGEST else ():
        if (found := message.pattern.fullmatch(detail)) is not None:
            return message, found.groupdict()
    return None


@lru_cache(maxsize=len(LANGUAGES))
def _messages(lang: str) -> list[Message]:
    """Those of a language, the longest first, since it says most of what is meant."""
    known = sorted(errors(lang), key=lambda pair: -len(_HOLE.sub("", pair[0])))
    return [Message(english, _pattern(english), text) for english, text in known]


def _pattern(english: str) -> re.Pattern[str]:
    parts = enumerate(_HOLE.split(english))
    return re.compile("".join(f"(?P<{part}>.*?)" if at % 2 else re.escape(part) for at, part in parts), re.DOTALL)
