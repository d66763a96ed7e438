"""How events of each kind are counted: among the signs that a lead gave of its own, or in columns of their kind alone.

Mail scanners and privacy proxies open what is sent before anybody has read it (Apple's Mail Privacy Protection opens
all of it), and mails and calls that go out are the seller's: of a lead's interest, and of how long it has been silent,
they say nothing.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from features.history import Ints
from leadloop.store.activity import is_own

NOWHERE = -1
"""The slot of a sign whose kind has no columns of its own."""
NO_SIGN = -2
"""From here down are kinds that are no signs: NO_SIGN - 1 less their slot."""


def slots_of(kinds: Sequence[str], slot: Mapping[str, int]) -> Ints:
    """For each kind of a history, which columns count it, as `features.kernel` takes it: its slot or NOWHERE; of kinds
    that are no signs, NO_SIGN - 1 less that.

    >>> slots_of(["demo_request", "email_open", "email_sent"], {"demo_request": 0, "email_open": 1}).tolist()
    [0, -4, -2]
    """
    found = ((slot.get(kind, NOWHERE), is_own(kind)) for kind in kinds)
    return np.array([at if own else NO_SIGN - 1 - at for at, own in found], dtype=np.int64)


def own_acts(kinds: Sequence[str]) -> NDArray[np.bool_]:
    """Which kinds of a history are signs.

    >>> own_acts(["demo_request", "email_open", "email_sent"]).tolist()
    [True, False, False]
    """
    return np.array([is_own(kind) for kind in kinds], dtype=np.bool_)
