"""Who is told at once: webhook targets, what each wants to hear, and the secrets that sign what it is told."""

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_bytes, token_hex
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, text, update

from leadloop.clock import HOUR
from leadloop.errors import InputError
from leadloop.store.tables import deliveries, outbox, webhooks

KINDS = ("lead.hot", "deadline.at_risk", "model.changed", "model.drift")
"""Everything that can be told."""
_SECRET_BYTES = 32
_LOCK = 0x6C6F6F70  # on PostgreSQL, of all who tell or end telling


class UnknownWebhookError(InputError):
    """There is no such webhook; `leadloop webhooks list` names them."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Signs until an instant (microseconds UTC; None: for good)."""

    secret: str
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """A target. `owner`, `team`: of leads, only theirs; None: of all. Times in microseconds UTC."""

    webhook: str
    url: str
    secrets: tuple[Secret, ...]
    kinds: tuple[str, ...]
    owner: str | None
    team: str | None
    created_at: int
    disabled_at: int | None = None
    disabled_why: str | None = None

    def signing(self, at: int) -> list[str]:
        """The secrets that are valid at an instant, the newest first."""
        return [each.secret for each in self.secrets if each.until is None or each.until > at]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for of a new target."""

    url: str
    kinds: tuple[str, ...] = KINDS
    owner: str | None = None
    team: str | None = None


def alone(connection: Connection) -> None:
    """One at a time writes the outbox or ends a subscription, until its commit: nobody who left is told."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


def add(connection: Connection, wanted: Wanted, at: int) -> Webhook:
    """Subscribe a target from `at` on; its URL must have been checked.

    Raises: InputError when a kind is unknown, or the URL is a target already.
    """
    _refuse_unknown(wanted.kinds)
    alone(connection)
    if any(each.url == wanted.url for each in all_of(connection)):
        raise InputError(f"{wanted.url} is a webhook already; remove it first, or rotate its secret")
    made = Webhook(
        f"wh_{token_hex(8)}", wanted.url, (Secret(_new_secret()),), wanted.kinds, wanted.owner, wanted.team, at
    )
    connection.execute(insert(webhooks).values(_row(made) | {"failures": 0, "paused_until": 0, "leased_until": 0}))
    return made


def _refuse_unknown(kinds: Sequence[str]) -> None:
    for kind in kinds:
        if kind not in KINDS:
            raise InputError(f"'{kind}' is no kind of event; write one of {', '.join(KINDS)}")
    if not kinds:
        raise InputError(f"a webhook wants at least one kind of event: {', '.join(KINDS)}")


def all_of(connection: Connection) -> list[Webhook]:
    """Every target, the oldest first."""
    rows = connection.execute(select(webhooks).order_by(webhooks.c.created_at, webhooks.c.webhook))
    return [_read(row) for row in rows]


def find(connection: Connection, webhook: str) -> Webhook:
    """One target.

    Raises: UnknownWebhookError.
    """
    row = connection.execute(select(webhooks).where(webhooks.c.webhook == webhook)).one_or_none()
    if row is None:
        raise UnknownWebhookError(f"There is no webhook '{webhook}'; `leadloop webhooks list` names them")
    return _read(row)


def remove(connection: Connection, webhook: str) -> Webhook:
    """Forget a target, what waits for it and what was ever delivered to it.

    Raises: UnknownWebhookError.
    """
    alone(connection)
    gone = find(connection, webhook)
    connection.execute(delete(deliveries).where(deliveries.c.webhook == webhook))
    connection.execute(delete(webhooks).where(webhooks.c.webhook == webhook))
    drop_undelivered(connection)
    return gone


def drop_undelivered(connection: Connection) -> int:
    """Remove events that no target has a delivery of any more."""
    told = select(deliveries.c.sequence).where(deliveries.c.sequence == outbox.c.sequence).exists()
    return connection.execute(delete(outbox).where(~told)).rowcount


def rotate(connection: Connection, webhook: str, at: int, keep_hours: float) -> Webhook:
    """Give a target a new secret; the one before signs beside it for `keep_hours`, older ones no more.

    Raises: UnknownWebhookError.
    """
    before = find(connection, webhook)
    kept = [Secret(before.secrets[0].secret, at + int(keep_hours * HOUR))] if keep_hours > 0 else []
    secrets = (Secret(_new_secret()), *kept)
    connection.execute(update(webhooks).where(webhooks.c.webhook == webhook).values(secrets=_written(secrets)))
    return find(connection, webhook)


def disable(connection: Connection, webhook: str, at: int, why: str) -> None:
    """Tell a target nothing any more; what waits for it is dead, to be replayed once it is enabled again."""
    alone(connection)
    off = update(webhooks).where(webhooks.c.webhook == webhook, webhooks.c.disabled_at.is_(None))
    connection.execute(off.values(disabled_at=at, disabled_why=why))
    waiting = (deliveries.c.webhook == webhook) & deliveries.c.delivered_at.is_(None) & deliveries.c.dead_at.is_(None)
    connection.execute(update(deliveries).where(waiting).values(dead_at=at, error=why))


def enable(connection: Connection, webhook: str) -> Webhook:
    """Tell a target things again, from now on.

    Raises: UnknownWebhookError.
    """
    on = {"disabled_at": None, "disabled_why": None, "failures": 0, "paused_until": 0}
    connection.execute(update(webhooks).where(webhooks.c.webhook == webhook).values(**on))
    return find(connection, webhook)


def _new_secret() -> str:
    return "whsec_" + b64encode(token_bytes(_SECRET_BYTES)).decode()


def _written(secrets: Sequence[Secret]) -> str:
    return json.dumps([[each.secret, each.until] for each in secrets])


def _row(made: Webhook) -> dict[str, Any]:
    return {
        "webhook": made.webhook,
        "url": made.url,
        "secrets": _written(made.secrets),
        "kinds": json.dumps(made.kinds),
        "owner": made.owner,
        "team": made.team,
        "created_at": made.created_at,
    }


def _read(row: Row[Any]) -> Webhook:
    secrets = tuple(Secret(secret, until) for secret, until in json.loads(row.secrets))
    subscribed = (tuple(json.loads(row.kinds)), row.owner, row.team)
    return Webhook(row.webhook, row.url, secrets, *subscribed, row.created_at, row.disabled_at, row.disabled_why)
