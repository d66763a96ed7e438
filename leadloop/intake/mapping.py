"""The mapping file that explains a one-table CRM export: which column is the lead, when, what came of it, and why."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from leadloop.errors import MappingError
from leadloop.intake.hints import did_you_mean
from leadloop.intake.values import as_text

LINE = "#line"
"""In place of a column for `id` and `order`: the line on which the record starts (in Parquet the row's number)."""


@dataclass(frozen=True)
class OutcomeMapping:
    """What came of a lead: the column, which values won, lost or were rejected, when, and for how much."""

    column: str
    won: frozenset[str]
    lost: frozenset[str] = frozenset()
    rejected: frozenset[str] = frozenset()
    at: str | None = None
    amount: str | None = None


@dataclass(frozen=True)
class ReasonMapping:
    """Why a lead was lost or rejected; a value mapped to "" says nothing of why."""

    column: str
    map: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ExportMapping:
    """A mapping file as read; columns by their names in the export. `missing` always has ""."""

    file: str
    id: str
    created_at: str | None = None
    order: str | None = None
    timezone: ZoneInfo | None = None
    time_format: str | None = None
    missing: frozenset[str] = frozenset({""})
    separator: str | None = None
    rename: Mapping[str, str] = field(default_factory=dict)
    attributes: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    outcome: OutcomeMapping | None = None
    reason: ReasonMapping | None = None

    @property
    def undated(self) -> bool:
        """Whether the export says nothing about when."""
        return self.created_at is None


def read_mapping(path: Path) -> ExportMapping:
    """Read a mapping file, and refuse what it can't mean.

    Raises: MappingError naming the file, the section, the key and what to do.
    """
    sections = _sections(path)
    leads = sections["leads"]
    leads.refuse_unknown(_LEADS_KEYS)
    mapping = ExportMapping(
        file=str(path),
        id=leads.required_text("id"),
        created_at=leads.text("created_at"),
        order=leads.text("order"),
        timezone=_timezone(leads),
        time_format=_time_format(leads),
        missing=frozenset(leads.texts("missing") or ()) | {""},
        separator=_separator(leads),
        rename=_rename(leads),
        attributes=leads.texts("attributes"),
        exclude=leads.texts("exclude") or (),
        outcome=_outcome(sections["outcome"]) if "outcome" in sections else None,
        reason=_reason(sections["reason"]) if "reason" in sections else None,
    )
    return _coherent(mapping, leads)


_LEADS_KEYS = tuple(one.name for one in fields(ExportMapping) if one.name not in ("file", "outcome", "reason"))
_SECTIONS = ("leads", "outcome", "reason")


@dataclass(frozen=True)
class _Section:
    """One [section] of the file; every way to take a key from it says what is wrong with it."""

    file: str
    name: str
    keys: Mapping[str, object]

    def error(self, key: str, problem: str) -> MappingError:
        return MappingError(f"{self.file} [{self.name}] {key}: {problem}")

    def refuse_unknown(self, known: tuple[str, ...]) -> None:
        for key in self.keys:
            if key not in known:
                hint = did_you_mean(key, known) or f"; the keys are {', '.join(known)}"
                raise self.error(key, f"there is no such key{hint}")

    def text(self, key: str) -> str | None:
        value = self.keys.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, 'write one text, such as "Lead Number"')
        return value.strip()

    def required_text(self, key: str) -> str:
        if (value := self.text(key)) is None:
            raise self.error(key, "is missing; name the column")
        return value

    def texts(self, key: str) -> tuple[str, ...] | None:
        value = self.keys.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, str | int | float | bool) for one in value):
            raise self.error(key, 'write a list of texts, such as ["Select"]')
        return tuple(as_text(one) for one in value)

    def table(self, key: str) -> dict[str, str]:
        value = self.keys.get(key, {})
        if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
            raise self.error(key, 'write pairs of texts, such as { "Lead Source" = "source" }')
        return {name.strip(): one.strip() for name, one in value.items()}


