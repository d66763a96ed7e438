"""Who switched which version on or off, when and why: kept as tags of the versions, so that MLflow's pages show it."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leadloop.clock import isoformat, now, to_micros
from leadloop.errors import RegistryError
from models.registered import Registered, Shelf

PROMOTED, ROLLED_BACK, REFUSED = "promoted", "rolled_back", "refused"
TAG, LAST = "switch ", "last_switch"
"""A tag of a version is TAG and an instant; of the registered model, the newest one is LAST."""
REASON_AT_MOST = 500
"""Characters of a reason."""
_log = logging.getLogger("leadloop.switches")


@dataclass(frozen=True)
class Noted:
    """By whom a version is switched, as the audit log names them, and why, where somebody said so.

    `reason_fr`: the same in French, where we wrote it; what a person wrote is in that person's language.
    """

    by: str = "training"
    reason: str = ""
    forced: bool = False
    reason_fr: str = ""

    @classmethod
    def told(cls, by: str, why: Sequence[str], why_fr: Sequence[str]) -> "Noted":
        """With what a verdict or a decision says of itself, cut where it is long."""
        en, fr = ("; ".join(each)[:REASON_AT_MOST] for each in (why, why_fr))
        return cls(by, en, reason_fr=fr)


TRAINING = Noted()


@dataclass(frozen=True)
class Switch:
    """A version was promoted, rolled back to, or refused. `before`: the champion until then; `reason_fr`: empty
    where nobody said it in French.
    """

    at: str
    did: str
    version: str
    before: str | None
    by: str
    reason: str
    forced: bool
    reason_fr: str = ""


def note(shelf: Shelf, did: str, version: str, before: str | None, noted: Noted) -> None:
    """Tag the version, and the registered model, with what was done just now; it is done, also where this fails."""
    at = isoformat(to_micros(now()))
    told = {"did": did, "before": before, **vars(noted)}
    try:
        shelf.annotate(version, {f"{TAG}{at}": json.dumps(told, ensure_ascii=False)})
        shelf.tag_model({LAST: f"{at}: version {version} {did}, before it {before or 'none'}, by {noted.by}"})
    except RegistryError as error:
        _log.warning("switch not noted", extra={"model_version": version, "did": did, "cause": str(error)})


def history(versions: Sequence[Registered]) -> list[Switch]:
    """Every switch that the tags of these versions tell of, the newest first."""
    found = [
        Switch(at=key.removeprefix(TAG), version=each.version, **_told(value))
        for each in versions
        for key, value in each.tags.items()
        if key.startswith(TAG)
    ]
    return sorted(found, key=lambda switch: switch.at, reverse=True)


def _told(value: str) -> dict[str, Any]:
    """What a tag says; a tag that somebody wrote otherwise is shown as it is."""
    try:
        told = json.loads(value)
        known = {name: told[name] for name in ("did", "before", "by", "reason", "forced")}
        return known | {"reason_fr": told.get("reason_fr", "")}
    except (ValueError, KeyError, TypeError):
        return {"did": value, "before": "", "by": "", "reason": "", "forced": ""}
