"""A text in both languages, and numbers as each writes them."""

from typing import Literal, NamedTuple

Lang = Literal["en", "fr"]


class Both(NamedTuple):
    """The same in both languages."""

    en: str
    fr: str


_THIN = "\u202f"
_FORMS = {"count": ",.0f", "share": ".1%", "money": ",.0f", "days": ",.1f", "hours": ",.1f", "figure": ",.2f"}


def number(value: float, kind: str, lang: str) -> str:
    """A number as the language writes it.

    >>> number(1234.56, "money", "en"), number(0.1234, "share", "fr")
    ('1,235', '12,3\\u202f%')
    """
    text = format(value, _FORMS[kind]).replace("-", "−")
    if lang != "fr":
        return text
    return text.replace(",", _THIN).replace(".", ",").replace("%", f"{_THIN}%")
