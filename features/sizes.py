"""Reads how many people a company has, from a band, a number or a word, in French or English."""

import math
import re
import unicodedata

from leadloop.store.rows import Value

STEPS = (
    ("1 personne", "1 person"),
    ("2 à 10 personnes", "2 to 10 people"),
    ("11 à 50 personnes", "11 to 50 people"),
    ("51 à 200 personnes", "51 to 200 people"),
    ("201 à 1 000 personnes", "201 to 1,000 people"),
    ("1 001 à 5 000 personnes", "1,001 to 5,000 people"),
    ("plus de 5 000 personnes", "more than 5,000 people"),
)
"""What each step is called, in French and English."""

_ENDS = (1, 10, 50, 200, 1_000, 5_000)
_WORDS = {
    **dict.fromkeys(("freelance", "independant", "solo", "self-employed", "auto-entrepreneur"), 1.0),
    **dict.fromkeys(("tpe", "micro", "micro-entreprise", "startup", "start-up"), 5.0),
    **dict.fromkeys(("small", "petite", "petite entreprise"), 25.0),
    **dict.fromkeys(("pme", "sme", "smb", "medium", "moyenne", "moyenne entreprise"), 100.0),
    **dict.fromkeys(("mid-market", "midmarket"), 500.0),
    **dict.fromkeys(("eti", "large"), 2_000.0),
    **dict.fromkeys(("ge", "grand groupe", "grande entreprise", "grand compte", "enterprise"), 10_000.0),
}
_LESS = re.compile(r"<|\b(moins|less|under|fewer|jusqu|up to)\b")
_MORE = re.compile(r"[>+]|\b(plus|more|over|au moins|at least)\b")
_NUMBER = re.compile(r"(\d{1,3}(?:[ ,.'\u202f]\d{3})+|\d+(?:[.,]\d+)?)\s*(k\b)?")
_FILLING = re.compile(
    r"[<>+\-–—=.()\s]|\b(moins|less|under|fewer|jusqu|up|plus|more|over|au|at|least|than|de|d|du|a|an|to|et|and|or|ou"
    r"|entre|between|from|salarie\w*|employe\w*|personnes?|people|persons?|collaborateurs?|effectif|staff|headcount)\b|'"
)


def company_size(value: Value) -> float:
    """A step from 0 (one person) to 6 (more than 5,000); NaN where the value does not say.

    >>> [company_size(v) for v in ("51-200", "50 à 199", "250", 250, "10k+", "PME", "ETI", "1 000 et plus", "?")]
    [3.0, 3.0, 4.0, 4.0, 6.0, 3.0, 5.0, 5.0, nan]
    """
    people = _people(value)
    return math.nan if math.isnan(people) else float(sum(people > end for end in _ENDS))


def _people(value: Value) -> float:
    """A headcount that stands for the value: the middle of a band, half as much again as an open end."""
    if isinstance(value, bool) or value is None:
        return math.nan
    if isinstance(value, int | float):
        return float(value) if 0 <= value < 1e9 else math.nan
    text = _simple(value)
    return _WORDS[text] if text in _WORDS else _measured(text)


def _simple(text: str) -> str:
    """Without case, accents, or more than one space."""
    letters = unicodedata.normalize("NFKD", text[:100].replace("’", "'")).casefold()
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def _measured(text: str) -> float:
    numbers = [_count(*match.groups()) for match in _NUMBER.finditer(text)]
    if len(numbers) not in (1, 2) or _FILLING.sub("", _NUMBER.sub("", text)):
        return math.nan
    if len(numbers) == 2:
        return math.sqrt(max(numbers[0], 1.0) * max(numbers[1], 1.0))
    if text.startswith("-"):
        return math.nan
    return numbers[0] * (0.5 if _LESS.search(text) else 1.5 if _MORE.search(text) else 1.0)


def _count(digits: str, thousands: str | None) -> float:
    """A number as people group it: 1,000 and 1 000 and 1.000 are a thousand, 1.5k is fifteen hundred."""
    grouped = re.fullmatch(r"\d{1,3}(?:[ ,.'\u202f]\d{3})+", digits)
    number = float(re.sub(r"\D", "", digits)) if grouped else float(digits.replace(",", "."))
    return number * 1_000 if thousands else number


def meaning() -> object:
    """All ends and words that are told apart, so that a model knows when they changed."""
    return [_ENDS, sorted(_WORDS.items()), *(each.pattern for each in (_LESS, _MORE, _NUMBER, _FILLING))]
