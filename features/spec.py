"""What a feature is: its name, what kind of number it holds, which fact it belongs to, and its meaning in words."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["number", "count", "flag", "category"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the kernel's matrix.

    `kind`: `category` columns hold a level's code, `count` columns are skewed and want a logarithm in linear models.
    `source`: the attribute or event type that a person knows it by; contributions are summed by it.
    `words`: what each step or code is called in French and English, where it has a name of its own.
    `block`: the optional block that it belongs to, "" where it is always looked at.
    """

    name: str
    kind: Kind
    source: str
    fr: str
    en: str
    words: tuple[tuple[str, str], ...] = ()
    block: str = ""
