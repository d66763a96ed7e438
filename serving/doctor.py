"""Whether an installation can do its work: each thing that is needed, how it is, and what to do about it."""

import re
import shutil
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from importlib import metadata

from sqlalchemy import Connection, func, inspect, select, table

from leadloop.clock import SECOND, isoformat, now, to_micros
from leadloop.errors import LeadLoopError
from leadloop.settings import Settings
from leadloop.store import events, leads, outcomes, repack
from leadloop.store.ledger import Ledger
from models import aliases
from serving import smoke
from serving.doctor_words import WORDS
from serving.scorer import Scorer

OK, MIND, WRONG = "ok", "mind", "wrong"
LITTLE_BYTES, TOO_LITTLE_BYTES = 2_000_000_000, 200_000_000
AHEAD_SECONDS = 300
"""So far ahead of our clock may a sender's be before it is worth a word."""
_EXTRAS = ("serve", "train", "postgres", "parquet", "oidc", "otel", "dask")
_KEYS = table("api_keys")


@dataclass(frozen=True)
class Finding:
    """How one thing is: `ok`, something to `mind`, or `wrong`. `facts` fill the words."""

    check: str
    state: str
    words: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def told(self, lang: str) -> str:
        """What is so, and what to do."""
        return WORDS[self.words][lang].format(**self.facts)


def examine(settings: Settings) -> Iterator[Finding]:
    """Everything, one after the other; nothing is changed."""
    yield Finding("settings", OK, "settings_ok", {"home": settings.home.resolve()})
    yield _room(settings)
    ledger, finding = _ledger(settings)
    yield finding
    if ledger is not None:
        with closing(ledger):
            for look in (_packed, _clock, _keys):
                yield _guarded(look.__name__.strip("_"), lambda look=look: _reading(ledger, look))  # type: ignore[misc] # mypy loses `look`
            yield _guarded("model", lambda: _model(settings, ledger))
    yield _registry(settings)
    yield from _extras()
    yield _port(settings)


def _guarded(check: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except LeadLoopError as error:
        return Finding(check, WRONG, "error", {"cause": error})


def _reading(ledger: Ledger, look: Callable[[Connection], Finding]) -> Finding:
    with ledger.reading() as connection:
        return look(connection)


def _room(settings: Settings) -> Finding:
    there = next(each for each in (settings.home.resolve(), *settings.home.resolve().parents) if each.exists())
    free = shutil.disk_usage(there).free
    facts = {"free": f"{free / 1e9:.1f}", "home": there}
    if free < TOO_LITTLE_BYTES:
        return Finding("disk", WRONG, "disk_little", facts)
    return Finding("disk", MIND, "disk_little", facts) if free < LITTLE_BYTES else Finding("disk", OK, "disk_ok", facts)


def _ledger(settings: Settings) -> tuple[Ledger | None, Finding]:
    try:
        found = Ledger.found(settings.ledger_url)
    except LeadLoopError as error:
        return None, Finding("ledger", WRONG, "error", {"cause": error})
    if found is None:
        return None, Finding("ledger", WRONG, "ledger_none", {"home": settings.home.resolve()})
    ledger, newest = found
    if not newest:
        ledger.close()
        return None, Finding("ledger", WRONG, "ledger_old")
    return ledger, Finding("ledger", OK, "ledger_ok", {"database": ledger.engine.dialect.name})


def _packed(connection: Connection) -> Finding:
    missing = repack.missing(connection)
    return (
        Finding("packed", MIND, "packed_missing", {"count": missing}) if missing else Finding("packed", OK, "packed_ok")
    )


def _clock(connection: Connection) -> Finding:
    known = [each for room in (leads, events, outcomes) if (each := room.last_recorded_at(connection)) is not None]
    if not known:
        return Finding("clock", MIND, "clock_nothing")
    ahead = max(known) - to_micros(now()) > AHEAD_SECONDS * SECOND
    facts = {"newest": isoformat(max(known)), "now": isoformat(to_micros(now()))}
    return Finding("clock", MIND, "clock_ahead", facts) if ahead else Finding("clock", OK, "clock_ok", facts)


def _keys(connection: Connection) -> Finding:
    there = inspect(connection).has_table(_KEYS.name)
    count = connection.execute(select(func.count()).select_from(_KEYS)).scalar_one() if there else 0
    return Finding("keys", OK, "keys_ok", {"count": count}) if count else Finding("keys", MIND, "keys_none")


def _model(settings: Settings, ledger: Ledger) -> Finding:
    scorer = Scorer.load(settings)
    smoke.check(scorer, ledger)
    return Finding("model", OK, "model_ok", {"version": scorer.version.version})


def _registry(settings: Settings) -> Finding:
    try:
        known = aliases.read(settings)
    except LeadLoopError as error:
        return Finding("mlflow", MIND, "mlflow_silent", {"cause": error})
    if known is None:
        return Finding("mlflow", MIND, "mlflow_not_asked")
    return Finding("mlflow", OK, "mlflow_ok", {"champion": known.get(aliases.CHAMPION, "–")})


def _extras() -> Iterator[Finding]:
    for extra in _EXTRAS:
        lacking = [name for name in _named_by(extra) if not _installed(name)]
        facts = {"extra": extra, "lacking": ", ".join(lacking)}
        state = OK if not lacking else (WRONG if extra == "serve" else MIND)
        yield Finding(f"extra {extra}", state, "extra_lacking" if lacking else "extra_ok", facts)


def _named_by(extra: str) -> list[str]:
    asked = [each for each in metadata.requires("leadloop") or [] if re.search(rf"extra == ['\"]{extra}['\"]", each)]
    return [re.split(r"[\[<>=!~; ]", each, maxsplit=1)[0] for each in asked]


def _installed(name: str) -> bool:
    try:
        return bool(metadata.version(name))
    except metadata.PackageNotFoundError:
        return False


def _port(settings: Settings) -> Finding:
    facts = {"host": settings.host, "port": settings.port}
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((settings.host, settings.port))
        except OSError as error:
            return Finding("port", MIND, "port_taken", facts | {"cause": error.strerror})
    return Finding("port", OK, "port_ok", facts)
