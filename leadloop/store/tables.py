"""The ledger's tables, the same on SQLite and PostgreSQL; instants are microseconds UTC, content is canonical JSON."""

from sqlalchemy import BigInteger, Column, Double, Index, LargeBinary, MetaData, Table, Text, and_

metadata = MetaData()

leads = Table(
    "leads",
    metadata,
    Column("lead_id", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("created_at", BigInteger),
    Column("recorded_at", BigInteger),
    Column("position", Double),
    Column("attributes", Text, nullable=False),
    Column("account", Text),
)
Index(
    "leads_by_account",
    leads.c.account,
    sqlite_where=leads.c.account.is_not(None),
    postgresql_where=leads.c.account.is_not(None),
)
"""A row each time something became known about a lead; `version` is a hash of the row, so that it is kept once."""

identities = Table(
    "identities",
    metadata,
    Column("lead_id", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded_at", BigInteger),
    Column("email", Text),
    Column("phone", Text),
    Column("first_name", Text),
    Column("last_name", Text),
    Column("company", Text),
    Column("domain", Text),
)
"""Who a lead is, apart from everything that a model may see."""

events = Table(
    "events",
    metadata,
    Column("event_key", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("lead_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("properties", Text, nullable=False),
    Index("events_by_lead", "lead_id"),
)
"""`event_key` is the sender's event_id or a hash of the content; `version` tells a correction from a repetition."""

outcomes = Table(
    "outcomes",
    metadata,
    Column("outcome_key", Text, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("lead_id", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("occurred_at", BigInteger),
    Column("recorded_at", BigInteger),
    Column("reason", Text),
    Column("amount", Double),
    Column("currency", Text),
    Column("actor", Text),
    Column("until_at", BigInteger),
    Index("outcomes_by_lead", "lead_id"),
)
"""What sales did with a lead, keyed like events; `until_at`: when a lead that was put off is open again."""

imports = Table(
    "imports",
    metadata,
    Column("import_id", Text, primary_key=True),
    Column("started_at", BigInteger, nullable=False),
    Column("report", Text, nullable=False),
)
"""What came in by file and what was refused of it, for whoever asks later."""

identity_keys = Table(
    "identity_keys",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("lead_id", Text, primary_key=True),
    Column("recorded_at", BigInteger),
    Index("identity_keys_by_lead", "lead_id"),
)
"""Normalised e-mails and phones ("email", "phone"), by which duplicates are found; `recorded_at` is the earliest."""

merges = Table(
    "merges",
    metadata,
    Column("merge_id", Text, primary_key=True),
    Column("duplicate_id", Text, nullable=False),
    Column("survivor_id", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("undone_at", BigInteger),
    Column("rule", Text, nullable=False),
    Column("actor", Text),
    Index("merges_by_duplicate", "duplicate_id"),
    Index("merges_by_survivor", "survivor_id"),
)
"""Which lead was found to be the same person as which other, by which rule or person, and whether that was undone."""

histories = Table(
    "histories",
    metadata,
    Column("lead_id", Text, primary_key=True),
    Column("format", BigInteger, nullable=False),
    Column("packed", LargeBinary, nullable=False),
)
"""All that the scorer needs of a lead, in one row; a copy of the rows above that can always be made again."""

idempotency = Table(
    "idempotency",
    metadata,
    Column("key", Text, primary_key=True),
    Column("request", Text, nullable=False),
    Column("status", BigInteger),
    Column("body", Text),
    Column("started_at", BigInteger, nullable=False),
    Index("idempotency_by_age", "started_at"),
)
"""Requests that carried an Idempotency-Key: `request` is a hash of route and body, `status` is null in flight."""

import_progress = Table(
    "import_progress",
    metadata,
    Column("file", Text, primary_key=True),
    Column("rows_done", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
)
"""How far an import of a file (named by a hash of its content) came, so that it can go on where it stopped."""

tombstones = Table(
    "tombstones",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("erased_at", BigInteger, nullable=False),
)
"""Hashes of the keys of erased leads, so that an import does not bring them back; nothing of the person is left."""

scores = Table(
    "scores",
    metadata,
    Column("lead_id", Text, primary_key=True),
    Column("as_of", BigInteger, primary_key=True, autoincrement=False),
    Column("model_version", Text, primary_key=True),
    Column("feature_hash", Text, nullable=False),
    Column("p_win", Double),
    Column("expected_value", Double),
    Column("importance", Double),
    Column("urgency", Double),
    Column("priority", Double),
    Column("stars", BigInteger),
    Column("flames", BigInteger),
    Column("fit", Double),
    Column("readiness", Double),
    Column("cell", Text),
    Column("seen", LargeBinary, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("days_waited", Double),
    Column("place", BigInteger),
    Column("place_as_before", BigInteger),
    Column("percentile", Double),
    Column("percentile_as_before", Double),
    Column("open_leads", BigInteger),
    sqlite_with_rowid=False,
)
"""Scores as a version gave them at an instant. `seen`: the values that it saw, float64 little-endian, deflated."""

to_score = Table(
    "to_score",
    metadata,
    Column("lead_id", Text, primary_key=True),
    Column("changed_at", BigInteger, nullable=False),
    Index("to_score_by_age", "changed_at"),
)
"""Leads whose history changed since their score was last stored."""

chores = Table(
    "chores",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("value", Text, nullable=False),
)
"""What only one process does at a time: which one has it, until when, and how far the work came (JSON)."""
api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("owner", Text),
    Column("team", Text),
    Column("digest", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger),
    Column("last_used_at", BigInteger),
)
"""Keys of the API: `digest` is the SHA-256 of the whole key, kept nowhere; `last_used_at` to a minute or so."""

audit = Table(
    "audit",
    metadata,
    Column("entry_id", Text, primary_key=True),
    Column("recorded_at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("audit_by_subject", "subject"),
)
"""Who did what to what; triggers refuse changes. A lead is a hash here, so that its erasure needs none."""

audit_leads = Table(
    "audit_leads",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("lead_id", Text, nullable=False),
    Index("audit_leads_by_lead", "lead_id"),
)
"""Which lead a hash in the audit log stands for, until that lead is erased."""

clicks = Table(
    "clicks",
    metadata,
    Column("outcome_key", Text, primary_key=True),
    Column("lead_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("note", Text),
    Column("actor", Text),
    Column("clicked_at", BigInteger, nullable=False),
    Column("undone_at", BigInteger),
    Index("clicks_by_lead", "lead_id"),
)
"""Outcomes that came from the queue by one click, which can be undone for a while; a note is for people's eyes."""

changes = Table(
    "changes",
    metadata,
    Column("lead_id", Text, primary_key=True),
    Column("changed_at", BigInteger, nullable=False),
    Index("changes_by_time", "changed_at"),
)
"""When each lead's rows last changed, for whoever keeps a list of leads; the lead "" stands for many at once."""
webhooks = Table(
    "webhooks",
    metadata,
    Column("webhook", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secrets", Text, nullable=False),
    Column("kinds", Text, nullable=False),
    Column("owner", Text),
    Column("team", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("disabled_at", BigInteger),
    Column("disabled_why", Text),
    Column("failures", BigInteger, nullable=False),
    Column("paused_until", BigInteger, nullable=False),
    Column("leased_by", Text),
    Column("leased_until", BigInteger, nullable=False),
)
"""Who is told of what; secrets are in clear, as deliveries are signed with them. One process at a time has a lease."""

outbox = Table(
    "outbox",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("event", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("lead_id", Text),
    Column("payload", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index("outbox_by_event", "event", unique=True),
)
Index(
    "outbox_by_lead",
    outbox.c.lead_id,
    sqlite_where=outbox.c.lead_id.is_not(None),
    postgresql_where=outbox.c.lead_id.is_not(None),
)
"""What there is to tell, written in the transaction of what happened; `sequence` is the order of the commits."""

draws = Table(
    "draws",
    metadata,
    Column("day", Text, primary_key=True),
    Column("list", Text, primary_key=True),
    Column("begins_at", BigInteger, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("slots", BigInteger, nullable=False),
    Column("eligible", BigInteger, nullable=False),
    Column("share", Double, nullable=False),
    Column("p_win", Double, nullable=False),
    Column("importance", Double, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
)
"""Lists of a day some slots of which were drawn by lot. `list`: whose, as JSON, "" for everybody's; `begins_at`: the
day; `slots`: for how many leads that nobody had taken on, of `eligible` such; `p_win`, `importance`: their means."""

slots = Table(
    "slots",
    metadata,
    Column("day", Text, primary_key=True),
    Column("list", Text, primary_key=True),
    Column("lead_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("chance", Double, nullable=False),
    Column("position", BigInteger),
    Column("rank", BigInteger, nullable=False),
    Column("newest", BigInteger),
    Column("p_win", Double, nullable=False),
    Column("importance", Double, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Index("slots_by_lead", "lead_id"),
)
"""The leads on such a list, and those that other orders would have put there. `kind`: ranked (there whatever was
drawn), drawn, filler (there since two draws met) or other (not there); `chance`: of being ranked or drawn; `position`:
from 1 on the list; `rank`, `newest`: among the eligible by the model, and newest first where that is on the list."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("webhook", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("lead_id", Text),
    Column("line", Text, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("first_attempt_at", BigInteger),
    Column("next_attempt_at", BigInteger, nullable=False),
    Column("delivered_at", BigInteger),
    Column("dead_at", BigInteger),
    Column("status", BigInteger),
    Column("error", Text),
    Index("deliveries_by_event", "sequence"),
)
_WAITING = and_(deliveries.c.delivered_at.is_(None), deliveries.c.dead_at.is_(None))
for _name, _columns in (
    ("deliveries_by_line", ("webhook", "line", "sequence")),
    ("deliveries_waiting", ("webhook", "sequence")),
):
    Index(_name, *(deliveries.c[each] for each in _columns), sqlite_where=_WAITING, postgresql_where=_WAITING)
Index(
    "deliveries_by_lead",
    deliveries.c.lead_id,
    sqlite_where=deliveries.c.lead_id.is_not(None),
    postgresql_where=deliveries.c.lead_id.is_not(None),
)
"""A row for each event and each target subscribed then: waiting, delivered or dead. `line`: who waits for whom."""

visits = Table(
    "visits",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("key_id", Text, nullable=False),
    Column("until_at", BigInteger, nullable=False),
)
"""Browsers that somebody signed in with a key: `digest` is the SHA-256 of what the cookie says."""

samples = Table(
    "samples",
    metadata,
    Column("sample_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("campaign", Text),
    Column("actor", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("closed_at", BigInteger),
)
"""Leads of a planned campaign that sales looks at before it is launched: what they are a sample of."""

sample_leads = Table(
    "sample_leads",
    metadata,
    Column("sample_id", Text, primary_key=True),
    Column("lead_id", Text, primary_key=True),
    Column("place", BigInteger, nullable=False),
    Column("facts", Text, nullable=False),
    Index("sample_leads_by_lead", "lead_id"),
)
"""The leads of samples in their order; `facts`: what a file said of one, without who it is (JSON)."""

sample_verdicts = Table(
    "sample_verdicts",
    metadata,
    Column("sample_id", Text, primary_key=True),
    Column("lead_id", Text, primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("reason", Text),
    Column("judged_at", BigInteger, nullable=False),
    Index("sample_verdicts_by_lead", "lead_id"),
)
"""What somebody in sales says of a lead of a sample; the last word of each counts."""

definitions = Table(
    "definitions",
    metadata,
    Column("definition_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("en", Text),
    Column("fr", Text),
    Column("actor", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Index("definitions_by_name", "name"),
)
"""What the company means by its words, each edit a row; null in both languages: as shipped again."""

runs = Table(
    "runs",
    metadata,
    Column("run_id", Text, primary_key=True),
    Column("started_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Column("as_of", BigInteger, nullable=False),
    Column("step", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("recipe", Text, nullable=False),
    Column("champion", Text),
    Column("version", Text),
    Column("decision", Text),
    Column("report", Text, nullable=False),
    Index("runs_by_time", "started_at"),
)
"""Retrainings: how far each came, what it learned from (hashes of `data` and `recipe`), what was decided and why."""
