"""The ledger's tables, the same on SQLite and PostgreSQL; instants are microseconds UTC, content is canonical JSON."""

from sqlalchemy import BigInteger, Column, Double, Index, MetaData, Table, Text

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
