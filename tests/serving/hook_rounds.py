"""Rounds in which events are told while receivers fail and senders are killed; in the end all must have arrived.

    python -m tests.serving.hook_rounds URL ROUNDS SEED

Each round puts events for a few leads and lets a process send them, which is killed at a failpoint, at any instant or
not at all; the clock is moved on so that leases and pauses end. Then receivers are well, and everything is sent.
"""

import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from time import sleep

from standardwebhooks import Webhook as Signer

from leadloop.clock import DAY, SECOND, from_micros, now, to_micros
from leadloop.store import backlog, failpoint, outbox, webhooks
from leadloop.store.deliveries import Patience
from leadloop.store.ledger import Ledger
from leadloop.store.webhooks import Wanted, Webhook
from serving.hook_address import Rules
from serving.hook_sending import Carrier
from serving.hooks import Courier
from tests.serving.receiver import Answer, Heard, Receiver, receiving

TARGETS, LEADS, EVENTS = 3, 5, 8
POINTS = ("webhook_sent", "before_commit", "after_commit", "any instant", "never")
TIMEOUT_SECONDS, MOVED_SECONDS = 0.5, 120.0
STUBBORN = Patience(attempts=10_000, longest=10_000 * DAY)
RULES = Rules(allow_http=True, allow_private=True, ports=())


def send(url: str, passed: float, point: str, count: int) -> None:
    """What a sender does, in a process of its own."""
    if point in POINTS[:3]:
        failpoint.arm(f"{point}:{count}")
    ledger = Ledger.open(url)
    Courier(ledger, Carrier(RULES, TIMEOUT_SECONDS), STUBBORN, lambda: _at(passed)).deliver()


def _at(passed: float) -> int:
    return to_micros(now()) + int(passed * SECOND)


@dataclass
class Side:
    """A target and what its receiver took (answered 2xx); `draw` is None once it is well."""

    draw: random.Random | None
    receiver: Receiver = field(default_factory=Receiver)
    taken: list[Heard] = field(default_factory=list)
    target: Webhook | None = None

    def answer(self, heard: Heard) -> Answer:
        """Mostly well; sometimes it fails, sends away, asks for time, hangs up or is slow."""
        what = (
            self.draw.choice(("well",) * 6 + ("500", "302", "429", "503", "hang up", "slow")) if self.draw else "well"
        )
        if what == "hang up":
            raise ConnectionResetError
        if what == "slow":
            sleep(TIMEOUT_SECONDS * 1.5)
        if what in ("well", "slow"):
            self.taken.append(heard)
            return 204, {}
        return int(what), {"retry-after": "30"}


@dataclass
class Rounds:
    """What happened."""

    told: list[tuple[str, str]] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)


def run(url: str, rounds: int, seed: int) -> dict[str, object]:
    """So many rounds on one ledger; what was told, arrived, arrived twice, is lost, out of order or badly signed."""
    draw, happened = random.Random(seed), Rounds()  # noqa: S311 -- seeded to be repeated
    processes = get_context("forkserver")  # its forks come from a process without threads
    processes.set_forkserver_preload(["serving.hooks", "tests.serving.receiver"])
    ledger = Ledger.open(url)
    sides = [Side(random.Random(f"{seed} {number}")) for number in range(TARGETS)]  # noqa: S311 -- the same
    with ExitStack() as receivers:
        for number, side in enumerate(sides):
            side.receiver.script = side.answer
            receivers.enter_context(receiving(side.receiver))
            with ledger.writing() as connection:
                side.target = webhooks.add(connection, Wanted(f"{side.receiver.url}?{number}"), number)
        for number in range(rounds):
            _tell(ledger, draw, happened)
            point, count = draw.choice(POINTS), draw.randint(1, 4)
            sender = processes.Process(target=send, args=(url, number * MOVED_SECONDS, point, count))
            happened.killed[point] += _killed(sender, draw if point == "any instant" else None)
        for side in sides:
            side.draw = None
        _finish(ledger, rounds * MOVED_SECONDS)
    found = _found(sides, happened, deliveries_left(ledger))
    ledger.close()
    return {"rounds": rounds, "killed": dict(sorted(happened.killed.items())), **found}


def _tell(ledger: Ledger, draw: random.Random, happened: Rounds) -> None:
    leads = [f"L-{draw.randrange(LEADS)}" for _ in range(EVENTS)]
    with ledger.writing() as connection:
        events = outbox.put_all(connection, [outbox.Note("lead.hot", lead, {"lead_id": lead}) for lead in leads])
    happened.told += zip(events, leads, strict=True)


def _killed(sender: BaseProcess, draw: random.Random | None) -> bool:
    """Run a sender, and kill it at any instant if chance is given; whether it was killed."""
    sender.start()
    if draw is not None and sender.pid is not None:
        sender.join(0.3 + draw.random() * 1.2)
        if sender.is_alive():
            os.kill(sender.pid, signal.SIGKILL)
    sender.join()
    return sender.exitcode == -signal.SIGKILL


def _finish(ledger: Ledger, passed: float) -> None:
    """Send until nothing waits: each event waits at most 6 hours for its next attempt."""
    for step in range(1, 500):
        if deliveries_left(ledger) == 0:
            return
        at = passed + step * 86_400.0
        Courier(ledger, Carrier(RULES, 10), STUBBORN, lambda at=at: _at(at)).deliver()  # type: ignore[misc]


def deliveries_left(ledger: Ledger) -> int:
    """How many wait, or were given up."""
    with ledger.reading() as connection:
        depth = backlog.depth(connection, to_micros(now()))
    return depth.waiting + depth.dead


def _found(sides: Sequence[Side], happened: Rounds, left: int) -> dict[str, object]:
    events = [event for event, _ in happened.told]
    taken = [[each.event for each in side.taken] for side in sides]
    return {
        "sent": len(events) * len(sides),
        "received": sum(map(len, taken)),
        "duplicates": sum(len(each) - len(set(each)) for each in taken),
        "lost": sum(len(set(events) - set(each)) for each in taken),
        "left": left,
        "wrong": [complaint for side in sides for complaint in _wrong(side, happened.told)],
    }


def _wrong(side: Side, told: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Events of a lead that came out of order, the first time that they came; and bad signatures."""
    first = list(dict.fromkeys(each.event for each in side.taken))
    whose = dict(told)
    for lead in sorted(set(whose.values())):
        if [event for event in first if whose[event] == lead] != [event for event, of in told if of == lead]:
            yield f"the events of {lead} came out of order"
    secret = side.target.secrets[0].secret if side.target else ""
    for each in side.taken:
        moment = from_micros(int(each.headers["webhook-timestamp"]) * SECOND)
        if each.headers["webhook-signature"] != Signer(secret).sign(each.event, moment, each.body):
            yield f"{each.event} is badly signed"


if __name__ == "__main__":
    json.dump(run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])), sys.stdout)
