"""Which leads are one person, as far as was recorded by an instant: found anew at each reading, never stored."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, or_, select

from leadloop.store import identity_keys, leads, merges
from leadloop.store.contact import EMAIL, groups, is_role, name_of
from leadloop.store.content import among
from leadloop.store.identity_keys import ALWAYS, Held
from leadloop.store.merges import APART, BY_HAND, Merge
from leadloop.store.tables import leads as lead_table

ONE_PERSONS_LEADS = 8
"""Up to so many leads with one e-mail are one person at once; "na@na.com" has more, and must not swallow them."""


NOT_ALONE = (
    """SELECT mine.lead_id FROM identity_keys mine JOIN identity_keys other
    ON other.kind = mine.kind AND other.value = mine.value AND other.lead_id <> mine.lead_id
    WHERE mine.lead_id {which}""",
    "SELECT duplicate_id FROM merges WHERE duplicate_id {which}",
    "SELECT survivor_id FROM merges WHERE survivor_id {which}",
)
"""SQL for those of the leads, of which the id is `which`, of whom anything was recorded that could join them."""


@dataclass(frozen=True)
class People:
    """Leads that are not alone. `survivor`, `joined_at`: of each duplicate, who stands for it and since when that
    could be known (microseconds UTC); `members`: of each survivor, all leads of the person, itself first;
    `arrived_at`: when each duplicate was created; `found_by`: email, phone or by hand.
    """

    survivor: Mapping[str, str] = field(default_factory=dict)
    joined_at: Mapping[str, int] = field(default_factory=dict)
    members: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    arrived_at: Mapping[str, int] = field(default_factory=dict)
    found_by: Mapping[str, str] = field(default_factory=dict)

    def of(self, lead_id: str) -> str:
        """The lead that stands for this one: itself unless it is a duplicate."""
        return self.survivor.get(lead_id, lead_id)

    def all_of(self, lead_ids: Iterable[str]) -> list[str]:
        """The leads and all others of the same people."""
        survivors = {self.of(lead_id) for lead_id in lead_ids}
        return sorted({lead_id for survivor in survivors for lead_id in self.members.get(survivor, (survivor,))})


NOBODY = People()
"""Nobody is there twice."""


def read(connection: Connection, as_of: int | None = None, lead_ids: Sequence[str] | None = None) -> People:
    """Who was one person by `as_of` (None: by all that is recorded), of the leads named (None: of all)."""
    if lead_ids is None:
        held, decided = identity_keys.shared(connection, as_of), merges.read(connection, as_of)
        return _people(connection, as_of, _same(connection, as_of, held), decided)
    if len(lead_ids) == 1 and _is_alone(connection, lead_ids[0]):
        return NOBODY
    same: dict[tuple[str, str, str], list[Held]] = {}
    decided_by_id: dict[str, Merge] = {}
    seen, asked = set[str](), set(lead_ids)
    while asked:
        held = identity_keys.shared_with(connection, sorted(asked), as_of)
        decided = merges.about(connection, sorted(asked), as_of)
        found = _same(connection, as_of, held)
        same |= {(group[0].kind, group[0].value, group[0].lead_id): group for group in found}
        decided_by_id |= {each.merge_id: each for each in decided}
        seen |= asked
        near = {one.lead_id for group in found for one in group}
        asked = (near | {lead_id for each in decided for lead_id in each.pair}) - seen
    return _people(connection, as_of, [same[key] for key in sorted(same)], list(decided_by_id.values()))


def _is_alone(connection: Connection, lead_id: str) -> bool:
    """Whether nothing was ever recorded that could join the lead; most are, and the scorer's hot path asks."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    return connection.exec_driver_sql(f"{not_alone(f'= {mark}')} LIMIT 1", (lead_id,) * 3).first() is None


def not_alone(which: str) -> str:
    """The same in one query."""
    return " UNION ALL ".join(query.format(which=which) for query in NOT_ALONE)


def _same(connection: Connection, as_of: int | None, held: Sequence[Held]) -> list[list[Held]]:
    """Of the holders of each key, those that it makes one person: all of a mailbox of one's own, else by name."""
    by_key = [list(holders) for _, holders in groupby(held, key=lambda one: (one.kind, one.value))]
    pooled = [holders for holders in by_key if _is_pooled(holders)]
    unsure = sorted({one.lead_id for holders in pooled for one in holders})
    known = leads.names(connection, unsure, as_of) if unsure else {}
    names = {lead_id: name_of(identity) for lead_id, identity in known.items()}
    found = []
    for holders in by_key:
        if not _is_pooled(holders):
            found.append(holders)
            continue
        alike = groups([names.get(one.lead_id, ("", "")) for one in holders])
        found += [[holders[i] for i in group] for group in alike]
    return found


