"""The ledger: leads, identities, events, outcomes, imports."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "leads",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("created_at", sa.BigInteger),
        sa.Column("recorded_at", sa.BigInteger),
        sa.Column("position", sa.Double),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("account", sa.Text),
    )
    op.create_table(
        "identities",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("recorded_at", sa.BigInteger),
        *(sa.Column(name, sa.Text) for name in ("email", "phone", "first_name", "last_name", "company", "domain")),
    )
    op.create_table(
        "events",
        sa.Column("event_key", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.BigInteger, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("properties", sa.Text, nullable=False),
    )
    op.create_index("events_by_lead", "events", ["lead_id"])
    op.create_table(
        "outcomes",
        sa.Column("outcome_key", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.BigInteger),
        sa.Column("recorded_at", sa.BigInteger),
        sa.Column("reason", sa.Text),
        sa.Column("amount", sa.Double),
        sa.Column("currency", sa.Text),
        sa.Column("actor", sa.Text),
    )
    op.create_index("outcomes_by_lead", "outcomes", ["lead_id"])
    op.create_table(
        "imports",
        sa.Column("import_id", sa.Text, primary_key=True),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop them, and with them everything that the loop remembers."""
    for table in ("imports", "outcomes", "events", "identities", "leads"):
        op.drop_table(table)
