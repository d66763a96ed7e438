"""Samples of planned campaigns: leads that sales looks at before anybody is written to, and what sales says of them."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import Connection, delete, func, insert, select, update

from leadloop.clock import now, to_micros
from leadloop.errors import InputError, LeadLoopError
from leadloop.store import audit, tombstones
from leadloop.store.contact import EMAIL, normal_email
from leadloop.store.content import among, canonical
from leadloop.store.rows import Value
from leadloop.store.tables import identity_keys, sample_leads, sample_verdicts, samples

AT_MOST = 200
"""Leads of a sample: nobody looks at more before a launch."""
VERDICTS = ("yes", "no", "unsure")
"""Sales would work the lead, would refuse it, or can't tell from what is there."""


class UnknownSampleError(LeadLoopError):
    """There is no such sample; it may have been deleted."""


@dataclass(frozen=True, slots=True)
class SampleLead:
    """A lead of a sample. `facts`: what the file said of it, without who it is."""

    lead_id: str
    facts: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Sample:
    """What was asked. Times in microseconds UTC; `closed_at` None while sales may still answer."""

    sample_id: str
    name: str
    campaign: str | None
    actor: str
    created_at: int
    closed_at: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What somebody says of a lead of a sample: one of VERDICTS, with a reason where it is "no"."""

    sample_id: str
    lead_id: str
    actor: str
    verdict: str
    reason: str | None
    judged_at: int


def make(
    connection: Connection, name: str, campaign: str | None, leads: Sequence[SampleLead], actor: str
) -> tuple[Sample, int]:
    """Keep a sample; returns it and how many of its leads, since erased ones and repetitions are left out.

    Raises: InputError when it has no name, no leads or too many.
    """
    if not name.strip():
        raise InputError("name: is missing; say what the sample is of")
    once = list({each.lead_id: each for each in leads}.values())
    admitted = tombstones.admitted(connection, once)
    if not admitted or len(admitted) > AT_MOST:
        raise InputError(f"leads: {len(admitted)} are no sample; send between 1 and {AT_MOST}")
    made = Sample(uuid4().hex[:12], name.strip(), (campaign or "").strip() or None, actor, to_micros(now()), None)
    connection.execute(insert(samples).values({each: getattr(made, each) for each in Sample.__dataclass_fields__}))
    rows = [
        {"sample_id": made.sample_id, "lead_id": each.lead_id, "place": place, "facts": canonical(each.facts)}
        for place, each in enumerate(admitted)
    ]
    connection.execute(insert(sample_leads), rows)
    audit.record(connection, actor, "sample.made", f"sample:{made.sample_id}", {"leads": len(admitted)})
    return made, len(admitted)


def read(connection: Connection) -> list[Sample]:
    """All samples, the newest first."""
    query = select(samples).order_by(samples.c.created_at.desc(), samples.c.sample_id)
    return [Sample(*row) for row in connection.execute(query)]


def one(connection: Connection, sample_id: str) -> Sample:
    """A sample.

    Raises: UnknownSampleError.
    """
    row = connection.execute(select(samples).where(samples.c.sample_id == sample_id)).first()
    if row is None:
        raise UnknownSampleError(f"There is no sample '{sample_id}'; it may have been deleted")
    return Sample(*row)


def leads_of(connection: Connection, sample_id: str | None = None) -> Mapping[str, Sequence[SampleLead]]:
    """The leads of each sample (of one), in their order."""
    query = select(sample_leads).order_by(sample_leads.c.sample_id, sample_leads.c.place)
    if sample_id is not None:
        query = query.where(sample_leads.c.sample_id == sample_id)
    found: defaultdict[str, list[SampleLead]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.sample_id].append(SampleLead(row.lead_id, json.loads(row.facts)))
    return found


def judge(connection: Connection, verdict: Verdict) -> None:
    """Keep a verdict in place of what the same person said of the lead before.

    Raises: UnknownSampleError, InputError when the sample is closed, has no such lead, or a refusal has no reason.
    """
    sample = one(connection, verdict.sample_id)
    if sample.closed_at is not None:
        raise InputError(f"The sample '{sample.name}' is closed; its verdicts stay as they are")
    if verdict.verdict not in VERDICTS:
        raise InputError(f"verdict: '{verdict.verdict}' is none; write one of {', '.join(VERDICTS)}")
    if verdict.verdict == "no" and not verdict.reason:
        raise InputError("reason: is missing; a lead that sales would refuse has one")
    key = {"sample_id": verdict.sample_id, "lead_id": verdict.lead_id}
    here = select(sample_leads.c.lead_id).where(*(sample_leads.c[name] == value for name, value in key.items()))
    if connection.execute(here.with_for_update()).first() is None:
        raise InputError(f"The sample '{sample.name}' has no lead '{verdict.lead_id}'; load the page again")
    mine = {**key, "actor": verdict.actor}
    connection.execute(delete(sample_verdicts).where(*(sample_verdicts.c[name] == mine[name] for name in mine)))
    said = {"verdict": verdict.verdict, "reason": verdict.reason, "judged_at": verdict.judged_at}
    connection.execute(insert(sample_verdicts).values({**mine, **said}))


def verdicts(connection: Connection, sample_id: str | None = None) -> Mapping[str, Sequence[Verdict]]:
    """What was said in each sample (in one), the oldest word first."""
    query = select(sample_verdicts).order_by(sample_verdicts.c.judged_at, sample_verdicts.c.lead_id)
    if sample_id is not None:
        query = query.where(sample_verdicts.c.sample_id == sample_id)
    found: defaultdict[str, list[Verdict]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.sample_id].append(Verdict(*row))
    return found


def close(connection: Connection, sample_id: str, actor: str) -> None:
    """Take no more verdicts; what was said stays.

    Raises: UnknownSampleError.
    """
    one(connection, sample_id)
    connection.execute(update(samples).where(samples.c.sample_id == sample_id).values(closed_at=to_micros(now())))
    audit.record(connection, actor, "sample.closed", f"sample:{sample_id}")


def remove(connection: Connection, sample_id: str, actor: str) -> None:
    """Delete a sample with its leads and what was said of them.

    Raises: UnknownSampleError.
    """
    one(connection, sample_id)
    for table in (sample_verdicts, sample_leads, samples):
        connection.execute(delete(table).where(table.c.sample_id == sample_id))
    audit.record(connection, actor, "sample.deleted", f"sample:{sample_id}")


def sampled_at(connection: Connection, lead_ids: Sequence[str] | None = None) -> dict[str, int]:
    """When each lead (of those named) was last put into a sample."""
    joined = sample_leads.join(samples, samples.c.sample_id == sample_leads.c.sample_id)
    query = select(sample_leads.c.lead_id, func.max(samples.c.created_at)).select_from(joined)
    if lead_ids is not None:
        query = query.where(among(connection, sample_leads.c.lead_id, lead_ids))
    return {row[0]: row[1] for row in connection.execute(query.group_by(sample_leads.c.lead_id))}


def holders(connection: Connection, emails: Sequence[str]) -> dict[str, str]:
    """The lead that has each of these addresses, where one does: so the erasure of a person reaches samples."""
    mails = {email: normal for email in emails if (normal := normal_email(email))}
    columns = identity_keys.c
    query = select(columns.value, func.min(columns.lead_id)).where(
        columns.kind == EMAIL, among(connection, columns.value, sorted(set(mails.values())))
    )
    known = {row[0]: row[1] for row in connection.execute(query.group_by(columns.value))}
    return {email: known[normal] for email, normal in mails.items() if normal in known}


def token() -> str:
    """A part of an id for leads that have none of their own."""
    return uuid4().hex[:8]
