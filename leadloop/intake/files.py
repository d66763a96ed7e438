"""Which files an import reads, what each holds by its name, and how its bytes are opened."""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, cast

from leadloop.errors import InputError
from leadloop.intake.report import TABLES, ImportReport

FORMATS = {"csv": "csv", "tsv": "csv", "jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl", "parquet": "parquet"}
_TABLE = re.compile(rf"({'|'.join(TABLES)})(?:[-_. \d].*)?", re.IGNORECASE)
_ENDINGS = ".csv, .tsv, .jsonl, .ndjson, .json or .parquet, plain or .gz"
_PIECE = 1 << 20
_NOT_TEXT = {b"\x1f\x8b": "gzip (end its name in .gz)", b"PK": "a spreadsheet or zip (export it as CSV)",
             b"PAR1": "Parquet (end its name in .parquet)", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}  # fmt: skip


@dataclass(frozen=True)
class SourceFile:
    """One file to read; `table` is None for an export that a mapping explains."""

    path: Path
    format: str
    gzipped: bool
    size: int
    table: str | None

    @property
    def name(self) -> str:
        """As it was given, for messages."""
        return str(self.path)


def plan(paths: Sequence[Path], *, mapped: bool, report: ImportReport) -> list[SourceFile]:
    """The files to read, each once: leads, then events, then outcomes; exports as given.

    Raises: InputError when a path is absent, or is no file that can be read.
    """
    if not paths:
        raise InputError("No file was named; name leads, events or outcomes files, or a folder that holds them")
    files = [file for path in paths for file in ([_export(path)] if mapped else _tables(path, report))]
    once: dict[Path, SourceFile] = {}
    for file in files:
        once.setdefault(file.path.resolve(), file)
    return sorted(once.values(), key=lambda file: TABLES.index(file.table) if file.table else 0)


def _export(path: Path) -> SourceFile:
    _must_exist(path)
    if path.is_dir():
        raise InputError(f"{path} is a folder; with a mapping, name the export file itself")
    if (file := _source_file(path, None)) is None:
        raise InputError(f"{path} is no table file; its name must end in {_ENDINGS}")
    return file


def _tables(path: Path, report: ImportReport) -> list[SourceFile]:
    _must_exist(path)
    if path.is_dir():
        return _folder(path, report)
    if (file := _table_file(path)) is None:
        wanted = f"leads, events or outcomes, and end in {_ENDINGS}"
        raise InputError(f"{path} is none of the tables; its name must start with {wanted}; or give a --mapping")
    return [file]


def _folder(folder: Path, report: ImportReport) -> list[SourceFile]:
    try:
        paths = sorted(folder.iterdir(), key=_natural)
    except OSError as error:
        raise InputError(f"{folder} can't be read: {error.strerror}") from None
    found = [(path, _table_file(path) if path.is_file() else None) for path in paths]
    report.ignored_files.extend(str(path) for path, file in found if file is None)
    files = [file for _, file in found if file is not None]
    if not files:
        raise InputError(f"{folder} holds no leads, events or outcomes file ({_ENDINGS})")
    return files


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sorts leads_2 before leads_10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", path.name)]


def _table_file(path: Path) -> SourceFile | None:
    named = _TABLE.fullmatch(path.name)
    return _source_file(path, named[1].lower()) if named else None


def _source_file(path: Path, table: str | None) -> SourceFile | None:
    name = path.name.lower()
    gzipped = name.endswith(".gz")
    ending = name.removesuffix(".gz").rpartition(".")[2]
    if ending not in FORMATS:
        return None
    return SourceFile(path, FORMATS[ending], gzipped, path.stat().st_size, table)


def _must_exist(path: Path) -> None:
    if not path.exists():
        raise InputError(f"{path} does not exist; check the path")
    if not (path.is_file() or path.is_dir()):
        raise InputError(f"{path} is neither a file nor a folder; save what it gives to a file first")


@contextmanager
def open_bytes(file: SourceFile) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """The file's content, unzipped, and the bytes under it, whose position tells how far it has been read.

    Raises: InputError when it can't be opened or unzipped.
    """
    try:
        with file.path.open("rb") as raw:
            if not file.gzipped:
                yield raw, raw
            else:
                with gzip.open(raw) as content:
                    yield cast("BinaryIO", content), raw
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError(f"{file.name} is no whole gzip file; write it again") from None
    except OSError as error:
        raise InputError(f"{file.name} can't be read: {error.strerror or error}") from None


@contextmanager
def open_text(file: SourceFile) -> Iterator[tuple[TextIOWrapper, BinaryIO]]:
    """The file's text, its line ends untouched, and the bytes under it."""
    with open_bytes(file) as (content, raw), TextIOWrapper(content, encoding="utf-8-sig", newline="") as text:
        yield text, raw


def check_text(file: SourceFile) -> bool:
    """Read all of it once, so that a file of broken text is refused before any row of it is used.

    Returns whether there is a NUL in it. Raises: InputError naming the line that is no UTF-8.
    """
    decoder, lines, has_nul, piece = codecs.getincrementaldecoder("utf-8")(), 0, False, b"-"
    with open_bytes(file) as (content, _):
        while piece:
            piece = content.read(_PIECE)
            try:
                decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                raise _no_text(file, error, lines) from None
            lines += piece.count(b"\n")
            has_nul = has_nul or b"\0" in piece
    return has_nul


def _no_text(file: SourceFile, error: UnicodeDecodeError, lines: int) -> InputError:
    before = bytes(error.object[: error.start])
    if lines == 0:
        for start, what in _NOT_TEXT.items():
            if bytes(error.object).startswith(start):
                return InputError(f"{file.name} line 1 is no text: it looks like {what}; a table is read as UTF-8")
    line = lines + before.count(b"\n") + 1
    return InputError(f"{file.name} line {line} is not UTF-8; save the file as UTF-8 and import it again")
