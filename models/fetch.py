"""Fetches a version from MLflow in a process of its own: a server never imports what takes seconds and memory."""

import os
import subprocess
import sys

from leadloop.errors import BrokenModelError, LeadLoopError, RegistryError
from leadloop.settings import Settings
from models import registry

FETCH_SECONDS = 300
BROKEN = 4
"""The exit code of the process where what came is not what was registered."""
_SETTINGS = "LEADLOOP_FETCH"


def apart(settings: Settings, version: str) -> None:
    """Get a local copy of a version, unless there is a whole one; the work is another process's.

    Raises: RegistryError when it can't be had, BrokenModelError when MLflow's own files are broken.
    """
    if registry.has_whole_copy(settings, version):
        return
    command = [sys.executable, "-m", "models.fetch", version]
    environment = os.environ | {_SETTINGS: settings.model_dump_json()}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=FETCH_SECONDS)  # noqa: S603 -- our own module
    except subprocess.TimeoutExpired:
        raise RegistryError(f"Version {version} did not come from MLflow within {FETCH_SECONDS} s") from None
    if done.returncode:
        said = done.stderr.strip().rpartition("\n")[2]
        if done.returncode == BROKEN:
            raise BrokenModelError(said)
        cause = said or f"exit code {done.returncode}"
        if registry.has_copy(settings, version):
            raise RegistryError(f"The copy of version {version} here is broken, and it can't be fetched anew: {cause}")
        raise RegistryError(f"Version {version} can't be fetched from MLflow: {cause}")


def main() -> None:
    """Fetch what the command line names, with the settings of whoever asked."""
    try:
        registry.fetch(Settings.model_validate_json(os.environ[_SETTINGS]), sys.argv[1])
    except BrokenModelError as error:
        sys.stderr.write(f"\n{error}\n")
        sys.exit(BROKEN)
    except LeadLoopError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
