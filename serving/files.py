"""Scores as a file: CSV, Parquet or JSON Lines by its ending; the same scores are the same bytes."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

from leadloop.errors import InputError
from serving.scorer import COLUMNS

_LEADING = ("lead_id", "as_of", "model_version", *COLUMNS[:5], "rank", *COLUMNS[5:], "moments")
_BETWEEN = ("p_win_low", "p_win_high")
Row = dict[str, Any]


def check_ending(path: Path) -> None:
    """Refuse an ending that names no format, before any work is done.

    Raises: InputError.
    """
    if path.suffix not in _WRITERS:
        raise InputError(f"'{path}' can't be written: its ending names no format; use .csv, .parquet or .jsonl")


def write(rows: Sequence[Row], reasons: Sequence[str], path: Path) -> None:
    """Write one line a lead, in the order given, and put the file in place in one step."""
    check_ending(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.part")
    columns = [*_LEADING, *(f"p_reject_{reason}" for reason in sorted(reasons)), *_BETWEEN]
    _WRITERS[path.suffix]([_flat(row) for row in rows], columns, scratch)
    scratch.replace(path)


def _flat(row: Row) -> Row:
    """Moments as "type date; …", chances of reasons as columns."""
    told = "; ".join(f"{moment['type']} {moment['occurred_at'][:10]}" for moment in row["moments"])
    rejects = {f"p_reject_{reason}": p for reason, p in row["p_reject"].items()}
    between = dict(zip(_BETWEEN, row["p_win_interval"], strict=True))
    return {**{name: row[name] for name in _LEADING if name != "moments"}, "moments": told, **rejects, **between}


def _csv(rows: list[Row], columns: list[str], path: Path) -> None:
    def fill(file: TextIO) -> None:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

    _text(path, fill)


def _jsonl(rows: list[Row], columns: list[str], path: Path) -> None:
    _text(path, lambda file: file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def _text(path: Path, fill: Callable[[TextIO], None]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        fill(file)


def _parquet(rows: list[Row], columns: list[str], path: Path) -> None:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        raise InputError("Parquet needs pyarrow; install leadloop[parquet], or write .csv") from None
    texts = {"lead_id", "as_of", "model_version", "cell", "moments"}
    whole = {"rank", "stars", "flames"}
    kinds = {name: pa.string() if name in texts else pa.int64() if name in whole else pa.float64() for name in columns}
    pq.write_table(pa.Table.from_pylist(rows, pa.schema(list(kinds.items()))), path)


_WRITERS: dict[str, Callable[[list[Row], list[str], Path], None]] = {
    ".csv": _csv,
    ".jsonl": _jsonl,
    ".parquet": _parquet,
}
