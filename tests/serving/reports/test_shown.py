"""However a report is shown, its figures are the same, both languages are whole, and nothing that leads sent runs."""

import csv
import io
import json
import re
import string
from pathlib import Path
from xml.etree import ElementTree

import pytest

from leadloop.contract import ContractSettings, MarketingSettings, Promise, SlaSettings
from leadloop.settings import Settings
from leadloop.store.lifecycle import AWAY, LADDER, UNKNOWN
from models.reasons import FAMILIES, OTHER
from serving.reports.catalogue import REPORTS
from serving.reports.report import Column, Figure, Report, Table, as_csv, as_html, first_rows
from serving.reports.words import WORDS, number
from tests.serving.reports.conftest import Asking, Fill
from tests.support import Loop, leadloop

EVIL = "=1+1<script>alert(1)</script>"
NAMES = sorted(set(REPORTS) - {"features"})
SETTINGS = Settings(
    sla=SlaSettings(within="24 hours", promises=(Promise(source=EVIL, within="1 hour"),)),
    contract=ContractSettings(goal=1_000.0, marketing=MarketingSettings(leads=3, by_source={EVIL: 1}, fit=0.5)),
)


@pytest.fixture
def cases(fill: Fill) -> None:
    """A few leads whose source and owner would like to be a formula and a script."""
    for number_ in range(3):
        day = f"2026-01-0{number_ + 5}T09:00:00Z"
        told = ("rejected", day, EVIL) if number_ else ("won", day, None, 12_345.6)
        fill(f"L-{number_}", day, ("contacted", day), told, source=EVIL, campaign=EVIL, owner=EVIL)
    fill("L-open", "2026-01-20T09:00:00Z", source=EVIL)


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_well_formed_loads_nothing_and_runs_nothing(asking: Asking, name: str, lang: str) -> None:
    page = as_html(asking(name, SETTINGS, "2026-01-20T12:00:00Z", lang=lang))
    root = ElementTree.fromstring(page.partition("\n")[2])  # noqa: S314 -- our own page
    assert root.get("lang") == lang
    assert {each.tag for each in root.iter()}.isdisjoint({"script", "link", "img", "iframe"})
    assert not [
        name for each in root.iter() for name in each.attrib if name in ("src", "href") or name.startswith("on")
    ]
    assert "<script>" not in page
    assert "None" not in page
    assert "nan" not in re.findall(r">([^<]*)<", page)


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize("name", NAMES)
def test_no_cell_of_a_file_is_a_formula(asking: Asking, name: str) -> None:
    rows = list(csv.reader(io.StringIO(as_csv(asking(name, SETTINGS, "2026-01-20T12:00:00Z")))))
    assert len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "@") or re.match(r"-\D", cell)]


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize("name", NAMES)
def test_data_is_plain_json_and_the_same_in_both_languages(asking: Asking, name: str) -> None:
    one, other = (asking(name, SETTINGS, "2026-01-20T12:00:00Z", lang=lang) for lang in ("en", "fr"))
    plain = [re.sub(r'"why": "[^"]*"', "", json.dumps(each.data, allow_nan=False)) for each in (one, other)]
    if name != "sla":  # where nobody gave a name, that is said in words
        assert plain[0] == plain[1]
    assert len(one.tables) == len(other.tables)


@pytest.mark.usefixtures("cases")
@pytest.mark.parametrize("name", NAMES)
def test_every_heading_is_written_in_both_languages(asking: Asking, name: str) -> None:
    found = asking(name, SETTINGS, "2026-01-20T12:00:00Z")
    assert {column.name for table in found.tables for column in table.columns} <= set(WORDS)


def test_every_text_is_there_twice_and_takes_the_same_values() -> None:
    fields = {
        key: [{part[1] for part in string.Formatter().parse(text)} for text in both] for key, both in WORDS.items()
    }
    assert [key for key, (en, fr) in fields.items() if en != fr] == []
    assert [key for key, both in WORDS.items() if not all(both)] == []


def test_every_reason_family_and_state_has_its_words() -> None:
    reasons = {f"reason {each}" for each in (*FAMILIES, OTHER, "none")}
    families = {f"family {each}" for each in (*FAMILIES.values(), OTHER)}
    states = {f"state {each}" for each in (*LADDER, *AWAY, UNKNOWN)}
    assert reasons | families | states <= set(WORDS)


def test_french_numbers_are_written_the_french_way() -> None:
    assert [number(-1234.5, "money", lang) for lang in ("en", "fr")] == ["−1,234", "−1\u202f234"]
    assert [number(0.5, "share", lang) for lang in ("en", "fr")] == ["50.0%", "50,0\u202f%"]


def test_an_interval_has_columns_of_its_own_in_a_file() -> None:
    table = Table("", (Column("source"), Column("rate", "share")), [("a", Figure(0.5, 0.4, 0.6)), ("b", Figure(None))])
    report = Report("x", "en", "", {}, [table])
    assert as_csv(report) == "source,rate,rate_low,rate_high\na,0.5,0.4,0.6\nb,,,\n"


def test_a_table_that_is_cut_says_so() -> None:
    cut = first_rows(Table("", (Column("lead"),), [("a",), ("b",), ("c",)]), 1, "fr")
    assert (len(cut.rows), cut.note) == (1, "Et 2 de plus.")


def test_the_command_writes_a_page_a_file_and_json(loop: Loop, tmp_path: Path) -> None:
    page, file = tmp_path / "sources.html", tmp_path / "sources.csv"
    home = loop.settings.home
    leadloop("report", "sources", "--out", page, "--lang", "fr", "--home", home)
    said = json.loads(leadloop("report", "sources", "--out", file, "--json", "--home", home))
    assert "Jusqu’où ils vont" in page.read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"))))
    assert [(row["source"], int(row["leads"])) for row in rows] == [(r["source"], r["leads"]) for r in said["sources"]]
    shown = leadloop("report", "sla", "--home", home)
    assert "[sla] within" in shown


@pytest.mark.parametrize(
    "arguments",
    [("sla", "--out", "x.pdf"), ("contract", "--rate", "won"), ("sla", "--lang", "de"), ("sla", "--as-of", "soon")],
)
def test_wrong_usage_exits_2(loop: Loop, arguments: tuple[str, ...]) -> None:
    leadloop("report", *arguments, "--home", loop.settings.home, code=2)


def test_a_rate_of_no_stage_exits_1(loop: Loop) -> None:
    leadloop("report", "contract", "--rate", "client=0.5", "--home", loop.settings.home, code=1)
