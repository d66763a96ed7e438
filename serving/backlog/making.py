"""A list of open leads from the ledger: the whole of it, or the few lines that changed, by the same functions."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from features.history import NEVER, History, Ints
from features.history import read as read_history
from leadloop.clock import from_micros, now, to_micros
from leadloop.settings import Settings
from leadloop.store import changes, instant, outcomes, standing, tombstones
from leadloop.store.ledger import Ledger
from leadloop.store.standing import Standings
from models.priority import CELL_NAMES
from serving.backlog import promised
from serving.backlog.lines import FIGURES, LINE, Backlog, Ids, Lines, best_first
from serving.backlog.lots import lots_of
from serving.scorer import Scorer, existing, when
from serving.sla import Sla

AT_ONCE = 20_000
"""Leads that are scored in one call: their features are 10 or 20 MB, and all at once would be 100."""


@dataclass(frozen=True)
class Look:
    """What had changed lately when somebody looked: `rows`: leads and when; `buried`: hashes of erased leads.

    `live`: whether rows come in as they happen, so that time passes without any.
    """

    at: int
    rows: dict[str, int]
    buried: frozenset[str]
    live: bool


def look(ledger: Ledger, since: int | None = None) -> Look:
    """Look at what changed since an instant (None: now), and at the moments before in which others may have written."""
    at = to_micros(now())
    begin = (at if since is None else min(at, since)) - changes.LATE
    with ledger.reading() as connection:
        rows, buried = changes.since(connection, begin), tombstones.raised_since(connection, begin)
        return Look(at, rows, buried, instant.is_live(connection))


def make(ledger: Ledger, scorer: Scorer, settings: Settings, as_of: int | None = None) -> Backlog:
    """All open leads as known at `as_of` (None: now, or the newest instant of an imported history), ranked."""
    seen = look(ledger)  # first: what comes in from now on may or may not be in what is read below
    at = when(ledger, as_of)
    history = read_history(ledger, _cut(at), None, scorer.version.bundle.catalogue.read_apart)
    stand = _standings(ledger, history, at)
    leads = _open(history, stand, at)
    names: dict[str, int] = {}
    lines = _lines(_Making(scorer, Sla.of(settings), history, stand, at), leads, names)
    lines["stamp"] = seen.at
    taken = _taken(history, stand, settings, at, names)
    return Backlog(
        as_of=at,
        scorer=scorer,
        lead_ids=_ids(history, leads),
        lines=lines,
        order=best_first(lines["weight"]),
        names=tuple(names),
        leads=len(history),
        taken=taken,
        put_off=stand.put_off,
        looked_at=seen.at,
        seen=seen.rows,
        buried=seen.buried,
        live=seen.live,
        stamp=seen.at,
    )


def news(backlog: Backlog, seen: Look) -> set[str]:
    """The leads that the list does not know as they are: changed, erased, or put off until an instant that has come."""
    at = seen.at if seen.live else backlog.newest  # where nothing comes in, no time passes
    changed = {lead_id for lead_id, changed_at in seen.rows.items() if backlog.seen.get(lead_id) != changed_at}
    back = {lead_id for lead_id, until in backlog.put_off.items() if until <= at}
    return changed | back | _erased(backlog, seen.buried - backlog.buried)


def _erased(backlog: Backlog, buried: frozenset[str]) -> set[str]:
    if not buried:
        return set()
    listed = {*backlog.lead_ids.tolist(), *backlog.taken, *backlog.put_off}
    return {lead_id for lead_id in listed if tombstones.subject(lead_id) in buried}


def refreshed(backlog: Backlog, ledger: Ledger, settings: Settings, changed: Collection[str]) -> Backlog:
    """The list with the leads named as they are now, scored by the model that scored the others."""
    at, scorer = when(ledger, None), backlog.scorer
    history = read_history(ledger, _cut(at), sorted(changed), scorer.version.bundle.catalogue.read_apart)
    stand = _standings(ledger, history, at, history.people.all_of(changed))
    leads = _open(history, stand, at)
    names = dict(backlog.number_of)
    lines = _lines(_Making(scorer, Sla.of(settings), history, stand, at), leads, names)
    lines["stamp"] = stamp = max(to_micros(now()), backlog.stamp + 1)
    mine = {*changed, *history.people.all_of(changed)}
    return replace(
        backlog.with_lines(sorted(mine), _ids(history, leads), lines),
        names=tuple(names),
        taken=_but(backlog.taken, mine) | _taken(history, stand, settings, at, names),
        put_off=_but(backlog.put_off, mine) | stand.put_off,
        stamp=stamp,
    )


def _but(known: Mapping[str, int], mine: set[str]) -> dict[str, int]:
    return {lead_id: value for lead_id, value in known.items() if lead_id not in mine}


def _cut(at: int) -> int | None:
    return None if at == NEVER else at


def _standings(ledger: Ledger, history: History, at: int, lead_ids: Sequence[str] | None = None) -> Standings:
    with ledger.reading() as connection:
        return standing.of(outcomes.read(connection, _cut(at), lead_ids), history.people, at)


def _open(history: History, stand: Standings, at: int) -> Ints:
    leads = existing(history, at)
    return leads[[history.lead_ids[i] not in stand.closed for i in leads.tolist()]] if len(leads) else leads


def _ids(history: History, leads: Ints) -> Ids:
    found = np.empty(len(leads), dtype=object)
    found[:] = [history.lead_ids[i] for i in leads.tolist()]
    return found


@dataclass(frozen=True)
class _Making:
    """What lines are made of."""

    scorer: Scorer
    sla: Sla | None
    history: History
    stand: Standings
    at: int


def _lines(made: _Making, leads: Ints, names: dict[str, int]) -> Lines:
    """A line a lead; names that are new are numbered in `names`."""
    lines = np.zeros(len(leads), dtype=LINE)
    lines["scored_at"] = made.at
    for start, some in _chunks(leads):
        _fill(made, some, names, lines[start : start + len(some)])
    return lines


def _fill(made: _Making, leads: Ints, names: dict[str, int], lines: Lines) -> None:
    history, at = made.history, made.at
    scores = made.scorer.score(history, leads, np.full(len(leads), at)).scores
    for name in FIGURES:
        lines[name] = getattr(scores, name)
    lines["cell"] = [CELL_NAMES.index(cell) for cell in scores.cell.tolist()]
    given = [history.attributes_at(lead, at) for lead in leads.tolist()]
    for name in ("owner", "source"):
        lines[name] = [_numbered(names, known.get(name)) for known in given]
    ids = [history.lead_ids[lead] for lead in leads.tolist()]
    lines["lot"] = lots_of(ids)
    lines["fresh"] = [name not in made.stand.last for name in ids]
    lines["created_at"] = history.created_at[leads]
    lines["since"] = since = promised.clocks(made.sla, history, leads, made.stand)
    sources = [_named(known.get("source")) for known in given]
    lines["due_at"] = due_at = promised.due(made.sla, scores.cell, sources, since)
    k = made.scorer.version.bundle.population.reach_later
    figures = scores.importance, scores.urgency, scores.priority
    lines["weight"] = promised.weights(made.sla, k, figures, due_at, since, at)


def _named(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


def _chunks(leads: Ints) -> Iterator[tuple[int, Ints]]:
    for start in range(0, len(leads), AT_ONCE):
        yield start, leads[start : start + AT_ONCE]


def _numbered(names: dict[str, int], name: object) -> int:
    text = _named(name)
    return -1 if text is None else names.setdefault(text, len(names))


def _taken(history: History, stand: Standings, settings: Settings, at: int, names: dict[str, int]) -> dict[str, int]:
    """Leads that were taken on since midnight, open or done with, and the number of their owner."""
    since = midnight(settings, at)
    today = {lead_id for lead_id, taken_at in stand.taken_at.items() if since <= taken_at <= at}
    found = ((i, lead_id) for i, lead_id in enumerate(history.lead_ids) if lead_id in today) if today else ()
    return {lead_id: _numbered(names, history.attributes_at(i, at).get("owner")) for i, lead_id in found}


def midnight(settings: Settings, at: int) -> int:
    """When the day of an instant began by the customer's clock; the end of time in an undated ledger."""
    if at == NEVER:
        return int(NEVER)
    local = from_micros(at).astimezone(settings.zone) if settings.zone else from_micros(at)
    return to_micros(local.replace(hour=0, minute=0, second=0, microsecond=0))
