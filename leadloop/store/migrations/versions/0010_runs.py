"""Runs of the retraining job."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Text, primary_key=True),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("step", "holder", "data", "recipe")),
        *(sa.Column(name, sa.Text) for name in ("champion", "version", "decision")),
        sa.Column("report", sa.Text, nullable=False),
    )
    op.create_index("runs_by_time", "runs", ["started_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("runs")
