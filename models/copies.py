"""Local copies of versions, and the note of which one is switched on: what scoring reads, with MLflow up or down."""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import Any

from leadloop.errors import BrokenModelError
from leadloop.settings import Settings

_POINTER = "champion.json"


def mark(settings: Settings) -> int | None:
    """Changes whenever another version is switched on; None while none is. Costs one look at a file."""
    pointer = settings.models_dir / _POINTER
    return pointer.stat().st_mtime_ns if pointer.is_file() else None


def pointed(settings: Settings) -> str | None:
    """The version that was noted here as switched on; None while none is.

    Raises: BrokenModelError when the note can't be read.
    """
    pointer = settings.models_dir / _POINTER
    return _pointed(pointer) if pointer.is_file() else None


def point(settings: Settings, version: str) -> None:
    """Note here that a version is switched on."""
    write_json(settings.models_dir / _POINTER, {"version": version})


@contextmanager
def one_at_a_time(settings: Settings) -> Iterator[None]:
    """Who notes the champion here waits for who else does: alias and note change together."""
    settings.models_dir.mkdir(parents=True, exist_ok=True)
    with (settings.models_dir / f".{_POINTER}.lock").open("w") as lock:
        flock(lock, LOCK_EX)  # given back with the file, also by a process that was killed
        yield


def has_copy(settings: Settings, version: str) -> bool:
    """Whether a version can be loaded without MLflow."""
    return (settings.models_dir / version).is_dir()


def newest(settings: Settings) -> str | None:
    """The number of the newest version that has a local copy, switched on or not."""
    return next(iter(numbers(settings)), None)


def numbers(settings: Settings) -> list[str]:
    """Numbers of the versions that have a local copy, the newest first."""
    found = [int(path.name) for path in settings.models_dir.glob("*") if path.name.isdigit()]
    return [str(number) for number in sorted(found, reverse=True)]


def beside(folder: Path, name: str) -> dict[str, Any]:
    """A JSON file kept beside a bundle."""
    try:
        return dict(json.loads((folder / name).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BrokenModelError(
            f"{folder / name} can't be read: {type(error).__name__} {error}; promote another version or train again"
        ) from None


def _pointed(pointer: Path) -> str:
    try:
        return str(json.loads(pointer.read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BrokenModelError(
            f"{pointer} can't be read: {type(error).__name__} {error}; promote a version or train again"
        ) from None


def keep(source: Path, folder: Path) -> None:
    """Copy a bundle beside its place and put it there in one step, so that nobody reads half of it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".copy-") as scratch:
        shutil.copytree(source, Path(scratch) / "bundle")
        if folder.exists():
            shutil.rmtree(folder)
        (Path(scratch) / "bundle").rename(folder)


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.write_text(json.dumps(content, indent=1, sort_keys=True), encoding="utf-8")
    scratch.replace(path)
