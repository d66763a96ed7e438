"""The report on sources, or campaigns: what each brings, how far it comes, what it is worth and why it is refused."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
from sqlalchemy import Connection

from features.history import NEVER
from models.reasons import codes
from serving.reports.ask import Ask
from serving.reports.facts import WAYS_OUT, Facts, Flags
from serving.reports.rates import STAGES, Rate, ripe, ripeness, steps
from serving.reports.report import Column, Figure, Report, Table

FEW = 30
"""Leads; what fewer brought is marked, and its share of wins is held near that of all."""


def of_sources(connection: Connection, ask: Ask) -> Report:
    """By what leads first came in by."""
    return _report(connection, ask, "source")


def of_campaigns(connection: Connection, ask: Ask) -> Report:
    """By the campaign that they first came in by."""
    return _report(connection, ask, "campaign")


def _report(connection: Connection, ask: Ask, by: str) -> Report:
    facts = ask.facts(connection)
    keys, why, amounts = getattr(facts, by), _reasons(facts, ask.settings.reasons), amounts_of(facts, ask)
    given, everyone = ripeness(facts), facts.counted
    overall = won_share(facts, ask, given, everyone)
    rows = []
    for name in sorted(set(keys[everyone].tolist())):
        mine = everyone & (keys == name)
        won = won_share(facts, ask, given, mine)
        figures = {**_wins(won, overall), **_expected(facts, ask, given, mine), **_worth(facts, amounts, mine, why)}
        row = {by: name or None, **_row(facts, ask, given, mine), **figures}
        rows.append({**row, **_costs(facts, ask, mine, row)})
    rows.sort(key=lambda row: (-row["leads"], row[by] or ""))
    data = {"as_of": ask.shown, "currency": ask.settings.currency, "won": overall.as_json(), f"{by}s": rows}
    tables = [_volumes(rows, by, ask), _conversions(rows, by, ask)]
    tables += [_returns(rows, by, ask)] if any(row["cost"] is not None for row in rows) else []
    return Report(f"{by}s", ask.lang, ask.say(f"{by}s title"), data, tables, _notes(facts, ask))


def _row(facts: Facts, ask: Ask, given: Mapping[str, float], mine: Flags) -> dict[str, Any]:
    counts = {stage: int((mine & (facts.reached[stage] != NEVER)).sum()) for stage in STAGES[1:]}
    rates = {step.stage: step.rate.as_json() for step in steps(facts, ask.as_of, given, mine)}
    mql, judged = (int((mine & (at != NEVER)).sum()) for at in (facts.first["mql"], facts.heard))
    rejected = int((mine & (facts.first["rejected"] != NEVER)).sum())
    leads = int(mine.sum())
    return {
        "leads": leads,
        "mql": mql,
        "judged": judged,
        **counts,
        "rejected": rejected,
        "few": leads < FEW,
        "rates": rates,
    }


def old_enough(facts: Facts, ask: Ask, given: Mapping[str, float], mine: Flags) -> Flags:
    """Leads that have had the days that wins take from end to end."""
    days = sum(given.values()) if given else None
    return mine & ripe(facts, np.where(facts.counted, facts.since, NEVER), ask.as_of, days)


def _expected(facts: Facts, ask: Ask, given: Mapping[str, float], mine: Flags) -> dict[str, Any]:
    """Wins that the model expected, on their arrival, of leads that sales looked at, and the wins that they became."""
    if not ask.arrival.true_chances:
        return {"expected_wins": None, "real_wins": None}
    these = np.flatnonzero(old_enough(facts, ask, given, mine) & (facts.heard != NEVER)).tolist()
    known = [i for i in these if facts.lead_ids[i] in ask.arrival.p_win]
    wins = int((facts.first["won"][known] != NEVER).sum())
    return {"expected_wins": sum(ask.arrival.p_win[facts.lead_ids[i]] for i in known), "real_wins": wins}


def won_share(facts: Facts, ask: Ask, given: Mapping[str, float], mine: Flags) -> Rate:
    """The share of wins among them."""
    old = old_enough(facts, ask, given, mine)
    return Rate(int((old & (facts.first["won"] != NEVER)).sum()), int(old.sum()))


def _wins(won: Rate, overall: Rate) -> dict[str, Any]:
    return {"won_rate": won.as_json(), "won_rate_shrunk": shrunk(won, overall)}


def shrunk(won: Rate, overall: Rate) -> float | None:
    """The share of wins as if as many average leads had come along as it takes for one win.

    >>> shrunk(Rate(1, 1), Rate(10, 100)), shrunk(Rate(100, 1000), Rate(10, 100))
    (0.18181818181818182, 0.1)
    """
    share = overall.value
    return None if not share else (won.reached + 1.0) / (won.of + 1.0 / share)


def amounts_of(facts: Facts, ask: Ask) -> dict[str, float]:
    """What each lead brought, in the configured currency."""
    found: defaultdict[str, float] = defaultdict(float)
    for row in facts.outcomes:
        ours = (row.currency or ask.settings.currency) == ask.settings.currency
        if row.stage == "won" and row.amount is not None and ours:
            found[row.lead_id] += row.amount
    return found


def _reasons(facts: Facts, own: Mapping[str, str]) -> dict[str, str]:
    """Why each lead left, in our words, where somebody said; the last word counts."""
    meant = codes((row.reason for row in facts.outcomes), own)
    said = ((row.lead_id, meant[row.reason]) for row in facts.outcomes if row.stage in WAYS_OUT)
    return {lead_id: reason for lead_id, reason in said if reason}


def _worth(facts: Facts, amounts: Mapping[str, float], mine: Flags, why: Mapping[str, str]) -> dict[str, Any]:
    ids = [facts.lead_ids[i] for i in np.flatnonzero(mine).tolist()]
    value = sum(amounts.get(lead_id, 0.0) for lead_id in ids)
    reasons = Counter(why[lead_id] for lead_id in ids if lead_id in why).most_common()
    main = min((reason for reason, n in reasons if n == reasons[0][1]), default=None)
    return {"value": value, "value_per_lead": value / len(ids) if ids else None, "main_reason": main}


def _costs(facts: Facts, ask: Ask, mine: Flags, row: Mapping[str, Any]) -> dict[str, Any]:
    """What marketing paid, a win costs, and came back of it; None where a lead's cost is not known."""
    paid = ask.settings.lead_costs
    origins = zip(facts.source[mine].tolist(), facts.campaign[mine].tolist(), strict=True)
    each = [paid.of(source, campaign) if paid else None for source, campaign in origins]
    known = [cost for cost in each if cost is not None]
    cost = sum(sorted(known)) if known and len(known) == len(each) else None
    wins = row["won"]
    return {
        "cost": cost,
        "cost_per_sql": cost / row["sql"] if cost is not None and row["sql"] else None,
        "cost_per_win": cost / wins if cost is not None and wins else None,
        "returned": row["value"] / cost if cost else None,
    }


