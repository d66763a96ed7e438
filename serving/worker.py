"""One process that does what has to be done between requests, without a server: until it is told to stop."""

import logging
import os
import signal
from collections.abc import Sequence
from time import sleep

from leadloop.settings import Settings
from leadloop.store import retention
from leadloop.store.alone import turn
from leadloop.store.ledger import Ledger
from serving import chores, hooks, logs
from serving.chores import Chore, Running
from serving.hooks import clock
from serving.state import State

GRACE_SECONDS = 15.0
"""How long all that is under way may take once it is told to stop; what takes longer is completed by the next process.
20 are promised: the rest is for a main thread that compiled code keeps waiting."""
LOOKS_SECONDS = 0.2
HOURLY = 3_600.0
_log = logging.getLogger("leadloop.worker")


def work(settings: Settings, more: Sequence[Chore] = ()) -> None:
    """Do the jobs of a server, and `more`, until SIGTERM or SIGINT; a job that fails is said and tried again.

    Raises: StoreError when the ledger can't be opened, InputError when the retention period is none.
    """
    if settings.retention_period:
        retention.cutoff(clock(), settings.retention_period)
    logs.set_up(settings)
    told: list[int] = []
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda number, _: told.append(number))
    state = State(settings, Ledger.open(settings.ledger_url))
    jobs = (*chores.CHORES, *hooks.CHORES, *CHORES, *more)
    running = Running(state, jobs)
    _log.info("worker started", extra={"jobs": ", ".join(job.name for job in jobs)})
    while not told:  # a signal that reaches another thread does not wake this one out of a lock
        sleep(LOOKS_SECONDS)
    _stop(state, running)


def _stop(state: State, running: Running) -> None:
    _log.info("worker stops")
    state.stopping = True
    state.keeper.close()
    if busy := running.stop(GRACE_SECONDS):
        _log.warning("jobs are broken off", extra={"jobs": ", ".join(busy)})
    state.ledger.close()
    _log.info("worker stopped")
    if busy:  # Python's own end would wait for what such a job has begun
        logging.shutdown()
        os._exit(0)


def retain(state: State) -> None:
    """Erase who was silent for longer than the period that is configured; one process at a time."""
    period = state.settings.retention_period
    if not period:
        return
    with turn(state.ledger, "retention", 600.0) as mine:
        if mine is None:
            return
        before = retention.cutoff(clock(), period)
        with state.ledger.reading() as connection:
            due = retention.plan(connection, before).due
        if due:
            erased, clean = retention.enforce(state.ledger, before, due, customers_too=False, done=lambda _: None)
            _log.info("retention", extra={"erased": erased, "file_is_clean": clean})


CHORES = (Chore("retention", HOURLY, retain),)
