"""Commands that switch versions of the model on and back, and show first what would change: the model's life."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadloop import console
from leadloop.cli.options import (
    VERDICT_IS_NO,
    AsOf,
    Config,
    Home,
    Json,
    Lang,
    app,
    instant_of,
    language_of,
    open_ledger,
    settings_of,
)
from leadloop.cli.switch_words import WORDS
from leadloop.errors import RefusedVersionError, RegistryError

if TYPE_CHECKING:
    from serving.diff_told import Table, Told

models = typer.Typer(no_args_is_help=True, help="Versions of the model: what there is, and who switched what.")
app.add_typer(models, name="models")

Ref = Annotated[str, typer.Argument(metavar="REF", help="Version number or alias.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in MLflow, names nobody.")]
ROWS_SHOWN = 10
FIGURES = ("roc_auc", "log_loss")


@app.command()
def promote(  # noqa: PLR0913 -- a command's options
    ref: Ref,
    force: Annotated[bool, typer.Option("--force", help="Although its verdict is no; wants --reason.")] = False,
    reason: Reason = "",
    lang: Lang = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Make a version the champion of every server; exit code 3 when its verdict is no and it is not forced."""
    from leadloop.store.audit import COMMAND
    from models.registry import resolve
    from serving.switching import Desk

    settings = settings_of(home, config)
    words = WORDS[language_of(settings, lang)]
    if force and not reason.strip():
        raise typer.BadParameter("a version is forced with a reason", param_hint="--reason")
    try:
        done = Desk(settings, open_ledger(settings), COMMAND).promote(ref, reason, force=force)
    except RefusedVersionError as error:
        console.warn(words["refused"].format(why=error, version=resolve(settings, ref)))
        if as_json:
            console.print_json({"did": "refused", "why": str(error)})
        raise typer.Exit(VERDICT_IS_NO) from None
    _say(done.as_json(), words, as_json=as_json)


def _say(done: dict[str, Any], words: Mapping[str, str], *, as_json: bool) -> None:
    if as_json:
        console.print_json(done)
        return
    first = done["did"] == "promoted" and done["before"] is None
    console.out.print(words["first" if first else done["did"]].format(**done), highlight=False)


@app.command()
def rollback(
    reason: Reason = "", lang: Lang = None, as_json: Json = False, home: Home = None, config: Config = None
) -> None:
    """Let the version before the champion serve again, on every server, in seconds; once more goes forth again."""
    from leadloop.store.audit import COMMAND
    from serving.switching import Desk

    settings = settings_of(home, config)
    words = WORDS[language_of(settings, lang)]
    _say(Desk(settings, open_ledger(settings), COMMAND).roll_back(reason).as_json(), words, as_json=as_json)


