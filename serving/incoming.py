"""What a request sends about a lead, read as the files are, and laid on top of what the ledger knows."""

from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import tzinfo
from typing import NamedTuple, TypeVar

import numpy as np
from sqlalchemy import Connection

from features.history import NEVER, History, Ints, build
from features.joined import joined
from leadloop.clock import isoformat, now, parse_as_of, to_micros
from leadloop.errors import InputError
from leadloop.intake.block import Row
from leadloop.intake.columns import Layout, layout_of
from leadloop.intake.report import ImportReport
from leadloop.intake.tables import Reading, event_maker, lead_maker
from leadloop.intake.values import BadValueError, StageReader, TimeReader
from leadloop.store import events as event_table
from leadloop.store import leads as lead_table
from leadloop.store import people as people_table
from leadloop.store.accounts import account_of
from leadloop.store.events import StoredEvent
from leadloop.store.leads import StoredLead
from leadloop.store.ledger import Ledger
from leadloop.store.people import NOBODY, People
from leadloop.store.rows import EventRow, LeadRow, Value
from serving.apart import LAST, Apart, versions_by_lead, with_blocks
from serving.scorer import when

SentRow = Mapping[str, Value]


class Sent(NamedTuple):
    """A lead as a request sends it; `as_of`: None where the request names no instant."""

    lead: SentRow
    events: Sequence[SentRow] = ()
    as_of: str | None = None

    @property
    def lead_id(self) -> str | None:
        """Which lead of the ledger it is, if any."""
        return None if self.lead.get("lead_id") in (None, "") else str(self.lead["lead_id"])


@dataclass(frozen=True)
class Ready:
    """Leads that can be scored, in the order sent. `lead_ids`: as sent, None where none was; `as_of`: one a lead."""

    lead_ids: list[str | None]
    history: History
    as_of: Ints


@dataclass(frozen=True)
class Stored:
    """What the ledger knows of the leads that a request names; `newest`: the last instant that it knows of anything.

    `people`: by the instant that a lead is sent for, as it was sent, who was one person by then.
    """

    leads: Mapping[str, list[StoredLead]]
    events: Mapping[str, list[StoredEvent]]
    newest: int
    people: Mapping[str | None, People]

    def members(self, sent: Sent) -> tuple[str, ...]:
        """The leads of the person sent, the one that stands for them first."""
        people, name = self.people.get(sent.as_of, NOBODY), sent.lead_id or "sent"
        return people.members.get(people.of(name), (name,))


def prepare(  # noqa: PLR0913 -- one door
    ledger: Ledger,
    sent: Sequence[Sent],
    *,
    timezone: tzinfo | None,
    dated: bool,
    blocks: Set[str] = frozenset(),
    places: Sequence[int] = (),
    newest: int | None = None,
) -> Ready:
    """Read what was sent and join it with what is stored. `dated`: whether the model knows time; `blocks`: the
    optional blocks for which more is read; `places`: of each lead in its batch, none for a lead that was sent alone;
    `newest`: the instant that a question without one is about, where it is known already.

    Raises: InputError naming the lead and the field that can't be read, or when a lead was not known yet at `as_of`.
    """
    stored = _stored(ledger, sent, timezone, when(ledger, None) if newest is None else newest)
    leads: list[StoredLead] = []
    events: list[StoredEvent] = []
    instants, survivor, joined_at, apart = list[int](), dict[str, str](), dict[str, int](), list[Apart]()
    for number, each in enumerate(sent):
        try:
            versions, happened, as_of, identity = _joined(stored, each, timezone, dated=dated)
        except InputError as error:
            raise InputError(f"leads[{places[number]}].{error}" if places else str(error)) from None
        name = f"{number:06d}"  # the same lead may be sent twice: each stands alone
        first, *duplicates = stored.members(each)
        names = {first: name} | {lead_id: f"{name}+{lead_id}" for lead_id in duplicates}
        mine = [replace(row, lead_id=names[row.lead_id]) for row in versions]
        leads += mine
        events += [_apart(row, name, names) for row in happened]
        survivor |= {names[lead_id]: name for lead_id in duplicates}
        joined_at |= {names[lead_id]: stored.people[each.as_of].joined_at[lead_id] for lead_id in duplicates}
        instants.append(as_of)
        apart.append(Apart(name, mine, (first, *duplicates), as_of, identity))
    people = People(survivor, joined_at)
    history = with_blocks(ledger, replace(joined(build(leads, events), people), people=people), apart, blocks)
    return Ready([each.lead_id for each in sent], history, np.array(instants, dtype=np.int64))


def _stored(ledger: Ledger, sent: Sequence[Sent], timezone: tzinfo | None, newest: int) -> Stored:
    """What is stored; leads that are sent without a lead_id need no ledger, and are answered while it is silent."""
    if not any(each.lead_id for each in sent):
        return Stored({}, {}, newest, {})
    with ledger.reading() as connection:
        people = _people(connection, sent, timezone)
        named = [(people[each.as_of], name) for each in sent if (name := each.lead_id)]
        lead_ids = sorted({lead_id for person, name in named for lead_id in person.all_of([name])})
        leads = lead_table.read(connection, None, lead_ids) if lead_ids else []
        events = event_table.read(connection, None, lead_ids) if lead_ids else []
    by_lead: dict[str, list[StoredLead]] = {}
    for row in leads:
        by_lead.setdefault(row.lead_id, []).append(row)
    return Stored(by_lead, versions_by_lead(events), newest, people)


