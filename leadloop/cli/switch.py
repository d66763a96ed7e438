"""Commands that switch versions of the model on and back, and show first what would change: the model's life."""

from pathlib import Path
from typing import Annotated, Any

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
from leadloop.errors import RefusedVersionError

models = typer.Typer(no_args_is_help=True, help="Versions of the model: what there is, and who switched what.")
app.add_typer(models, name="models")

Ref = Annotated[str, typer.Argument(metavar="REF", help="Version number or alias.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; kept in MLflow, names nobody.")]
SAID = {
    "promoted": "Version {version} is now the champion, before it {before}; servers follow within seconds.",
    "rolled_back": "Version {version} serves again, {before} is the one before: `leadloop rollback` brings it back.",
    "nothing": "Version {version} is the champion already; nothing was switched.",
}
ROWS_SHOWN = 10


@app.command()
def promote(
    ref: Ref,
    force: Annotated[bool, typer.Option("--force", help="Although its verdict is no; wants --reason.")] = False,
    reason: Reason = "",
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """Make a version the champion of every server; exit code 3 when its verdict is no and it is not forced."""
    from leadloop.store.audit import COMMAND
    from serving.switching import Desk

    settings = settings_of(home, config)
    if force and not reason.strip():
        raise typer.BadParameter("a version is forced with a reason", param_hint="--reason")
    try:
        done = Desk(settings, open_ledger(settings), COMMAND).promote(ref, reason, force=force)
    except RefusedVersionError as error:
        _refused(str(error), as_json=as_json)
    _say(done.as_json(), as_json=as_json)


def _refused(why: str, *, as_json: bool) -> None:
    console.warn(why)
    if as_json:
        console.print_json({"did": "refused", "why": why})
    raise typer.Exit(VERDICT_IS_NO)


def _say(done: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        console.print_json(done)
    else:
        console.out.print(SAID[done["did"]].format(**{**done, "before": done["before"] or "none"}), highlight=False)


@app.command()
def rollback(reason: Reason = "", as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """Let the version before the champion serve again, on every server, in seconds; once more goes forth again."""
    from leadloop.store.audit import COMMAND
    from serving.switching import Desk

    settings = settings_of(home, config)
    _say(Desk(settings, open_ledger(settings), COMMAND).roll_back(reason).as_json(), as_json=as_json)


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

    settings = settings_of(home, config)
    language, ledger = language_of(settings, lang), open_ledger(settings)
    found = model_diff.diff(settings, ledger, (a, b), instant_of(ledger, settings, as_of), capacity)
    if out:
        write_page(out, diff_page.render(found, language))
    if as_json:
        console.print_json(found)
    elif not out:
        show_diff(found, language)


def show_diff(found: dict[str, Any], lang: str) -> None:
    """A comparison for people: the same as its page, shorter."""
    from serving.diff_words import METRICS, WORDS

    words, sides, french = WORDS[lang], [found[side]["version"] for side in "ab"], lang == "fr"
    agreed = found["agreement"]
    rho = f"{agreed['rank_correlation']:.2f}"
    console.note(words["same"].format(same=agreed["same_in_top"], top=agreed["top"], rho=rho))
    figures = [
        (METRICS.get(m["metric"], ("", ""))[french] or m["metric"], m["a"]["value"], m["b"]["value"])
        for m in found["metrics"]
    ]
    console.print_table(words["metrics"], (words["metric"], *sides), figures, sides)
    tiers = [(words[name], found["tiers"][name]["up"], found["tiers"][name]["down"]) for name in ("stars", "flames")]
    console.print_table(words["tiers"], ("", "+", "−"), tiers, ("+", "−"))
    for kind in ("team", "owner"):
        rows = [
            (each[kind] or words["nobody"], each["a"], each["b"], f"{each['difference']:+d}")
            for each in found[f"{kind}s"]
        ]
        if rows:
            columns = (words[kind], *sides, words["difference"])
            console.print_table(words["owners"], columns, rows[:ROWS_SHOWN], columns[1:])
    for name in ("enter", "leave"):
        _show_leads(words[name], found["queue"][name], words)
    facts = [(each[lang], f"{each['a']:.1%}", f"{each['b']:.1%}") for each in found["features"][:ROWS_SHOWN]]
    console.print_table(words["features"], (words["feature"], *sides), facts, sides)


def _show_leads(title: str, rows: list[dict[str, Any]], words: Any) -> None:
    lines = [
        (row["lead_id"], row["owner"] or words["nobody"], f"{row['rank']['a']} → {row['rank']['b']}")
        for row in rows[:ROWS_SHOWN]
    ]
    if lines:
        console.print_table(title, (words["lead"], words["owner"], words["rank"]), lines, (words["rank"],))


@models.command("list")
def list_models(as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """Every version: what it is called, its verdict and figures."""
    from serving.versions import listed

    found = listed(settings_of(home, config))
    if as_json:
        console.print_json(found)
        return
    rows = [
        (
            each["version"],
            ", ".join(each["aliases"]),
            each["verdict"],
            each["created_at"],
            each["metrics"].get("roc_auc"),
            each["metrics"].get("log_loss"),
        )
        for each in found["versions"]
    ]
    columns = ("version", "aliases", "verdict", "created", "roc_auc", "log_loss")
    console.print_table(f"{len(rows)} versions", columns, rows, ("version", "roc_auc", "log_loss"))
    if found["registry"] != "ok":
        console.warn(f"{found['registry']}; these are the copies on this machine")


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
def history(as_json: Json = False, home: Home = None, config: Config = None) -> None:
    """Who promoted, rolled back and refused which version, when and why, newest first."""
    from serving.versions import listed

    found = listed(settings_of(home, config))
    if as_json:
        console.print_json({"history": found["history"], "registry": found["registry"]})
        return
    rows = [
        (
            each["at"],
            f"{each['did']}, forced" if each["forced"] else each["did"],
            each["version"],
            each["before"],
            each["by"],
            each["reason"],
        )
        for each in found["history"]
    ]
    console.print_table(f"{len(rows)} switches", ("when", "did", "version", "before", "by", "why"), rows)
    if found["registry"] != "ok":
        console.warn(found["registry"])
