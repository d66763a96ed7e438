"""What every file format is read into: rows of plain values under one header, and the rows that went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from leadloop.intake.values import BadValueError
from leadloop.store.rows import Value

Row = Sequence[Value]
"""Values in the order of the columns, then one "" for columns that the file doesn't have.

Texts are stripped; "" was not given, None was given as nothing (JSON null). Numbers are finite.
"""


@dataclass
class Block:
    """Some rows of a file; `lines` says where each starts, `bytes_done` how far the file has been read."""

    columns: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    faults: list[tuple[int, BadValueError]] = field(default_factory=list)
    bytes_done: int = 0

    @property
    def read(self) -> int:
        """Rows read, good and bad."""
        return len(self.rows) + len(self.faults)


def refuse_unstorable(columns: Sequence[str], row: Row) -> None:
    """Refuse texts that no database can hold: NUL, and halves of a UTF-16 pair.

    Raises: BadValueError naming the column.
    """
    for column, value in zip(columns, row, strict=False):
        if isinstance(value, str) and ("\0" in value or any("\ud800" <= char <= "\udfff" for char in value)):
            raise BadValueError(column, "holds a NUL or half a character, which can't be stored")
