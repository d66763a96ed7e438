"""Another version is switched on by a person: tried first, refused where its verdict is no, and noted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadloop.errors import InputError, RefusedVersionError
from leadloop.settings import Settings
from leadloop.store import audit
from leadloop.store.ledger import Ledger
from models import fetch, registry, switches
from models.switches import REASON_AT_MOST, Noted
from serving import smoke
from serving.scorer import Scorer
from serving.writing import write

NO = "do_not_activate"


@dataclass(frozen=True)
class Switched:
    """What was done: `did` is promoted, rolled_back or nothing; `version` serves now, `before` did."""

    did: str
    version: str
    before: str | None
    forced: bool = False

    def as_json(self) -> dict[str, Any]:
        """As commands and the API answer."""
        return {"did": self.did, "version": self.version, "before": self.before, "forced": self.forced}


@dataclass(frozen=True)
class Desk:
    """Where versions are switched, and by whom (`actor`: as the audit log names them)."""

    settings: Settings
    ledger: Ledger
    actor: str

    def promote(self, ref: str, reason: str = "", *, force: bool = False) -> Switched:
        """Make a version the champion of every server on this registry.

        Raises: RefusedVersionError when its verdict is no and it is not forced; NoModelError, BrokenModelError,
        RegistryError when it can't serve; InputError when it is forced and nobody says why. Nothing is switched then.
        """
        _refuse_without(reason, force=force)
        version = registry.resolve(self.settings, ref)
        card = self._tried(version).version.scorecard
        verdict = card.get("verdict")
        if verdict == NO and not force:
            self._refuse(version, card)
        noted = Noted(self.actor, reason, forced=verdict == NO)
        before = registry.promote(self.settings, version, noted)
        if before == version:
            return Switched("nothing", version, before)
        self._note(switches.PROMOTED, version, {"before": before, "verdict": verdict, "forced": noted.forced})
        return Switched(switches.PROMOTED, version, before, noted.forced)

    def roll_back(self, reason: str = "") -> Switched:
        """Let the version before the champion serve again; once more, and the champion comes back.

        Raises: NoModelError when there is none, BrokenModelError when it can't serve. Nothing is switched then.
        """
        _refuse_without(reason, force=False)
        before, now = registry.roll_back(self.settings, Noted(self.actor, reason), self._tried)
        self._note(switches.ROLLED_BACK, now, {"before": before})
        return Switched(switches.ROLLED_BACK, now, before)

    def _tried(self, version: str) -> Scorer:
        """The version's files are there and what was registered, and it scores."""
        fetch.apart(self.settings, version)
        scorer = Scorer.load(self.settings, version)
        smoke.check(scorer, self.ledger)
        return scorer

    def _refuse(self, version: str, card: Mapping[str, Any]) -> None:
        noted = Noted.told(self.actor, card.get("why", []), card.get("why_fr", []))
        before = registry.refuse(self.settings, version, noted)
        self._note(switches.REFUSED, version, {"before": before, "verdict": NO})
        raise RefusedVersionError(
            f"Version {version} was not switched on: its verdict is {NO} (see `leadloop scorecard --model {version}`); "
            f"force it with a reason if it must be (`--force --reason TEXT`)"
        )

    def _note(self, did: str, version: str, detail: dict[str, Any]) -> None:
        """The reason is in MLflow alone: what a person wrote can't be in a log that nobody can change."""
        write(self.ledger, lambda books: audit.record(books, self.actor, f"model.{did}", f"model:{version}", detail))


def _refuse_without(reason: str, *, force: bool) -> None:
    if force and not reason.strip():
        raise InputError("A version is forced with a reason: say why it must serve although its verdict is no")
    if len(reason) > REASON_AT_MOST:
        raise InputError(f"A reason has at most {REASON_AT_MOST} characters, this one has {len(reason)}")
