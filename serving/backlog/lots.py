"""Slots of a day's list that are drawn by lot: which leads get one, and with what chance each lead might have.

Each drawn slot picks at random: half of the time among all leads that are not on the list anyway, a quarter among the
newest, a quarter among those just behind the list, which other orders would call. So every lead has a known chance
above zero, and the leads that others would choose a larger one (Horvitz & Thompson 1952 weigh by its inverse).
"""

from dataclasses import dataclass
from hashlib import blake2b
from math import floor

import numpy as np
from numpy.typing import NDArray

from features.history import Floats, Ints

Words = NDArray[np.uint64]
Flags = NDArray[np.bool_]

PARTS = {"everybody": 0.5, "newest": 0.25, "next": 0.25}
"""Among whom a drawn slot picks, and how often; what has nobody to pick from goes to everybody."""
BEHIND = 6
"""Lists long is the stretch behind the list among whom "next" picks."""


@dataclass(frozen=True)
class Waiting:
    """The leads of one list that nobody has taken on, best first, n in all.

    `lot`: a random-looking number of each lead, always the same; `newest`: its place when the newest come first, from
    0; `slots`: how many of them have a place on the list; `share` of these are drawn; `seed`: names day and list.
    """

    lot: Words
    newest: Ints
    slots: int
    share: float
    seed: str

    def __len__(self) -> int:
        return len(self.lot)


@dataclass(frozen=True)
class Drawn:
    """What a draw decided of n leads, best first: numbers are places in that order.

    `picked`: the leads with a drawn slot, and `at`: their places among the slots, from 0, rising; `sure`: so many of
    the best were on the list whatever was drawn; `chance`: of each lead to be picked or sure.
    """

    picked: Ints
    at: Ints
    sure: int
    chance: Floats

    @property
    def counted(self) -> Flags:
        """The leads that are on the list for sure or by lot; one that fills up a place is there and is not counted."""
        found = np.arange(len(self.chance)) < self.sure
        found[self.picked] = True
        return found


def put(order: Ints, picked: Ints, at: Ints) -> Ints:
    """An order in which some are moved to places of their own (from 0, rising), and all others keep theirs in turn.

    >>> put(np.arange(5), np.array([4, 3]), np.array([0, 2])).tolist()
    [4, 0, 3, 1, 2]
    """
    if not len(picked):
        return order
    left = order[~np.isin(order, picked)]
    before = np.minimum(at - np.arange(len(at)), len(left))
    return np.insert(left, before, picked)


def draw(waiting: Waiting) -> Drawn | None:
    """Draw the slots; None where every lead is on the list anyway, or nothing is to be drawn."""
    expected = waiting.share * waiting.slots
    if len(waiting) <= waiting.slots or expected <= 0:
        return None
    low = floor(expected)
    more = _unit(waiting.seed, "count") < expected - low
    count = low + more
    groups = _groups(waiting, count)
    picks = [_pick(waiting, groups, number) for number in range(count)]
    picked = set(picks)
    places = sorted(range(waiting.slots), key=lambda place: _unit(waiting.seed, "place", place))
    chance = _mixed(waiting, low, expected - low)
    at = np.array(sorted(places[: len(picked)]), dtype=np.int64)
    shuffled = sorted(picked, key=lambda lead: _unit(waiting.seed, "order", int(waiting.lot[lead])))
    return Drawn(np.array(shuffled, dtype=np.int64), at, waiting.slots - count, chance)


def _mixed(waiting: Waiting, low: int, more: float) -> Floats:
    """The chance of each lead, over whether a slot more is drawn or not."""
    return (1 - more) * _chances(waiting, low) + more * _chances(waiting, low + 1) if more else _chances(waiting, low)


def _chances(waiting: Waiting, count: int) -> Floats:
    """The chance of each lead to be sure or picked by any of `count` slots that are drawn apart from each other."""
    one = np.zeros(len(waiting))
    for share, members in _groups(waiting, count):
        one[members] += share / len(members)
    found = 1 - (1 - one) ** count
    found[: waiting.slots - count] = 1.0
    return np.asarray(found)


def _groups(waiting: Waiting, count: int) -> list[tuple[float, Ints]]:
    """Whom a drawn slot may pick, how often: numbers of leads that are not sure to be on the list."""
    sure = waiting.slots - count
    newest = np.flatnonzero(waiting.newest < waiting.slots)
    near = np.arange(sure, min(sure + BEHIND * waiting.slots, len(waiting)))
    members = {"everybody": np.arange(sure, len(waiting)), "newest": newest[newest >= sure], "next": near}
    there = {name: share for name, share in PARTS.items() if len(members[name])}
    spare = 1 - sum(there.values())
    return [(share + (spare if name == "everybody" else 0.0), members[name]) for name, share in there.items()]


def _pick(waiting: Waiting, groups: list[tuple[float, Ints]], number: int) -> int:
    """The lead with the smallest of the slot's random numbers: another lead that comes in rarely changes it."""
    shares = np.cumsum([share for share, _ in groups])
    members = groups[int(np.searchsorted(shares[:-1], _unit(waiting.seed, "group", number), side="right"))][1]
    return int(members[np.argmin(_scattered(waiting.lot[members], _word(waiting.seed, "lead", number)))])


def lots_of(lead_ids: list[str]) -> Words:
    """A number of each lead by its name alone."""
    digests = b"".join(blake2b(lead_id.encode(), digest_size=8).digest() for lead_id in lead_ids)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)


def _word(*parts: object) -> int:
    return int.from_bytes(blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest(), "little")


def _unit(*parts: object) -> float:
    """Between 0 and 1, the same for the same parts."""
    return (_word(*parts) >> 11) / float(1 << 53)


def _scattered(words: Words, salt: int) -> Words:
    """Mix each word with a salt (the finalizer of SplitMix64, Steele et al. 2014)."""
    mixed = words ^ np.uint64(salt)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
