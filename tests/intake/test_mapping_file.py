"""The mapping file: what it may say, and how it is refused."""

from typing import TYPE_CHECKING

import pytest

from leadloop.errors import MappingError

if TYPE_CHECKING:
    from tests.intake.conftest import Desk

OUTCOME = '[leads]\nid = "Id"\n[outcome]\ncolumn = "Won"\n'


def test_a_mapping_is_read_whole(desk: "Desk") -> None:
    mapping = desk.mapping(
        """
        [leads]
        id = "Id"
        created_at = "Created"
        timezone = "Europe/Paris"
        missing = ["Select"]
        separator = ";"
        [outcome]
        column = "Won"
        won = [1, true]
        [reason]
        column = "Why"
        map = { "Too dear " = "no_budget" }
        """
    )
    assert mapping.missing == {"Select", ""}
    assert mapping.outcome is not None
    assert mapping.outcome.won == {"1", "true"}
    assert mapping.reason is not None
    assert mapping.reason.map == {"Too dear": "no_budget"}


@pytest.mark.parametrize(("line", "undated"), [("", True), ('created_at = "Created"', False)])
def test_an_export_without_created_at_is_undated(desk: "Desk", line: str, undated: bool) -> None:
    assert desk.mapping(f'[leads]\nid = "Id"\n{line}').undated is undated


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("", r"mapping\.toml \[leads\]: the section is missing"),
        ("[leads]", r"\[leads\] id: is missing; name the column"),
        ("[leads]\nid = 5", r"\[leads\] id: write one text"),
        (
            '[leads]\nid = "Id"\ncreatd_at = "C"',
            r"\[leads\] creatd_at: there is no such key; did you mean 'created_at'\?",
        ),
        (
            '[leads]\nid = "Id"\n[outcomes]\ncolumn = "C"',
            r"outcomes: there is no such section; did you mean 'outcome'\?",
        ),
        ('[leads]\nid = "Id"\nmissing = "Select"', r"\[leads\] missing: write a list of texts"),
        ('[leads]\nid = "Id"\nrename = ["a"]', r"\[leads\] rename: write pairs of texts"),
        ('[leads]\nid = "Id"\nrename = { a = "x", b = "x" }', "two columns become 'x'"),
        ('[leads]\nid = "Id"\nrename = { a = "created_at" }', "use the keys id and created_at"),
        ('[leads]\nid = "Id"\ntimezone = "Europe/Pari"', r"no time zone; did you mean 'Europe/Paris'"),
        ('[leads]\nid = "Id"\ntime_format = "%Q"', "'%Q' is no format"),
        ('[leads]\nid = "Id"\nseparator = ";;"', r"\[leads\] separator: write one character"),
        ('[leads]\nid = "Id"\nattributes = ["a"]\nexclude = ["a"]', "'a' is in both"),
        ('[leads]\nid = "Id"\n[reason]\ncolumn = "R"', r"\[reason\]: needs an \[outcome\]"),
        (OUTCOME, r"\[outcome\] won: is missing; list the values"),
        (OUTCOME + 'won = ["1"]\nlost = ["1"]', "'1' is in two of them"),
        (OUTCOME + 'won = ["1"]\nat = "Closed"', r"created_at: is missing, but \[outcome\] has at"),
        ("[leads\n", "is no TOML"),
    ],
)
def test_a_mapping_that_can_mean_nothing_is_refused_by_key(desk: "Desk", toml: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        desk.mapping(toml)


def test_a_mapping_file_that_is_not_there_is_named(desk: "Desk") -> None:
    from leadloop.intake.mapping import read_mapping

    with pytest.raises(MappingError, match=r"nowhere\.toml can't be read"):
        read_mapping(desk.folder / "nowhere.toml")


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ('[leads]\nid = "Lead Numbr"', r"\[leads\] id: .*no column 'Lead Numbr'; did you mean 'Lead Number'\?"),
        ('[leads]\nid = "Lead Number"\ncreated_at = "Citi"', r"\[leads\] created_at: .* did you mean 'City'\?"),
        ('[leads]\nid = "Lead Number"\nexclude = ["Citi"]', r"\[leads\] exclude: "),
        ('[leads]\nid = "Lead Number"\nattributes = ["Citi"]', r"\[leads\] attributes: "),
        ('[leads]\nid = "Lead Number"\nrename = { "Citi" = "x" }', r"\[leads\] rename: "),
        ('[leads]\nid = "Lead Number"\nrename = { "City" = "Won" }', "both 'City' and 'Won' of .* would be 'Won'"),
        ('[leads]\nid = "Lead Number"\n[outcome]\ncolumn = "Wonn"\nwon = [1]', r"\[outcome\] column: "),
        ('[leads]\nid = "Lead Number"\n[outcome]\ncolumn = "#line"\nwon = [1]', r"\[outcome\] column: "),
        ('[leads]\nid = "Lead Number"\nattributes = ["Won"]\n[outcome]\ncolumn = "Won"\nwon = [1]', "is no attribute"),
    ],
)
def test_a_mapping_that_does_not_fit_the_export_is_refused_by_key(desk: "Desk", toml: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        desk.export(toml, "Lead Number,City,Won\n1,Paris,1\n")
