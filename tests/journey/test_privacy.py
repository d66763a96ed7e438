"""People's rights over their data, as commands; and nobody's name, e-mail or phone outside of the ledger."""

import json
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadloop.demo import DemoSettings, simulate, write_csv
from leadloop.demo.words import FIRST_NAMES, LAST_NAMES
from leadloop.store.rows import LeadRow
from tests.support import COMMAND, Loop, leadloop

AT = "2020-01-01T00:00:00Z"
MAIL = re.compile(rb"[\w.+\-]+@[\w.\-]+")
PHONE = re.compile(rb"\+\d[\d ]{7,18}\d")
BAD_LEADS = f"""lead_id,created_at,email,phone,first_name,last_name,recorded_at
bad-1,ada.byron@engines.example,ada.byron@engines.example,+33 6 39 98 12 34,Ada,Byron,
bad-2,{AT},ada.byron@engines.example,+33 6 39 98 12 34,Ada,Byron,+33 6 39 98 12 34
bad-3,{AT},ada.byron@engines.example,+33 6 39 98 12 34,Ada,Byron,,one field too many
ada.byron@engines.example{"x" * 200},{AT},ada.byron@engines.example,,Ada,Byron,
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A ledger of four leads: one long silent, one customer, one that only opened an e-mail, one in touch today."""
    files = tmp_path / "files"
    files.mkdir()
    people = "".join(f"{name},{AT},{name}@mail.example,{name.title()}\n" for name in ("ada", "ben", "cy", "di"))
    (files / "leads.csv").write_text("lead_id,created_at,email,first_name\n" + people)
    (files / "events.csv").write_text(
        "lead_id,type,occurred_at\ncy,email_open,2090-01-01T00:00:00Z\ndi,form_submit,2090-01-01T00:00:00Z\n"
    )
    (files / "outcomes.csv").write_text(f"lead_id,stage,occurred_at\nben,won,{AT}\n")
    leadloop("import", files, "--home", tmp_path / "home")
    return tmp_path / "home"


def test_an_erased_lead_is_gone_and_an_import_does_not_bring_it_back(home: Path) -> None:
    done = json.loads(leadloop("erase", "ada", "--json", "--home", home))
    assert (done["erased"], done["rows"]["leads"], done["file_is_clean"]) == (["ada"], 1, True)
    report = json.loads(leadloop("import", home.parent / "files", "--json", "--home", home))
    assert (report["tables"]["leads"]["new"], report["tables"]["leads"]["known"]) == (0, 4)
    leadloop("export", "ada", "--home", home, code=1)
    assert b"ada@mail.example" not in b"".join(file.read_bytes() for file in home.glob("ledger.db*"))


def test_erasing_twice_says_that_it_is_done_already(home: Path) -> None:
    assert "Lead 'ada' is erased." in leadloop("erase", "ada", "--home", home)
    assert "Lead 'ada' is erased already." in leadloop("erase", "ada", "--home", home)


def test_a_lead_that_never_was_cannot_be_erased(home: Path) -> None:
    leadloop("erase", "nobody", "--home", home, code=1)


