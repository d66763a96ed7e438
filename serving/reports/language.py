"""A text in both languages, and numbers as each writes them."""

from typing import Literal, NamedTuple

Lang = Literal["en", "fr"]


class Both(NamedTuple):
    """The same in both languages."""

    en: str
    fr: str


COLON, AND = {"en": ": ", "fr": " : "}, {"en": "; ", "fr": " ; "}
"""French puts a space before both."""
_THIN = "\u202f"
_FORMS = {
    "count": ",.0f",
    "share": ".1%",
    "money": ",.0f",
    "days": ",.1f",
    "hours": ",.1f",
    "figure": ",.2f",
    "points": ",.1f",
}


def number(value: float, kind: str, lang: str) -> str:
    """A number as the language writes it; `points`: a difference of shares, in hundredths.

    >>> number(1234.56, "money", "en"), number(0.1234, "share", "fr"), number(-0.1234, "points", "en")
    ('1,235', '12,3\\u202f%', '−12.3')
    """
    text = format(100 * value if kind == "points" else value, _FORMS[kind]).replace("-", "−")
    if lang != "fr":
        return text
    return text.replace(",", _THIN).replace(".", ",").replace("%", f"{_THIN}%")


def points(value: float, lang: str) -> str:
    """A difference of shares with its unit.

    >>> points(0.112, "en"), points(-0.005, "fr")
    ('11.2 points', '−0,5 point')
    """
    return f"{number(value, 'points', lang)} point{'' if lang == 'fr' and abs(value) < 0.02 else 's'}"
