"""What a server does between requests: small jobs, each in a thread of its own, again and again until it stops."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING

from leadloop import console
from leadloop.errors import LeadLoopError

if TYPE_CHECKING:
    from serving.state import State


@dataclass(frozen=True)
class Chore:
    """A job: `work` is called with the server's state, `every_seconds` after it last ended."""

    name: str
    every_seconds: float
    work: Callable[["State"], object]


CHORES: tuple[Chore, ...] = (
    Chore("queue: ranking", 1.0, lambda state: state.keeper.rank()),
    Chore("queue: changes", 1.0, lambda state: state.keeper.follow()),
)
"""The jobs of every server process; what only one process may do takes a lease in the ledger."""


class Running:
    """The threads of some jobs; a job that fails says so and is tried again at its next turn."""

    def __init__(self, state: "State", chores: Sequence[Chore]) -> None:
        self._stop = Event()
        self._threads = [
            Thread(target=self._run, args=(state, chore), name=chore.name, daemon=True) for chore in chores
        ]
        for thread in self._threads:
            thread.start()

    def stop(self, wait_seconds: float = 5.0) -> None:
        """Tell all to end, and wait for those that are in the middle of something."""
        self._stop.set()
        for thread in self._threads:
            thread.join(wait_seconds)

    def _run(self, state: "State", chore: Chore) -> None:
        while not self._stop.wait(chore.every_seconds):
            try:
                chore.work(state)
            except LeadLoopError as error:
                console.warn(f"{chore.name}: {error}")
