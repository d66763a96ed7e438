"""Chance in the demo world: numbers that depend on seed, name, index and slot alone, so no draw disturbs another.

A counter is hashed (splitmix64's finaliser) rather than a generator stepped: a lead's draws are the same whichever
leads are drawn beside it, in whatever order, with any release of NumPy.
"""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_MASK = (1 << 64) - 1
_MOST = 400  # of a count, so that the inversion ends


@dataclass(frozen=True)
class Draws:
    """Every draw of one world; arrays in, an array of the same (broadcast) shape out."""

    seed: int

    def uniform(self, name: str, index: ArrayLike, slot: ArrayLike = 0) -> Floats:
        """Strictly between 0 and 1.

        >>> draws = Draws(7)
        >>> bool(draws.uniform("x", [3])[0] == draws.uniform("x", [1, 3])[1])
        True
        """
        key = (self.seed * 0x9E3779B97F4A7C15 + zlib.crc32(name.encode()) * 0xD1342543DE82EF95) & _MASK
        counters = np.atleast_1d(np.asarray(index)).astype(np.uint64)
        slots = np.atleast_1d(np.asarray(slot)).astype(np.uint64)
        mixed = _mix(counters + _mix(np.array([key], dtype=np.uint64)))
        mixed = _mix(mixed + slots * np.uint64(0x9E3779B97F4A7C15))
        return ((mixed >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52

    def normal(self, name: str, index: ArrayLike, slot: ArrayLike = 0) -> Floats:
        """Mean 0, deviation 1 (Box and Muller)."""
        radius = np.sqrt(-2.0 * np.log(self.uniform(name, index, slot)))
        return radius * np.cos(2.0 * np.pi * self.uniform(name + "/angle", index, slot))

    def exponential(self, name: str, index: ArrayLike, slot: ArrayLike = 0) -> Floats:
        """Mean 1."""
        return -np.log(self.uniform(name, index, slot))

    def below(self, name: str, index: ArrayLike, size: int, slot: ArrayLike = 0) -> Ints:
        """A whole number from 0 to `size` - 1, each as likely."""
        return (self.uniform(name, index, slot) * size).astype(np.int64)

    def choose(self, name: str, index: ArrayLike, weights: Floats, slot: ArrayLike = 0) -> Ints:
        """A column of `weights` (k, or one row of k for each index), in proportion to its weight."""
        return chosen(self.uniform(name, index, slot), weights)

    def poisson(self, name: str, index: ArrayLike, mean: ArrayLike, slot: ArrayLike = 0) -> Ints:
        """A count with that mean, by inversion, never above 400."""
        rest = self.uniform(name, index, slot)
        means = np.minimum(np.broadcast_to(np.asarray(mean, dtype=np.float64), rest.shape), 200.0)
        counts, chance, left = np.zeros(rest.shape, dtype=np.int64), np.exp(-means), np.ones(rest.shape, dtype=np.bool_)
        for count in range(1, _MOST + 1):
            rest = rest - chance
            left = left & (rest > 0)
            if not left.any():
                break
            counts[left] = count
            chance = chance * means / count
        return counts


def chosen(uniforms: Floats, weights: Floats) -> Ints:
    """Which column of `weights` each uniform falls in.

    >>> chosen(np.array([0.1, 0.9]), np.array([1.0, 3.0])).tolist()
    [0, 1]
    """
    edges = np.cumsum(weights, axis=-1)
    edges = edges[..., :-1] / edges[..., -1:]
    column: Ints = (uniforms[:, None] > edges).sum(axis=1).astype(np.int64)
    return column


def sigmoid(logits: Floats) -> Floats:
    """The chance whose log odds these are."""
    return 1.0 / (1.0 + np.exp(-logits))


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
