"""The report on what matters to the model, for marketing: `leadloop report features`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadloop import console
from leadloop.cli.options import Config, Home, Json, Lang, Model, language_of, settings_of
from leadloop.cli.report import Out, check_out, report

if TYPE_CHECKING:
    from serving.feature_report import FeatureReport


class By(StrEnum):
    """What leads are parted by."""

    source = "source"
    campaign = "campaign"


@report.command()
def features(  # noqa: PLR0913 -- a command's options
    by: Annotated[By | None, typer.Option("--by", help="What matters within each source or campaign.")] = None,
    out: Out = None,
    lang: Lang = None,
    model: Model = None,
    as_json: Json = False,
    home: Home = None,
    config: Config = None,
) -> None:
    """What matters to the model: how much each feature, in which direction, which values are best and worst."""
    from models import registry
    from serving.feature_report import FeatureReport

    check_out(out)
    settings = settings_of(home, config)
    language = language_of(settings, lang)
    version = registry.load(settings, model)
    found = FeatureReport(version.version, registry.importances_of(version), language, by.value if by else None)
    if out:
        _write(found, out)
    if as_json:
        console.print_json({"model_version": version.version, "by": found.by, "groups": list(found.groups)})
    elif not out:
        _show(found)


def _write(found: "FeatureReport", out: Path) -> None:
    from serving.feature_page import as_html
    from serving.feature_report import as_csv

    out.write_text(as_html(found) if out.suffix == ".html" else as_csv(found), encoding="utf-8", newline="\n")
    console.say(f"{found.title}: {out}")


def _show(found: "FeatureReport") -> None:
    words, rows = found.words, found.rows()
    if not rows and found.by:
        console.note(words["none"].format(by=words[found.by]))
        return
    columns = [words[name] for name in ("fact", "share", "direction", "beside" if found.by else "shape")]
    lines = [_line(found, row) for row in rows]
    console.print_table(found.title, [*([words[found.by]] if found.by else []), *columns], lines, (words["share"],))
    console.note(words["over"].format(leads=found.importances["leads"]))


def _line(found: "FeatureReport", row: dict[str, Any]) -> list[str]:
    share = found.percent(row["share"])
    if found.by:
        return [row[found.by], row["name"], share, row["direction"], found.points(row["beside"])]
    return [row["name"], share, row["direction"], row["values"]]
