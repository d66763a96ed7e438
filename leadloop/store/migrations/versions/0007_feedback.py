"""Feedback in one click: until when a lead is put off, what can be undone, and which leads changed when."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column and the tables."""
    op.add_column("outcomes", sa.Column("until_at", sa.BigInteger))
    op.create_table(
        "clicks",
        sa.Column("outcome_key", sa.Text, primary_key=True),
        sa.Column("lead_id", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("actor", sa.Text),
        sa.Column("clicked_at", sa.BigInteger, nullable=False),
        sa.Column("undone_at", sa.BigInteger),
    )
    op.create_index("clicks_by_lead", "clicks", ["lead_id"])
    op.create_table(
        "changes",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_index("changes_by_time", "changes", ["changed_at"])


def downgrade() -> None:
    """Drop them; a lead that was put off is given back for good then."""
    op.drop_table("changes")
    op.drop_table("clicks")
    op.drop_column("outcomes", "until_at")
