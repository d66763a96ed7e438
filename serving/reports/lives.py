"""The reports on the life of leads: the funnel, and the moves between states; with that on duplicates."""

from dataclasses import asdict

from sqlalchemy import Connection

from leadloop.store import duplicates as duplicates_of
from leadloop.store import lifecycle
from serving.reports.ask import Ask
from serving.reports.report import Column, Report, Table, first_rows

PAIRS_SHOWN = 20


def funnel(connection: Connection, ask: Ask) -> Report:
    """How many leads came how far, where they stand and how long it took."""
    lives = lifecycle.read(connection, ask.cut)
    rungs, n = lifecycle.funnel(lives), len(lives)
    columns = [Column("state"), Column("entered", "count"), Column("reached", "count"), Column("of_all", "share")]
    columns += [Column("now", "count"), Column("median_days", "days")]
    rows = [(r.state, r.entered, r.reached, r.reached / n if n else None, r.now, r.median_days) for r in rungs]
    shown = [(ask.say(f"state {row[0]}"), *row[1:]) for row in rows]
    title = ask.say("funnel title", leads=f"{n:,}")
    data = {"as_of": ask.shown, "leads": n, "funnel": [asdict(rung) for rung in rungs]}
    return Report("funnel", ask.lang, title, data, [Table(title, columns, shown)])


def transitions(connection: Connection, ask: Ask) -> Report:
    """Every move between states; what cannot be comes first."""
    lives = lifecycle.read(connection, ask.cut)
    moves = lifecycle.transitions(lives)
    impossible = sum(move.count for move in moves if move.kind == "impossible")
    columns = (Column("from"), Column("to"), Column("kind"), Column("leads", "count"), Column("examples", "long"))
    rows = [
        (
            *(ask.say(f"state {each}") for each in (move.before, move.after)),
            ask.say(move.kind),
            move.count,
            ", ".join(move.examples),
        )
        for move in moves
    ]
    title = ask.say("transitions title", leads=f"{len(lives):,}")
    data = {"as_of": ask.shown, "impossible": impossible, "transitions": [asdict(move) for move in moves]}
    notes = [ask.say("impossible moves", moves=f"{impossible:,}")] if impossible else []
    return Report("transitions", ask.lang, title, data, [Table(title, columns, rows)], notes)


def duplicates(connection: Connection, ask: Ask) -> Report:
    """How many leads are there twice, where from, and who may be one person."""
    found = duplicates_of.survey(connection, ask.cut)
    columns = (Column("source"), Column("leads", "count"), Column("duplicates", "count"), Column("share", "share"))
    sources = [(s.source, s.leads, s.duplicates, s.duplicates / s.leads) for s in found.sources]
    title = ask.say("duplicates title", duplicates=f"{found.duplicates:,}", leads=f"{found.leads:,}")
    heads = (Column("duplicate"), Column("survivor"), Column("score", "figure"), Column("why", "long"))
    pairs = [(p.lead_id, p.survivor_id, p.score, ", ".join(ask.say(each) for each in p.why)) for p in found.proposals]
    proposed = Table(ask.say("pairs title", pairs=f"{len(pairs):,}"), heads, pairs)
    ways = ", ".join(f"{count:,} {ask.say(f'found by {way}')}" for way, count in found.found_by.items())
    notes = [ask.say("joined by", ways=ways or ask.say("no one"))]
    data = {"as_of": ask.shown, **asdict(found)}
    tables = [Table(title, columns, sources), first_rows(proposed, PAIRS_SHOWN, ask.lang)]
    return Report("duplicates", ask.lang, title, data, tables, notes)