def _people(connection: Connection, sent: Sequence[Sent], timezone: tzinfo | None) -> dict[str | None, People]:
    """Who is one person, for each instant that leads are sent for; at one that can't be read, nobody is joined."""
    asked: dict[str | None, list[str]] = {}
    for each in sent:
        asked.setdefault(each.as_of, []).extend(filter(None, [each.lead_id]))
    found = dict.fromkeys(asked, NOBODY)
    for instant, lead_ids in asked.items():
        with suppress(InputError):
            as_of = None if instant is None else parse_as_of(instant, timezone)
            found[instant] = people_table.read(connection, as_of, lead_ids) if lead_ids else NOBODY
    return found


def _apart(row: StoredEvent, name: str, names: Mapping[str, str]) -> StoredEvent:
    """The row under the name of one lead sent; a version that belongs to another lead only ends what this one had."""
    return replace(row, lead_id=names.get(row.lead_id, ""), event_key=f"{name}:{row.event_key}")


def _joined(
    stored: Stored, sent: Sent, timezone: tzinfo | None, *, dated: bool
) -> tuple[list[StoredLead], list[StoredEvent], int, Mapping[str, str]]:
    """One lead's versions and events, stored and sent, the instant to score it at, and who it is as sent."""
    name = sent.lead_id or "sent"
    members = stored.members(sent)
    reading = Reading(TimeReader(timezone), StageReader({}), ImportReport())
    rows = [_event(event, members[0], reading, i) for i, event in enumerate(sent.events)]
    as_of = instant_of(sent, stored.newest, timezone, dated=dated, later=[row.recorded_at for row in rows])
    before = [row for lead_id in members for row in stored.leads.get(lead_id, []) if _known_by(row, as_of)]
    lead, identity = _lead({**sent.lead, "lead_id": members[0]}, reading, as_of, stored=bool(before))
    versions = before + lead
    if any(not _known_by(row, as_of) or (row.created_at or 0) > as_of for row in versions):
        raise InputError(f"lead_id: '{name}' was not known yet at {isoformat(as_of)}; score it from its created_at on")
    happened = {(row.event_key, row.version): row for lead_id in members for row in stored.events.get(lead_id, [])}
    return versions, [*happened.values(), *rows], as_of, identity


def _known_by(row: StoredLead, as_of: int) -> bool:
    return row.recorded_at is None or row.recorded_at <= as_of


def instant_of(sent: Sent, newest: int, timezone: tzinfo | None, *, dated: bool, later: Sequence[int] = ()) -> int:
    """The instant asked for, else the newest that is known: from the ledger or from what was sent.

    `newest`: from the ledger; `later`: when the events that were sent became known.

    Raises: InputError naming the field that is no time.
    """
    if sent.as_of is not None:
        return _parsed("as_of", sent.as_of, timezone)
    if newest == NEVER:
        return to_micros(now()) if dated else int(NEVER)
    given = [name for name in ("created_at", "recorded_at") if sent.lead.get(name)]
    return (
        max([newest, *later, *(_parsed(name, sent.lead[name], timezone) for name in given)])
        if given or later
        else newest
    )


def _parsed(name: str, value: Value, timezone: tzinfo | None) -> int:
    try:
        return parse_as_of(str(value), timezone)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def _lead(
    fields: dict[str, Value], reading: Reading, as_of: int, *, stored: bool
) -> tuple[list[StoredLead], Mapping[str, str]]:
    """What was sent as one more version of the lead, known at `as_of` unless it says since when; and who it is."""
    if stored and set(fields) == {"lead_id"}:
        return [], {}
    dated = bool(fields.get("created_at"))
    if not dated:  # a form that was just filled in
        fields["created_at"] = isoformat(0 if as_of == NEVER else as_of)
    row = _read(lead_maker, "leads", fields, reading)
    account = account_of(row.identity)
    if as_of == NEVER:
        return [StoredLead(row.lead_id, LAST, None, None, None, row.attributes, account)], row.identity
    known_at = row.recorded_at if fields.get("recorded_at") else as_of
    created_at = row.created_at if dated or not stored else None
    return [StoredLead(row.lead_id, LAST, created_at, known_at, None, row.attributes, account)], row.identity


def _event(fields: SentRow, lead_id: str, reading: Reading, number: int) -> StoredEvent:
    row = _read(event_maker, "events", {**fields, "lead_id": lead_id}, reading, f"events[{number}].")
    return StoredEvent(
        event_table.identify(row), LAST, lead_id, row.type, row.occurred_at, row.recorded_at, row.properties
    )


Made = TypeVar("Made", LeadRow, EventRow)


def _read(
    maker: Callable[[Layout, Reading], Callable[[Row], Made]],
    table: str,
    fields: SentRow,
    reading: Reading,
    at: str = "",
) -> Made:
    values: list[Value] = [value.strip() if isinstance(value, str) else value for value in fields.values()]
    try:
        layout = layout_of(list(fields), table)
        missing = [name for name in layout.missing if name != "lead_id"]
        if not missing:
            return maker(layout, reading)([*values, ""])
    except BadValueError as bad:
        raise InputError(f"{at}{bad.column}: {bad.cause}") from None
    raise InputError(f"{at}{missing[0]}: is missing")
