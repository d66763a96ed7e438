"""The customer's own points: a column whose name says so, read as it stood when each lead was scored."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.catalogue import Catalogue
from features.history import Floats
from features.profile import Attribute
from features.titles import plain
from leadloop.errors import SettingsError

NAMES = (
    re.compile(r"(lead|prospect) ?(score|scoring|points?|rating)|scor(e|ing) (du )?(lead|prospect)|leadscore"),
    re.compile(r"(total )?points?( total)?|score|scoring"),
    re.compile(r"(.* )?(score|scoring|points?|rating|note)( .*)?"),
)
"""What such a column is called, the surest first."""

STEPS_AT_LEAST = 3
GIVEN_AT_LEAST = 0.2


@dataclass(frozen=True)
class Points:
    """A column of points. `refused`: why it is no feature, "" where it is one; `named`: the settings name it."""

    column: str
    refused: str = ""
    named: bool = False

    @property
    def attribute(self) -> Attribute:
        """How it is read."""
        return Attribute(self.column, "number")


def candidates(catalogue: Catalogue, named: str) -> list[Points]:
    """Columns that may hold points, the likeliest first; only the one that is `named`, where one is.

    Raises: SettingsError when no lead has the column that is named.
    """
    refused = {refusal.column: refusal.evidence for refusal in catalogue.excluded}
    numbers = [attribute.name for attribute in catalogue.attributes if attribute.kind == "number"]
    if named:
        everything = sorted({attribute.name for attribute in catalogue.attributes} | set(refused))
        if named not in everything:
            raise SettingsError(f"points_column: no lead has a column '{named}'; there are {', '.join(everything)}")
        return [Points(named, refused.get(named, ""), named=True)]
    found = [Points(name, refused.get(name, "")) for name in sorted({*numbers, *refused}) if _rank(name) is not None]
    return sorted(found, key=lambda each: (bool(each.refused), _rank(each.column), each.column))


def _rank(name: str) -> int | None:
    text = plain(name.replace("_", " "))
    return next((i for i, pattern in enumerate(NAMES) if pattern.fullmatch(text)), None)


def choose(found: Sequence[Points], values: Floats) -> int | None:
    """Which of the columns, shape (leads, len(found)), holds numbers that tell leads apart; None where none does.

    Raises: SettingsError when that is the column which the settings name.
    """
    for i, each in enumerate(found):
        known = values[~np.isnan(values[:, i]), i]
        if len(np.unique(known)) >= STEPS_AT_LEAST and len(known) >= GIVEN_AT_LEAST * len(values):
            return i
        if each.named:
            raise SettingsError(f"points_column: '{each.column}' holds no numbers that tell leads apart; name another")
    return None