def _sections(path: Path) -> dict[str, _Section]:
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MappingError(f"{path} can't be read: {error.strerror}; name a mapping file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path} is no TOML: {error}; correct it there") from None
    whole = _Section(str(path), "", read)
    for name, keys in read.items():
        if name not in _SECTIONS or not isinstance(keys, dict):
            hint = did_you_mean(name, _SECTIONS) or "; the sections are [leads], [outcome] and [reason]"
            raise MappingError(f"{whole.file} {name}: there is no such section{hint}")
    if "leads" not in read:
        raise MappingError(f"{path} [leads]: the section is missing; write it with id = the column of the lead's key")
    return {name: _Section(str(path), name, keys) for name, keys in read.items()}


def _timezone(leads: _Section) -> ZoneInfo | None:
    if (name := leads.text("timezone")) is None:
        return None
    if name not in available_timezones():
        hint = did_you_mean(name, available_timezones()) or "; write one such as Europe/Paris"
        raise leads.error("timezone", f"'{name}' is no time zone{hint}")
    return ZoneInfo(name)


def _time_format(leads: _Section) -> str | None:
    if (time_format := leads.text("time_format")) is None:
        return None
    moment = datetime(2001, 2, 3, 4, 5, 6)  # noqa: DTZ001 -- only tries the format
    try:
        datetime.strptime(moment.strftime(time_format), time_format)  # noqa: DTZ007 -- only tries the format
    except ValueError:
        raise leads.error("time_format", f"'{time_format}' is no format; write one such as %d-%m-%Y %H:%M") from None
    return time_format


def _separator(leads: _Section) -> str | None:
    separator = leads.keys.get("separator")
    if separator is None or (isinstance(separator, str) and len(separator) == 1 and separator not in '"\r\n'):
        return separator
    raise leads.error("separator", 'write one character, such as ";" or "\\t"')


def _rename(leads: _Section) -> dict[str, str]:
    rename = leads.table("rename")
    for old, new in rename.items():
        if not new or new in ("lead_id", "created_at", "recorded_at"):
            problem = "is no name for an attribute; use the keys id and created_at for the lead's key and time"
            raise leads.error("rename", f"'{old}' = '{new}': '{new}' {problem}")
        if list(rename.values()).count(new) > 1:
            raise leads.error("rename", f"two columns become '{new}'; give them different names")
    return rename


def _outcome(section: _Section) -> OutcomeMapping:
    section.refuse_unknown(tuple(one.name for one in fields(OutcomeMapping)))
    won, lost, rejected = (frozenset(section.texts(stage) or ()) for stage in ("won", "lost", "rejected"))
    if not won:
        raise section.error("won", 'is missing; list the values that mean a sale, such as ["1"]')
    for value in (won & lost) | (won & rejected) | (lost & rejected):
        raise section.error("won, lost, rejected", f"'{value}' is in two of them; leave it in one")
    column = section.required_text("column")
    return OutcomeMapping(column, won, lost, rejected, section.text("at"), section.text("amount"))


def _reason(section: _Section) -> ReasonMapping:
    section.refuse_unknown(("column", "map"))
    return ReasonMapping(section.required_text("column"), section.table("map"))


def _coherent(mapping: ExportMapping, leads: _Section) -> ExportMapping:
    if mapping.reason and not mapping.outcome:
        raise MappingError(f"{mapping.file} [reason]: needs an [outcome]; add that section, or leave this one out")
    if mapping.outcome and mapping.outcome.at and mapping.undated:
        raise leads.error("created_at", "is missing, but [outcome] has at; name the column, or leave out at")
    both = set(mapping.attributes or ()) & set(mapping.exclude)
    for name in sorted(both):
        raise leads.error("attributes, exclude", f"'{name}' is in both; leave it in one")
    return mapping
