"""Slots of the queue that are drawn by lot, with the chance of each."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "draws",
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("list", sa.Text, primary_key=True),
        sa.Column("begins_at", sa.BigInteger, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("slots", sa.BigInteger, nullable=False),
        sa.Column("eligible", sa.BigInteger, nullable=False),
        sa.Column("share", sa.Double, nullable=False),
        sa.Column("p_win", sa.Double, nullable=False),
        sa.Column("importance", sa.Double, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "slots",
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("list", sa.Text, primary_key=True),
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("chance", sa.Double, nullable=False),
        sa.Column("position", sa.BigInteger),
        sa.Column("rank", sa.BigInteger, nullable=False),
        sa.Column("newest", sa.BigInteger),
        sa.Column("p_win", sa.Double, nullable=False),
        sa.Column("importance", sa.Double, nullable=False),
        sa.Column("model_version", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )
    op.create_index("slots_by_lead", "slots", ["lead_id"])


def downgrade() -> None:
    """Drop them; what was drawn is forgotten."""
    op.drop_table("slots")
    op.drop_table("draws")
