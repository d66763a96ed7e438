"""Opens a Dask cluster and waits for it: a lost worker is made up for or said, never waited for without end."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

from leadloop.errors import ClusterError, LeadLoopError

if TYPE_CHECKING:
    from distributed import Client

POLL_SECONDS = 1.0
CONNECT_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
"""How long to go on without a single worker: a new one may take over what the last one did."""

TALK_ON_STDERR = "import os\nos.dup2(2, 1)\n"
"""Run by each worker of ours: LightGBM tells of its network on stdout, where a command's result belongs."""

T = TypeVar("T")


@contextmanager
def connected(scheduler: str | None) -> "Iterator[Client]":
    """A client of the cluster at `scheduler`; without one, of a worker a core on this machine, gone at the end.

    Raises: ClusterError when the scheduler does not answer or has no workers.
    """
    with _scheduler(scheduler) as address, _client(address) as client:
        if not _workers(client):
            raise ClusterError(f"The scheduler at {address} has no workers; start some with `dask worker {address}`")
        yield client


@contextmanager
def _scheduler(given: str | None) -> Iterator[str]:
    if given is not None:
        yield given
        return
    from distributed import LocalCluster

    own: dict[str, Any] = {"threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": None}
    own["preload"] = TALK_ON_STDERR
    with LocalCluster(n_workers=os.cpu_count() or 1, silence_logs="ERROR", **own) as cluster:
        yield str(cluster.scheduler_address)


@contextmanager
def _client(address: str) -> "Iterator[Client]":
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise ClusterError(f"No Dask scheduler answers at {address}: {error}; check --scheduler") from None
    with client:
        yield client


def gather(client: "Client", futures: Sequence[Any]) -> list[Any]:
    """The results, in order; what a lost worker had is computed anew by the others.

    Raises: ClusterError when no worker is left, or a task took several workers down with it.
    """
    from distributed import wait as wait_for

    seen = time.monotonic()
    with explained():
        while True:
            try:
                wait_for(list(futures), timeout=POLL_SECONDS)
                return list(client.gather(list(futures)))
            except TimeoutError:
                seen = time.monotonic() if _workers(client) else seen
            if time.monotonic() - seen > PATIENCE_SECONDS:
                raise ClusterError("The Dask cluster has lost its last worker; start others and run the command again")


def together(client: "Client", work: Callable[[], T]) -> T:
    """The result of work that needs all its workers until its end, such as LightGBM's training; no one may be lost.

    Raises: ClusterError as soon as one is.
    """
    before, result = _workers(client), Future[T]()
    Thread(target=_settle, args=(result, work), daemon=True).start()
    with explained():
        while not _done_soon(result):
            _refuse_a_loss(client, before)
        if result.exception() is not None:
            time.sleep(POLL_SECONDS)  # its peers may notice that a worker is gone before the scheduler does
            _refuse_a_loss(client, before)
        return result.result()


def _refuse_a_loss(client: "Client", before: set[str]) -> None:
    if lost := before - _workers(client):
        raise ClusterError(f"The Dask worker at {min(lost)} was lost while fitting; run the command again")


def _settle(result: "Future[T]", work: Callable[[], T]) -> None:
    try:
        result.set_result(work())
    except BaseException as error:
        result.set_exception(error)


def _done_soon(result: "Future[T]") -> bool:
    return bool(wait([result], timeout=POLL_SECONDS).done)


def _workers(client: "Client") -> set[str]:
    return set(client.nthreads())


@contextmanager
def explained() -> Iterator[None]:
    """What Dask raises when machines fail, as an error of ours that says what to do."""
    from distributed import CancelledError, KilledWorker
    from distributed.comm import CommClosedError

    try:
        yield
    except LeadLoopError:
        raise
    except (KilledWorker, CommClosedError, CancelledError, OSError) as error:
        told = " ".join(str(error).split())
        raise ClusterError(
            f"The Dask cluster failed ({type(error).__name__}: {told}); run the command again"
        ) from error
