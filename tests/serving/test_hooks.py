"""Deliveries to a real receiver that fails, is slow or away, and a sender that is killed."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from standardwebhooks import Webhook as Signer
from standardwebhooks import WebhookVerificationError

from leadloop.clock import DAY, SECOND, from_micros, now, to_micros
from leadloop.store import backlog, deliveries, failpoint, outbox, webhooks
from leadloop.store.backlog import Depth
from leadloop.store.deliveries import Patience
from leadloop.store.ledger import Ledger
from leadloop.store.webhooks import Wanted, Webhook
from serving.hook_address import Rules
from serving.hook_sending import Carrier
from serving.hooks import Courier, Tally
from tests.serving.receiver import Heard, Receiver, receiving

HERE = Rules(allow_http=True, allow_private=True, ports=())
CARRIER = Carrier(HERE, timeout_seconds=10)
Eventually = Callable[[Callable[[], bool]], None]
ROUNDS = os.environ.get("LEADLOOP_TEST_WEBHOOK_ROUNDS", "4")
"""On each database; `benchmarks/webhooks.py` runs 100."""


@dataclass
class Clock:
    """Real time, and what a test let pass on top."""

    passed: float = 0.0

    def __call__(self) -> int:
        """Now, in microseconds UTC."""
        return to_micros(now()) + int(self.passed * SECOND)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving(Receiver()) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


def subscribe(ledger: Ledger, url: str) -> Webhook:
    """A target for everything."""
    with ledger.writing() as connection:
        return webhooks.add(connection, Wanted(url), to_micros(now()))


def tell(ledger: Ledger, *lead_ids: str) -> list[str]:
    """An event for each lead."""
    with ledger.writing() as connection:
        return outbox.put_all(connection, [outbox.Note("lead.hot", each, {"lead_id": each}) for each in lead_ids])


def courier(ledger: Ledger, clock: Clock, carrier: Carrier = CARRIER) -> Courier:
    """What sends, by a clock that a test moves."""
    return Courier(ledger, carrier, Patience(attempts=4, longest=3 * DAY), clock)


def send(ledger: Ledger, clock: Clock, carrier: Carrier = CARRIER) -> Tally:
    """Send what is due now."""
    return courier(ledger, clock, carrier).deliver()


def depth(ledger: Ledger) -> Depth:
    """How the outbox stands."""
    with ledger.reading() as connection:
        return backlog.depth(connection, to_micros(now()))


def test_an_event_arrives_signed_for_the_public_library(ledger: Ledger, receiver: Receiver, clock: Clock) -> None:
    target = subscribe(ledger, receiver.url)
    (event,) = tell(ledger, "L-é")
    assert send(ledger, clock) == Tally(attempts=1, delivered=1)
    (heard,) = receiver.heard
    content = heard.verified(target.secrets[0].secret)
    assert (heard.event, heard.path, content["type"], content["data"]) == (
        event,
        "/hook",
        "lead.hot",
        {"lead_id": "L-é"},
    )


def test_a_changed_body_is_noticed(ledger: Ledger, receiver: Receiver, clock: Clock) -> None:
    target = subscribe(ledger, receiver.url)
    tell(ledger, "L-1")
    send(ledger, clock)
    forged = Heard("/", receiver.heard[0].headers, receiver.heard[0].body.replace("L-1", "L-2"))
    with pytest.raises(WebhookVerificationError):
        forged.verified(target.secrets[0].secret)


def test_during_a_rotation_both_secrets_verify(ledger: Ledger, receiver: Receiver, clock: Clock) -> None:
    before = subscribe(ledger, receiver.url)
    with ledger.writing() as connection:
        after = webhooks.rotate(connection, before.webhook, clock(), keep_hours=1)
    tell(ledger, "L-1")
    send(ledger, clock)
    for secret in (before.secrets[0].secret, after.secrets[0].secret):
        assert receiver.heard[0].verified(secret)["type"] == "lead.hot"


def test_what_was_delivered_is_not_sent_again(ledger: Ledger, receiver: Receiver, clock: Clock) -> None:
    subscribe(ledger, receiver.url)
    tell(ledger, "L-1")
    send(ledger, clock)
    clock.passed = 86_400
    assert send(ledger, clock) == Tally()


def test_a_failing_receiver_is_tried_again_later_with_the_same_id(
    ledger: Ledger, receiver: Receiver, clock: Clock
) -> None:
    subscribe(ledger, receiver.url)
    (event,) = tell(ledger, "L-1")
    receiver.script = lambda _: (500, {})
    assert send(ledger, clock).delivered == 0
    assert send(ledger, clock).attempts == 0
    receiver.script = lambda _: (204, {})
    clock.passed = 60
    assert send(ledger, clock).delivered == 1
    assert receiver.events == [event, event]


def test_many_events_go_in_their_order_per_lead(ledger: Ledger, receiver: Receiver, clock: Clock) -> None:
    subscribe(ledger, receiver.url)
    leads = [f"L-{number % 20}" for number in range(60)]
    told = dict(zip(tell(ledger, *leads), leads, strict=True))
    assert send(ledger, clock).delivered == 60
    for lead in set(leads):
        assert [e for e in receiver.events if told[e] == lead] == [e for e, whose in told.items() if whose == lead]


def test_a_receiver_that_is_down_for_a_while_gets_everything_in_the_end(ledger: Ledger, clock: Clock) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    subscribe(ledger, f"http://127.0.0.1:{port}/hook")
    told = tell(ledger, "L-1", "L-2", "L-1")
    for _ in range(2):
        assert send(ledger, clock).delivered == 0
        clock.passed += 60
    with receiving(Receiver(), port) as receiver:
        send(ledger, clock)
        assert sorted(receiver.events) == sorted(told)
        assert [event for event in receiver.events if event in (told[0], told[2])] == [told[0], told[2]]


def test_a_slow_receiver_holds_up_no_other(
    ledger: Ledger, receiver: Receiver, clock: Clock, eventually: Eventually
) -> None:
    subscribe(ledger, receiver.url)
    with receiving(Receiver(lambda _: (0, {}))) as slow:
        subscribe(ledger, slow.url)
        tell(ledger, "L-1")
        sending = threading.Thread(target=send, args=(ledger, clock))
        sending.start()
        eventually(lambda: bool(slow.heard and receiver.heard))
        late = tell(ledger, "L-2")
        eventually(lambda: late[0] in receiver.events)
        assert len(slow.heard) == 1
        slow.hold.set()
        sending.join()
    assert depth(ledger).waiting == 0


def test_an_answer_that_never_comes_is_given_up_in_time(ledger: Ledger, receiver: Receiver, clock: Clock) -> None:
    subscribe(ledger, receiver.url)
    tell(ledger, "L-1")
    receiver.script = lambda _: (0, {})
    assert send(ledger, clock, Carrier(HERE, timeout_seconds=0.2)).delivered == 0
    assert depth(ledger).waiting == 1


def test_a_redirect_is_not_followed(ledger: Ledger, receiver: Receiver, clock: Clock) -> None:
    subscribe(ledger, receiver.url)
    tell(ledger, "L-1")
    receiver.script = lambda _: (302, {"location": "/elsewhere"})
    assert send(ledger, clock) == Tally(attempts=1)
    assert [each.path for each in receiver.heard] == ["/hook"]


def test_a_receiver_that_is_gone_is_switched_off(ledger: Ledger, receiver: Receiver, clock: Clock) -> None:
    target = subscribe(ledger, receiver.url)
    tell(ledger, "L-1", "L-1")
    receiver.script = lambda _: (410, {})
    send(ledger, clock)
    with ledger.reading() as connection:
        assert webhooks.find(connection, target.webhook).disabled_at is not None
    assert (len(receiver.heard), depth(ledger).dead) == (1, 2)


@pytest.mark.parametrize(("asked", "waits"), [("1200", 1_200), ("999999999", 3_600), ("-5", 0), ("soon", 0)])
def test_retry_after_is_respected_within_bounds(
    ledger: Ledger, receiver: Receiver, clock: Clock, asked: str, waits: int
) -> None:
    subscribe(ledger, receiver.url)
    tell(ledger, "L-1")
    receiver.script = lambda _: (429, {"retry-after": asked})
    send(ledger, clock)
    clock.passed = max(waits - 10, 0)
    assert send(ledger, clock).attempts == 0
    clock.passed = waits + 60
    assert send(ledger, clock).attempts == 1


def test_a_dead_letter_is_given_up_and_arrives_when_it_is_replayed(
    ledger: Ledger, receiver: Receiver, clock: Clock
) -> None:
    subscribe(ledger, receiver.url)
    first, second = tell(ledger, "L-1", "L-1")
    receiver.script = lambda heard: (500 if heard.event == first else 204, {})
    for _ in range(4):
        send(ledger, clock)
        clock.passed += 3_600
    assert receiver.events == [first] * 4 + [second]
    receiver.script = lambda _: (204, {})
    with ledger.writing() as connection:
        backlog.replay(connection, clock(), [first])
    send(ledger, clock)
    assert (receiver.events[-1], depth(ledger)) == (first, Depth(0, 0.0, 0))


def test_two_senders_at_once_send_each_event_once(ledger: Ledger, receiver: Receiver, clock: Clock) -> None:
    subscribe(ledger, receiver.url)
    told = tell(ledger, *(f"L-{number}" for number in range(40)))
    senders = [threading.Thread(target=send, args=(ledger, clock)) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(receiver.events) == sorted(told)


def test_a_sender_that_is_asked_to_stop_lets_go_of_its_targets(
    ledger: Ledger, receiver: Receiver, clock: Clock
) -> None:
    subscribe(ledger, receiver.url)
    told = tell(ledger, *["L-1"] * 3)
    stopping = courier(ledger, clock)
    stopping.asked_to_stop = lambda: bool(receiver.heard)
    assert stopping.deliver() == Tally(attempts=1, delivered=1)
    send(ledger, clock)
    assert receiver.events == told


def test_a_sender_that_is_asked_to_stop_breaks_a_slow_attempt_off(
    ledger: Ledger, receiver: Receiver, clock: Clock
) -> None:
    subscribe(ledger, receiver.url)
    tell(ledger, "L-1")
    receiver.script = lambda _: (0, {})
    stopping = courier(ledger, clock, Carrier(HERE, timeout_seconds=30))
    stopping.asked_to_stop = lambda: bool(receiver.heard)
    assert stopping.deliver() == Tally(attempts=1)
    receiver.script = lambda _: (204, {})
    clock.passed = 60
    assert send(ledger, clock) == Tally(attempts=1, delivered=1)


KILLED = """
import sys
from leadloop.store.ledger import Ledger
from tests.serving.test_hooks import Clock, send
send(Ledger.open(sys.argv[1]), Clock())
"""


def test_a_sender_killed_between_sending_and_noting_it_sends_again(
    ledger: Ledger, ledger_url: str, receiver: Receiver, clock: Clock
) -> None:
    target = subscribe(ledger, receiver.url)
    told = tell(ledger, "L-1", "L-1", "L-2")
    environment = {**os.environ, failpoint.VARIABLE: "webhook_sent"}
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", KILLED, ledger_url], env=environment, cwd=root)
    assert done.returncode == -signal.SIGKILL
    assert sorted(receiver.events) == sorted([told[0], told[2]])
    assert send(ledger, clock).attempts == 0
    clock.passed = deliveries.LEASE / SECOND + 1
    assert send(ledger, clock).delivered == 3
    assert sorted(receiver.events) == sorted([told[0], *told, told[2]])
    secret = target.secrets[0].secret
    for each in receiver.heard:
        moment = from_micros(int(each.headers["webhook-timestamp"]) * SECOND)
        assert each.headers["webhook-signature"] == Signer(secret).sign(each.event, moment, each.body)
        assert json.loads(each.body)["type"] == "lead.hot"


def test_rounds_of_failing_receivers_and_killed_senders_lose_nothing(ledger_url: str) -> None:
    command = [sys.executable, "-m", "tests.serving.hook_rounds", ledger_url, ROUNDS, "7"]
    done = subprocess.run(command, cwd=Path(__file__).resolve().parents[2], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["lost"], told["left"], told["wrong"]) == (0, 0, [])
    assert told["received"] == told["sent"] + told["duplicates"]
