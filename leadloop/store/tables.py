"""The ledger's tables, the same on SQLite and PostgreSQL; instants are microseconds UTC, content is canonical JSON."""

from sqlalchemy import BigInteger, Column, Double, Index, LargeBinary, MetaData, Table, Text, and_

metadata = MetaData()

leads = Table(
    "leads",
    metadata,
    Column("lead_id", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("created_at", BigInteger),
    Column("recorded_at", BigInteger),
    Column("position", Double),
    Column("attributes", Text, nullable=False),
    Column("account", Text),
)
Index(
    "leads_by_account",
    leads.c.account,
    sqlite_where=leads.c.account.is_not(None),
    postgresql_where=leads.c.account.is_not(None),
)
"""A row each time something became known about a lead; `version` is a hash of the row, so that it is kept once."""

identities = Table(
    "identities",
    metadata,
    Column("lead_id", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_at", BigInteger),
    Column("email", Text),
    Column("phone", Text),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("company", Text),
    Column("domain", Text),
)
"""Who a lead is, apart from everything that a model may see."""

events = Table(
    "events",
    metadata,
    Column("event_key", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("lead_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("properties", Text, nullable=False),
    Index("events_by_lead", "lead_id"),
)
"""`event_key` is the sender's event_id or a hash of the content; `version` tells a correction from a repetition."""

outcomes = Table(
    "outcomes",
    metadata,
    Column("outcome_key", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("lead_id", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("occurred_at", BigInteger),
    Column("recorded_at", BigInteger),
    Column("reason", Text),
    Column("amount", Double),
    Column("currency", Text),
    Column("actor", Text),
    Index("outcomes_by_lead", "lead_id"),
)
"""What sales did with a lead, keyed like events."""

imports = Table(
    "imports",
    metadata,
    Column("import_id", Text, primary_key=True),
    Column("started_at", BigInteger, nullable=False),
    Column("report", Text, nullable=False),
)
"""What came in by file and what was refused of it, for whoever asks later."""

identity_keys = Table(
    "identity_keys",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("lead_id", Text, primary_key=True),
    Column("recorded_at", BigInteger),
    Index("identity_keys_by_lead", "lead_id"),
)
"""Normalised e-mails and phones ("email", "phone"), by which duplicates are found; `recorded_at` is the earliest."""

merges = Table(
    "merges",
    metadata,
    Column("merge_id", Text, primary_key=True),
    Column("duplicate_id", Text, nullable=False),
    Column("survivor_id", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("undone_at", BigInteger),
    Column("rule", Text, nullable=False),
    Column("actor", Text),
    Index("merges_by_duplicate", "duplicate_id"),
    Index("merges_by_survivor", "survivor_id"),
)
"""Which lead was found to be the same person as which other, by which rule or person, and whether that was undone."""

histories = Table(
    "histories",
    metadata,
    Column("lead_id", Text, primary_key=True),
    Column("format", BigInteger, nullable=False),
    Column("packed", LargeBinary, nullable=False),
)
"""All that the scorer needs of a lead, in one row; a copy of the rows above that can always be made again."""

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", Text, primary_key=True),
    Column("request", Text, nullable=False),
    Column("status", BigInteger),
    Column("body", Text),
    Column("started_at", BigInteger, nullable=False),
    Index("idempotency_by_age", "started_at"),
)
"""Requests that carried an Idempotency-Key: `request` is a hash of route and body, `status` is null in flight."""

import_progress = Table(
    "import_progress",
    metadata,
    Column("file", Text, primary_key=True),
    Column("rows_done", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)
"""How far an import of a file (named by a hash of its content) came, so that it can go on where it stopped."""

tombstones = Table(
    "tombstones",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("erased_at", BigInteger, nullable=False),
)
"""Hashes of the keys of erased leads, so that an import does not bring them back; nothing of the person is left."""

webhooks = Table(
    "webhooks",
    metadata,
    Column("webhook", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secrets", Text, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("owner", Text),
    Column("team", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Column("disabled_why", Text),
    Column("failures", BigInteger, nullable=False),
    Column("paused_until", BigInteger, nullable=False),
    Column("leased_by", Text),
    Column("leased_until", BigInteger, nullable=False),
)
"""Who is told of what; secrets are in clear, as deliveries are signed with them. One process at a time has a lease."""

outbox = Table(
    "outbox",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("event", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("lead_id", Text),
    Column("payload", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("outbox_by_event", "event", unique=True),
)
Index(
    "outbox_by_lead",
    outbox.c.lead_id,
    sqlite_where=outbox.c.lead_id.is_not(None),
    postgresql_where=outbox.c.lead_id.is_not(None),
)
"""What there is to tell, written in the transaction of what happened; `sequence` is the order of the commits."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("webhook", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("lead_id", Text),
    Column("line", Text, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("first_attempt_at", BigInteger),
    Column("next_attempt_at", BigInteger, nullable=False),
    Column("delivered_at", BigInteger),
    Column("dead_at", BigInteger),
    Column("status", BigInteger),
    Column("error", Text),
    Index("deliveries_by_event", "sequence"),
)
_WAITING = and_(deliveries.c.delivered_at.is_(None), deliveries.c.dead_at.is_(None))
for _name, _columns in (
    ("deliveries_by_line", ("webhook", "line", "sequence")),
    ("deliveries_waiting", ("webhook", "sequence")),
):
    Index(_name, *(deliveries.c[each] for each in _columns), sqlite_where=_WAITING, postgresql_where=_WAITING)
Index(
    "deliveries_by_lead",
    deliveries.c.lead_id,
    sqlite_where=deliveries.c.lead_id.is_not(None),
    postgresql_where=deliveries.c.lead_id.is_not(None),
)
"""A row for each event and each target subscribed then: waiting, delivered or dead. `line`: who waits for whom."""
