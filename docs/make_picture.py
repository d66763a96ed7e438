"""Draws docs/queue.svg, the README's picture: the real output of `leadloop queue` on the demo company.

Run it after `make demo`: .venv/bin/python docs/make_picture.py
"""

from pathlib import Path

from rich.console import Console

from leadloop import console
from leadloop.cli.use import show_queue, todays
from leadloop.settings import Settings

console.out = Console(record=True, width=118, file=Path("/dev/null").open("w"))  # noqa: SIM115 -- lives as long as this script
show_queue(todays(Settings(home=Path("var/demo")), None, 10, "en"), "en")
console.out.save_svg("docs/queue.svg", title="leadloop queue --capacity 10")
