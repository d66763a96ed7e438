"""The report on samples: what sales says of planned campaigns' leads before they are launched."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from leadloop.clock import isoformat
from leadloop.store import samples
from leadloop.store.samples import Sample, SampleLead, Verdict
from models.reasons import OTHER, codes
from serving.reports.ask import Ask
from serving.reports.rates import Rate
from serving.reports.report import Column, Figure, Report, Table


def report(connection: Connection, ask: Ask) -> Report:
    """Every sample with its tally, the newest first, and what was said of each lead, by id alone.

    As they are now, whatever instant is asked for: nobody learns from them.
    """
    leads, said = samples.leads_of(connection), samples.verdicts(connection)
    rows = [
        tally(sample, leads.get(sample.sample_id, ()), said.get(sample.sample_id, ()), ask.settings.reasons)
        for sample in samples.read(connection)
    ]
    tables = [_samples(rows, ask), _leads(rows, ask)]
    data = {"samples": rows}
    return Report("samples", ask.lang, ask.say("samples title"), data, tables, [ask.say("samples say")])


def tally(
    sample: Sample, leads: Sequence[SampleLead], said: Sequence[Verdict], own: Mapping[str, str]
) -> dict[str, Any]:
    """A sample in figures. A lead counts as most of those who could tell say; `would_work`: of the leads judged."""
    by_lead = {lead.lead_id: [each for each in said if each.lead_id == lead.lead_id] for lead in leads}
    verdict = {lead_id: opinion(each) for lead_id, each in by_lead.items()}
    count = Counter(verdict.values())
    rate = Rate(count["yes"], count["yes"] + count["no"])
    meant = codes((each.reason for each in said), own)
    why = Counter(meant[each.reason] or OTHER for each in said if each.verdict == "no")
    reasons = sorted(why.items(), key=lambda each: (-each[1], each[0]))
    return {
        "sample_id": sample.sample_id,
        "name": sample.name,
        "campaign": sample.campaign,
        "created_at": isoformat(sample.created_at),
        "open": sample.closed_at is None,
        "leads": len(leads),
        "judged": len(leads) - count["none"],
        **{each: count[each] for each in ("yes", "no", "unsure")},
        "people": len({each.actor for each in said}),
        "would_work": rate.as_json(),
        "reasons": [{"reason": reason, "count": n} for reason, n in reasons],
        "verdicts": [
            {"lead_id": lead_id, "verdict": each, "reasons": _why(by_lead[lead_id], own)}
            for lead_id, each in verdict.items()
        ],
    }


def opinion(said: Sequence[Verdict]) -> str:
    """What most say of a lead: yes, no, or unsure where as many say the one as the other; none: nobody has spoken."""
    if not said:
        return "none"
    count = Counter(each.verdict for each in said)
    return "unsure" if count["yes"] == count["no"] else "yes" if count["yes"] > count["no"] else "no"


def _why(said: Sequence[Verdict], own: Mapping[str, str]) -> list[str]:
    meant = codes((each.reason for each in said), own)
    return sorted({reason for each in said if (reason := meant[each.reason])})


def _samples(rows: Sequence[Mapping[str, Any]], ask: Ask) -> Table:
    names = ("leads", "judged", "yes", "no", "unsure")
    columns = [
        Column("sample", "long"),
        Column("campaign"),
        Column("made_at"),
        *(Column(each, "count") for each in names),
    ]
    columns += [Column("would_work", "share"), Column("main_reason"), Column("sample_state")]
    lines = []
    for row in rows:
        rate = row["would_work"]
        main = ask.say(f"reason {row['reasons'][0]['reason']}") if row["reasons"] else None
        line = [row["name"], row["campaign"], row["created_at"][:10], *(row[each] for each in names)]
        lines.append(
            [
                *line,
                Figure(rate["rate"], *(rate["interval"] or ())),
                main,
                ask.say("is open" if row["open"] else "is closed"),
            ]
        )
    return Table(ask.say("samples table"), columns, lines)


def _leads(rows: Sequence[Mapping[str, Any]], ask: Ask) -> Table:
    columns = (Column("sample", "long"), Column("lead"), Column("said"), Column("reason", "long"))
    lines = [
        (
            *(row["name"], each["lead_id"], ask.say(f"says {each['verdict']}")),
            ", ".join(ask.say(f"reason {why}") for why in each["reasons"]),
        )
        for row in rows
        for each in row["verdicts"]
    ]
    return Table(ask.say("samples by lead"), columns, lines)
