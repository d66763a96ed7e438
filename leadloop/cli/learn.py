"""Commands that fill the ledger and learn from it: import, train, scorecard."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadloop import console
from leadloop.cli.options import (
    NO_VERSION,
    VERDICT_IS_NO,
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
from leadloop.errors import InputError
from leadloop.settings import Settings

if TYPE_CHECKING:
    from training.recipe import Trained

SHOWN = ("roc_auc", "log_loss", "average_precision", "calibration_error", "wins_at_capacity", "lift_at_10")
BAD_ROWS_SHOWN = 20
MADE = {
    "en": {
        "champion": "Version {version} is now the champion, before it {before}; `leadloop rollback` brings it back.",
        "challenger": "Version {version} waits as challenger: it was held against version {before}, which is not the "
        "champion ({champion}). `leadloop diff champion {version}` shows what it would change, `leadloop promote "
        "{version}` switches it on.",
    },
    "fr": {
        "champion": "La version {version} est désormais le champion, avant elle la {before} ; `leadloop rollback` la "
        "rétablit.",
        "challenger": "La version {version} attend comme challenger : elle a été comparée à la version {before}, qui "
        "n’est pas le champion ({champion}). `leadloop diff champion {version}` montre ce qu’elle changerait, "
        "`leadloop promote {version}` l’active.",
    },
}
"""What became of a version that was recalibrated."""
CHUNK_ROWS = 100_000
"""Rows to a transaction: the more, the fewer times a page of the ledger is written; 100,000 take some 200 MB."""


@app.command("import")
def import_(
    paths: Annotated[list[Path], typer.Argument(help="leads/events/outcomes files, a folder of them, or exports.")],
    mapping: Annotated[Path | None, typer.Option("--mapping", help="Mapping file of a one-table export.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Store nothing when any row is bad.")] = False,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Bring files into the ledger; the same file twice changes nothing, one that was cut short goes on."""
    report = bring_in(settings_of(home, config), paths, mapping, strict=strict)
    if as_json:
        console.print_json(report)
    else:
        show_import(report)


def bring_in(
    settings: Settings, paths: list[Path], mapping: Path | None = None, *, strict: bool = False
) -> dict[str, Any]:
    """Import and say what came in, unknown reasons included."""
    from leadloop.intake.load import load
    from leadloop.intake.mapping import read_mapping
    from leadloop.intake.report import ImportReport
    from leadloop.intake.source import read_paths
    from models.reasons import unknown

    report = ImportReport()
    plan = read_mapping(mapping) if mapping else None
    chunks = read_paths(
        paths,
        mapping=plan,
        timezone=settings.zone,
        stages=settings.stages,
        report=report,
        chunk_rows=CHUNK_ROWS,
    )
    with console.bar("importing") as update:
        load(
            open_ledger(settings),
            chunks,
            report,
            strict=strict,
            done=lambda c: update(c.bytes_done, c.bytes_total, c.file),
            resume=repr((plan, settings.timezone, sorted(settings.stages.items()))),
        )
    return {**report.as_dict(), "unknown_reasons": unknown(report.reasons, settings.reasons)}


def show_import(report: dict[str, Any]) -> None:
    """The report for people: counts on stdout, what to mind on stderr."""
    columns = ("table", "read", "good", "bad", "new", "known")
    rows = [(table, *counts.values()) for table, counts in report["tables"].items() if counts["read"]]
    console.print_table("Imported", columns, rows, columns[1:])
    for bad in report["bad_rows"][:BAD_ROWS_SHOWN]:
        console.warn(f"bad row {bad['file']}:{bad['line']} {bad['column'] or ''}: {bad['cause']}")
    if report["bad"] > BAD_ROWS_SHOWN:
        console.warn(f"… and {report['bad'] - BAD_ROWS_SHOWN} more bad rows; --json names the first 1,000")
    for text, count in report["unknown_reasons"].items():
        console.warn(f"reason '{text}' ({count} times) counts as other; map it under [reasons] in leadloop.toml")
    if report["undated"]:
        console.warn("undated export: features of time are left out, and the split is by order")


