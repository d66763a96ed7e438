"""Tells others what is in the outbox: at least once, in order per lead and target, each target by itself."""

import asyncio
import random
from asyncio import Task
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from secrets import token_hex
from typing import TYPE_CHECKING

import httpx
from sqlalchemy import Connection

from leadloop.clock import DAY, now, to_micros
from leadloop.settings import Settings
from leadloop.store import backlog, deliveries, failpoint
from leadloop.store.deliveries import Due, Patience, Reply, Settling, Turn
from leadloop.store.ledger import Ledger
from leadloop.store.webhooks import Webhook
from serving.chores import Chore
from serving.hook_sending import Carrier, Letter
from serving.writing import write

if TYPE_CHECKING:
    from serving.state import State

LOOK_AGAIN_SECONDS = 1.0
"""How long an event waits for its first attempt at most."""


def clock() -> int:
    """Now, in microseconds UTC."""
    return to_micros(now())


@dataclass
class Tally:
    """What a round of deliveries came to."""

    attempts: int = 0
    delivered: int = 0
    dead: int = 0


@dataclass
class Courier:
    """Sends what is due. `asked_to_stop`: slow attempts are broken off, no others begun, and targets let go."""

    ledger: Ledger
    carrier: Carrier
    patience: Patience
    at: Callable[[], int] = clock
    asked_to_stop: Callable[[], bool] = lambda: False
    tally: Tally = field(default_factory=Tally)

    @classmethod
    def of(cls, settings: Settings, ledger: Ledger) -> "Courier":
        """As configured."""
        patience = Patience(settings.webhook_attempts, int(settings.webhook_give_up_days * DAY))
        return cls(ledger, Carrier.of(settings), patience)

    def deliver(self) -> Tally:
        """Send until nothing is due.

        Raises: StoreError when the ledger does not answer; what was sent without being noted is sent again.
        """
        return asyncio.run(self._all())

    def _ready(self) -> list[str]:
        return ready(self.ledger, self.at())

    async def _all(self) -> Tally:
        """A task for each target that has something due, so that a slow one holds up no other."""
        tasks: dict[str, Task[None]] = {}
        failed: list[BaseException] = []
        while not failed:
            due = [] if self.asked_to_stop() else await asyncio.to_thread(self._ready)
            tasks |= {each: asyncio.create_task(self._one(each)) for each in due if each not in tasks}
            if not tasks:
                return self.tally
            done, _ = await asyncio.wait(
                tasks.values(), timeout=LOOK_AGAIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            failed += [error for task in done if (error := task.exception()) is not None]
            tasks = {each: task for each, task in tasks.items() if task not in done}
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        raise failed[0]

    async def _one(self, webhook: str) -> None:
        """Turn after turn at one target: what became of the last one is kept when the next is claimed."""
        sender, done = token_hex(8), None
        async with self.carrier.line() as line:
            while (turn := await asyncio.to_thread(self._next, webhook, sender, done)) is not None:
                done = Done(turn, await asyncio.gather(*(self._send(line, turn.target, due) for due in turn.due)))
                failpoint.hit("webhook_sent")

    async def _send(self, line: httpx.AsyncHTTPTransport, target: Webhook, due: Due) -> Reply:
        at = self.at()
        letter = Letter(target.url, due.event, due.payload, target.signing(at), at)
        return await self._unless_stopped(asyncio.create_task(self.carrier.carry(line, letter)))

    async def _unless_stopped(self, attempt: Task[Reply]) -> Reply:
        """What becomes of an attempt; a server that is told to end waits for none that is slow."""
        while not (await asyncio.wait([attempt], timeout=LOOK_AGAIN_SECONDS))[0]:
            if self.asked_to_stop():
                attempt.cancel()
                return Reply(None, "the server was stopped before an answer came")
        return attempt.result()

    def _next(self, webhook: str, sender: str, done: "Done | None") -> Turn | None:
        """Settle and claim in one transaction."""
        at = self.at()
        settling = Settling(at, self.patience, random.random)  # chance spreads retries, it guards nothing

        def work(connection: Connection) -> tuple[list[Due], Turn | None]:
            dead = deliveries.settle(connection, done.turn.target, done.results, settling) if done else []
            if not self.asked_to_stop():
                return dead, deliveries.claim(connection, webhook, sender, at)
            deliveries.release(connection, webhook, sender)
            return dead, None

        dead, turn = write(self.ledger, work)
        self._count(done, dead)
        return turn

    def _count(self, done: "Done | None", dead: Sequence[Due]) -> None:
        replies = done.replies if done else []
        self.tally.attempts += len(replies)
        self.tally.delivered += sum(reply.delivered for reply in replies)
        self.tally.dead += len(dead)


@dataclass(frozen=True)
class Done:
    """A turn that was taken, with what became of each of its deliveries."""

    turn: Turn
    replies: list[Reply]

    @property
    def results(self) -> list[tuple[Due, Reply]]:
        """Each delivery with its reply."""
        return list(zip(self.turn.due, self.replies, strict=True))


def ready(ledger: Ledger, at: int) -> list[str]:
    """Targets at which something can be sent now."""
    with ledger.reading() as connection:
        return deliveries.ready(connection, at)


def deliver(state: "State") -> None:
    """The job of a server: send what is due."""
    if not ready(state.ledger, clock()):
        return
    courier = Courier.of(state.settings, state.ledger)
    courier.asked_to_stop = lambda: state.stopping
    courier.deliver()


def forget(ledger: Ledger, keep_days: float, at: int) -> int:
    """Remove what was delivered or given up long ago."""
    return write(ledger, lambda connection: backlog.forget(connection, at, keep_days))


CHORES = (
    Chore("webhooks", LOOK_AGAIN_SECONDS, deliver),
    Chore(
        "old webhook deliveries", 3_600.0, lambda state: forget(state.ledger, state.settings.webhook_keep_days, clock())
    ),
)
