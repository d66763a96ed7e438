"""Leads that may be one person: proposed to people, who decide; found among neighbours, never by comparing all."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from leadloop.clock import now, to_micros
from leadloop.errors import InputError, UnknownLeadError
from leadloop.store import instant, leads, merges
from leadloop.store.accounts import FREE_MAIL, account_of
from leadloop.store.contact import ALIKE, agree, folded, is_role, name_of, normal_email, normal_phone
from leadloop.store.merges import APART, BY_HAND
from leadloop.store.people import People, read
from leadloop.store.tables import identities
from leadloop.store.tables import leads as lead_table

LEAST = 0.85
"""Pairs that look less alike (0-1) are not proposed."""
NEIGHBOURS = 20
"""In a block, ordered by name, each lead is compared with so many that follow: the work grows with the leads."""
_NAME, _COMPANY, _CONTACT = 0.5, 0.3, 0.2
_UNTOLD, _ELSEWHERE = 0.5, 0.3


@dataclass(frozen=True, slots=True)
class Proposal:
    """Two leads that look like one person. `score`: 0-1; `why`: in words."""

    lead_id: str
    survivor_id: str
    score: float
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Card:
    """What a lead says it is, folded for comparing. `mailbox`: the e-mail's local part, "" at a post's."""

    lead_id: str
    name: tuple[str, str]
    company: str
    account: str
    mailbox: str
    host: str
    phone: str


@dataclass(frozen=True, slots=True)
class Source:
    """How many leads a source brought, and how many of them were there already."""

    source: str
    leads: int
    duplicates: int


@dataclass(frozen=True, slots=True)
class Survey:
    """How things stand: `found_by`: duplicates by email, phone or by hand; `proposals`: who may be one person."""

    leads: int
    duplicates: int
    found_by: Mapping[str, int]
    sources: Sequence[Source]
    proposals: Sequence[Proposal]


def survey(connection: Connection, as_of: int | None = None) -> Survey:
    """Every duplicate known at `as_of`, counted, and the pairs to decide about."""
    people = read(connection, as_of)
    source: dict[str, str] = {}
    for row in sorted(leads.read(connection, as_of), key=lambda r: (r.lead_id, r.recorded_at or 0, r.version)):
        source[row.lead_id] = str(row.attributes.get("source") or source.get(row.lead_id) or "unknown")
    brought, twice = Counter(source.values()), Counter(source[lead_id] for lead_id in people.survivor)
    sources = [Source(name, count, twice[name]) for name, count in brought.items()]
    return Survey(
        leads=len(source),
        duplicates=len(people.survivor),
        found_by=dict(sorted(Counter(people.found_by.values()).items())),
        sources=sorted(sources, key=lambda each: (-each.duplicates, each.source)),
        proposals=propose(connection, people, as_of),
    )


def propose(connection: Connection, people: People, as_of: int | None = None) -> list[Proposal]:
    """Pairs of leads that look like one person and are not joined nor put apart, the likeliest first."""
    everyone = sorted({row.lead_id for row in connection.execute(select(identities.c.lead_id))})
    cards = [_card(lead_id, identity) for lead_id, identity in leads.names(connection, everyone, as_of).items()]
    told_apart = {frozenset(each.pair) for each in merges.read(connection, as_of) if each.rule == APART}
    best: dict[tuple[str, str], Proposal] = {}
    for one, other in _neighbours([card for card in cards if all(card.name)]):
        first, second = sorted((people.of(one.lead_id), people.of(other.lead_id)))
        if first != second and (first, second) not in best and {first, second} not in told_apart:
            score, why = _likeness(one, other)
            if score >= LEAST:
                best[first, second] = Proposal(second, first, round(score, 3), why)
    return sorted(best.values(), key=lambda each: (-each.score, each.lead_id, each.survivor_id))


def _card(lead_id: str, identity: Mapping[str, str]) -> _Card:
    email, phone = normal_email(identity.get("email", "")) or "", identity.get("phone")
    local, _, domain = email.partition("@")
    return _Card(
        lead_id,
        name_of(identity),
        folded(identity.get("company", "")),
        (account_of(identity) or "") if identity.get("domain") or domain not in FREE_MAIL else "",
        "" if is_role(email) else local,
        domain,
        (normal_phone(phone) or "") if phone else "",
    )


def _neighbours(cards: Sequence[_Card]) -> Iterator[tuple[_Card, _Card]]:
    """Pairs that share an account, the beginning of name and company, a mailbox's name, or a telephone."""
    blocks: dict[tuple[str, ...], list[_Card]] = defaultdict(list)
    for card in sorted(cards, key=lambda c: (c.name[1], c.name[0], c.lead_id)):
        for key in _blocks(card):
            blocks[key].append(card)
    for block in blocks.values():
        for i, one in enumerate(block):
            for other in block[i + 1 : i + 1 + NEIGHBOURS]:
                if one.name[1][:1] == other.name[1][:1]:
                    yield one, other


