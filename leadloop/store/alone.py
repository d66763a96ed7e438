"""A long job that only one process does at a time, whichever machines share the ledger; a dead one's turn ends."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from threading import Event, Thread

from leadloop.errors import StoreError
from leadloop.store import chores
from leadloop.store.ledger import Ledger

_SEPARATOR = " "


class TurnLostError(StoreError):
    """Another process took the job over, since this one gave no sign for too long; it stops here."""


@dataclass
class Turn:
    """The turn of this process at a job: a lease that a thread prolongs until the job ends."""

    ledger: Ledger
    name: str
    seconds: float
    holder: str = field(default_factory=lambda: _SEPARATOR.join((_machine(), str(os.getpid()), token_hex(6))))
    _ended: Event = field(default_factory=Event)

    def check(self) -> None:
        """Go on only while the turn is this process's, and prolong it.

        Raises: TurnLostError when another has it.
        """
        with self.ledger.writing() as connection:
            if chores.take(connection, self.name, self.holder, self.seconds):
                return
        raise TurnLostError

    def begin(self) -> bool:
        """Take the lease, also from a process of this machine that is dead; False while another works."""
        with self.ledger.writing() as connection:
            if chores.take(connection, self.name, self.holder, self.seconds):
                return True
            before = chores.holder(connection, self.name)
            return is_dead(before) and chores.take_over(connection, self.name, before, self.holder, self.seconds)

    def keep(self) -> None:
        """Prolong it again and again: the work of a thread."""
        while not self._ended.wait(self.seconds / 3):
            with suppress(StoreError):  # a ledger that does not answer now is asked again; the lease lasts three tries
                self.check()

    def end(self) -> None:
        """Give it back."""
        self._ended.set()
        with suppress(StoreError), self.ledger.writing() as connection:
            chores.give_back(connection, self.name, self.holder)


@contextmanager
def turn(ledger: Ledger, name: str, seconds: float) -> Iterator[Turn | None]:
    """This process's turn at a job; None while another process has it.

    `seconds`: after so long without a sign a turn is over, wherever its process was.
    """
    mine = Turn(ledger, name, seconds)
    if not mine.begin():
        yield None
        return
    keeper = Thread(target=mine.keep, name=f"turn: {name}", daemon=True)
    keeper.start()
    try:
        yield mine
    finally:
        mine.end()
        keeper.join(timeout=5)


def is_dead(holder: str) -> bool:
    """Whether a holder's process surely is no more: one of this very machine, whose number nobody has."""
    machine, _, rest = holder.rpartition(_SEPARATOR)[0].rpartition(_SEPARATOR)
    if not machine or machine != _machine() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _machine() -> str:
    """Names this machine since it was started, and the container in it: elsewhere the same number is another process.

    Where the system does not tell, nobody is ever taken for dead, and a lease has to end by itself.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()}/{boot}/{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return f"{socket.gethostname()}/{token_hex(8)}"
