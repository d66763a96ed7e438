"""Where webhooks are managed, by command and over HTTP alike: each change is checked, made and noted in one place."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection

from leadloop.clock import isoformat
from leadloop.settings import Settings
from leadloop.store import audit, backlog, webhooks
from leadloop.store.backlog import Dead, Standing
from leadloop.store.deliveries import Reply
from leadloop.store.ledger import Ledger
from leadloop.store.webhooks import Wanted, Webhook
from serving.hook_sending import Carrier, Letter
from serving.hooks import clock
from serving.writing import write

TEST = "webhook.test"
"""The kind of an event that says nothing but that it came."""
KEEP_HOURS = 24.0
"""How long the secret before signs beside a new one, unless said otherwise."""


@dataclass(frozen=True)
class Desk:
    """Changes in the name of `actor`, as the audit log names them."""

    settings: Settings
    ledger: Ledger
    actor: str

    def add(self, wanted: Wanted) -> Webhook:
        """Subscribe a target, if a webhook may go there.

        Raises: InputError.
        """
        asyncio.run(Carrier.of(self.settings).check(wanted.url))
        return self._changed("webhook.added", lambda connection: webhooks.add(connection, wanted, clock()))

    def all(self) -> list[dict[str, Any]]:
        """Every target as it is shown, with what waits for it."""
        with self.ledger.reading() as connection:
            standing = backlog.standings(connection)
            return [
                shown(each) | asdict(standing.get(each.webhook, Standing())) for each in webhooks.all_of(connection)
            ]

    def remove(self, webhook: str) -> Webhook:
        """Forget a target with all that waits for it.

        Raises: UnknownWebhookError, as the following.
        """
        return self._changed("webhook.removed", lambda connection: webhooks.remove(connection, webhook))

    def enable(self, webhook: str) -> Webhook:
        """Tell a target things again that answered 410."""
        return self._changed("webhook.enabled", lambda connection: webhooks.enable(connection, webhook))

    def rotate(self, webhook: str, keep_hours: float = KEEP_HOURS) -> Webhook:
        """Give a target a new secret, which is the first of its secrets."""
        return self._changed(
            "webhook.rotated", lambda connection: webhooks.rotate(connection, webhook, clock(), keep_hours)
        )

    def test(self, webhook: str) -> Reply:
        """Send an event that means nothing, now and once, past the outbox."""
        with self.ledger.reading() as connection:
            target = webhooks.find(connection, webhook)
        return asyncio.run(_once(Carrier.of(self.settings), target, clock()))

    def dead(self, limit: int | None = None) -> tuple[list[Dead], int]:
        """What was given up, the newest first, and how much of it there is."""
        with self.ledger.reading() as connection:
            return backlog.dead(connection, limit), backlog.depth(connection, clock()).dead

    def replay(self, events: Sequence[str] | None) -> int:
        """Take up again what was given up (None: all of it); how many deliveries.

        Raises: InputError when an event is no dead letter.
        """

        def work(connection: Connection) -> int:
            taken = backlog.replay(connection, clock(), events)
            self._note(connection, "delivery.replayed", f"delivery:{'all' if events is None else len(events)}")
            return taken

        return write(self.ledger, work)

    def _changed(self, action: str, work: Callable[[Connection], Webhook]) -> Webhook:
        def noted(connection: Connection) -> Webhook:
            changed = work(connection)
            self._note(connection, action, f"webhook:{changed.webhook}")
            return changed

        return write(self.ledger, noted)

    def _note(self, connection: Connection, action: str, subject: str) -> None:
        """In the audit log, in the transaction of the change."""
        audit.record(connection, self.actor, action, subject)


async def _once(carrier: Carrier, target: Webhook, at: int) -> Reply:
    body = json.dumps({"type": TEST, "timestamp": isoformat(at), "data": {}})
    async with carrier.line() as line:
        return await carrier.carry(line, Letter(target.url, f"msg_{token_hex(16)}", body, target.signing(at), at))


def shown(webhook: Webhook) -> dict[str, Any]:
    """A target without its secret."""
    return {
        "id": webhook.webhook,
        "url": webhook.url,
        "kinds": list(webhook.kinds),
        "owner": webhook.owner,
        "team": webhook.team,
        "created_at": isoformat(webhook.created_at),
        "disabled_at": None if webhook.disabled_at is None else isoformat(webhook.disabled_at),
        "disabled_why": webhook.disabled_why,
    }


def with_secret(webhook: Webhook) -> dict[str, Any]:
    """The same with its newest secret."""
    return {**shown(webhook), "secret": webhook.secrets[0].secret}


def tested(reply: Reply) -> dict[str, Any]:
    """What became of a test event."""
    return {"delivered": reply.delivered, "status": reply.status, "error": reply.error}


def dead_shown(letter: Dead) -> dict[str, Any]:
    """A delivery that was given up."""
    times = {"created_at": isoformat(letter.created_at), "dead_at": isoformat(letter.dead_at)}
    return {"id": letter.event, **{n: v for n, v in asdict(letter).items() if n not in ("event", *times)}, **times}