def test_an_export_holds_everything_in_a_file_of_ones_own(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "ada.json"
    file.write_text("old")
    assert leadloop("export", "di", "--out", file, "--home", home) == ""
    found = json.loads(file.read_text())
    assert (found["identity"]["email"], found["events"][0]["type"], found["score"]) == (
        "di@mail.example", "form_submit", None
    )  # fmt: skip
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_an_export_tells_the_score_and_why(loop: Loop) -> None:
    lead_id = loop.world.leads[0].lead_id
    score = json.loads(leadloop("export", lead_id, "--home", loop.settings.home))["score"]
    explained = json.loads(leadloop("explain", lead_id, "--json", "--home", loop.settings.home))
    assert (score["p_win"], score["reasons"]) == (explained["p_win"], explained["reasons"])


def test_retention_tells_first_and_then_erases_the_silent(home: Path) -> None:
    plan = json.loads(leadloop("retention", "--older-than", "3y", "--dry-run", "--json", "--home", home))
    assert (plan["due"], plan["customers_kept"], plan["erased"], plan["dry_run"]) == (2, 1, 0, True)
    done = json.loads(leadloop("retention", "--older-than", "3y", "--json", "--home", home))
    assert (done["due"], done["erased"]) == (2, 2)
    assert [json.loads(leadloop("export", name, "--home", home))["lead_id"] for name in ("ben", "di")] == ["ben", "di"]
    assert json.loads(leadloop("retention", "--older-than", "3y", "--json", "--home", home))["due"] == 0


def test_customers_are_erased_too_when_they_are_asked_for(home: Path) -> None:
    arguments = ("retention", "--older-than", "3y", "--include-customers", "--json", "--home", home)
    assert json.loads(leadloop(*arguments))["erased"] == 3


def test_a_period_that_is_none_is_wrong_usage(home: Path) -> None:
    leadloop("retention", "--older-than", "soon", "--home", home, code=2)


def test_the_funnel_and_the_moves_are_reported(home: Path) -> None:
    funnel = json.loads(leadloop("report", "funnel", "--json", "--home", home))
    assert {rung["state"]: rung["now"] for rung in funnel["funnel"] if rung["now"]} == {
        "contact": 2, "lead": 1, "client": 1
    }  # fmt: skip
    moves = json.loads(leadloop("report", "transitions", "--json", "--home", home))
    assert (moves["impossible"], moves["transitions"][0]["kind"]) == (0, "skips")
    assert "ben" in leadloop("report", "transitions", "--home", home)


def _files(home: Path) -> Iterator[tuple[str, bytes]]:
    """Every file under home but the ledger itself."""
    for file in home.rglob("*"):
        if file.is_file() and not file.name.startswith("ledger.db"):
            yield str(file), file.read_bytes()


def _names() -> "re.Pattern[bytes]":
    """Any first name beside any last name, whichever comes first, however a file writes what is not ASCII."""
    first = {name for names in FIRST_NAMES.values() for name in names} | {"Ada"}
    last = {*LAST_NAMES, "Byron"}
    one, other = ("|".join(map(_either, sorted(names))) for names in (first, last))
    pair = rf"(?:{one})\W{{1,6}}(?:{other})|(?:{other})\W{{1,6}}(?:{one})"
    return re.compile(pair.encode(), re.IGNORECASE)


def _either(name: str) -> str:
    return f"{re.escape(name)}|{re.escape(json.dumps(name)[1:-1])}"


def _personal(content: bytes, people: list[LeadRow]) -> list[bytes]:
    """What of these people's identities stands in a content."""
    mails = {row.identity["email"].lower().encode() for row in people if "email" in row.identity}
    phones = {_digits(row.identity["phone"].encode()) for row in people if "phone" in row.identity}
    found = [mail for mail in MAIL.findall(content) if mail.lower() in mails | {b"ada.byron@engines.example"}]
    found += [phone for phone in PHONE.findall(content) if _digits(phone) in phones | {b"33639981234"}]
    return found + _names().findall(content)


def _digits(phone: bytes) -> bytes:
    return re.sub(rb"\D", b"", phone)


def test_the_search_finds_what_it_is_to_find(loop: Loop) -> None:
    content = (loop.files / "leads.csv").read_bytes()
    mails = {row.identity["email"] for row in loop.world.leads if "email" in row.identity}
    assert len(_personal(content, loop.world.leads)) > 2 * len(mails) > 1_000


def test_no_artefact_of_a_trained_company_names_a_person(loop: Loop) -> None:
    searched = dict(_files(loop.settings.home))
    assert any(name.endswith("mlflow.db") for name in searched)
    assert any("artifacts" in name and name.endswith("bundle.json") for name in searched)
    assert {name: found for name, text in searched.items() if (found := _personal(text, loop.world.leads))} == {}


def test_no_artefact_is_packed_so_that_a_search_would_miss_it(loop: Loop) -> None:
    endings = {Path(name).suffix for name, _ in _files(loop.settings.home)}
    assert endings <= {
        ".db",
        ".json",
        ".txt",
        ".yaml",
        ".py",
        ".html",
        ".md",
        ".svg",
        "",
        ".lock",
        ".db-wal",
        ".db-shm",
    }


def test_no_command_says_a_name_and_none_is_left_in_its_home(tmp_path: Path) -> None:
    world = simulate(DemoSettings(seed=1, leads=1_200))
    files, home = tmp_path / "files", tmp_path / "home"
    write_csv(world, files)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "leads.csv").write_text(BAD_LEADS)
    said = b""
    for command in (
        ["import", files, tmp_path / "bad"], ["import", tmp_path / "bad", "--json"],
        ["import", tmp_path / "bad", "--strict"], ["train"], ["score", "--json"],
        ["explain", world.leads[0].lead_id], ["erase", world.leads[0].lead_id, "--json"],
    ):  # fmt: skip
        done = subprocess.run([COMMAND, *map(str, command), "--home", str(home)], capture_output=True)
        assert b"Traceback" not in done.stderr
        said += done.stdout + done.stderr
    assert b"leads.csv:2 created_at" in said
    assert _personal(said, world.leads) == []
    assert {name: found for name, text in _files(home) if (found := _personal(text, world.leads))} == {}
