"""What others are told: webhook targets, the outbox and its deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_WAITING = sa.text("delivered_at IS NULL AND dead_at IS NULL")
_ORDER = ["webhook", "sequence"]
_NAMED = sa.text("lead_id IS NOT NULL")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "webhooks",
        sa.Column("webhook", sa.Text, primary_key=True),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secrets", sa.Text, nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("owner", sa.Text),
        sa.Column("team", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("disabled_at", sa.BigInteger),
        sa.Column("disabled_why", sa.Text),
        sa.Column("failures", sa.BigInteger, nullable=False),
        sa.Column("paused_until", sa.BigInteger, nullable=False),
        sa.Column("leased_by", sa.Text),
        sa.Column("leased_until", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("lead_id", sa.Text),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_index("outbox_by_event", "outbox", ["event"], unique=True)
    op.create_index("outbox_by_lead", "outbox", ["lead_id"], sqlite_where=_NAMED, postgresql_where=_NAMED)
    op.create_table(
        "deliveries",
        sa.Column("webhook", sa.Text, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("lead_id", sa.Text),
        sa.Column("line", sa.Text, nullable=False),
        sa.Column("attempts", sa.BigInteger, nullable=False),
        sa.Column("first_attempt_at", sa.BigInteger),
        sa.Column("next_attempt_at", sa.BigInteger, nullable=False),
        sa.Column("delivered_at", sa.BigInteger),
        sa.Column("dead_at", sa.BigInteger),
        sa.Column("status", sa.BigInteger),
        sa.Column("error", sa.Text),
    )
    for name, columns in (("deliveries_by_line", ["webhook", "line", "sequence"]), ("deliveries_waiting", _ORDER)):
        op.create_index(name, "deliveries", columns, sqlite_where=_WAITING, postgresql_where=_WAITING)
    op.create_index("deliveries_by_lead", "deliveries", ["lead_id"], sqlite_where=_NAMED, postgresql_where=_NAMED)
    op.create_index("deliveries_by_event", "deliveries", ["sequence"])


def downgrade() -> None:
    """Drop them."""
    for table in ("deliveries", "outbox", "webhooks"):
        op.drop_table(table)
