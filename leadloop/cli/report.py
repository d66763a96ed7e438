"""Closed-loop reports, a function each: `leadloop report NAME`."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from leadloop import console
from leadloop.cli.options import AsOf, Config, Home, Json, app, instant_of, open_ledger, settings_of

if TYPE_CHECKING:
    from leadloop.store.lifecycle import Life

report = typer.Typer(no_args_is_help=True, help="Closed-loop reports: what becomes of leads.")
app.add_typer(report, name="report")


@report.command()
def funnel(as_of: AsOf = None, as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """How many leads came how far on the way from contact to promoter, and how long it took."""
    from leadloop.store import lifecycle

    shown, lives = _lives(as_of, home, config)
    rungs = lifecycle.funnel(lives)
    if as_json:
        console.print_json({"as_of": shown, "leads": len(lives), "funnel": [asdict(rung) for rung in rungs]})
        return
    columns = ("state", "entered", "reached", "of all", "now", "median days")
    rows = [(r.state, r.entered, r.reached, _share(r.reached, len(lives)), r.now, r.median_days) for r in rungs]
    console.print_table(f"Funnel of {len(lives):,} leads", columns, rows, columns[1:])


@report.command()
def transitions(as_of: AsOf = None, as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """Every move between states that leads made; what cannot be comes first, with examples."""
    from leadloop.store import lifecycle

    shown, lives = _lives(as_of, home, config)
    moves = lifecycle.transitions(lives)
    impossible = sum(move.count for move in moves if move.kind == "impossible")
    if as_json:
        console.print_json({"as_of": shown, "impossible": impossible, "transitions": [asdict(move) for move in moves]})
        return
    columns = ("from", "to", "", "leads", "such as")
    rows = [(move.before, move.after, move.kind, move.count, ", ".join(move.examples)) for move in moves]
    console.print_table(f"Moves of {len(lives):,} leads", columns, rows, ("leads",))
    if impossible:
        console.note(f"{impossible:,} moves cannot be; they are kept as they came, so correct them in the CRM")


def _lives(as_of: str | None, home: Home, config: Config) -> "tuple[str | None, list[Life]]":
    """Every lead's life at the instant asked for, and that instant for people."""
    from features.history import NEVER
    from leadloop.store import lifecycle
    from serving.scorer import shown_instant

    settings = settings_of(home, config)
    ledger = open_ledger(settings)
    at = instant_of(ledger, settings, as_of)
    with ledger.reading() as connection:
        return shown_instant(at), lifecycle.read(connection, None if at == NEVER else at)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"