def _blocks(card: _Card) -> Iterator[tuple[str, ...]]:
    first, last = card.name
    if card.account:
        yield "account", card.account
    if card.company:
        yield "name", last[:3], first[:1], card.company[:4]
    if card.mailbox:
        yield "mailbox", card.mailbox, last[:1]
    if card.phone:
        yield "phone", card.phone


def _likeness(one: _Card, other: _Card) -> tuple[float, tuple[str, ...]]:
    """How much two leads look like one person; 0 where their names speak against it."""
    if not agree(one.name, other.name):
        return 0.0, ()
    why = ["same name" if one.name == other.name else "similar name"]
    company, told = _same_company(one, other)
    contact, also = _same_contact(one, other)
    name = 1.0 if one.name == other.name else ALIKE / 100
    return _NAME * name + _COMPANY * company + _CONTACT * contact, (*why, *told, *also)


def _same_company(one: _Card, other: _Card) -> tuple[float, list[str]]:
    from rapidfuzz.fuzz import token_sort_ratio

    if one.account and one.account == other.account:
        return 1.0, ["same account"]
    if "." in one.account and "." in other.account:  # companies may share a name, not a domain
        return 0.0, []
    if not one.company or not other.company:
        return 0.0, []
    alike = token_sort_ratio(one.company, other.company) / 100
    return (alike, ["same company" if alike == 1 else "similar company"]) if alike >= ALIKE / 100 else (0.0, [])


def _same_contact(one: _Card, other: _Card) -> tuple[float, list[str]]:
    if one.phone and one.phone == other.phone:
        return 1.0, ["same phone"]
    if one.mailbox and one.mailbox == other.mailbox:
        return 1.0, ["same mailbox name"]
    if not one.mailbox or not other.mailbox:
        return _UNTOLD, []
    return (0.0 if one.host == other.host else _ELSEWHERE), []  # a host gives namesakes two mailboxes, a person one


def now_of(connection: Connection) -> int:
    """The instant of a decision made now: what the ledger takes for now, so that who looks at it next sees it."""
    newest = instant.newest(connection)
    return to_micros(now()) if newest is None else newest


def merge(connection: Connection, duplicate_id: str, survivor_id: str, actor: str | None, at: int) -> None:
    """Record that two leads are one person, for whom `survivor_id` stands, known from `at` on.

    Raises: UnknownLeadError, InputError when they are one lead.
    """
    _refuse_unknown(connection, (duplicate_id, survivor_id))
    if duplicate_id == survivor_id:
        raise InputError(f"'{duplicate_id}' can't be its own duplicate; name two leads")
    people = read(connection, None, [duplicate_id, survivor_id])
    both = set(people.all_of([duplicate_id])), set(people.all_of([survivor_id]))
    standing = merges.about(connection, sorted(both[0] | both[1]))
    merges.undo(connection, [each for each in standing if _against(each, both, survivor_id)], at)
    merges.decide(connection, duplicate_id, survivor_id, BY_HAND, actor, at)


def _against(decided: merges.Merge, people: tuple[set[str], set[str]], survivor_id: str) -> bool:
    """A decision that keeps the two people apart, or lets another stand for them."""
    one, other = people
    between = bool({*decided.pair} & one) and bool({*decided.pair} & other)
    return between if decided.rule == APART else decided.duplicate_id == survivor_id


def keep_apart(connection: Connection, one_id: str, other_id: str, actor: str | None, at: int) -> None:
    """Record that two leads that look alike are two people, known from `at` on; they are not proposed any more.

    Raises: UnknownLeadError, InputError when they are one person already.
    """
    _refuse_unknown(connection, (one_id, other_id))
    people = read(connection, None, [one_id, other_id])
    if people.of(one_id) == people.of(other_id):
        raise InputError(f"'{one_id}' and '{other_id}' are one person; `leadloop unmerge` takes them apart")
    pair = {one_id, other_id}
    if not any(each.rule == APART and {*each.pair} == pair for each in merges.about(connection, [one_id])):
        merges.decide(connection, one_id, other_id, APART, actor, at)


def unmerge(connection: Connection, lead_id: str, actor: str | None, at: int) -> list[str]:
    """Take a lead apart from those that it was joined with, whoever or whatever did; returns which, sorted.

    Raises: UnknownLeadError, InputError when it is alone already.
    """
    _refuse_unknown(connection, (lead_id,))
    others = [each for each in read(connection, None, [lead_id]).all_of([lead_id]) if each != lead_id]
    if not others:
        raise InputError(f"Lead '{lead_id}' is joined with no other; there is nothing to undo")
    by_hand = [each for each in merges.about(connection, [lead_id]) if each.rule == BY_HAND]
    merges.undo(connection, by_hand, at)
    for still in read(connection, None, [lead_id]).all_of([lead_id]):
        if still != lead_id:
            merges.decide(connection, lead_id, still, APART, actor, at)
    return others


def _refuse_unknown(connection: Connection, lead_ids: Sequence[str]) -> None:
    for lead_id in lead_ids:
        if (
            connection.execute(select(lead_table.c.lead_id).where(lead_table.c.lead_id == lead_id).limit(1)).first()
            is None
        ):
            raise UnknownLeadError(f"There is no lead '{lead_id}' in the ledger; import it first")
