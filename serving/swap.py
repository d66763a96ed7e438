"""The model that serves: the one that the registry switched on last, once it was tried beside the one before."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from leadloop.clock import SECOND, isoformat, now, to_micros
from leadloop.errors import BrokenModelError, LeadLoopError, NoModelError, RegistryError
from leadloop.settings import Settings
from leadloop.store import chores
from leadloop.store.ledger import Ledger
from models import aliases, fetch, registry
from serving import smoke
from serving.noticing import another_model
from serving.scorer import Scorer

Tell = Callable[[Connection, str, str], object]
"""Is given a writing transaction, the version before and the one that serves now."""
TELL: tuple[Tell, ...] = (another_model,)
"""Who is told of a swap: once a ledger, however many processes made it."""
CHAMPION = "champion"
"""The name under which the ledger knows which version was last said to serve."""
RETRY_SECONDS = 30
"""After so long a version that could not be fetched is tried again; a broken one is when it is switched on again."""
_log = logging.getLogger("leadloop.swap")


@dataclass(frozen=True)
class Refused:
    """A version that was switched on and does not serve. `final`: not to be tried again as it is."""

    version: str
    why: str
    at: int
    final: bool

    def shown(self) -> dict[str, str]:
        """For answers."""
        return {"version": self.version, "why": self.why, "at": isoformat(self.at)}


@dataclass
class Champion:
    """The scorer that serves, in one attribute that is replaced whole; only `look` changes it, in one thread.

    `swaps`, `refusals`: how often since the process began; `announced`: the version last said to serve.
    """

    settings: Settings
    ledger: Ledger
    scorer: Scorer | None = None
    refused: Refused | None = None
    swaps: int = 0
    refusals: int = 0
    announced: str | None = None
    _alias: str | None = None
    _mark: int | None = field(default=None)

    def look(self) -> None:
        """See whether another version was switched on; if so load it, try it and let it serve."""
        wanted = self._switched_on() or self._worth_another_try()
        if wanted is None:
            return
        if self.scorer is not None and wanted == self.scorer.version.version:
            self.refused = None
            return
        try:
            self._take(wanted)
        except LeadLoopError as error:
            self._refuse(wanted, error)

    def none(self) -> LeadLoopError:
        """Why there is no scorer."""
        if self.refused is None:
            return NoModelError(registry.nothing_on(self.settings))
        return BrokenModelError(self.refused.why) if self.refused.final else NoModelError(self.refused.why)

    def _switched_on(self) -> str | None:
        """The version that the registry's alias, else the note of the last one here, was just turned to."""
        alias, mark = self._ask_registry(), registry.mark(self.settings)
        turned, noted = alias not in (None, self._alias), mark not in (None, self._mark)
        self._alias, self._mark = alias or self._alias, mark or self._mark
        if turned:
            return alias
        return self._noted() if noted else None

    def _ask_registry(self) -> str | None:
        """None while MLflow is down, which changes nothing."""
        try:
            return (aliases.read(self.settings) or {}).get(aliases.CHAMPION)
        except RegistryError:
            return None

    def _noted(self) -> str | None:
        try:
            return registry.pointed(self.settings)
        except BrokenModelError as error:
            self._refuse("?", error)
            return None

    def _worth_another_try(self) -> str | None:
        refused = self.refused
        if refused is None or refused.final or to_micros(now()) - refused.at < RETRY_SECONDS * SECOND:
            return None
        return refused.version

    def _take(self, version: str) -> None:
        if not version.isdigit():
            raise BrokenModelError(f"The registry's champion is '{version}', which is no version's number")
        fetch.apart(self.settings, version)
        scorer = Scorer.load(self.settings, version)
        smoke.check(scorer, self.ledger)
        self.swaps += self.scorer is not None
        self.scorer, self.refused = scorer, None
        _log.info("model serves", extra={"model_version": version})
        self._follow(version)

    def _follow(self, version: str) -> None:
        try:
            registry.follow(self.settings, version)
        except (RegistryError, OSError) as error:  # the note is for the next start; this process serves it already
            _log.warning("champion not noted", extra={"model_version": version, "cause": type(error).__name__})

    def _refuse(self, version: str, error: LeadLoopError) -> None:
        final = isinstance(error, BrokenModelError)
        repeated = self.refused is not None and (self.refused.version, self.refused.why) == (version, str(error))
        self.refused = Refused(version, str(error), to_micros(now()), final)
        self.refusals += not repeated
        if not repeated:
            _log.error("model refused", extra={"model_version": version, "cause": str(error)})


def announce(champion: Champion) -> None:
    """Say in the ledger which version serves, and tell of it when that is another than was said last."""
    serves = champion.scorer.version.version if champion.scorer else None
    if serves is None or serves == champion.announced:
        return
    with champion.ledger.writing() as connection:
        before = chores.turn(connection, CHAMPION, {"model_version": serves}).get("model_version")
        if before not in (None, serves):
            for tell in TELL:
                tell(connection, before, serves)
    champion.announced = serves


def shown(champion: Champion) -> dict[str, Any]:
    """What is said of the champion beside its card."""
    return {"refused": champion.refused.shown() if champion.refused else None}
