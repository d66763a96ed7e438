"""The report on what makes a good lead: what matters to the model, for whom, and what changed since the last one."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection

from leadloop.errors import ModelError
from leadloop.settings import Settings
from models import aliases, registry
from models.aliases import PREVIOUS
from models.registry import Version
from serving.feature_report import DIRECTIONS, FeatureReport
from serving.reports.ask import Ask
from serving.reports.report import Column, Report, Table


def report(_: Connection, ask: Ask) -> Report:
    """What matters to the model over all leads, or within each source or campaign (`ask.by`).

    Raises: NoModelError, NoImportancesError when there is nothing to report on.
    """
    version = registry.load(ask.settings, ask.version)
    found = FeatureReport(version.version, registry.importances_of(version), ask.lang, ask.by)
    before = previous(ask.settings, version.version)
    changed = changes(before.importances, found.importances) if before and before.importances else []
    data: dict[str, Any] = {
        "model_version": version.version,
        "by": found.by,
        "groups": list(found.groups),
        "before": before.version if before else None,
        "changes": changed,
    }
    tables = [_table(found, ask), *([_changes(changed, version, before, ask)] if before and changed else [])]
    return Report("features", ask.lang, found.title, data, tables, _notes(found, before, ask))


def previous(settings: Settings, version: str) -> Version | None:
    """The model that was switched on before, where it is on this machine: MLflow is not asked for files."""
    with suppress(ModelError):
        named = (aliases.read(settings) or {}).get(PREVIOUS)
        if named and named != version and registry.has_copy(settings, named):
            return registry.load(settings, named)
    return None


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By how much each feature's share moved, the largest move first; None where a model does not have it.

    >>> told = {"feature": "x", "en": "x", "fr": "x", "direction": "by_value"}
    >>> changes({"facts": []}, {"facts": [{**told, "share": 0.2}]})[0]["change"]
    0.2
    """
    old, new = ({fact["feature"]: fact for fact in each["facts"]} for each in (before, now))
    rows = [_change(old.get(name), new.get(name)) for name in sorted({*old, *new})]
    return sorted(rows, key=lambda row: (-abs(row["change"]), row["feature"]))


def _change(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> dict[str, Any]:
    known: Mapping[str, Any] = new or old or {}
    share, was = (each["share"] if each else None for each in (new, old))
    return {
        **{name: known[name] for name in ("feature", "en", "fr")},
        "share": share,
        "share_before": was,
        "change": (share or 0.0) - (was or 0.0),
        "direction": new["direction"] if new else None,
        "direction_before": old["direction"] if old else None,
    }


def _table(found: FeatureReport, ask: Ask) -> Table:
    rows = found.rows()
    head = [Column(found.by), Column("leads", "count")] if found.by else []
    columns = [*head, Column("feature_name", "long"), Column("share", "share"), Column("direction")]
    columns.append(Column("beside", "text") if found.by else Column("values", "long"))
    lines = []
    for row in rows:
        first = [row[found.by], row["leads"]] if found.by else []
        last = found.points(row["beside"]) if found.by else row["values"]
        lines.append([*first, row["name"], row["share"], row["direction"], last])
    title = ask.say(f"matters by {found.by}") if found.by else ask.say("matters to all")
    return Table(title, columns, lines, found.words["over"].format(leads=found.importances["leads"]))


def _changes(changed: Sequence[Mapping[str, Any]], now: Version, before: Version, ask: Ask) -> Table:
    columns = [Column("feature_name", "long"), Column("share_before", "share"), Column("share", "share")]
    columns += [Column("change", "text"), Column("direction_change", "long")]
    points = FeatureReport(now.version, {}, ask.lang).points
    lines = [
        (row[ask.lang], row["share_before"], row["share"], points(row["change"]), _turned(row, ask)) for row in changed
    ]
    return Table(
        ask.say("changes title", before=before.version, now=now.version), columns, lines, ask.say("changes say")
    )


def _turned(row: Mapping[str, Any], ask: Ask) -> str:
    was, now = (row[name] and DIRECTIONS[row[name]][ask.lang] for name in ("direction_before", "direction"))
    if was is None or now is None:
        return ask.say("looked at now" if was is None else "no longer looked at")
    return "" if was == now else f"{was} → {now}"


def _notes(found: FeatureReport, before: Version | None, ask: Ask) -> list[str]:
    empty = found.by is not None and not found.groups
    notes = [found.words["none"].format(by=found.words[found.by])] if empty and found.by else []
    return notes if before else [*notes, ask.say("no model before")]
