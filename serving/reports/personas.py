"""The report on personas: who wins, in rules that a person can read, and whether that is whom the company aims at."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import Connection

from features.history import ALWAYS, NEVER
from leadloop.clock import DAY
from serving.reports.ask import Ask
from serving.reports.facts import Facts, Flags
from serving.reports.placing import Placed
from serving.reports.rates import Rate, ripeness
from serving.reports.report import Column, Figure, Report, Table
from serving.reports.sources import FEW, amounts_of, won_share

LATELY_DAYS = 90


def report(connection: Connection, ask: Ask) -> Report:
    """Personas by their share of wins among leads that had no part in finding them; then the declared target."""
    facts, known = ask.facts(connection), ask.placed or Placed(None, None, {}, None)
    rows = _personas(facts, known, ask)
    target = _target(facts, known, ask)
    data = {
        "as_of": ask.shown,
        "model_version": known.version,
        "currency": ask.settings.currency,
        "target": {name: list(values) for name, values in ask.settings.target.items()},
        "personas": rows,
        "by_target": target,
    }
    tables = [_persona_table(rows, known, ask)]
    tables += [_target_table(target, ask)] if target else []
    return Report("personas", ask.lang, ask.say("personas title"), data, tables, _notes(known, rows, ask))


def _personas(facts: Facts, known: Placed, ask: Ask) -> list[dict[str, Any]]:
    if known.personas is None:
        return []
    place = np.array([known.of.get(lead_id, -1) for lead_id in facts.lead_ids], dtype=np.int64)
    aimed = _aimed(facts, known)
    lately = facts.counted & (facts.created_at != ALWAYS) & (facts.created_at > ask.as_of - LATELY_DAYS * DAY)
    rows = []
    for number, one in enumerate(known.personas.each):
        mine, judged = facts.counted & (place == number), one.judged
        rate = Rate(int(judged["wins"]), int(judged["leads"]))
        rows.append(
            {
                "persona": {lang: known.personas.told(one, lang) for lang in ("en", "fr")},
                "judged": rate.of,
                "won_rate": rate.as_json(),
                "learned_rate": Rate(int(one.learned["wins"]), int(one.learned["leads"])).as_json(),
                "value_per_lead": judged["value"] / rate.of if rate.of else None,
                "leads": int(mine.sum()),
                "share": _share(mine, facts.counted),
                "lately": int((mine & lately).sum()),
                "lately_share": _share(mine & lately, lately),
                "in_target": _share(mine & aimed, mine) if aimed is not None else None,
            }
        )
    return sorted(rows, key=lambda row: (-(row["won_rate"]["rate"] or 0.0), -row["leads"]))


def _share(some: Flags, of: Flags) -> float | None:
    return float(some.sum() / of.sum()) if of.any() else None


def _aimed(facts: Facts, known: Placed) -> Flags | None:
    if known.aimed_at is None:
        return None
    return np.array([lead_id in known.aimed_at for lead_id in facts.lead_ids], dtype=bool)


def _target(facts: Facts, known: Placed, ask: Ask) -> list[dict[str, Any]]:
    """Who is within the declared target and who is not: the target was not learned, so that all leads may judge it."""
    aimed = _aimed(facts, known)
    if aimed is None:
        return []
    given, amounts = ripeness(facts), amounts_of(facts, ask)
    return [
        {"group": name, **_group(facts, ask, given, facts.counted & mine, amounts)}
        for name, mine in (("in target", aimed), ("out of target", ~aimed))
    ]


def _group(
    facts: Facts, ask: Ask, given: Mapping[str, float], mine: Flags, amounts: Mapping[str, float]
) -> dict[str, Any]:
    value = sum(amounts.get(facts.lead_ids[i], 0.0) for i in np.flatnonzero(mine).tolist())
    n = int(mine.sum())
    refused = int((mine & (facts.first["rejected"] != NEVER)).sum())
    return {
        "leads": n,
        "share": _share(mine, facts.counted),
        "won_rate": won_share(facts, ask, given, mine).as_json(),
        "rejected_share": refused / n if n else None,
        "value_per_lead": value / n if n else None,
    }


def _persona_table(rows: list[dict[str, Any]], known: Placed, ask: Ask) -> Table:
    columns = [Column("persona", "long"), Column("won_rate", "share"), Column("judged_leads", "count")]
    columns += [Column("value_per_lead", "money"), Column("share_of_leads", "share"), Column("lately_share", "share")]
    columns += [Column("in_target", "share")] if known.aimed_at is not None else []
    columns += [Column("few")]
    lines = []
    for row in rows:
        line = [row["persona"][ask.lang], _figure(row["won_rate"]), row["judged"], row["value_per_lead"]]
        line += [row["share"], row["lately_share"], *([row["in_target"]] if known.aimed_at is not None else [])]
        lines.append([*line, ask.say("few leads") if row["judged"] < FEW else None])
    return Table(ask.say("personas found"), columns, lines, ask.say("personas say", days=LATELY_DAYS) if rows else "")


def _target_table(target: list[dict[str, Any]], ask: Ask) -> Table:
    columns = [Column("target"), Column("leads", "count"), Column("share", "share"), Column("won_rate", "share")]
    columns += [Column("rejected_share", "share"), Column("value_per_lead", "money")]
    lines = [
        [
            *(ask.say(row["group"]), row["leads"], row["share"], _figure(row["won_rate"])),
            *(row["rejected_share"], row["value_per_lead"]),
        ]
        for row in target
    ]
    declared = "; ".join(f"{name}: {', '.join(values)}" for name, values in ask.settings.target.items())
    return Table(ask.say("target title"), columns, lines, ask.say("target says", declared=declared))


def _figure(rate: Mapping[str, Any]) -> Figure:
    return Figure(rate["rate"], *(rate["interval"] or ()))


def _notes(known: Placed, rows: list[dict[str, Any]], ask: Ask) -> list[str]:
    notes = []
    if known.personas is None:
        notes.append(ask.say("no personas"))
    elif len(rows) == 1:
        notes.append(ask.say("one persona"))
    else:
        notes.append(ask.say("personas judged", version=known.version))
    if known.aimed_at is None:
        notes.append(ask.say("no target"))
    return notes
