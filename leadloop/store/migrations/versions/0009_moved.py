"""Where a stored score stood among the open leads, and where the one before it would have stood."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

COLUMNS = (
    *(("place", sa.BigInteger), ("place_as_before", sa.BigInteger)),
    *(("percentile", sa.Double), ("percentile_as_before", sa.Double), ("open_leads", sa.BigInteger)),
)


def upgrade() -> None:
    """Make the columns; scores of before have nothing in them."""
    for name, kind in COLUMNS:
        op.add_column("scores", sa.Column(name, kind))


def downgrade() -> None:
    """Drop them."""
    for name, _ in COLUMNS:
        op.drop_column("scores", name)
