"""JSON Lines and Parquet: types are kept, and what no ledger holds is refused."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from leadloop.clock import isoformat
from leadloop.errors import InputError

if TYPE_CHECKING:
    from tests.intake.conftest import Desk, Imported

AT = "2026-03-01T09:00:00Z"


def lead(**more: object) -> str:
    return json.dumps({"lead_id": "L-1", "created_at": AT, **more})


def test_json_values_keep_their_types_and_null_clears(desk: "Desk") -> None:
    given = {"size": 50, "score": 0.5, "vip": True, "source": None, "note": " x ", "blank": " "}
    found = desk.table("leads.jsonl", lead(**given)).leads[0].attributes
    assert found == {"size": 50, "score": 0.5, "vip": True, "source": None, "note": "x"}


def test_json_null_in_a_known_column_is_not_given(desk: "Desk") -> None:
    found = desk.table("leads.jsonl", lead(recorded_at=None, email=None)).leads[0]
    assert (found.recorded_at, found.identity) == (found.created_at, {})


def test_a_number_is_a_lead_id_too(desk: "Desk") -> None:
    text = f'{{"lead_id": 7, "created_at": "{AT}"}}\n{{"lead_id": 8.0, "created_at": "{AT}"}}'
    assert [found.lead_id for found in desk.table("leads.ndjson", text).leads] == ["7", "8"]


def test_json_objects_may_have_different_keys(desk: "Desk") -> None:
    done = desk.table("leads.jsonl", "\n".join([lead(a=1), lead(b=2), lead(a=3, b=4), lead(a=5)]))
    assert [found.attributes for found in done.leads] == [{"a": 1}, {"b": 2}, {"a": 3, "b": 4}, {"a": 5}]


def test_a_json_file_of_lines_is_read(desk: "Desk") -> None:
    assert len(desk.table("leads.json.gz", f"\ufeff{lead()}\n\n{lead()}\n").leads) == 2


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ('{"lead_id": ', "is not JSON"),
        ("[1]", "is not a JSON object"),
        (lead(tags=["a"]), "is a list or an object"),
        (lead(address={"city": "Paris"}), "is a list or an object"),
        (lead(size=float("nan")), "null for NaN"),
        (lead(size=float("inf")), "null for NaN"),
        (lead().replace('"}', '", "size": 1e999}'), "is not a finite number"),
        (lead(note="a\0b"), "holds a NUL"),
        (lead(note="\ud800"), "half a character"),
        ('{"lead_id": true, "created_at": "2026-03-01T09:00:00Z"}', "is no key"),
        ('{"created_at": "2026-03-01T09:00:00Z"}', "is missing"),
        ('{"lead_id": "L-1", "created_at": 1772355600}', "is not a time"),
        (lead(**{"Lead ID": "L-2"}), "both mean lead_id"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_a_bad_json_line_is_a_bad_row(desk: "Desk", line: str, cause: str) -> None:
    first = "" if "both" in cause else lead()
    path = desk.write("leads.jsonl", "\n".join([*[lead()] * 1_000, line, first]))
    bad = desk.read(path).bad
    assert bad.line == 1_001
    assert cause in bad.cause


def test_a_json_array_is_refused_with_the_way_out(desk: "Desk") -> None:
    with pytest.raises(InputError, match="opens a JSON array"):
        desk.table("leads.json", f"[{lead()}]")


def test_a_file_without_json_is_refused(desk: "Desk") -> None:
    with pytest.raises(InputError, match="no JSON object"):
        desk.table("leads.jsonl", "lead_id,created_at\n")


def test_json_objects_without_a_required_key_are_refused_at_once(desk: "Desk") -> None:
    with pytest.raises(InputError, match=r"has no column 'created_at'.*rename 'created' to it"):
        desk.table("leads.jsonl", '{"lead_id": "L-1", "created": "x"}')


def parquet(desk: "Desk", name: str = "leads.parquet", **columns: Any) -> "Imported":
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    from pyarrow import parquet as pq

    count = len(next(iter(columns.values())))
    table = pa.table({"lead_id": [f"L-{at}" for at in range(count)], "created_at": [AT] * count} | columns)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return desk.read(desk.write(name, sink.getvalue().to_pybytes()))


def test_parquet_values_keep_their_types_and_null_is_not_given(desk: "Desk") -> None:
    done = parquet(desk, size=[50, None], score=[None, 0.5], vip=[True, None], note=[" x ", None])
    assert [found.attributes for found in done.leads] == [{"size": 50, "vip": True, "note": "x"}, {"score": 0.5}]


def test_parquet_times_with_a_zone_are_taken_as_such(desk: "Desk") -> None:
    moment = datetime(2026, 3, 1, 9, 0, 0, 123456, tzinfo=UTC)
    found = parquet(desk, created_at=[moment]).leads[0]
    assert isoformat(found.created_at or 0) == "2026-03-01T09:00:00.123456Z"


def test_parquet_times_without_a_zone_are_refused_where_none_is_configured(desk: "Desk") -> None:
    bad = parquet(desk, created_at=[datetime(2026, 3, 1, 9)]).bad  # noqa: DTZ001 -- the case tested
    assert (bad.line, bad.value) == (1, "2026-03-01T09:00:00")
    assert "has no UTC offset" in bad.cause


def test_other_parquet_kinds_become_text_and_numbers(desk: "Desk") -> None:
    moment = datetime(2026, 3, 1, 9, tzinfo=UTC)
    found = parquet(desk, seen=[moment], day=[date(2026, 3, 1)], price=[Decimal("1.50")]).leads[0]
    assert found.attributes == {"seen": "2026-03-01T09:00:00Z", "day": "2026-03-01", "price": 1.5}


def test_parquet_categories_are_texts(desk: "Desk") -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    assert parquet(desk, source=pa.array(["ad", "ad"]).dictionary_encode()).leads[1].attributes == {"source": "ad"}


@pytest.mark.parametrize(
    ("value", "cause"),
    [(float("nan"), "finite"), (["a"], "is a list"), (b"a", "bytes"), ("a\0b", "NUL"), ({"a": 1}, "an object")],
)
def test_parquet_values_that_no_ledger_holds_are_bad_rows(desk: "Desk", value: object, cause: str) -> None:
    done = parquet(desk, odd=[None, value])
    assert (done.bad.line, done.bad.column, len(done.leads)) == (2, "odd", 1)
    assert cause in done.bad.cause


def test_a_zipped_parquet_file_is_read(desk: "Desk") -> None:
    done = parquet(desk, "leads.parquet.gz", size=list(range(2_500)))
    assert [found.attributes["size"] for found in done.leads] == list(range(2_500))


def test_a_file_that_only_says_parquet_is_refused(desk: "Desk") -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    with pytest.raises(InputError, match="is no Parquet file"):
        desk.table("leads.parquet", "lead_id,created_at\n")


def test_a_parquet_file_without_a_required_column_is_refused(desk: "Desk") -> None:
    with pytest.raises(InputError, match=r"has no column 'type'.*its columns are 'lead_id'"):
        parquet(desk, "events.parquet", occurred_at=[AT])


@pytest.mark.usefixtures("without_pyarrow")
def test_without_pyarrow_the_extra_is_named(desk: "Desk") -> None:
    with pytest.raises(InputError, match=r"pip install 'leadloop\[parquet\]'"):
        desk.table("leads.parquet", "PAR1")


@pytest.mark.usefixtures("without_pyarrow")
def test_csv_needs_no_pyarrow(desk: "Desk") -> None:
    assert len(desk.table("leads.csv", f"lead_id,created_at\nL-1,{AT}\n").leads) == 1
