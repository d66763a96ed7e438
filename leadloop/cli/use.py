"""Commands that use what was learned: score, queue, explain, serve."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadloop import console
from leadloop.cli.moved import changes_of, show_changes
from leadloop.cli.options import (
    AsOf,
    Cluster,
    Config,
    Engine,
    EngineName,
    Home,
    Json,
    LakeFolder,
    Lang,
    Model,
    Scheduler,
    app,
    cluster_of,
    instant_of,
    language_of,
    open_ledger,
    settings_of,
)
from leadloop.errors import UnknownLeadError
from leadloop.settings import Settings

if TYPE_CHECKING:
    from serving.scorer import Scorer
    from serving.worklist import Worklist

ROWS_SHOWN = 20
FACTS = ("p_win", "expected_value", "importance", "urgency", "priority", "stars", "flames", "fit", "readiness", "cell")
CHANCES = {"p_win", "importance", "fit", "readiness"}
"""Figures that are percentages, or money made of them."""
ORDER_ONLY = {
    "en": "only the order is worth something: percentages are not shown (see `leadloop scorecard`)",
    "fr": "seul l’ordre vaut quelque chose : les pourcentages ne sont pas montrés (voir `leadloop scorecard`)",
}


@app.command()
def score(  # noqa: PLR0913 -- a command's options
    lead: Annotated[list[str] | None, typer.Option("--lead", help="Only this lead; may be repeated.")] = None,
    everyone: Annotated[bool, typer.Option("--all", help="Every lead that existed, not only open ones.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write all rows to a .csv, .parquet or .jsonl file.")
    ] = None,
    engine: EngineName = Engine.local,
    lake: LakeFolder = None,
    scheduler: Scheduler = None,
    as_of: AsOf = None,
    model: Model = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Score open leads, best first."""
    from serving.files import check_ending, write

    if out:
        check_ending(out)
    settings, many = settings_of(home, config), cluster_of(engine, lake, scheduler)
    choice: dict[str, Any] = {"everyone": everyone, "lead_ids": lead or None}
    if many:
        worklist, scorer = ranked_by(many, settings, as_of, model, **choice)
    else:
        worklist, scorer = ranked(settings, as_of, model, **choice)
    _refuse_unknown(lead or [], worklist)
    if out:
        write(worklist.rows, list(scorer.version.bundle.outcome.reasons.names), out)
        console.say(f"{len(worklist.rows):,} scores in {out}")
    if as_json:
        console.print_json(answer(worklist, scorer, worklist.rows))
    elif not out:
        show_rows(f"{len(worklist.rows):,} leads, best first", worklist.rows[:ROWS_SHOWN], settings.language)


def _refuse_unknown(asked: list[str], worklist: "Worklist") -> None:
    people = worklist.history.people
    scored = {row["lead_id"] for row in worklist.rows}
    missing = sorted(lead_id for lead_id in set(asked) if people.of(lead_id) not in scored)
    if missing:
        raise UnknownLeadError(f"There is no lead '{missing[0]}' in the ledger at that instant; import it first")


