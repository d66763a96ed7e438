"""Which files are read, in which order, and which are refused before anything is read of them."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from leadloop.errors import InputError

if TYPE_CHECKING:
    from tests.intake.conftest import Desk

LEADS = "lead_id,created_at\nL-1,2026-03-01T09:00:00Z\n"
EVENTS = "lead_id,type,occurred_at\nL-1,page_viewed,2026-03-01T09:00:00Z\n"
OUTCOMES = "lead_id,stage,occurred_at\nL-1,won,2026-03-01T09:00:00Z\n"


@pytest.mark.parametrize(
    "name", ["leads.csv", "leads-2026-03.csv", "leads_1.csv", "Leads.CSV", "leads.csv.gz", "leads.tsv", "leads 2.csv"]
)
def test_a_file_is_told_by_its_name(desk: "Desk", name: str) -> None:
    assert desk.table(name, LEADS).leads[0].lead_id == "L-1"


def test_a_folder_is_read_leads_first_then_events_then_outcomes(desk: "Desk") -> None:
    for name, content in {"outcomes.csv": OUTCOMES, "events.csv": EVENTS, "leads.csv": LEADS}.items():
        desk.write(f"in/{name}", content)
    read = [Path(chunk.file).name for chunk in desk.read(desk.folder / "in").chunks]
    assert read == ["leads.csv", "events.csv", "outcomes.csv"]


def test_named_files_are_read_leads_first_too(desk: "Desk") -> None:
    paths = desk.write("outcomes.csv", OUTCOMES), desk.write("leads.csv", LEADS)
    assert [Path(chunk.file).name for chunk in desk.read(*paths).chunks] == ["leads.csv", "outcomes.csv"]


def test_parts_of_a_table_are_read_by_their_number(desk: "Desk") -> None:
    for part in (10, 2, 1):
        desk.write(f"in/leads_{part}.csv", LEADS)
    read = [Path(chunk.file).stem for chunk in desk.read(desk.folder / "in").chunks]
    assert read == ["leads_1", "leads_2", "leads_10"]


def test_other_files_of_a_folder_are_ignored_and_named(desk: "Desk") -> None:
    desk.write("in/leads.csv", LEADS)
    other = desk.write("in/leadership.csv", "not,ours\n")
    assert desk.read(desk.folder / "in").report.ignored_files == [str(other)]


def test_a_file_named_twice_is_read_once(desk: "Desk") -> None:
    path = desk.write("in/leads.csv", LEADS)
    assert len(desk.read(path, path.parent).leads) == 1


def test_a_named_file_that_is_no_table_is_refused(desk: "Desk") -> None:
    path = desk.write("contacts.csv", LEADS)
    with pytest.raises(InputError, match=r"contacts\.csv is none of the tables.*--mapping"):
        desk.read(path)


def test_a_folder_without_tables_is_refused(desk: "Desk") -> None:
    desk.write("in/notes.txt", "-")
    with pytest.raises(InputError, match="holds no leads, events or outcomes file"):
        desk.read(desk.folder / "in")


def test_a_missing_path_is_refused_by_name(desk: "Desk") -> None:
    with pytest.raises(InputError, match=r"nowhere\.csv does not exist"):
        desk.read(desk.folder / "nowhere.csv")


def test_no_path_at_all_is_refused(desk: "Desk") -> None:
    with pytest.raises(InputError, match="No file was named"):
        desk.read()


@pytest.mark.parametrize("name", ["leads.csv", "leads.csv.gz", "leads.jsonl", "leads.parquet"])
def test_an_empty_file_is_refused(desk: "Desk", name: str) -> None:
    with pytest.raises(InputError, match="is empty"):
        desk.table(name, "")


def test_a_file_of_blank_lines_is_empty(desk: "Desk") -> None:
    with pytest.raises(InputError, match="is empty"):
        desk.table("leads.csv", "\n \n")


def test_a_header_alone_is_an_empty_table(desk: "Desk") -> None:
    assert desk.table("leads.csv", "lead_id,created_at\n").report.tables["leads"].read == 0


def test_every_header_is_checked_before_the_first_row_is_read(desk: "Desk") -> None:
    paths = desk.write("leads.csv", LEADS), desk.write("events.csv", "lead_id,type\nL-1,x\n")
    with pytest.raises(InputError, match=r"events\.csv has no column 'occurred_at'"):
        desk.read(*paths)


def test_a_half_written_gzip_file_is_refused(desk: "Desk") -> None:
    path = desk.write("leads.csv.gz", LEADS * 50)
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(InputError, match="no whole gzip file"):
        desk.read(path)


def test_a_file_that_only_says_gz_is_refused(desk: "Desk") -> None:
    path = desk.folder / "leads.csv.gz"
    path.write_text(LEADS)
    with pytest.raises(InputError, match="no whole gzip file"):
        desk.read(path)


def test_progress_ends_at_the_bytes_of_all_files(desk: "Desk") -> None:
    paths = desk.write("leads.csv", LEADS * 3), desk.write("events.csv.gz", EVENTS)
    last = desk.read(*paths).chunks[-1]
    assert last.bytes_done == last.bytes_total == sum(path.stat().st_size for path in paths)


def test_chunks_hold_at_most_the_rows_asked_for(desk: "Desk") -> None:
    rows = "".join(f"L-{at},x,2026-03-01T09:00:00Z\n" for at in range(2_500))
    path = desk.write("events.csv", "lead_id,type,occurred_at\n" + rows)
    assert [len(chunk.events) for chunk in desk.read(path, chunk_rows=1_200).chunks] == [1_000, 1_000, 500]


def test_a_folder_is_no_export(desk: "Desk") -> None:
    with pytest.raises(InputError, match="is a folder; with a mapping"):
        desk.read(desk.folder, mapping=desk.mapping('[leads]\nid = "Id"'))


def test_an_export_of_an_unknown_kind_is_refused(desk: "Desk") -> None:
    with pytest.raises(InputError, match=r"its name must end in \.csv"):
        desk.export('[leads]\nid = "Id"', "Id\n1\n", "export.xlsx")
