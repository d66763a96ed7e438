"""Who is who, packed histories, idempotent requests, resumable imports, erased leads."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "identity_keys",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("kind", "value", "lead_id")),
        sa.Column("recorded_at", sa.BigInteger),
    )
    op.create_index("identity_keys_by_lead", "identity_keys", ["lead_id"])
    op.create_table(
        "merges",
        sa.Column("merge_id", sa.Text, primary_key=True),
        sa.Column("duplicate_id", sa.Text, nullable=False),
        sa.Column("survivor_id", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("undone_at", sa.BigInteger),
        sa.Column("rule", sa.Text, nullable=False),
        sa.Column("actor", sa.Text),
    )
    op.create_index("merges_by_duplicate", "merges", ["duplicate_id"])
    op.create_index("merges_by_survivor", "merges", ["survivor_id"])
    op.create_table(
        "histories",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("format", sa.BigInteger, nullable=False),
        sa.Column("packed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "idempotency",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("status", sa.BigInteger),
        sa.Column("body", sa.Text),
        sa.Column("started_at", sa.BigInteger, nullable=False),
    )
    op.create_index("idempotency_by_age", "idempotency", ["started_at"])
    op.create_table(
        "import_progress",
        sa.Column("file", sa.Text, primary_key=True),
        sa.Column("rows_done", sa.BigInteger, nullable=False),
        sa.Column("updated_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "tombstones",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("erased_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop them; everything in them but merges and tombstones can be made again."""
    for table in ("tombstones", "import_progress", "idempotency", "histories", "merges", "identity_keys"):
        op.drop_table(table)
