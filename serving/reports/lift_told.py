"""What the report on lift says to people: a sentence a comparison, the figures as tables, and what to know of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from babel.dates import format_date

from leadloop.clock import DAY
from serving.reports.ask import Ask
from serving.reports.language import AND, number, points
from serving.reports.lift_missing import LEAST
from serving.reports.lift_slots import GRACE, MEASURES
from serving.reports.report import Column, Figure, Table

MOST = {"value": float("inf"), "wins": 1.0}
"""What a slot can bring at most; the least is nothing."""
Found = Mapping[str, Any]


def tables(told: Found, ask: Ask) -> list[Table]:
    """What leadloop's order brings more, what each order brings, and from how many slots that is known."""
    more = [(ask.say(f"less {name}"), *_differences(each)) for name, each in told["against"].items()]
    rival = told["challenger"]
    if rival and rival["value"]:
        more.append((ask.say("challenger less", version=rival["model_version"]), *_differences(rival)))
    rows = [
        (ask.say(f"order {name}"), *(_possible(each[measure]["dr"], MOST[measure]) for measure in MEASURES))
        for name, each in told["orders"].items()
    ]
    known = [
        (ask.say(f"slots {kind}"), *(told[kind][each] for each in ("slots", "worked", "worked_share", "wins")))
        for kind in ("ranked", "drawn")
    ]
    by = (Column("kind"), Column("slots", "count"), Column("worked", "count"), Column("worked_share", "share"))
    return [
        Table(ask.say("lift against"), _columns("points", also=True), more, _says(ask) if more else ""),
        Table(ask.say("lift orders"), _columns("share"), rows, ask.say("lift possible") if rows else ""),
        Table(ask.say("lift known"), (*by, Column("wins", "count")), known),
    ]


def _says(ask: Ask) -> str:
    return ask.say("lift says", currency=ask.settings.currency)


def _columns(wins: str, *, also: bool = False) -> tuple[Column, ...]:
    columns = (Column("order"), Column("value a slot", "money"), Column("wins a slot", wins))
    return (*columns, Column("value_ips", "money"), Column("wins_ips", wins)) if also else columns


def _differences(each: Found) -> list[Figure]:
    figures = [each[measure][way] for way in ("dr", "ips") for measure in MEASURES]
    return [Figure(found["value"], *found["interval"]) for found in figures]


def _possible(found: Found, most: float) -> Figure:
    """An estimate within what can be: what is weighed down may outweigh the rest, but no slot brings less than nothing.

    >>> _possible({"value": -0.02, "interval": [-0.09, 1.3]}, 1.0)
    Figure(value=0.0, low=0.0, high=1.0, kind='')
    """
    return Figure(*(min(max(bound, 0.0), most) for bound in (found["value"], *found["interval"])))


def notes(told: Found, ask: Ask) -> list[str]:
    """What can be said surely, first; then what the figures rest on."""
    found = [_compared(ask.say(f"beside {name}"), each, ask) for name, each in told["against"].items()]
    if told["challenger"]:
        found += _rival(told["challenger"], ask)
    drawn, ranked = told["drawn"], told["ranked"]
    if told["missing"]:
        found += _missing(told, ask)
    elif (drawn["worked_share"] or 0.0) < 0.5 * (ranked["worked_share"] or 0.0):
        found.append(ask.say("lift skipped"))
    known = {"lists": told["lists"], "young": told["young_lists"]}
    found.append(ask.say("lift within", days=f"{told['within_days']:.0f}", **known))
    return [*found, ask.say("lift robust"), ask.say("lift propensity")] if told["against"] else found


def _missing(told: Found, ask: Ask) -> list[str]:
    """Why nothing can be said yet, what to do, and when a first answer can come."""
    known = {"worked": told["drawn"]["worked"], "least": LEAST, "places": ask.settings.capacity}
    found = [ask.say(f"missing {why}", **known) for why in told["missing"]["why"]]
    days, first_at = f"{told['within_days'] + GRACE / DAY:.0f}", told["missing"]["first_answer_at"]
    if first_at is None:
        return [*found, ask.say("missing days", days=days)]
    return [*found, ask.say("missing until", days=days, date=_date(first_at, ask))]


def _date(at: str, ask: Ask) -> str:
    """A day as the language writes it, by the customer's clock."""
    locale = "fr" if ask.lang == "fr" else "en_GB"
    return format_date(datetime.fromisoformat(at).astimezone(ask.settings.zone or UTC), "long", locale)


def _rival(rival: Found, ask: Ask) -> list[str]:
    version, found = rival["model_version"], []
    if rival["value"]:
        found.append(_compared(ask.say("beside challenger", version=version), rival, ask))
        same = number(rival["same"], "share", ask.lang)
        found.append(ask.say("lift same", version=version, share=same, lists=rival["lists"]))
    else:
        found.append(ask.say("lift no rival", version=version))
    if rival["taught"]:
        found.append(ask.say("lift taught", version=version, lists=rival["taught"]))
    return [*found, ask.say("lift left out", lists=rival["left_out"])] if rival["left_out"] else found


def _compared(name: str, each: Found, ask: Ask) -> str:
    """Whether an order brings surely more than another, surely less, or can't be told, by the doubly robust figures."""
    measures = [measure for measure in MEASURES if measure == "wins" or any(each[measure]["dr"]["interval"])]
    clauses = [_clause(measure, each[measure]["dr"], ask) for measure in measures]
    return ask.say("lift compared", name=name, said=AND[ask.lang].join(clauses))


def _clause(measure: str, found: Found, ask: Ask) -> str:
    low, high = found["interval"]
    sure = "more" if low > 0 else "less" if high < 0 else "untold"
    figures = [number(bound, {"value": "money", "wins": "points"}[measure], ask.lang) for bound in (low, high)]
    value = found["value"]
    said = points(value, ask.lang) if measure == "wins" else number(value, "money", ask.lang)
    told = {"figure": said, "low": figures[0], "high": figures[1], "currency": ask.settings.currency}
    return ask.say(f"{measure} {sure}", told=ask.say(f"told {measure}", **told))
