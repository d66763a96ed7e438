"""The report on definitions: what a lead, an MQL, an SQL, each reason, cell and threshold is here, and since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from leadloop.clock import isoformat
from leadloop.errors import InputError
from leadloop.settings import Settings
from leadloop.store import definitions
from leadloop.store.definitions import Edit
from serving.reports.ask import Ask
from serving.reports.definition_words import GROUPS, SHIPPED
from serving.reports.report import Column, Report, Table
from serving.reports.words import Lang, titled

BOTH: tuple[Lang, ...] = ("en", "fr")


@dataclass(frozen=True)
class Defined:
    """A term as it is defined now. `edits`: what was written before, the newest first; `value`: what settings say."""

    name: str
    term: str
    en: str
    fr: str
    edits: Sequence[Edit]
    value: str = ""

    def text(self, lang: str) -> str:
        """The definition in a language."""
        return self.fr if lang == "fr" else self.en

    @property
    def own(self) -> bool:
        """Whether the company wrote it."""
        return bool(self.edits) and not self.edits[0].shipped


def report(connection: Connection, ask: Ask) -> Report:
    """Every definition, by groups; as they are now, whatever instant is asked for."""
    found = grouped(connection, ask)
    values: dict[str, Mapping[str, str]] = {lang: _values(replace(ask, lang=lang)) for lang in BOTH}
    data = {
        "definitions": [_as_json(group, each, values) for group, terms in found.items() for each in terms],
    }
    tables = [_table(group, terms, ask) for group, terms in found.items()]
    return Report("definitions", ask.lang, ask.say("definitions title"), data, [*tables, _history(found, ask)])


def grouped(connection: Connection, ask: Ask) -> Mapping[str, Sequence[Defined]]:
    """Terms by group, each as the ledger has it, else as shipped."""
    edits = definitions.history(connection)
    values = _values(ask)
    return {
        group: [_defined(f"{group}.{name}", edits.get(f"{group}.{name}", ()), values, ask) for name in names]
        for group, names in GROUPS.items()
    }


def check(name: str) -> None:
    """Refuse a name that stands for nothing.

    Raises: InputError.
    """
    if name not in SHIPPED:
        raise InputError(f"There is no definition '{name}'; the page /definitions shows all there are")


def _defined(name: str, edits: Sequence[Edit], values: Mapping[str, str], ask: Ask) -> Defined:
    shipped, newest = SHIPPED[name], edits[0] if edits else None
    en, fr = (newest.en, newest.fr) if newest else (None, None)
    group, _, term = name.partition(".")
    return Defined(
        name, titled(ask.say(f"{group} {term}")), en or shipped.en, fr or shipped.fr, edits, values.get(name, "")
    )


def _values(ask: Ask) -> dict[str, str]:
    """What thresholds are set to."""
    settings = ask.settings
    tiers = settings.tiers
    cutoffs = {name: getattr(tiers, name) if tiers else None for name in ("stars", "flames")}
    told = {f"threshold.{name}": _cutoffs(at, ask) for name, at in cutoffs.items()}
    return {
        **told,
        "threshold.hot": ask.say("value hot", stars=settings.hot_stars, flames=settings.hot_flames),
        "threshold.capacity": ask.say("value a day", n=settings.capacity),
        "threshold.horizon": ask.say("value days", n=round(settings.horizon_days)),
        "threshold.first_contact": settings.sla.within if settings.sla else ask.say("value not set"),
        "threshold.delivered": ask.say(f"value {ask.counted}"),
        "threshold.target": _target(settings) or ask.say("value not set"),
    }


def _cutoffs(at: Sequence[float] | None, ask: Ask) -> str:
    return ask.say("value percentiles") if at is None else " · ".join(f"{each:g}" for each in at)


def _target(settings: Settings) -> str:
    return "; ".join(f"{name}: {', '.join(values)}" for name, values in settings.target.items())


def _as_json(group: str, each: Defined, values: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    value = {lang: told[each.name] for lang, told in values.items() if each.name in told}
    said = {"en": each.en, "fr": each.fr, "own": each.own, "value": value or None}
    return {"name": each.name, "group": group, **said, "history": [_edit(edit) for edit in each.edits]}


def _edit(edit: Edit) -> dict[str, Any]:
    return {"en": edit.en, "fr": edit.fr, "actor": edit.actor, "at": isoformat(edit.recorded_at)}


def _table(group: str, terms: Sequence[Defined], ask: Ask) -> Table:
    valued = any(each.value for each in terms)
    columns = [
        Column("term"),
        Column("means", "long"),
        *([Column("set_to", "long")] if valued else []),
        Column("changed_at"),
    ]
    lines = [
        [
            *(each.term, each.text(ask.lang), *([each.value] if valued else [])),
            isoformat(each.edits[0].recorded_at)[:10] if each.edits else ask.say("as shipped"),
        ]
        for each in terms
    ]
    return Table(ask.say(f"group {group}"), columns, lines)


def _history(found: Mapping[str, Sequence[Defined]], ask: Ask) -> Table:
    """Every edit, the newest first."""
    edits = [(edit, each) for terms in found.values() for each in terms for edit in each.edits]
    columns = (Column("changed_at"), Column("term"), Column("means", "long"), Column("changed_by"))
    lines = [
        (
            isoformat(edit.recorded_at)[:16].replace("T", " "),
            each.term,
            (edit.fr if ask.lang == "fr" else edit.en) or ask.say("as shipped"),
            edit.actor,
        )
        for edit, each in sorted(edits, key=lambda pair: -pair[0].recorded_at)
    ]
    return Table(ask.say("definitions history"), columns, lines)
