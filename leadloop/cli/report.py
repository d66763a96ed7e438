"""Closed-loop reports: `leadloop report NAME`, on the console, as JSON, as a page or as a file for spreadsheets."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadloop import console
from leadloop.cli.options import AsOf, Config, Home, Json, Lang, app, instant_of, language_of, open_ledger, settings_of

if TYPE_CHECKING:
    from serving.reports.report import Report

report = typer.Typer(no_args_is_help=True, help="Closed-loop reports: what becomes of leads.")
app.add_typer(report, name="report")

ENDINGS = (".html", ".csv")
PLAIN = {
    "rejections": "Why sales refuses leads: by reason, source, campaign and month, and how many at sight.",
    "sources": "What each source brings, how far it comes, what it is worth and why it is refused.",
    "campaigns": "What each campaign brings, how far it comes, what it is worth and why it is refused.",
    "sla": "The first contact: promised, kept, missed and at risk now, and how fast sales calls.",
    "funnel": "How many leads came how far on the way from contact to promoter, and how long it took.",
    "transitions": "Every move between states that leads made; what cannot be comes first, with examples.",
    "duplicates": "How many leads are there twice, and where from; and who may be one person.",
    "personas": "Who wins, in rules that a person can read, and whether that is whom you aim at.",
    "samples": "What sales says of samples of planned campaigns before they are launched.",
    "definitions": "What a lead, an MQL, an SQL, each reason, cell and threshold is here, and since when.",
    "drift": "Whether leads, wins and refusals are still those that the model was trained for.",
}
"""Reports that take no options of their own, and what their help says."""

Out = Annotated[Path | None, typer.Option("--out", help="Write a .html page or a .csv file.")]
Rates = Annotated[list[str] | None, typer.Option("--rate", help="Assume STAGE=SHARE; may be repeated.")]


@dataclass(frozen=True)
class Given:
    """The options that reports share."""

    as_of: str | None
    out: Path | None
    lang: str | None
    as_json: bool
    home: Path | None
    config: Path | None


def _command(name: str, says: str) -> None:
    @report.command(name, help=says)
    def command(
        as_of: AsOf = None,
        out: Out = None,
        lang: Lang = None,
        as_json: Json = False,
        home: Home = None,
        config: Config = None,
    ) -> None:
        answer(name, Given(as_of, out, lang, as_json, home, config))


for _name, _says in PLAIN.items():
    _command(_name, _says)


@report.command()
def contract(  # noqa: PLR0913 -- a command's options
    goal: Annotated[float | None, typer.Option("--goal", min=1, help="Revenue a month, in place of the goal.")] = None,
    capacity: Annotated[int | None, typer.Option("--capacity", min=1, help="Leads that sales looks at a day.")] = None,
    rate: Rates = None,
    as_of: AsOf = None,
    out: Out = None,
    lang: Lang = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """The goal, the leads that it takes, and whether marketing and sales keep their sides."""
    assumed = {"goal": goal, "capacity": capacity, "rates": _rates(rate or [])}
    answer("contract", Given(as_of, out, lang, as_json, home, config), **assumed)


@report.command()
def lift(  # noqa: PLR0913 -- a command's options
    model: Annotated[str | None, typer.Option("--model", help="A challenger: version number or alias.")] = None,
    within: Annotated[float | None, typer.Option("--within", min=0.1, help="Days in which wins count.")] = None,
    as_of: AsOf = None,
    out: Out = None,
    lang: Lang = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """What leadloop's order brings beyond chance, newest first and a challenger, from slots drawn by lot."""
    answer("lift", Given(as_of, out, lang, as_json, home, config), challenger=model, within=within)


@report.command()
def page(
    path: Annotated[str, typer.Argument(help="Its address on the server, such as /ops/models or '/queue?owner=lea'.")],
    out: Annotated[Path, typer.Option("--out", help="Write a .html page or a .csv file.")],
    table: Annotated[str | None, typer.Option("--table", help="Which table of it, for a .csv file.")] = None,
    lang: Lang = None,
    home: Home = None,
    config: Config = None,
) -> None:
    """Any page of the server as one file that needs nothing else, or a table of it for spreadsheets."""
    check_out(out)
    if (out.suffix == ".csv") != bool(table):
        raise typer.BadParameter("name one with a .csv file; a .html page has all", param_hint="--table")
    if not path.startswith("/") or path.startswith("//"):
        raise typer.BadParameter("an address begins with /, such as /queue", param_hint="PATH")
    settings = settings_of(home, config)
    asked = {"lang": language_of(settings, lang), **({"csv": table} if table else {"file": "html"})}
    from serving.one_page import take

    out.write_text(take(settings, path, asked), encoding="utf-8", newline="\n")
    console.say(f"{path}: {out}")


def _rates(given: list[str]) -> dict[str, float]:
    found = {}
    for each in given:
        stage, _, share = each.partition("=")
        try:
            found[stage.strip()] = float(share)
        except ValueError:
            raise typer.BadParameter(f"'{each}' is no rate; write such as won=0.3", param_hint="--rate") from None
    return found


def answer(name: str, given: Given, **assumed: object) -> None:
    """Make a report and show it as it was asked for."""
    check_out(given.out)
    found = _made(name, given, assumed)
    if given.out:
        _write(found, given.out)
    if given.as_json:
        console.print_json(found.as_json())
    elif not given.out:
        from serving.reports.report import show

        show(found)


def check_out(out: Path | None) -> None:
    """Refuse an ending that names no format, and a folder that is not there, before any work is done."""
    if out and out.suffix not in ENDINGS:
        raise typer.BadParameter(f"write a file that ends in {' or '.join(ENDINGS)}", param_hint="--out")
    if out and not out.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {out.parent}; make it first", param_hint="--out")


def _made(name: str, given: Given, assumed: dict[str, object]) -> "Report":
    from serving.reports.ask import Ask
    from serving.reports.catalogue import make
    from serving.scorer import Scorer

    settings = settings_of(given.home, given.config)
    language = language_of(settings, given.lang)
    ledger = open_ledger(settings)
    at = instant_of(ledger, settings, given.as_of)
    ask = Ask(settings, at, "fr" if language == "fr" else "en", **assumed)  # type: ignore[arg-type] # options by name
    return make(ledger, name, ask, lambda: Scorer.load(settings))


def _write(found: "Report", out: Path) -> None:
    from serving.reports.drawings import drawings
    from serving.reports.report import as_csv, as_html

    out.write_text(
        as_html(found, drawings(found)) if out.suffix == ".html" else as_csv(found), encoding="utf-8", newline="\n"
    )
    console.say(f"{found.title}: {out}")
