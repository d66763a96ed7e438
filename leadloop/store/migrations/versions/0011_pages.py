"""Definitions with their history, samples of planned campaigns, and browsers that a key signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "visits",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("until_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Drop them; who is signed in by a key signs in again."""
    op.drop_table("visits")
