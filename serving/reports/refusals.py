"""The report on refusals: why sales would not work leads, where those came from, and what that cost."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from sqlalchemy import Connection

from features.history import ALWAYS
from leadloop.clock import DAY
from leadloop.store import leads, outcomes
from leadloop.store.leads import Origin
from leadloop.store.outcomes import StoredOutcome
from models.reasons import FAMILIES, OTHER, codes
from serving.reports.ask import Ask
from serving.reports.months import Months, zone_of
from serving.reports.report import Column, Report, Table, first_rows

EXAMPLES = 5
ROWS_SHOWN = 60
UNSAID = "none"
"""Where no reason was written down."""
Meant = Mapping[str | None, str | None]
"""The shipped reason that each text stands for."""
_SEEN = frozenset({"accepted", "contacted", "sql", "opportunity", "won"})


@dataclass(frozen=True)
class Refusal:
    """One lead refused once. `unread`: neither accepted nor contacted before; `days`: since it came in."""

    lead_id: str
    reason: str
    source: str
    campaign: str
    month: str
    unread: bool
    days: float | None


def report(connection: Connection, ask: Ask) -> Report:
    """Refusals by reason, source, campaign and month, duplicates included: each is a lead that somebody looked at."""
    rows, came = _asked(outcomes.read(connection, ask.cut), _came(leads.origins(connection, ask.cut)), ask)
    meant = codes((row.reason for row in rows), ask.settings.reasons)
    refusals = [each for each in _refusals(rows, came, meant, ask) if ask.only.get("month", each.month) == each.month]
    brought = {name: Counter(getattr(each, name) for each in came.values()) for name in ("source", "campaign")}
    by = {name: _grouped(refusals, name, brought[name], ask) for name in ("source", "campaign")}
    reasons, months = _reasons(refusals, rows, meant, ask), _grouped(refusals, "month", Counter(), ask)
    detail = _detail(refusals)
    data = {
        "as_of": ask.shown,
        "currency": ask.settings.currency,
        "leads": len(came),
        "refusals": len(refusals),
        "unread": sum(each.unread for each in refusals),
        "total": _summary(refusals, len(refusals), ask),
        "reasons": reasons,
        "sources": by["source"],
        "campaigns": by["campaign"],
        "months": months,
        "rows": detail,
    }
    tables = [_reason_table(reasons, ask), *(_table(by[name], name, ask) for name in by), _table(months, "month", ask)]
    everything = _detail_table(detail, ask)
    return Report(
        "rejections",
        ask.lang,
        ask.say("rejections title"),
        data,
        [*tables, first_rows(everything, ROWS_SHOWN, ask.lang)],
        _notes(refusals, ask),
        everything,
    )


@dataclass
class _Came:
    """What a lead first came in by, and when."""

    created_at: int | None
    source: str = ""
    campaign: str = ""


def _came(rows: Iterable[Origin]) -> dict[str, _Came]:
    found: dict[str, _Came] = {}
    for row in sorted(rows, key=lambda r: (ALWAYS if r.recorded_at is None else r.recorded_at, r.version)):
        one = found.setdefault(row.lead_id, _Came(row.created_at))
        one.source = one.source or str(row.source or "")
        one.campaign = one.campaign or str(row.campaign or "")
    return found


def _asked(
    rows: Sequence[StoredOutcome], came: Mapping[str, _Came], ask: Ask
) -> tuple[Sequence[StoredOutcome], Mapping[str, _Came]]:
    """The rows of the source and campaign asked for, "" being that of leads that name none."""
    wanted = {name: ask.only[name] for name in ("source", "campaign") if name in ask.only}
    if not wanted:
        return rows, came
    mine = {i: each for i, each in came.items() if all(getattr(each, name) == key for name, key in wanted.items())}
    return [row for row in rows if row.lead_id in mine], mine


def _refusals(rows: Sequence[StoredOutcome], came: Mapping[str, _Came], meant: Meant, ask: Ask) -> list[Refusal]:
    refused = [row for row in rows if row.stage == "rejected"]
    at = np.array([ALWAYS if row.occurred_at is None else row.occurred_at for row in refused], dtype=np.int64)
    months = Months.of(at, ask.as_of, zone_of(ask.settings))
    names = np.array([*months.names, ""], dtype=object)[months.number(at)].tolist()
    seen = _first_seen(rows)
    nobody = _Came(None)
    return [
        _refusal(row, came.get(row.lead_id, nobody), (meant[row.reason] or UNSAID, month), seen)
        for row, month in zip(refused, names, strict=True)
    ]


def _refusal(row: StoredOutcome, came: _Came, what: tuple[str, str], seen: Mapping[str, int]) -> Refusal:
    at, (reason, month) = row.occurred_at or 0, what
    dated = row.occurred_at is not None and came.created_at is not None
    return Refusal(
        row.lead_id,
        reason,
        came.source,
        came.campaign,
        month,
        unread=row.lead_id not in seen or seen[row.lead_id] > at,
        days=max(at - (came.created_at or 0), 0) / DAY if dated else None,
    )


def _first_seen(rows: Iterable[StoredOutcome]) -> dict[str, int]:
    """When somebody first took each lead on, or called."""
    found: dict[str, int] = {}
    for row in rows:
        if row.stage in _SEEN:
            at = row.occurred_at or 0
            found[row.lead_id] = min(found.get(row.lead_id, at), at)
    return found


def _summary(some: Sequence[Refusal], total: int, ask: Ask) -> dict[str, Any]:
    """`lead_days`: how long they waited for it in all; `worth`: chance times value on arrival, by today's model;
    `cost`: what marketing paid for them, None where no setting says.
    """
    worth = [ask.arrival.worth[lead_id] for lead_id in {each.lead_id for each in some} if lead_id in ask.arrival.worth]
    days = [each.days for each in some if each.days is not None]
    return {
        "count": len(some),
        "share": len(some) / total if total else None,
        "unread": sum(each.unread for each in some),
        "unread_share": sum(each.unread for each in some) / len(some) if some else None,
        "median_days_to_refusal": median(days) if days else None,
        "lead_days": sum(days) if days else None,
        "worth": sum(sorted(worth)) if ask.arrival.true_chances else None,
        "cost": _cost(some, ask),
        "examples": sorted({each.lead_id for each in some})[:EXAMPLES],
    }


def _cost(some: Sequence[Refusal], ask: Ask) -> float | None:
    paid = ask.settings.lead_costs
    once = {each.lead_id: (each.source, each.campaign) for each in some}
    known = [cost for origin in once.values() if paid and (cost := paid.of(*origin)) is not None]
    return sum(sorted(known)) if known else None


def _split(refusals: Iterable[Refusal], key: Callable[[Refusal], Any]) -> dict[Any, list[Refusal]]:
    found: defaultdict[Any, list[Refusal]] = defaultdict(list)
    for each in refusals:
        found[key(each)].append(each)
    return dict(found)


def _reasons(
    refusals: Sequence[Refusal], rows: Iterable[StoredOutcome], meant: Meant, ask: Ask
) -> list[dict[str, Any]]:
    """By reason, beside how often the same was said of leads that were lost, or given back."""
    other = Counter((row.stage, meant[row.reason] or UNSAID) for row in rows)
    found = [
        {
            "reason": reason,
            "family": FAMILIES.get(reason, OTHER) if reason != UNSAID else None,
            **_summary(some, len(refusals), ask),
            "lost": other["lost", reason],
            "recycled": other["recycled", reason],
        }
        for reason, some in _split(refusals, lambda each: each.reason).items()
    ]
    return sorted(found, key=lambda each: (-each["count"], each["reason"]))


def _grouped(refusals: Sequence[Refusal], name: str, brought: Counter[str], ask: Ask) -> list[dict[str, Any]]:
    """By source, campaign or month; `rejected_share`: of the leads that it brought, where that is known."""
    found = []
    for key, some in _split(refusals, lambda each: getattr(each, name)).items():
        main = Counter(each.reason for each in some)
        refused = len({each.lead_id for each in some})
        found.append(
            {
                name: key or None,
                **_summary(some, len(refusals), ask),
                "leads": brought[key] or None,
                "rejected_share": refused / brought[key] if brought[key] else None,
                "main_reason": min(main, key=lambda reason: (-main[reason], reason)),
            }
        )
    order = (lambda each: each[name] or "") if name == "month" else (lambda each: (-each["count"], each[name] or ""))
    return sorted(found, key=order)


def _detail(refusals: Sequence[Refusal]) -> list[dict[str, Any]]:
    """Every combination of reason, source, campaign and month that there is."""
    names = ("reason", "source", "campaign", "month")
    some = _split(refusals, lambda each: tuple(getattr(each, name) for name in names))
    rows = [
        {
            **{name: part or None for name, part in zip(names, key, strict=True)},
            "count": len(each),
            "unread": sum(one.unread for one in each),
        }
        for key, each in some.items()
    ]
    return sorted(rows, key=lambda row: (-row["count"], *(row[name] or "" for name in names)))


def _reason_table(reasons: Sequence[dict[str, Any]], ask: Ask) -> Table:
    columns = (
        *(Column("reason"), Column("family"), Column("count", "count"), Column("share", "share")),
        *(Column("unread_share", "share"), Column("median_days_to_refusal", "days")),
        *([Column("worth", "money")] if ask.arrival.true_chances else []),
        *([Column("cost", "money")] if ask.settings.lead_costs else []),
        *(Column("lost", "count"), Column("recycled", "count"), Column("examples", "long")),
    )
    rows = [
        (
            *(ask.say(f"reason {row['reason']}"), ask.say(f"family {row['family']}") if row["family"] else None),
            *(row[column.name] for column in columns[2:-1]),
            ", ".join(row["examples"]),
        )
        for row in reasons
    ]
    return Table(ask.say("refusals by reason"), columns, rows, ask.say("unread says"))


def _table(grouped: Sequence[dict[str, Any]], name: str, ask: Ask) -> Table:
    whole = () if name == "month" else (Column("leads", "count"), Column("rejected_share", "share"))
    columns = (Column(name), Column("count", "count"), *whole, Column("unread_share", "share"))
    columns += (Column("median_days_to_refusal", "days"), Column("main_reason"))
    rows = [
        (
            row[name] or ask.say("not given"),
            *(row[each.name] for each in columns[1:-1]),
            ask.say(f"reason {row['main_reason']}"),
        )
        for row in (reversed(grouped) if name == "month" else grouped)
    ]
    return Table(ask.say(f"refusals by {name}"), columns, rows)


def _detail_table(detail: Sequence[dict[str, Any]], ask: Ask) -> Table:
    columns = (Column("reason"), Column("source"), Column("campaign"), Column("month"), Column("count", "count"))
    rows = [
        (ask.say(f"reason {row['reason']}"), row["source"], row["campaign"], row["month"], row["count"])
        for row in detail
    ]
    return Table(ask.say("refusals in detail"), columns, rows)


def _notes(refusals: Sequence[Refusal], ask: Ask) -> list[str]:
    dated = any(each.month for each in refusals)
    notes = [] if dated or not refusals else [ask.say("undated refusals")]
    return [*notes, ask.say("worth says", version=ask.arrival.version)] if ask.arrival.true_chances else notes
