"""A partition of a lake as a history: what one worker knows of its leads."""

from features.history import NEVER, History, build
from features.joined import joined
from leadloop.errors import InputError
from leadloop.store.lake import Lake


def read(lake: Lake, number: int, as_of: int) -> History:
    """The history of a partition's leads as the ledger knew it at `as_of` (NEVER: everything)."""
    known_by = None if as_of == NEVER else as_of
    return joined(build(lake.leads(number, known_by), lake.events(number, known_by)), lake.people(number))


def check_instant(lake: Lake, as_of: int) -> None:
    """Refuse an instant for which the lake can't say who is one person.

    Raises: InputError.
    """
    if lake.twice and lake.as_of is not None and as_of < lake.as_of:
        raise InputError(
            "Some people are in this lake twice, and it only knows which as of when it was written; write another one"
            " with `leadloop lake --as-of`"
        )
