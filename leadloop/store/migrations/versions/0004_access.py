"""Who may do what, and what was done: API keys and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_REFUSED = "the audit log is only added to"
_SQLITE = (
    f"CREATE TRIGGER audit_keeps_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
    f"CREATE TRIGGER audit_keeps_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
    # INSERT OR REPLACE deletes without the trigger above
    f"""CREATE TRIGGER audit_keeps_replace BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE entry_id = NEW.entry_id)
    BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END""",  # noqa: S608 -- our own words
)
_POSTGRESQL = (
    f"CREATE FUNCTION audit_keeps() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$",
    "CREATE TRIGGER audit_keeps BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_keeps()",
    "CREATE TRIGGER audit_keeps_all BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_keeps()",
)


def upgrade() -> None:
    """Make the tables, and the triggers that let the audit log only grow."""
    op.create_table(
        "api_keys",
        sa.Column("key_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "role")),
        *(sa.Column(name, sa.Text) for name in ("owner", "team")),
        sa.Column("digest", sa.Text, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("created_at", "expires_at")),
        *(sa.Column(name, sa.BigInteger) for name in ("revoked_at", "last_used_at")),
    )
    op.create_table(
        "audit",
        sa.Column("entry_id", sa.Text, primary_key=True),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("actor", "action", "subject", "detail")),
    )
    op.create_index("audit_by_subject", "audit", ["subject"])
    op.create_table(
        "audit_leads",
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("lead_id", sa.Text, nullable=False),
    )
    op.create_index("audit_leads_by_lead", "audit_leads", ["lead_id"])
    for statement in _POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE:
        op.execute(statement)


def downgrade() -> None:
    """Drop them: nobody is let in any more, and what was done is forgotten."""
    for table in ("audit_leads", "audit", "api_keys"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_keeps()")
