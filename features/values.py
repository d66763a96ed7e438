"""Reads an attribute's value whatever door it came through: "5", 5 and 5.0 are the same number."""

import math
import re
from datetime import UTC, datetime

from leadloop.clock import to_micros
from leadloop.store.rows import Value

FARTHEST = 1e18
"""No measure of a lead is larger; what is would drown every mean and overflow in a model."""

_TRUE = frozenset({"true", "yes", "y", "oui", "vrai", "t", "1"})
_FALSE = frozenset({"false", "no", "n", "non", "faux", "f", "0"})
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
_WORD = re.compile(r"\w+")


def level(value: Value) -> str | None:
    """A category's level, spelling and case apart; None where nothing was given.

    >>> level(" Google "), level(5.0), level(True), level("")
    ('google', '5', 'true', None)
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return " ".join(str(value).split()).casefold() or None


def number(value: Value) -> float:
    """A number, NaN where the value is none or beyond all measure.

    >>> number("5"), number(True), number("five"), number(1e300)
    (5.0, 1.0, nan, nan)
    """
    if value is None:
        return math.nan
    try:
        read = float(value)
    except (ValueError, OverflowError):
        return math.nan
    return read if abs(read) <= FARTHEST else math.nan


def flag(value: Value) -> float:
    """1 for yes, 0 for no, NaN for anything else, in French and English.

    >>> flag("Oui"), flag(False), flag("perhaps")
    (1.0, 0.0, nan)
    """
    word = level(value)
    return 1.0 if word in _TRUE else 0.0 if word in _FALSE else math.nan


def instant(value: Value) -> float:
    """A date or time as microseconds UTC, NaN where the value is none.

    >>> instant("1970-01-02")
    86400000000.0
    """
    if not isinstance(value, str) or not _DATE.fullmatch(value.strip().upper()):
        return math.nan
    try:
        read = datetime.fromisoformat(value.strip().upper())
    except ValueError:
        return math.nan
    return float(to_micros(read if read.tzinfo else read.replace(tzinfo=UTC)))


def words(value: Value) -> frozenset[str]:
    """The words of a short text.

    >>> sorted(words("Directeur des achats (Lyon)"))
    ['achats', 'des', 'directeur', 'lyon']
    """
    return frozenset(_WORD.findall(level(value) or ""))
