"""Scores as they were given, with the values they saw; the leads to be scored; and who does what only one may do."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "scores",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("as_of", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("model_version", sa.Text, primary_key=True),
        sa.Column("feature_hash", sa.Text, nullable=False),
        *(sa.Column(name, sa.Double) for name in ("p_win", "expected_value", "importance", "urgency", "priority")),
        *(sa.Column(name, sa.BigInteger) for name in ("stars", "flames")),
        *(sa.Column(name, sa.Double) for name in ("fit", "readiness")),
        sa.Column("cell", sa.Text),
        sa.Column("seen", sa.LargeBinary, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.Column("days_waited", sa.Double),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "to_score",
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("changed_at", sa.BigInteger, nullable=False),
    )
    op.create_index("to_score_by_age", "to_score", ["changed_at"])
    op.create_table(
        "chores",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for name in ("chores", "to_score", "scores"):
        op.drop_table(name)
