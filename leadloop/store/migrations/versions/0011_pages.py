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
    op.create_table(
        "definitions",
        sa.Column("definition_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("en", sa.Text),
        sa.Column("fr", sa.Text),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
    )
    op.create_index("definitions_by_name", "definitions", ["name"])
    _make_samples()


def _make_samples() -> None:
    op.create_table(
        "samples",
        sa.Column("sample_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("campaign", sa.Text),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("closed_at", sa.BigInteger),
    )
    op.create_table(
        "sample_leads",
        sa.Column("sample_id", sa.Text, primary_key=True),
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
    )
    op.create_index("sample_leads_by_lead", "sample_leads", ["lead_id"])
    op.create_table(
        "sample_verdicts",
        sa.Column("sample_id", sa.Text, primary_key=True),
        sa.Column("lead_id", sa.Text, primary_key=True),
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("judged_at", sa.BigInteger, nullable=False),
    )
    op.create_index("sample_verdicts_by_lead", "sample_verdicts", ["lead_id"])


def downgrade() -> None:
    """Drop them; who is signed in by a key signs in again, and definitions are as shipped."""
    for name in ("sample_verdicts", "sample_leads", "samples", "definitions"):
        op.drop_table(name)
    op.drop_table("visits")
