"""The command: parses, calls, prints; the only room that imports upwards. Heavy imports wait until they are needed."""

import sys

from leadloop import console
from leadloop.cli import demo, learn, use
from leadloop.cli.options import FAILED, app
from leadloop.errors import LeadLoopError

__all__ = ["app", "demo", "learn", "main", "use"]


def main() -> None:
    """Run the command; an error of ours is one line on stderr and exit code 1, not a traceback."""
    try:
        app()
    except LeadLoopError as error:
        console.err.print("[red]error:[/red]", end=" ")
        console.err.print(str(error), markup=False, highlight=False)
        sys.exit(FAILED)
