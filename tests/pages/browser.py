"""Chromium for the tests of pages: the one that is there, else Debian's, which this installs when it is run."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "fonts-dejavu-core")


def find() -> str | None:
    """Where a browser is; LEADLOOP_TEST_BROWSER names another one."""
    named = os.environ.get("LEADLOOP_TEST_BROWSER")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


def install() -> None:
    """Install Debian's, where that is allowed; where it is not, the tests that want one are skipped by name."""
    may = _root()
    if find() or may is None or not shutil.which("apt-get"):
        return
    print("installing chromium for the tests of pages (once)", file=sys.stderr)  # noqa: T201 -- a command
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (("install",), ("update",), ("install",)):
        wanted = () if arguments == ("update",) else ("--no-install-recommends", *PACKAGES)
        command = [*may, "apt-get", "-qq", "-y", *arguments, *wanted]
        done = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if find():
            return
    print(f"chromium could not be installed ({done.returncode})", file=sys.stderr)  # noqa: T201 -- the same


def _root() -> Sequence[str] | None:
    """What to put before a command of the administrator; None where nobody lets us."""
    if os.geteuid() == 0:
        return ()
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True).returncode == 0:
        return (sudo, "-n")
    return None


if __name__ == "__main__":
    install()
