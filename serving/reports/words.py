"""What reports say to people, in English and French."""

from typing import Any

from serving.reports.drift_words import DRIFT
from serving.reports.headings import HEADINGS
from serving.reports.language import Both, Lang, number
from serving.reports.lead_words import LEADS
from serving.reports.lift_words import LIFT
from serving.reports.page_words import PAGES
from serving.reports.promise_words import PROMISES

__all__ = ["WORDS", "Lang", "number", "say", "titled"]

WORDS: dict[str, Both] = {**HEADINGS, **PROMISES, **LEADS, **DRIFT, **LIFT, **PAGES}


def say(lang: str, key: str, **values: Any) -> str:
    """A text in a language. A text that is in none of ours, such as the name of a source, stays as it is."""
    both = WORDS.get(key)
    if both is None:
        return key
    text = both.fr if lang == "fr" else both.en
    return text.format(**values) if values else text


def titled(text: str) -> str:
    """A text as a heading; what is an abbreviation stays one.

    >>> titled("mql"), titled("point de départ")
    ('MQL', 'Point de départ')
    """
    return text.upper() if text in ("mql", "sql") else text[:1].upper() + text[1:]
