"""JSON Lines into blocks of rows; objects need not have the same keys, so a block ends where the keys change."""

import json
import math
from collections.abc import Iterator
from itertools import islice

from leadloop.errors import InputError
from leadloop.intake.block import Block, Row, refuse_unstorable
from leadloop.intake.files import SourceFile, check_text, open_text
from leadloop.intake.values import BadValueError
from leadloop.store.rows import Value

_LOOKED_AT = 1_000
_PLAIN = (str, int, float, bool, type(None))


def jsonl_columns(file: SourceFile) -> tuple[str, ...]:
    """Every key of the first thousand objects.

    Raises: InputError when the file is empty, one JSON array, or has no JSON object in them.
    """
    with open_text(file) as (text, _):
        try:
            lines = list(islice((line for line in text if line.strip()), _LOOKED_AT))
        except UnicodeDecodeError:
            check_text(file)
            raise
    _refuse_other_json(file, lines)
    return tuple(dict.fromkeys(key for line in lines for key in _keys(line)))


def _refuse_other_json(file: SourceFile, lines: list[str]) -> None:
    if not lines:
        raise InputError(f"{file.name} is empty; write one JSON object a line")
    if lines[0].lstrip().startswith("["):
        raise InputError(f"{file.name} line 1 opens a JSON array; write one object a line (jq -c '.[]' does)")
    if not any(map(_keys, lines)):
        raise InputError(f"{file.name} has no JSON object in its first {len(lines)} lines; write one object a line")


def _keys(line: str) -> tuple[str, ...]:
    try:
        return tuple(_object(line))
    except BadValueError:
        return ()


def jsonl_blocks(file: SourceFile, size: int) -> Iterator[Block]:
    """All rows, at most `size` to a block.

    Raises: InputError, before the first block, when a line isn't UTF-8.
    """
    check_text(file)
    with open_text(file) as (text, raw):
        block = Block(())
        for number, line in enumerate(text, start=1):
            if line.isspace():
                continue
            columns, row, fault = _read(line)
            if block.read >= size or (row is not None and columns != block.columns):
                block.bytes_done = raw.tell()
                yield block
                block = Block(columns or block.columns)
            _add(block, number, row, fault)
        block.bytes_done = raw.tell()
        yield block


def _add(block: Block, number: int, row: Row | None, fault: BadValueError | None) -> None:
    if fault is not None:
        block.faults.append((number, fault))
    elif row is not None:
        block.rows.append(row)
        block.lines.append(number)


def _read(line: str) -> tuple[tuple[str, ...], Row | None, BadValueError | None]:
    try:
        found = _object(line)
        columns = tuple(found)
        row = _row(found)
        if "\\u" in line:
            refuse_unstorable((*columns, *("a key" for _ in columns)), [*row[:-1], *columns])
    except BadValueError as fault:
        return (), None, fault
    return columns, row, None


def _object(line: str) -> dict[str, object]:
    try:
        found = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise BadValueError(None, "is not JSON; write one object a line, and null for NaN or Infinity") from None
    if not isinstance(found, dict):
        raise BadValueError(None, 'is not a JSON object; write {"lead_id": …}')
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _row(found: dict[str, object]) -> list[Value]:
    row: list[Value] = []
    for column, value in found.items():
        if isinstance(value, str):
            row.append(value.strip())
        elif not isinstance(value, _PLAIN):
            raise BadValueError(column, "is a list or an object; write one text, number, true, false or null")
        elif isinstance(value, float) and not math.isfinite(value):
            raise BadValueError(column, "is not a finite number; write null when there is none")
        else:
            row.append(value)
    row.append("")
    return row
