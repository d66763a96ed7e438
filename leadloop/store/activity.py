"""What leads did themselves, apart from what was done to them: the first and the last of it, by lead."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from leadloop import event_types
from leadloop.store.content import among
from leadloop.store.tables import events

_NOT_OWN_MEANT = """
email_open email_sent bounce unsubscribe spam_complaint call_out sms_sent
"""
_NOT_OWN_NAMED = """
sent delivered envoyé envoye emaildeferred emaildropped emailblocked adimpression impression callattempt callattempted
callnoanswer voicemail voicemailleft lettersent scorechanged ownerchanged
"""
NOT_OWN = frozenset(_NOT_OWN_MEANT.split()), frozenset(_NOT_OWN_NAMED.split())
"""What is no act of the lead, or objects to being contacted, by what the type means and by its folded name; every other
type of event is one.
"""

_ASKED_MEANT = """
form_submit demo_request contact_request callback_request quote_request trial_start account_created meeting_booked
download webinar_registered webinar_attended event_registered chat email_reply call_in
"""
ASKED = frozenset(_ASKED_MEANT.split()), frozenset({"inboundemail"})
"""What somebody does who steps forward by name and becomes a lead, told in the same way."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What a lead did itself, microseconds UTC; `asked_at`: when it first stepped forward by name."""

    first_at: int
    last_at: int
    asked_at: int | None = None


def meaning() -> object:
    """Everything that decides whether a type is an act of the lead."""
    return [*map(sorted, NOT_OWN), event_types.meaning()]


@lru_cache(maxsize=10_000)
def is_own(kind: str) -> bool:
    """Whether an event of this type is an act of the lead.

    >>> [is_own(kind) for kind in ("email_click", "Opened Email", "Unsubscribed", "Ouverture e-mail", "E-mail envoyé")]
    [True, False, False, False, False]
    """
    return not _among(kind, NOT_OWN)


@lru_cache(maxsize=10_000)
def is_asking(kind: str) -> bool:
    """Whether it is one by which somebody steps forward.

    >>> is_asking("demo-request"), is_asking("Formulaire rempli"), is_asking("page_view")
    (True, True, False)
    """
    return _among(kind, ASKED)


def _among(kind: str, meant_or_named: tuple[frozenset[str], frozenset[str]]) -> bool:
    meant, named = meant_or_named
    return event_types.meant_by(kind) in meant or "".join(c for c in kind.casefold() if c.isalnum()) in named


def read(
    connection: Connection, as_of: int | None = None, lead_ids: Sequence[str] | None = None
) -> dict[str, Activity]:
    """What each lead did itself, as known at `as_of` (None: now); leads that did nothing are left out.

    Of an event that was corrected the newest version counts.
    """
    span = (func.min(events.c.occurred_at), func.max(events.c.occurred_at))
    query = select(events.c.lead_id, events.c.type, *span).where(_is_newest(as_of))
    if lead_ids is not None:
        query = query.where(among(connection, events.c.lead_id, lead_ids))
    found = connection.execute(query.group_by(events.c.lead_id, events.c.type))
    return gathered((row[0], row[1], row[2], row[3]) for row in found)


def gathered(spans: Iterable[tuple[str, str, int, int]]) -> dict[str, Activity]:
    """One activity a lead, of (lead_id, type, first, last) in any order.

    >>> gathered([("L-1", "email_click", 5, 9), ("L-1", "email_open", 1, 99), ("L-1", "form_submit", 7, 7)])
    {'L-1': Activity(first_at=5, last_at=9, asked_at=7)}
    """
    found: dict[str, Activity] = {}
    for lead_id, kind, first, last in spans:
        if is_own(kind):
            one = Activity(first, last, first if is_asking(kind) else None)
            found[lead_id] = _joined(found[lead_id], one) if lead_id in found else one
    return found


def _joined(one: Activity, other: Activity) -> Activity:
    asked = [at for at in (one.asked_at, other.asked_at) if at is not None]
    return Activity(min(one.first_at, other.first_at), max(one.last_at, other.last_at), min(asked, default=None))


def _is_newest(as_of: int | None) -> ColumnElement[bool]:
    newer = events.alias("newer")
    later = or_(
        newer.c.recorded_at > events.c.recorded_at,
        and_(newer.c.recorded_at == events.c.recorded_at, newer.c.version > events.c.version),
    )
    superseded = exists().where(newer.c.event_key == events.c.event_key, later)
    if as_of is None:
        return ~superseded
    return and_(events.c.recorded_at <= as_of, ~superseded.where(newer.c.recorded_at <= as_of))
