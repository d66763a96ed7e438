"""Parquet into blocks of rows; pyarrow is imported only when such a file comes."""

import math
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import repeat
from typing import IO, Any, BinaryIO

from leadloop.errors import InputError
from leadloop.intake.block import Block, Row, refuse_unstorable
from leadloop.intake.files import SourceFile, open_bytes
from leadloop.intake.values import BadValueError
from leadloop.store.rows import Value


def parquet_columns(file: SourceFile) -> tuple[str, ...]:
    """The names in the schema.

    Raises: InputError when it is no Parquet file, or pyarrow is not installed.
    """
    with _opened(file) as table:
        return tuple(name.strip() for name in table.schema_arrow.names)


def parquet_blocks(file: SourceFile, size: int) -> Iterator[Block]:
    """All rows, at most `size` to a block; the line of a row is its number in the file, from 1."""
    with _opened(file) as table:
        columns, done, total = tuple(name.strip() for name in table.schema_arrow.names), 0, table.metadata.num_rows
        for batch in table.iter_batches(batch_size=size):
            block = _block(columns, batch, done + 1)
            done += batch.num_rows
            block.bytes_done = file.size * done // max(total, 1)
            yield block


@contextmanager
def _opened(file: SourceFile) -> Iterator[Any]:
    parquet = _pyarrow_parquet(file)
    from pyarrow import ArrowException

    with open_bytes(file) as (content, raw), tempfile.TemporaryFile() as disk:
        try:
            yield parquet.ParquetFile(_unzipped(content, disk) if file.gzipped else raw)
        except (ArrowException, UnicodeDecodeError) as error:
            cause = str(error).partition("\n")[0].partition(":")[0][:80]
            raise InputError(f"{file.name} is no Parquet file that can be read ({cause}); write it again") from None


def _pyarrow_parquet(file: SourceFile) -> Any:
    try:
        from pyarrow import parquet
    except ImportError:
        wanted = "run `pip install 'leadloop[parquet]'`, or write it as CSV"
        raise InputError(f"{file.name} is Parquet, which takes pyarrow to read; {wanted}") from None
    return parquet


def _unzipped(content: BinaryIO, disk: IO[bytes]) -> IO[bytes]:
    """Parquet is read from its end: a zipped one goes to disk first, not to memory."""
    shutil.copyfileobj(content, disk)
    disk.seek(0)
    return disk


def _block(columns: tuple[str, ...], batch: Any, first: int) -> Block:
    values = [_values(column) for column in batch.columns]
    rows: list[Row] = list(zip(*values, repeat("", batch.num_rows), strict=True))
    lines = range(first, first + len(rows))
    suspect = any(_is_suspect(column) for column in batch.columns)
    return _checked(columns, rows, lines) if suspect else Block(columns, rows, list(lines))


def _values(column: Any) -> Sequence[Value]:
    """A column as plain values: times as ISO 8601, decimals as numbers, texts stripped, null as not given."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_temporal(column.type) and not pa.types.is_duration(column.type):
        column = pc.replace_substring(_whole_seconds(column).cast(pa.string()), " ", "T")
    elif pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    elif pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = pc.utf8_trim_whitespace(column)
    values: list[Value] = column.to_pylist()
    return ["" if value is None else value for value in values] if column.null_count else values


def _whole_seconds(column: Any) -> Any:
    """Timestamps as whole seconds where they are, else as microseconds, which is what an instant holds."""
    import pyarrow as pa

    if not pa.types.is_timestamp(column.type):
        return column
    try:
        return column.cast(pa.timestamp("s", tz=column.type.tz))
    except pa.ArrowInvalid:
        return column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)


def _is_suspect(column: Any) -> bool:
    """Whether a column may hold what the ledger can't: NUL, NaN, lists, bytes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return bool(pc.any(pc.match_substring(column, "\0")).as_py())
    if pa.types.is_floating(kind):
        return not pc.all(pc.is_finite(column)).as_py()
    return not (pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_temporal(kind))


def _checked(columns: tuple[str, ...], rows: list[Row], lines: range) -> Block:
    block = Block(columns)
    for row, line in zip(rows, lines, strict=True):
        try:
            _refuse_odd(columns, row)
            block.rows.append(row)
            block.lines.append(line)
        except BadValueError as refusal:
            block.faults.append((line, refusal))
    return block


def _refuse_odd(columns: tuple[str, ...], row: Row) -> None:
    refuse_unstorable(columns, row)
    for column, value in zip(columns, row, strict=False):
        if not isinstance(value, str | int | float | bool):
            raise BadValueError(column, "is a list, an object or bytes; write one text, number, true or false")
        if isinstance(value, float) and not math.isfinite(value):
            raise BadValueError(column, "is not a finite number; write null when there is none")
