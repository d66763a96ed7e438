"""A line through time says when and how much in labels that differ, and draws no value that was not there."""

import re
from itertools import pairwise

import pytest

from leadloop.charts import Line, line, svg

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def drawn(points: list[tuple[str, float]], lang: str = "en") -> str:
    return svg(line(Line(points, "%", MONTHS, lang, holds=True, least=0.02)), "How it moved") or ""


def labels(points: list[tuple[str, float]], lang: str = "en") -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawn(points, lang))


@pytest.mark.parametrize(
    "until", ["2026-11-30T12:06:40", "2026-11-30T12:40:00", "2026-12-02T09:00:00", "2027-03-01T00:00:00"]
)
@pytest.mark.parametrize("after", [0.0891, 0.0887, 0.0913, 0.2])
def test_no_two_labels_of_a_line_are_the_same(until: str, after: float) -> None:
    found = labels([("2026-11-30T12:06:07", 0.0891), (until, after)])
    amounts = [each for each in found if "%" in each]
    assert len(set(amounts)) == len(amounts) >= 3
    days = [each for each in found if "%" not in each and each not in ("00:00", "06:00", "12:00", "18:00")]
    assert len(set(days)) == len(days) >= 1


def test_within_a_day_a_line_says_the_time_of_the_clock_it_was_given_whatever_that_of_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    found = labels([("2026-11-30T12:06:07", 0.20), ("2026-11-30T12:40:00", 0.27)])
    assert [each for each in found if ":" in each][:3] == ["30 Nov 12:10", "12:15", "12:20"]


def test_a_french_line_writes_its_percentages_in_french() -> None:
    assert "8,5\u202f%" in labels([("2026-11-30T12:06:07", 0.0891), ("2026-11-30T12:40:00", 0.0887)], "fr")


def test_a_value_holds_until_the_next_one() -> None:
    page = drawn([("2026-11-30T12:06:07", 0.2), ("2026-11-30T12:20:00", 0.27), ("2026-11-30T12:40:00", 0.21)])
    path = next(each for each in re.findall(r'<path[^>]* d="([^"]+)"', page) if each.count("L") >= 4)
    corners = [tuple(map(float, each)) for each in re.findall(r"([\d.]+),([\d.]+)", path)]
    assert [min(abs(x - u), abs(y - v)) for (x, y), (u, v) in pairwise(corners)] == [0.0] * (len(corners) - 1)