def _is_pooled(holders: Sequence[Held]) -> bool:
    """Colleagues answer one telephone and one info@, and a mailbox with many holders is a stopgap in a form."""
    return holders[0].kind != EMAIL or is_role(holders[0].value) or len(holders) > ONE_PERSONS_LEADS


def _people(connection: Connection, as_of: int | None, same: list[list[Held]], decided: list[Merge]) -> People:
    """Join what people decided, then what keys say, leaving apart who was put apart."""
    if not same and not decided:
        return NOBODY
    joiner = _Joiner([each.pair for each in decided if each.rule == APART])
    manual = sorted((each for each in decided if each.rule != APART), key=lambda m: (m.recorded_at, m.merge_id))
    for each in manual:
        joiner.join(each.duplicate_id, [each.survivor_id], (each.recorded_at, BY_HAND))
    for group in sorted(same, key=lambda g: (g[0].kind, g[0].value, g[0].lead_id)):
        for i, one in enumerate(group[1:], start=1):
            joiner.join(one.lead_id, [other.lead_id for other in group[:i]], (one.at, one.kind))
    given_up = {each.duplicate_id for each in manual}
    return _survivors(joiner, given_up, _created(connection, as_of, joiner.everyone()))


def _survivors(joiner: "_Joiner", given_up: set[str], created: Mapping[str, int]) -> People:
    """The earliest lead of each person stands for the others, unless somebody named it the duplicate."""
    survivor, links, members = dict[str, str](), dict[str, _Link](), dict[str, tuple[str, ...]]()
    for cluster in joiner.clusters():
        there = sorted((each for each in cluster if each in created), key=lambda each: (created[each], each))
        if len(there) > 1:
            first = next((each for each in there if each not in given_up), there[0])
            others = [each for each in there if each != first]
            links |= joiner.links_from(first)
            survivor |= dict.fromkeys(others, first)
            members[first] = (first, *others)
    return People(
        survivor,
        joined_at={each: links[each][0] for each in survivor},
        members=members,
        arrived_at={each: created[each] for each in survivor},
        found_by={each: links[each][1] for each in survivor},
    )


def _created(connection: Connection, as_of: int | None, lead_ids: list[str]) -> dict[str, int]:
    """When each lead that was known by `as_of` was created."""
    columns = lead_table.c
    query = select(columns.lead_id, columns.created_at, columns.recorded_at, columns.version)
    query = query.where(among(connection, columns.lead_id, lead_ids))
    if as_of is not None:
        query = query.where(or_(columns.recorded_at.is_(None), columns.recorded_at <= as_of))
    return {row.lead_id: _known_at(row.created_at) for row in sorted(connection.execute(query), key=_newest_first)}


def _newest_first(row: Any) -> tuple[int, int]:
    """So that a lead's first row is the last, as in a history."""
    return -_known_at(row.recorded_at), -row.version


def _known_at(micros: int | None) -> int:
    return ALWAYS if micros is None else micros


_Link = tuple[int, str]
"""Since when two leads are known to be one person, and by what."""


class _Joiner:
    """Joins leads one pair at a time; two that were put apart never meet, nor do the people that they became."""

    def __init__(self, apart: Iterable[tuple[str, str]]) -> None:
        self._cluster: dict[str, set[str]] = {}
        self._links: dict[str, list[tuple[str, _Link]]] = defaultdict(list)
        self._apart: dict[str, set[str]] = defaultdict(set)
        for one, other in apart:
            self._apart[one].add(other)
            self._apart[other].add(one)

    def join(self, one: str, others: Sequence[str], link: _Link) -> None:
        """Join a lead with the first of the others that it may be joined with."""
        mine = self._cluster.setdefault(one, {one})
        for other in others:
            theirs = self._cluster.setdefault(other, {other})
            if mine is theirs:
                return
            if self._may(mine, theirs):
                self._links[one].append((other, link))
                self._links[other].append((one, link))
                self._unite(mine, theirs)
                return

    def _may(self, mine: set[str], theirs: set[str]) -> bool:
        return not self._apart or not any(self._apart.get(each, set()) & theirs for each in mine)

    def _unite(self, mine: set[str], theirs: set[str]) -> None:
        small, large = sorted((mine, theirs), key=len)
        large |= small
        self._cluster.update(dict.fromkeys(small, large))

    def everyone(self) -> list[str]:
        """Every lead that was looked at."""
        return sorted(self._cluster)

    def clusters(self) -> list[set[str]]:
        """The people, each as the leads that it is."""
        return list({id(cluster): cluster for cluster in self._cluster.values() if len(cluster) > 1}.values())

    def links_from(self, first: str) -> dict[str, _Link]:
        """What links each lead of a person to its first: known since the last link between them, found by its own."""
        known: dict[str, _Link] = {first: (ALWAYS, "")}
        near = [first]
        while near:
            one = near.pop()
            for other, (at, found_by) in self._links[one]:
                if other not in known:
                    known[other] = (max(known[one][0], at), found_by)
                    near.append(other)
        return known
