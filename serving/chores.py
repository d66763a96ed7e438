"""What a server does between requests: small jobs, each in a thread of its own, again and again until it stops."""

import logging
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

from leadloop.errors import LeadLoopError
from leadloop.settings import Settings
from leadloop.store import repack
from serving import drifting
from serving.noticing import promises
from serving.swap import announce

if TYPE_CHECKING:
    from serving.state import State

_log = logging.getLogger("leadloop.jobs")
_DRAWS = random.SystemRandom()
"""Of its own: who seeds the common one must not be disturbed by a thread."""


@dataclass(frozen=True)
class Chore:
    """A job: `work` is called with the server's state, about `every_seconds` after it last ended.

    `setting`: the name of a setting that says how many seconds instead.
    """

    name: str
    every_seconds: float
    work: Callable[["State"], object]
    setting: str = ""

    def pause(self, settings: Settings) -> float:
        """Seconds to the next turn, a little more or less, so that processes do not work in step."""
        seconds = getattr(settings, self.setting) if self.setting else self.every_seconds
        return float(seconds) * _DRAWS.uniform(0.8, 1.2)


def _watch_model(state: "State") -> None:
    champion, metrics = state.champion, state.metrics
    swaps, refusals = champion.swaps, champion.refusals
    champion.look()
    metrics.swaps.inc(champion.swaps - swaps)
    metrics.refusals.inc(champion.refusals - refusals)
    announce(champion)


def _store_scores(state: "State") -> None:
    before = state.scoring.stored
    state.scoring.work(state)
    state.metrics.stored.inc(state.scoring.stored - before)


def _pack(state: "State") -> None:
    """What a large import left unpacked, and with that unscored."""
    with state.ledger.reading() as connection:
        left = repack.missing(connection)
    if left:
        repack.fill(state.ledger)


CHORES: tuple[Chore, ...] = (
    Chore("model", 1.0, _watch_model, setting="watch_model_seconds"),
    Chore("scores", 1.0, _store_scores),
    Chore("queue: ranking", 1.0, lambda state: state.keeper.rank()),
    Chore("queue: changes", 1.0, lambda state: state.keeper.follow()),
    Chore("queue: draws", 1.0, lambda state: state.drawer.write()),
    Chore("promises", 20.0, promises),
    Chore("packing", 300.0, _pack),
    Chore("drift", 300.0, drifting.work),
)
"""The jobs of every server process; what only one process may do takes a lease in the ledger."""


HANDED_OVER_SECONDS = 0.0005
"""So soon a job in the middle of computing lets a request go on; Python's own 5 ms are felt several times a request."""


class Running:
    """The threads of some jobs; a job that fails says so and is tried again at its next turn."""

    def __init__(self, state: "State", chores: Sequence[Chore]) -> None:
        sys.setswitchinterval(HANDED_OVER_SECONDS)
        self._stop = Event()
        self._threads = [
            Thread(target=self._run, args=(state, chore), name=chore.name, daemon=True) for chore in chores
        ]
        for thread in self._threads:
            thread.start()

    def stop(self, wait_seconds: float = 5.0) -> list[str]:
        """Tell all to end, and wait so long in all; the names of those that are still in the middle of something."""
        self._stop.set()
        until = monotonic() + wait_seconds
        for thread in self._threads:
            thread.join(max(0.0, until - monotonic()))
        return [thread.name for thread in self._threads if thread.is_alive()]

    def _run(self, state: "State", chore: Chore) -> None:
        """What fails the same way again and again is said once."""
        said = ""
        while not self._stop.wait(chore.pause(state.settings)):
            try:
                chore.work(state)
                said = ""
            except Exception as error:  # a job that died of something unforeseen would be missed by nobody
                if str(error) != said:
                    said = str(error)
                    _tell(chore, error)


def _tell(chore: Chore, error: Exception) -> None:
    if isinstance(error, LeadLoopError):
        _log.warning("job failed", extra={"job": chore.name, "cause": str(error)})
    else:
        _log.error("job failed", exc_info=error, extra={"job": chore.name})
