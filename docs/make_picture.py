"""Draws docs/queue.svg, the README's picture: the real output of `leadloop queue` on the demo company.

Run it after `make demo`: .venv/bin/python docs/make_picture.py
"""

from pathlib import Path

from rich.console import Console

from leadloop import console
from leadloop.cli.use import ranked, show_queue
from leadloop.settings import Settings

console.out = Console(record=True, width=118, file=Path("/dev/null").open("w"))  # noqa: SIM115 -- lives as long as this script
worklist, _ = ranked(Settings(home=Path("var/demo")), None, None)
show_queue(worklist.rows, worklist.rows[:10])
console.out.save_svg("docs/queue.svg", title="leadloop queue --capacity 10")
