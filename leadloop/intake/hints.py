"""What a message may quote: likely names for a wrong one, and values with nothing personal in them."""

import difflib
import re
from collections.abc import Iterable

_PERSONAL = re.compile(r".*@.*|\+?\(?\d(?:[\s().\-/]*\d){8,}", re.DOTALL)
_LONGEST = 60


def fold(name: str) -> str:
    """A name without what people write differently: case, spaces, underscores, hyphens.

    >>> fold("First Name") == fold("first_name") == fold("FirstName")
    True
    """
    return re.sub(r"[\s_\-]+", "", name).casefold()


def likely(wrong: str, names: Iterable[str]) -> list[str]:
    """At most three names that a wrong one may stand for.

    >>> likely("Lead Numbr", ["Lead Number", "City"])
    ['Lead Number']
    """
    folded = {fold(name): name for name in names}
    return [folded[close] for close in difflib.get_close_matches(fold(wrong), folded, n=3, cutoff=0.6)]


def did_you_mean(wrong: str, names: Iterable[str]) -> str:
    """`; did you mean 'x'?` for the end of a sentence, or nothing when no name is near.

    >>> did_you_mean("wonn", ["won", "lost"])
    "; did you mean 'won'?"
    """
    found = [f"'{shown(name)}'" for name in likely(wrong, names)]
    return f"; did you mean {' or '.join(found)}?" if found else ""


def is_personal(text: str) -> bool:
    """Whether a text looks like an e-mail address or a telephone number.

    >>> is_personal("ann@example.org"), is_personal("+33 6 12 34 56 78"), is_personal("2026-03-01")
    (True, True, False)
    """
    return _PERSONAL.fullmatch(text.strip()) is not None


def shown(value: object, longest: int = _LONGEST) -> str:
    """A value as a report may show it: short, and never an e-mail address or a telephone number."""
    text = str(value)
    if is_personal(text):
        return "(hidden)"
    return text if len(text) <= longest else f"{text[:longest]}…"


def listed(names: Iterable[str]) -> str:
    """The columns of a file for a message; a first line that holds data is not quoted.

    >>> listed(["lead_id", "type"])
    "its columns are 'lead_id', 'type'"
    """
    names = list(names)
    if any(is_personal(name) for name in names):
        return "its first line looks like data: put the column names above it"
    return "its columns are " + ", ".join(f"'{shown(name)}'" for name in names[:60]) + ("…" if len(names) > 60 else "")
