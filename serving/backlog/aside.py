"""Ranks a large list in a process of its own, with less right to the processor than whoever answers requests."""

import multiprocessing
import os
import pickle
import signal
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from threading import Event
from typing import cast

from leadloop.errors import LeadLoopError, StoreError
from leadloop.settings import Settings
from leadloop.store.ledger import Ledger
from models.registry import Version
from serving.backlog.lines import Backlog
from serving.backlog.making import make
from serving.scorer import Scorer

NICENESS = 5
"""With somebody else busy, about a quarter of a core; the first list of all is made with the right of anybody."""
POLL_SECONDS = 0.1


class Aside:
    """One ranking at a time, in a process that ends with it."""

    def __init__(self) -> None:
        self._closed = Event()

    def make(self, settings: Settings, scorer: Scorer, *, nice: bool = True) -> Backlog | None:
        """The list, as `making.make` has it; None when it was told to stop meanwhile.

        Raises: StoreError when the process failed or died.
        """
        context = multiprocessing.get_context("spawn")  # a fork would inherit locks that other threads hold
        here, there = context.Pipe(duplex=False)
        given = (there, settings.model_dump_json(), pickle.dumps(scorer.version), NICENESS if nice else 0)
        process = context.Process(target=_work, args=given, name="leadloop-ranking", daemon=True)
        process.start()
        there.close()
        try:
            return self._received(here, process)
        finally:
            process.terminate()
            process.join()
            here.close()

    def close(self) -> None:
        """End what is under way."""
        self._closed.set()

    def _received(self, here: Connection, process: BaseProcess) -> Backlog | None:
        while not here.poll(POLL_SECONDS):
            if self._closed.is_set():
                return None
            if not process.is_alive() and not here.poll():
                raise StoreError(f"The process that ranks the queue ended with {process.exitcode}; it is tried again")
        try:
            found = pickle.loads(here.recv_bytes())  # noqa: S301 -- from our own child
        except EOFError:
            raise StoreError("The process that ranks the queue was killed; it is tried again") from None
        if isinstance(found, LeadLoopError):
            raise found
        backlog: Backlog = found
        return backlog


def _work(answer: Connection, settings: str, version: bytes, niceness: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all; the server says when this ends
    with suppress(OSError):
        os.nice(niceness)
    chosen = Settings.model_validate_json(settings)
    known: Version = pickle.loads(version)  # noqa: S301 -- from our own parent
    try:
        ledger = Ledger.open(chosen.ledger_url)
        found: Backlog | LeadLoopError = make(ledger, Scorer(known), chosen)
        ledger.close()
    except LeadLoopError as error:
        found = error
    if isinstance(found, Backlog):
        found = replace(found, scorer=cast("Scorer", None))  # whoever asked has it
    with suppress(BrokenPipeError):
        answer.send_bytes(pickle.dumps(found, protocol=5))
