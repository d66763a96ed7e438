"""Many arrays as one, for compiled loops: each array of a call is taken apart anew, which takes a lead's time twice.

One array of int64 says first, two numbers an array, where each begins and of how many words of eight bytes it is.
Compiled loops open those that they know by their places, without a copy.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.history import Ints


def pack(*arrays: NDArray[np.generic]) -> Ints:
    """Pack arrays of one dimension; of items of four bytes there may be one more, 0, in the end.

    >>> packed = pack(np.array([7, 8]), np.array([0.5]), np.array([9], dtype=np.uint32))
    >>> ints(packed, 0).tolist(), floats(packed, 1).tolist(), words(packed, 2).tolist()
    ([7, 8], [0.5], [9, 0])
    """
    parts = [each.tobytes() + bytes(-each.nbytes % 8) for each in arrays]
    sizes = [len(part) // 8 for part in parts]
    starts = 2 * len(arrays) + np.cumsum([0, *sizes[:-1]])
    head = np.column_stack([starts, sizes]).astype(np.int64)
    return np.frombuffer(bytearray(head.tobytes() + b"".join(parts)), dtype=np.int64)


@njit(cache=True, nogil=True)
def ints(packed, place):  # type: ignore[no-untyped-def] # numba infers types
    """The array of int64 at a place."""
    start = packed[2 * place]
    return packed[start : start + packed[2 * place + 1]]


@njit(cache=True, nogil=True)
def floats(packed, place):  # type: ignore[no-untyped-def] # numba infers types
    """The array of float64 at a place."""
    return ints(packed, place).view(np.float64)


@njit(cache=True, nogil=True)
def words(packed, place):  # type: ignore[no-untyped-def] # numba infers types
    """The array of uint32 at a place."""
    return ints(packed, place).view(np.uint32)