@app.command()
def queue(  # noqa: PLR0913 -- a command's options
    capacity: Annotated[int | None, typer.Option("--capacity", min=1, help="Leads to take on today.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Only this owner's leads.")] = None,
    team: Annotated[str | None, typer.Option("--team", help="Only the leads of this team's owners.")] = None,
    lang: Lang = None,
    as_of: AsOf = None,
    model: Model = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Today's ranked list, cut at the team's capacity."""
    settings = settings_of(home, config)
    language = language_of(settings, lang)
    found = todays(settings, owners_of(settings, owner, team), capacity, language, as_of=as_of, model=model)
    if as_json:
        console.print_json(found)
    else:
        show_queue(found, language)


def owners_of(settings: Settings, owner: str | None, team: str | None) -> tuple[str, ...] | None:
    """Whose leads the options name; None: everybody's.

    Raises: BadParameter when there is no such team.
    """
    if team is None:
        return None if owner is None else (owner,)
    if team not in settings.teams:
        known = ", ".join(sorted(settings.teams)) or "none"
        raise typer.BadParameter(f"there is no team '{team}'; the setting teams has {known}", param_hint="--team")
    return tuple(each for each in settings.teams[team] if owner in (None, each))


def todays(
    settings: Settings,
    owners: tuple[str, ...] | None,
    capacity: int | None,
    lang: str,
    *,
    as_of: str | None = None,
    model: str | None = None,
) -> dict[str, Any]:
    """Today's list, as `--json` prints it: what the API's pages say, up to the capacity."""
    from serving.backlog.draws import Drawer, Listed
    from serving.backlog.making import make
    from serving.backlog.telling import Asked, tell, today
    from serving.scorer import Scorer, shown_instant

    ledger = open_ledger(settings)
    scorer = Scorer.load(settings, model)
    backlog = make(ledger, scorer, settings, instant_of(ledger, settings, as_of))
    lists = Drawer(ledger, settings)
    listed = lists.listed(backlog, owners) if as_of is None and model is None else Listed(backlog.of_owners(owners))
    mine, cut = listed.mine, capacity or settings.capacity
    ids = [str(lead_id) for lead_id in backlog.lead_ids[mine[:cut]]]
    told = tell(Asked(ledger, settings, scorer, backlog.as_of, lang), ids)
    lists.write()
    return {
        "as_of": shown_instant(backlog.as_of),
        "model_version": scorer.version.version,
        "chances": scorer.version.chances,
        "total": len(mine),
        "capacity": cut,
        "today": today(backlog, mine, cut, 0 if capacity else backlog.taken_by(owners)),
        "leads": listed.told([{**told[each], "rank": rank} for rank, each in enumerate(ids, start=1)], lang),
    }


TODAY = {
    "en": "Today: {leads} of {total} open leads",
    "fr": "Aujourd’hui : {leads} des {total} leads ouverts",
}
WINS = {"en": "; {wins} wins to expect", "fr": " ; {wins} gains attendus"}
HISTORY = {"en": "How it came here", "fr": "Son parcours"}
MOMENT = {"en": ("what", "when"), "fr": ("quoi", "quand")}
TO_DO = {"en": "What to do", "fr": "Que faire"}
LOT = "⚄"
"""Marks leads that are on the list by lot."""


def show_queue(found: dict[str, Any], lang: str) -> None:
    """The top of the list, what it should bring, where that can be told, and what to do with each kind of lead."""
    from serving.reports.words import number

    rows = found["leads"]
    expected = number(sum(row["p_win"] for row in rows), "figure", lang)
    wins = "" if found["chances"] == "order_only" else WINS[lang].format(wins=expected)
    show_rows(TODAY[lang].format(leads=len(rows), total=number(found["total"], "count", lang)) + wins, rows, lang)
    ranked_first = sorted(rows, key=lambda row: row["drawn"])
    told = {LOT if row["drawn"] else row["cell"]: row["tactic"]["text"] for row in ranked_first}
    if told:
        console.print_table(TO_DO[lang], (COLUMNS[lang][7], ""), list(told.items()))


def order_only(rows: list[dict[str, Any]]) -> bool:
    """Whether these were scored by a model whose percentages are not to be shown."""
    return any(row["chances"] == "order_only" for row in rows)


@app.command()
def explain(  # noqa: PLR0913 -- a command's options
    lead_id: Annotated[str, typer.Argument(help="The lead's id.")],
    changes: Annotated[bool, typer.Option("--changes", help="Also why its stored scores changed.")] = False,
    lang: Lang = None,
    as_of: AsOf = None,
    model: Model = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """One lead: its score and why, what it did last, what became of it, and what to do."""
    from serving.scorer import Scorer
    from serving.sheet import sheet

    settings = settings_of(home, config)
    language, ledger = language_of(settings, lang), open_ledger(settings)
    at, scorer = instant_of(ledger, settings, as_of), Scorer.load(settings, model)
    row = sheet(ledger, settings, scorer, lead_id, lang=language, as_of=at)
    if changes:
        row["changes"] = changes_of(ledger, settings, scorer, row["lead_id"], language)
    if as_json:
        console.print_json(row)
        return
    if row["lead_id"] != lead_id:
        console.note(f"'{lead_id}' is a duplicate of '{row['lead_id']}', which stands for both")
    show_lead(row, language)
    if changes:
        show_changes(row["changes"], language, ranks=order_only([row]))


WHY = {
    "en": ("Why", "fact", "effect on log-odds", "where all leads start", "all other facts", "log-odds of p_win"),
    "fr": ("Pourquoi", "fait", "effet (log-cote)", "point de départ de tous", "tout le reste", "log-cote de p_win"),
}


def show_lead(row: dict[str, Any], lang: str) -> None:
    """A lead's sheet."""
    facts = [(name, row[name]) for name in FACTS if not (order_only([row]) and name in CHANCES)]
    console.print_table(f"Lead {row['lead_id']} (model {row['model_version']})", ("", "value"), facts, ("value",))
    if order_only([row]):
        console.note(ORDER_ONLY[lang])
    _show_why(row, lang)
    if row["moments"]:
        console.print_table("Moments", MOMENT[lang], [(m["type"], m["occurred_at"]) for m in row["moments"]])
    steps = [(step["state"], step["since"]) for step in row["history"]["states"]]
    console.print_table(HISTORY[lang], ("", ""), steps)
    console.print_table(TO_DO[lang], ("",), [(each,) for each in (row["tactic"]["text"], *row["tactic"]["next"])])
    if row["change"]:
        console.note(row["change"]["text"])


def _show_why(row: dict[str, Any], lang: str) -> None:
    """From where all leads start to this one's chance; where that is not true, the facts alone."""
    title, fact, effect, start, rest, total = WHY[lang]
    told = [(reason["text"], f"{reason['contribution']:+.2f}") for reason in row["reasons"]]
    fall = row["waterfall"]
    others = (rest, f"{fall['rest']:+.2f}")
    steps = [(start, f"{fall['base']:.2f}"), *told, others, (total, f"{fall['total']:.2f}")]
    console.print_table(title, (fact, effect), [*told, others] if order_only([row]) else steps, (effect,))


@app.command()
def serve(
    port: Annotated[int | None, typer.Option("--port", min=0, max=65535, help="Default 8000.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="Server processes.")] = None,
    without_key: Annotated[bool, typer.Option("--open", help="Needs no key; binds to loopback only.")] = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Serve the API."""
    from serving.run import run

    run(settings_of(home, config, port=port, workers=workers), without_key=without_key)


def ranked(settings: Settings, as_of: str | None, model: str | None, **choice: Any) -> "tuple[Worklist, Scorer]":
    """Leads, ranked, and what scored them."""
    from serving.scorer import Scorer
    from serving.worklist import rank

    ledger = open_ledger(settings)
    at = instant_of(ledger, settings, as_of)
    scorer = Scorer.load(settings, model)
    return rank(ledger, scorer, at, **choice), scorer


def ranked_by(
    many: Cluster, settings: Settings, as_of: str | None, model: str | None, **choice: Any
) -> "tuple[Worklist, Scorer]":
    """The same, from a lake, on the workers of a cluster."""
    from leadloop.cluster import connected
    from serving.distributed import Choice, rank
    from serving.scorer import Scorer

    at = many.instant_of(settings, as_of)
    scorer = Scorer.load(settings, model)
    named = None if choice["lead_ids"] is None else tuple(choice["lead_ids"])
    with connected(many.scheduler) as client:
        return rank(client, many.lake, scorer, Choice(at, choice["everyone"], named)), scorer


def answer(worklist: "Worklist", scorer: "Scorer", rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What `--json` prints of a list of leads."""
    from serving.scorer import shown_instant

    version = scorer.version
    known = {"model_version": version.version, "chances": version.chances}
    return {"as_of": shown_instant(worklist.as_of), **known, "leads": rows}


COLUMNS = {
    "en": ("rank", "lead", "priority", "p_win", "value", "stars", "flames", "cell", "last seen"),
    "fr": ("rang", "lead", "priorité", "p_win", "valeur", "étoiles", "flammes", "case", "vu en dernier"),
}


def show_rows(title: str, rows: list[dict[str, Any]], lang: str) -> None:
    """A list of leads for people; a dash for the chance where only the order is worth something."""
    ranks, columns = order_only(rows), COLUMNS[lang]
    lines = [
        (
            *(row["rank"], row["lead_id"], row["priority"], None if ranks else row["p_win"], row["expected_value"]),
            *("★" * row["stars"], "▲" * row["flames"], f"{row['cell']} {LOT}" if row.get("drawn") else row["cell"]),
            row["moments"][0]["type"] if row["moments"] else None,
        )
        for row in rows
    ]
    console.print_table(title, columns, lines, (columns[0], *columns[2:5]))
    if ranks:
        console.note(ORDER_ONLY[lang])
