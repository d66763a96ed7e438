"""Where compiled loops are kept: numba's usual places, or a folder under home where it may write in none of them."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("features", "models")
"""Where there are loops to compile."""


def find_a_place() -> None:
    """Name a folder for numba, before it is imported, where neither the code's nor the user's may be written."""
    if os.environ.get("NUMBA_CACHE_DIR") or _usual_places(os.environ):
        return
    home = os.environ.get("LEADLOOP_HOME")
    os.environ["NUMBA_CACHE_DIR"] = str(Path(home).resolve() / "compiled" / _edition()) if home else _for_now()


def _usual_places(environment: Mapping[str, str]) -> bool:
    """Whether numba may write where it does by itself: beside the code, or in the cache of the user."""
    beside = all(_writable(ROOT / room / "__pycache__") for room in ROOMS)
    return beside or _writable(Path(environment.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "numba")


def _writable(folder: Path) -> bool:
    """Whether it can be written, or made where it is not yet there."""
    there = next(each for each in (folder, *folder.parents) if each.exists())
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _edition() -> str:
    """Names the code: a compiled loop holds others that it calls, so what other code left is not to be used."""
    sources = sorted(file for room in ROOMS for file in (ROOT / room).glob("*.py"))
    return sha256(b"".join(file.read_bytes() for file in sources)).hexdigest()[:12]


def _for_now() -> str:
    """A folder of this process alone: without a home there is none that others could not have filled."""
    folder = tempfile.mkdtemp(prefix="leadloop-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
