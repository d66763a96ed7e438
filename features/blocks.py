"""Optional blocks: features that help some companies and mislead others, so that a model has those that won a test."""

from collections.abc import Iterable, Mapping

from features import account, arrival, contact, touch
from features.spec import Feature

BLOCKS: Mapping[str, tuple[Feature, ...]] = {
    arrival.BLOCK: arrival.ARRIVAL,
    touch.BLOCK: touch.TOUCH,
    account.BLOCK: account.ACCOUNT,
    contact.BLOCK: contact.CONTACT,
}
"""The columns of each block, in the order of the matrix."""

OPTIONAL = frozenset(BLOCKS)
"""Every optional block there is."""

READ_APART = frozenset({account.BLOCK, contact.BLOCK})
"""Those of which a history knows nothing unless it was read for them."""

_MEANINGS = {
    arrival.BLOCK: arrival.meaning,
    touch.BLOCK: touch.meaning,
    account.BLOCK: account.meaning,
    contact.BLOCK: contact.meaning,
}


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Blocks in the order of the matrix.

    >>> in_order({"touch", "calendar"})
    ('calendar', 'touch')
    """
    wanted = set(names)
    return tuple(name for name in BLOCKS if name in wanted)


def columns_of(names: Iterable[str]) -> tuple[Feature, ...]:
    """The columns of these blocks."""
    return tuple(feature for name in names for feature in BLOCKS[name])


def meaning(names: Iterable[str]) -> dict[str, object]:
    """What the columns of these blocks mean besides their names."""
    return {name: _MEANINGS[name]() for name in names}