@app.command()
def lake(
    folder: Annotated[Path, typer.Argument(help="Where to write it; a lake that is there is replaced.")],
    partitions: Annotated[int, typer.Option("--partitions", min=1, max=500, help="Files a table.")] = 16,
    as_of: AsOf = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Write the ledger as partitioned Parquet, without identities, for training and scoring on many machines."""
    from features.history import NEVER
    from leadloop.store.lake import write

    settings = settings_of(home, config)
    ledger = open_ledger(settings)
    at = instant_of(ledger, settings, as_of)
    rows = write(ledger, folder, partitions, None if at == NEVER else at)
    if as_json:
        console.print_json({"folder": str(folder), "partitions": partitions, "rows": rows})
    else:
        console.print_table(f"Lake in {folder}", ("table", "rows"), list(rows.items()), ("rows",))


@app.command()
def dump(
    folder: Annotated[Path, typer.Argument(help="An empty folder.")],
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Write the whole ledger as files that `import` reads: a copy to keep, or to take to another database."""
    from leadloop.store.dump import write

    counts = write(open_ledger(settings_of(home, config)), folder, lambda name, rows: console.say(f"{rows:,} {name}"))
    if as_json:
        console.print_json(counts)


@app.command()
def train(  # noqa: PLR0913 -- a command's options
    engine: EngineName = Engine.local,
    lake: LakeFolder = None,
    scheduler: Scheduler = None,
    as_of: AsOf = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Learn from the ledger, test forward in time, register; the champion if the gate lets it (else exit code 3)."""
    settings, many = settings_of(home, config), cluster_of(engine, lake, scheduler)
    trained = learn_by(many, settings, as_of) if many else learn(settings, as_of)
    if as_json:
        console.print_json({**trained["scorecard"], "promoted": trained["promoted"]})
    else:
        show_scorecard(trained["scorecard"])
        state = _now(trained["before"]) if trained["promoted"] else "is registered, and not switched on"
        console.out.print(f"Version {trained['version']} {state}.", highlight=False)
    if not trained["promoted"]:
        raise typer.Exit(VERDICT_IS_NO)


def _now(before: str | None) -> str:
    return "is now the champion" + (f", before it {before}; `leadloop rollback` brings it back" if before else "")


def learn(settings: Settings, as_of: str | None = None) -> dict[str, Any]:
    """Train and say what came of it."""
    from training import retrain

    ledger = open_ledger(settings)
    return _told(retrain.train(settings, ledger, instant_of(ledger, settings, as_of), console.say))


def learn_by(many: Cluster, settings: Settings, as_of: str | None) -> dict[str, Any]:
    """The same, from a lake, on the workers of a cluster."""
    from leadloop.cluster import connected
    from training import distributed

    at = many.instant_of(settings, as_of)
    with connected(many.scheduler) as client:
        return _told(distributed.train(settings, client, many.lake, at, console.say))


def _told(trained: "Trained") -> dict[str, Any]:
    told = {"version": trained.version, "promoted": trained.promoted, "before": trained.before}
    return {**told, "scorecard": trained.scorecard.as_dict()}


@app.command()
def recalibrate(
    as_of: AsOf = None,
    model: Model = None,
    lang: Lang = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Make a version's chances true on the newest outcomes, refitting nothing; exit code 3 if not surely truer."""
    from serving.reports.language import AND
    from training.recalibrate import recalibrate as again

    settings = settings_of(home, config)
    language, ledger = language_of(settings, lang), open_ledger(settings)
    made = again(settings, ledger, instant_of(ledger, settings, as_of), model, console.say)
    card = made.scorecard.as_dict()
    if as_json:
        ends = {"model_version": made.version, "promoted": made.promoted, "recalibrated_from": made.before}
        console.print_json({**card, **ends})
    elif made.version is not None:
        show_scorecard(card, language)
        stands = MADE[language]["champion" if made.promoted else "challenger"]
        champion = made.champion or NO_VERSION[language]
        console.out.print(stands.format(version=made.version, before=made.before, champion=champion), highlight=False)
    else:
        console.note(AND[language].join(card["why_fr"] if language == "fr" else card["why"]))
    if made.version is None:
        raise typer.Exit(VERDICT_IS_NO)


@app.command()
def scorecard(
    model: Model = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write it as one page of HTML.")] = None,
    lang: Lang = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Figures of a version (default: the newest) against what anyone could do without it, and the verdict."""
    from models import registry
    from training import page

    settings = settings_of(home, config)
    language = language_of(settings, lang)
    card = dict(registry.load(settings, model or registry.newest(settings)).scorecard)
    if out:
        write_page(out, page.render(card, language))
    if as_json:
        console.print_json(card)
    else:
        show_scorecard(card, language)


def write_page(out: Path, html: str) -> None:
    """Write a page where it is wanted.

    Raises: InputError when that is no place for a file.
    """
    try:
        out.write_text(html, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out} can't be written: {error.strerror}; choose another --out") from None
    console.say(f"{out} written")


TESTED = {
    "en": "Scorecard of version {version}: the {count:,} newest leads{window}, by {kind}",
    "fr": "Bilan de la version {version} : les {count:,} leads les plus récents{window} (séparation : {kind})",
}
WINDOW = {"en": " from {start} to {end}", "fr": ", du {start} au {end}"}
LEFT_OUT = {"en": "left out {column}: {why}", "fr": "écarté : {column} ({why})"}


def show_scorecard(card: dict[str, Any], lang: str = "en") -> None:
    """The scorecard for people."""
    from training.words import said

    if card["split"]["test"]:
        _show_figures(card, lang)
    console.verdict(card["verdict"], card["why_fr"] if lang == "fr" and "why_fr" in card else card["why"], lang)
    for note in card["notes"]:
        console.note(said(note, lang))
    for refused in card["excluded"]:
        console.note(LEFT_OUT[lang].format(column=refused["column"], why=said(refused["evidence"], lang)))


def _show_figures(card: dict[str, Any], lang: str) -> None:
    split = card["split"]
    window = WINDOW[lang].format(start=split["from"][:10], end=split["to"][:10]) if split["from"] else ""
    known = {"version": card["model_version"], "count": split["test"], "window": window, "kind": split["kind"]}
    title = TESTED[lang].format(**known)
    rows = [("leadloop", *(card["metrics"].get(name) for name in SHOWN))]
    rows += [(name, *(figures.get(metric) for metric in SHOWN)) for name, figures in card["baselines"].items()]
    console.print_table(title, ("", *SHOWN), rows, SHOWN)
