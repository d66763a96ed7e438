"""Leads are found by their account: who else is at a lead's company."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NAMED = sa.text("account IS NOT NULL")


def upgrade() -> None:
    """Make the index."""
    op.create_index("leads_by_account", "leads", ["account"], sqlite_where=_NAMED, postgresql_where=_NAMED)


def downgrade() -> None:
    """Drop it."""
    op.drop_index("leads_by_account", "leads")