def _returns(rows: list[dict[str, Any]], by: str, ask: Ask) -> Table:
    names = ("cost", "cost_per_sql", "cost_per_win", "value")
    columns = [Column(by), Column("leads", "count"), *(Column(name, "money") for name in names)]
    columns.append(Column("returned", "figure"))
    lines = [[row[by] or ask.say("not given"), *(row[each.name] for each in columns[1:])] for row in rows]
    return Table(ask.say("returns title"), columns, lines, ask.say("returns say", currency=ask.settings.currency))


def _volumes(rows: list[dict[str, Any]], by: str, ask: Ask) -> Table:
    names = ("leads", "mql", *STAGES, "rejected")
    columns = [Column(by), *(Column(name, "count") for name in names)]
    columns += [Column("value", "money"), Column("value_per_lead", "money"), Column("main_reason")]
    lines = [
        [
            row[by] or ask.say("not given"),
            *(row[name] for name in names),
            *(row["value"], row["value_per_lead"]),
            row["main_reason"] and ask.say(f"reason {row['main_reason']}"),
        ]
        for row in rows
    ]
    return Table(ask.say("volumes title"), columns, lines, ask.say("value says", currency=ask.settings.currency))


def _conversions(rows: list[dict[str, Any]], by: str, ask: Ask) -> Table:
    model = ("expected_wins", "real_wins") if ask.arrival.true_chances else ()
    columns = [Column(by), *(Column(stage, "share") for stage in STAGES), Column("won_rate", "share")]
    columns += [Column("shrunk", "share"), *(Column(name, "days") for name in model), Column("few")]
    lines = [
        [
            row[by] or ask.say("not given"),
            *(_figure(row["rates"][stage]) for stage in STAGES),
            _figure(row["won_rate"]),
            row["won_rate_shrunk"],
            *(row[name] for name in model),
            ask.say("few leads") if row["few"] else None,
        ]
        for row in rows
    ]
    return Table(ask.say("conversions title"), columns, lines, ask.say("conversions say", few=FEW))


def _figure(rate: Mapping[str, Any]) -> Figure:
    return Figure(rate["rate"], *(rate["interval"] or ()))


def _notes(facts: Facts, ask: Ask) -> list[str]:
    notes = [] if facts.dated else [ask.say("undated rates")]
    return [*notes, ask.say("model says", version=ask.arrival.version)] if ask.arrival.true_chances else notes
