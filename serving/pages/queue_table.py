"""The queue as a table for spreadsheets: all leads that the filters leave, not only those of one page."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from serving.pages.exports import Rows, Table
from serving.pages.people import Person

PERCENTAGES = ("p_win", "p_win_low", "p_win_high", "expected_value", "importance")
"""What a model of which only the order holds does not show."""
COLUMNS = (
    *("rank", "lead_id", "name", "company", "owner", "stage", "stars", "flames", *PERCENTAGES),
    *("cell", "promise", "deadline", "time_left_hours", "reasons", "last_moments", "drawn", "what_to_do"),
)
People = Mapping[str, Person]


def queue_table(read: Callable[[], Sequence[Mapping[str, Any]]], who: Callable[[Sequence[str]], People]) -> Table:
    """The table. `read`: the leads, best first; `who`: who they are, as far as the caller may know."""
    return Table("leads", COLUMNS, lambda: _rows(read(), who))


def _rows(leads: Sequence[Mapping[str, Any]], who: Callable[[Sequence[str]], People]) -> Rows:
    known = who([lead["lead_id"] for lead in leads])
    return (_row(lead, known[lead["lead_id"]]) for lead in leads)


def _row(lead: Mapping[str, Any], person: Person) -> dict[str, Any]:
    low, high = lead["p_win_interval"]
    told = {
        **lead,
        **person.named,
        "p_win_low": low,
        "p_win_high": high,
        "reasons": [each["text"] for each in lead["reasons"]],
        "last_moments": [f"{each['type']} {each['occurred_at']}" for each in lead["moments"]],
        "what_to_do": lead["tactic"]["text"],
    }
    return told | dict.fromkeys(PERCENTAGES) if lead["chances"] == "order_only" else told
