"""The report on the first contact: what was promised, what was kept, what is at risk now, and how fast sales called."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from features.history import ALWAYS, NEVER, Floats
from leadloop.clock import HOUR, isoformat
from serving.reports.ask import Ask
from serving.reports.deadlines import OPEN, Promised, cells_of, judged
from serving.reports.facts import Facts, Flags
from serving.reports.months import Months, zone_of
from serving.reports.rates import Rate, ripe, ripeness
from serving.reports.report import Column, Figure, Report, Table, first_rows

SHOWN_AT_RISK = 50
COUNTS = ("kept", "late", "lapsed", *OPEN, "closed")
SPEEDS = ((1, "within the hour"), (24, "within a day"), (24 * 7, "within a week"), (None, "after a week"))
"""Clock hours from delivery to first contact."""


@dataclass(frozen=True)
class _Found:
    """What the tables are made from, an entry a lead; hours are NaN where there was no contact, or no date."""

    facts: Facts
    promised: Promised
    asked: Flags
    hours: Floats
    working: Floats


def report(connection: Connection, ask: Ask) -> Report:
    """The first contact by month, source, owner and cell."""
    facts = ask.facts(connection, ask.sla.since if ask.sla else None)
    found = _found(facts, judged(facts, ask.sla, ask.as_of, ask.cells), ask)
    months = Months.of(facts.since[facts.counted], ask.as_of, zone_of(ask.settings))
    groups = {name: _rows(found, keys) for name, keys in _keys(found, months, ask).items()}
    speeds, waiting = _speeds(found, ask), _waiting(found, ask)
    data = {
        "as_of": ask.shown,
        "promised": ask.sla is not None,
        "total": _row(found, found.asked),
        **{f"by_{name}": rows for name, rows in groups.items()},
        "speeds": speeds,
        "at_risk": waiting,
    }
    tables = [*(_table(name, rows, ask) for name, rows in groups.items() if rows), _speed_table(speeds, ask)]
    if ask.sla:
        tables.insert(0, _waiting_table(waiting, ask))
    return Report(
        "sla", ask.lang, ask.say("sla title"), data, tables, _notes(found, ask), tables[1] if ask.sla else None
    )


def _found(facts: Facts, of: Promised, ask: Ask) -> _Found:
    start, end = facts.since, of.contacted_at
    both = facts.counted & facts.timed & (start != ALWAYS) & (end != ALWAYS) & (end != NEVER) & (end <= ask.as_of)
    hours, working = np.full(len(facts), np.nan), np.full(len(facts), np.nan)
    hours[both] = np.maximum(end[both] - start[both], 0) / HOUR
    if ask.sla:
        working[both] = np.maximum(ask.sla.working(start[both], end[both]), 0) / HOUR
    return _Found(facts, of, facts.counted & (start != ALWAYS), hours, working)


def _keys(found: _Found, months: Months, ask: Ask) -> dict[str, NDArray[np.object_]]:
    """What leads are parted by; months from the newest on."""
    facts, none = found.facts, ask.say("not given")
    number = months.number(facts.since)
    month = np.array([*months.names, ""], dtype=object)[number]
    keys = {"month": month, "source": facts.source, "owner": facts.owner}
    if ask.cells:
        keys["cell"] = cells_of(facts, ask.cells)
    return {name: np.where(names == "", none, names) for name, names in keys.items()}


def _rows(found: _Found, keys: NDArray[np.object_]) -> list[dict[str, Any]]:
    names = sorted(set(keys[found.asked].tolist()))
    return [{"name": name, **_row(found, found.asked & (keys == name))} for name in names]


def _row(found: _Found, among: Flags) -> dict[str, Any]:
    state = found.promised.state
    counts = {name: int((among & (state == name)).sum()) for name in COUNTS}
    over = Rate(counts["kept"], sum(counts[name] for name in ("kept", "late", "lapsed", "missed")))
    return {
        "leads": int(among.sum()),
        **counts,
        "kept_share": over.value,
        **_spread("hours", found.hours[among]),
        **_spread("working", found.working[among]),
    }


def _spread(name: str, hours: Floats) -> dict[str, float | None]:
    known = hours[~np.isnan(hours)]
    middle, slow = (float(each) for each in np.quantile(known, [0.5, 0.9])) if len(known) else (None, None)
    return {f"median_{name}": middle, f"slow_{name}": slow}


def _table(by: str, rows: list[dict[str, Any]], ask: Ask) -> Table:
    counted = ("leads", *COUNTS) if ask.sla else ("leads",)
    shares = ("kept_share",) if ask.sla else ()
    timed = (
        ("median_working", "slow_working", "median_hours", "slow_hours") if ask.sla else ("median_hours", "slow_hours")
    )
    columns = [
        Column(by),
        *(Column(name, "count") for name in counted),
        *(Column(name, "share") for name in shares),
        *(Column(name, "hours") for name in timed),
    ]
    names = [column.name for column in columns[1:]]
    shown = reversed(rows) if by == "month" else rows
    return Table(ask.say(f"sla by {by}"), columns, [[row["name"], *(row[name] for name in names)] for row in shown])


def _waiting(found: _Found, ask: Ask) -> list[dict[str, Any]]:
    """Leads at risk now, by id alone, the most urgent first."""
    if ask.sla is None:
        return []
    due, facts = found.promised.due_at, found.facts
    risky = sorted(np.flatnonzero(found.asked & (found.promised.state == "at_risk")).tolist(), key=lambda i: due[i])
    left = ask.sla.time_left(due[risky], ask.as_of).tolist()
    return [
        {"lead_id": facts.lead_ids[i], "due_at": isoformat(int(due[i])), "time_left_hours": hours}
        for i, hours in zip(risky, left, strict=True)
    ]


def _waiting_table(waiting: list[dict[str, Any]], ask: Ask) -> Table:
    columns = (Column("lead"), Column("due_at"), Column("time_left_hours", "hours"))
    rows = [tuple(each.values()) for each in waiting]
    return first_rows(Table(ask.say("sla waiting"), columns, rows), SHOWN_AT_RISK, ask.lang)


def _speeds(found: _Found, ask: Ask) -> list[dict[str, Any]]:
    """What came of leads by how fast they were contacted; of those old enough to tell."""
    given = ripeness(found.facts)
    days = sum(given.get(stage, 0.0) for stage in ("sql", "opportunity", "won"))
    contacted_at = found.promised.contacted_at
    old = ~np.isnan(found.hours) & ripe(found.facts, contacted_at, ask.as_of, days)
    won, rows, low = found.facts.first["won"] != NEVER, [], -1.0
    for most, name in SPEEDS:
        these = old & (found.hours > low) & (found.hours <= (np.inf if most is None else most))
        rate = Rate(int((these & won).sum()), int(these.sum()))
        rows.append(
            {"speed": name, "leads": rate.of, "wins": rate.reached, "won_rate": rate.value, "interval": rate.interval}
        )
        low = np.inf if most is None else float(most)
    return rows


def _speed_table(speeds: list[dict[str, Any]], ask: Ask) -> Table:
    columns = (Column("speed"), Column("leads", "count"), Column("wins", "count"), Column("won_rate", "share"))
    rows = [
        (ask.say(each["speed"]), each["leads"], each["wins"], Figure(each["won_rate"], *(each["interval"] or ())))
        for each in speeds
    ]
    return Table(ask.say("sla speeds"), columns, rows, ask.say("speed is no cause"))


def _notes(found: _Found, ask: Ask) -> list[str]:
    notes = [] if ask.sla else [ask.say("no sla")]
    if not found.facts.dated:
        notes.append(ask.say("undated sla"))
    elif found.facts.told_from != ALWAYS:
        notes.append(ask.say("told at once", day=isoformat(found.facts.told_from)[:10]))
    if not found.facts.contacts_recorded:
        notes.append(ask.say("no contacts recorded"))
    if ask.sla and not ask.cells and any(each.cell for each in ask.sla.promises):
        notes.append(ask.say("no cells"))
    return notes
