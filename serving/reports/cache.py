"""Answers of reports, made at most once a minute each, by few threads of their own, so that scoring never waits."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

import anyio
from anyio import to_thread

from leadloop.clock import SECOND, now, to_micros

MINUTE = 60 * SECOND
KEPT = 64
"""Answers; of more, those that were asked for longest ago are forgotten."""
THREADS = 2
Made = TypeVar("Made")


@dataclass
class _Answer:
    """An answer and when it was made; whoever wants the same meanwhile waits for it."""

    lock: Lock = field(default_factory=Lock)
    made_at: int = -MINUTE
    body: Any = None


class Answers:
    """One a server process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, _Answer] = OrderedDict()
        self._lock = Lock()
        self._limiter = anyio.CapacityLimiter(THREADS)

    async def get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        """The answer of the last minute, else a new one; an error is not kept. A key always has answers of one kind."""
        return await to_thread.run_sync(self._get, key, make, limiter=self._limiter)

    def _get(self, key: Hashable, make: Callable[[], Made]) -> Made:
        answer = self._of(key)
        with answer.lock:
            if to_micros(now()) - answer.made_at >= MINUTE:
                answer.body = make()
                answer.made_at = to_micros(now())
            found: Made = answer.body
            return found

    def _of(self, key: Hashable) -> _Answer:
        with self._lock:
            answer = self._kept.setdefault(key, _Answer())
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return answer
