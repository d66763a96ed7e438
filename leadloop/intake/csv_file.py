"""CSV into blocks of rows, each row with the line on which it starts."""

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from leadloop.errors import InputError
from leadloop.intake.block import Block, refuse_unstorable
from leadloop.intake.files import SourceFile, check_text, open_text
from leadloop.intake.values import BadValueError

if TYPE_CHECKING:
    from _csv import Reader

_SEPARATORS = ",;\t|"
_HEADER_LINES = 20
_strip = str.strip


def csv_columns(file: SourceFile, separator: str | None) -> tuple[str, ...]:
    """The names in the header.

    Raises: InputError when the file is empty or its header can't be read.
    """
    lines = _header_lines(file)
    if not lines:
        raise InputError(f"{file.name} is empty; write the column names in its first line")
    try:
        return tuple(
            map(
                _strip,
                next(_reader(lines, separator or _sniff(lines[0]))),
            )
        )
    except csv.Error:
        raise InputError(f"{file.name} line 1 is no CSV header: a quote in it isn't closed") from None


def _header_lines(file: SourceFile) -> list[str]:
    """The first line that isn't blank, and some after it in case a name goes over several lines."""
    with open_text(file) as (text, _):
        try:
            filled = (line for line in text if line.strip())
            return list(islice(filled, _HEADER_LINES))
        except UnicodeDecodeError:
            check_text(file)
            raise


def _reader(lines: Iterable[str], separator: str) -> "Reader":
    """Strict, so that a quote that is never closed is a bad row and not the rest of the file in one value."""
    return csv.reader(lines, delimiter=separator, strict=True, skipinitialspace=True)


def _sniff(header: str) -> str:
    """The separator that is most often in the header, outside quotes; a comma where there is none.

    >>> _sniff('"a,b,c";d;e')
    ';'
    """
    bare = "".join(header.split('"')[::2])
    return max(_SEPARATORS, key=bare.count)


def csv_blocks(file: SourceFile, separator: str | None, size: int) -> Iterator[Block]:
    """All rows, at most `size` to a block.

    Raises: InputError, before the first block, when a line isn't UTF-8.
    """
    has_nul = check_text(file)
    separator = separator or _sniff(_header_lines(file)[0])
    with open_text(file) as (text, raw):
        reader = _reader(text, separator)
        columns = tuple(map(_strip, next(row for row in reader if not _is_blank(row))))
        while (block := _next_block(reader, columns, size)).read:
            block.bytes_done = raw.tell()
            yield _without_nul(block) if has_nul else block


def _next_block(reader: "Reader", columns: tuple[str, ...], size: int) -> Block:
    block, before = Block(columns), -1
    while before != reader.line_num and block.read < size:
        before = reader.line_num
        _fill(block, reader, size - block.read)
    return block


def _fill(block: Block, reader: "Reader", most: int) -> None:
    """Read until enough, the end, or a broken record; the reader goes on at the line after that."""
    width, add_row, add_line = len(block.columns), block.rows.append, block.lines.append
    start = reader.line_num + 1
    try:
        for row in islice(reader, most):
            if len(row) == width:
                add_row([*map(_strip, row), ""])
                add_line(start)
            elif not _is_blank(row):
                block.faults.append((start, _wrong_width(len(row), width)))
            start = reader.line_num + 1
    except csv.Error as error:
        block.faults.append((start, _broken(error, start, reader.line_num)))


def _is_blank(row: list[str]) -> bool:
    return not row or (len(row) == 1 and not row[0].strip())


def _wrong_width(fields: int, width: int) -> BadValueError:
    cause = f"has {fields} fields where the header has {width}; put quotes around values that hold a separator"
    return BadValueError(None, cause)


def _broken(error: csv.Error, start: int, end: int) -> BadValueError:
    swallowed = f" (lines {start} to {end} went with it)" if end > start else ""
    if "unexpected end" in str(error) or "limit" in str(error):
        return BadValueError(
            None, f"has a quote that is never closed{swallowed}; close it, or double it inside a value"
        )
    return BadValueError(None, f"has text after a closing quote{swallowed}; double quotes inside a value")


def _without_nul(block: Block) -> Block:
    kept = Block(block.columns, faults=block.faults, bytes_done=block.bytes_done)
    for row, line in zip(block.rows, block.lines, strict=True):
        try:
            refuse_unstorable(block.columns, row)
            kept.rows.append(row)
            kept.lines.append(line)
        except BadValueError as refusal:
            kept.faults.append((line, refusal))
    return kept
