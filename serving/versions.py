"""Every version that there is, as people choose among them: what it is called, its verdict, its figures."""

import json
import math
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from leadloop.clock import isoformat
from leadloop.errors import LeadLoopError, RegistryError
from leadloop.settings import Settings
from models import aliases, copies, registry, switches
from models.by_rest import shown
from models.registered import Registered, Shelf

SHOWN = ("roc_auc", "average_precision", "log_loss", "brier", "calibration_error", "precision_at_capacity")


def listed(settings: Settings) -> dict[str, Any]:
    """Versions, the newest first, of the registry; while it is down, those of which there is a copy here.

    MLflow is not imported: a registry that can only be asked through it counts as down.
    """
    try:
        shelf = _shelf(settings)
        known, versions = dict(shelf.aliases()), shelf.versions()
    except RegistryError as error:
        pointed = _noted(settings)
        return _told(settings, {} if pointed is None else {aliases.CHAMPION: pointed}, _copied(settings), str(error))
    return _told(settings, known, versions, None)


def _shelf(settings: Settings) -> Shelf:
    asked = aliases.short(settings)
    if asked is None:
        raise RegistryError(f"MLflow at {shown(settings)} can only be asked by its own client")
    return asked


def _noted(settings: Settings) -> str | None:
    try:
        return registry.pointed(settings)
    except LeadLoopError:
        return None


def _copied(settings: Settings) -> list[Registered]:
    return [Registered(version, None) for version in copies.numbers(settings)]


def _told(settings: Settings, known: Mapping[str, str], versions: list[Registered], down: str | None) -> dict[str, Any]:
    return {
        "aliases": dict(sorted(known.items())),
        "versions": [_version(settings, known, each) for each in versions],
        "registry": down or "ok",
        "history": [vars(each) for each in switches.history(versions)],
    }


def _version(settings: Settings, known: Mapping[str, str], each: Registered) -> dict[str, Any]:
    card = _scorecard(settings, each.version)
    made = None if each.created_at is None else isoformat(each.created_at * 1_000)
    metrics = card.get("metrics") or _tagged(each.tags)
    return {
        "version": each.version,
        "aliases": sorted(alias for alias, version in known.items() if version == each.version),
        "verdict": card.get("verdict", each.tags.get("verdict")),
        "why": card.get("why", []),
        "metrics": {name: metrics[name] for name in SHOWN if name in metrics},
        "split": card.get("split"),
        "created_at": made,
        "description": each.description,
        "tags": {key: value for key, value in each.tags.items() if not key.startswith(switches.TAG)},
        "copied": bool(card),
    }


def _tagged(tags: Mapping[str, str]) -> dict[str, float]:
    """Figures as the version's tags have them, to four digits: for where there is no copy of its scorecard."""
    found = {}
    for name in SHOWN:
        with suppress(KeyError, ValueError):
            found[name] = float(tags[name])
    return {name: value for name, value in found.items() if math.isfinite(value)}


def _scorecard(settings: Settings, version: str) -> dict[str, Any]:
    """Of the copy here, empty where there is none: a list of versions must not wait for MLflow."""
    file = settings.models_dir / version / registry.SCORECARD
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}