@app.command()
def diff(  # noqa: PLR0913 -- a command's options
    a: Ref,
    b: Ref,
    capacity: Annotated[int | None, typer.Option("--capacity", min=1, help="Leads at the top of the queue.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write it as one page of HTML.")] = None,
    lang: Lang = None,
    as_of: AsOf = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """What version B changes against A for today's open leads: tiers, owners, features, figures; switches nothing."""
    from leadloop.cli.learn import write_page
    from serving import diff_page, model_diff

    if out and out.suffix != ".html":
        raise typer.BadParameter("write a file that ends in .html", param_hint="--out")
    settings = settings_of(home, config)
    language, ledger = language_of(settings, lang), open_ledger(settings)
    if not as_json:
        model_diff.look_apart(settings, (a, b))
    found = model_diff.diff(settings, ledger, (a, b), instant_of(ledger, settings, as_of), capacity)
    if out:
        write_page(out, diff_page.render(found, language))
    if as_json:
        console.print_json(found)
    elif not out:
        show_diff(found, language)


def show_diff(found: dict[str, Any], lang: str) -> None:
    """A comparison for people: the same as its page, with fewer leads and facts."""
    from serving.diff_told import Told

    told = Told(found, lang)
    console.note(told.compared())
    console.note(told.agreed())
    _show(told, told.title(), told.about())
    _show(told, told.say("metrics"), told.metrics())
    console.note(told.say("metrics says"))
    if found["open_leads"]:
        _show_leads(told, found)
    if found["features"]:
        _show(told, told.say("features"), told.features(), ROWS_SHOWN)
        console.note(told.say("features says"))


def _show_leads(told: "Told", found: dict[str, Any]) -> None:
    for name in ("stars", "flames"):
        said, moves = told.levels(name)
        _show(told, f"{told.say('tiers')} – {said if moves.rows else told.say(name)}", moves)
    _show(told, f"{told.say('tiers')} – {told.say('cells')}", told.cells())
    for kind in ("team", "owner"):
        if found[f"{kind}s"]:
            _show(told, f"{told.say('owners')} ({told.say(kind)})", told.shares(kind), ROWS_SHOWN)
    for name, rows in (
        ("enter", found["queue"]["enter"]),
        ("leave", found["queue"]["leave"]),
        ("moved", found["leads"]),
    ):
        _show(told, told.say(name), told.leads(rows), ROWS_SHOWN)


def _show(told: "Told", title: str, table: "Table", most: int | None = None) -> None:
    """A table, or that nobody is in it; where it is cut it says so."""
    if not table.rows:
        console.note(told.say("none", title=title))
        return
    console.print_table(title, table.head, table.rows[:most], table.head[1:])
    if most is not None and len(table.rows) > most:
        console.note(told.say("more", title=title, shown=most, all=len(table.rows)))


@models.command("list")
def list_models(lang: Lang = None, as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """Every version: what it is called, its verdict and figures."""
    from serving.versions import listed

    settings = settings_of(home, config)
    language, found = language_of(settings, lang), listed(settings)
    if as_json:
        console.print_json(found)
        return
    words = WORDS[language]
    columns = (*(words[name] for name in ("version", "aliases", "verdict", "created")), *FIGURES)
    rows = [_version(each, language) for each in found["versions"]]
    console.print_table(_counted(words, "version", rows), columns, rows, (words["version"], *FIGURES))
    console.note(words["own test"])
    if found["registry"] != "ok":
        console.warn(words["copies"].format(registry=found["registry"]))


def _version(each: dict[str, Any], lang: str) -> tuple[str | None, ...]:
    from serving.diff_told import number
    from serving.diff_words import VERDICTS

    verdict = VERDICTS.get(each["verdict"], (each["verdict"], each["verdict"]))[lang == "fr"]
    figures = (number(each["metrics"].get(name), ".3f", lang) for name in FIGURES)
    return (each["version"], ", ".join(each["aliases"]), verdict, each["created_at"], *figures)


def _counted(words: Mapping[str, str], what: str, rows: Sequence[object]) -> str:
    return words[f"one {what}"] if len(rows) == 1 else words[f"{what} count"].format(n=len(rows))


@models.command()
def card(
    ref: Annotated[str | None, typer.Argument(metavar="[REF]", help="Number or alias; default: the champion.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write it as a .html page or a .md file.")] = None,
    lang: Lang = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """A version's model card: what it is for, on what it rests, how it did, and where it ends."""
    from leadloop.cli.learn import write_page
    from models import registry
    from training.model_card import Told, of_version

    settings = settings_of(home, config)
    if out and out.suffix not in (".html", ".md"):
        raise typer.BadParameter("write a file that ends in .html or .md", param_hint="--out")
    found = registry.load(settings, ref)
    told = Told(found.scorecard, found.bundle, found.importances, found.data)
    files = of_version(told, found.version, language_of(settings, lang))
    if out:
        write_page(out, files[out.suffix])
    if as_json:
        console.print_json({"version": found.version, "card": files[".md"]})
    elif not out:
        console.out.print(files[".md"], markup=False, highlight=False)


@models.command()
def history(lang: Lang = None, as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """Who promoted, rolled back and refused which version, when and why, newest first."""
    from serving.versions import listed

    settings = settings_of(home, config)
    language, found = language_of(settings, lang), listed(settings)
    words = WORDS[language]
    if as_json:
        console.print_json({"history": found["history"], "registry": found["registry"]})
    if found["registry"] != "ok":
        raise RegistryError(words["unknown"].format(registry=found["registry"]))
    if not as_json:
        rows = [_switch(each, language) for each in found["history"]]
        columns = [words[name] for name in ("when", "did", "version", "before", "by", "why")]
        console.print_table(_counted(words, "switch", rows), columns, rows)


def _switch(each: dict[str, Any], lang: str) -> tuple[str | None, ...]:
    words = WORDS[lang]
    did = words.get(f"did {each['did']}", each["did"])
    did = words["forced"].format(did=did) if each["forced"] else did
    why = (each["reason_fr"] if lang == "fr" else "") or each["reason"]
    return (each["at"], did, each["version"], each["before"], each["by"], why)
