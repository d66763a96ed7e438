"""Which version stands, and what a decision does to it: done twice it is as done once."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from leadloop.settings import Settings
from leadloop.store.runs import Run
from models import aliases, registry
from models.aliases import CHAMPION
from models.registry import Version
from models.switches import Noted
from training.decision import Decision
from training.decision_words import because
from training.words import Both

BY = "retrain"
"""Who switches, in the history."""
LONGEST_TAG = 4_000
"""Characters; MLflow keeps a little more."""


def champion_of(settings: Settings) -> str | None:
    """The version that the registry says is switched on, else the one noted here; None while none is."""
    known = aliases.read(settings) or {}
    return known.get(CHAMPION) or registry.pointed(settings)


def is_learned(version: Version) -> bool:
    """Whether a version was learned from outcomes; rules were not."""
    return bool(version.bundle.facts.get("chosen") != "rules")


def carry_out(settings: Settings, run: Run) -> tuple[Run, Decision]:
    """Switch on, keep as challenger or leave, and say so in the registry.

    A challenger that beat a version which somebody has replaced meanwhile is kept: it was judged against another one.
    """
    found, standing = _decision(run.report), champion_of(settings)
    if found.outcome == "promoted" and standing not in (run.champion, run.version):
        said = because("switched meanwhile", now=standing, champion=run.champion)
        found = replace(found, outcome="kept", why=[*found.why, said])
    if run.version is not None:
        registry.annotate(settings, run.version, tags(run, found))
        if found.outcome == "promoted":
            registry.promote(settings, run.version, _noted(found.why[-1:]))
            registry.challenge(settings, None)  # one that was kept had challenged the champion before
        if found.outcome == "kept":
            registry.challenge(settings, run.version)
        if found.outcome == "refused" and not registry.refused_by(settings, run.version, BY):
            registry.refuse(settings, run.version, _noted(found.why))
    return run, found


def _noted(why: Sequence[Both]) -> Noted:
    return Noted.told(BY, [each.en for each in why], [each.fr for each in why])


def tags(run: Run, found: Decision) -> dict[str, str]:
    """What a version says of how it was judged."""
    return {
        "retraining": run.run_id,
        "retraining.decision": found.outcome,
        "retraining.why": "; ".join(each.en for each in found.why)[:LONGEST_TAG],
        "retraining.why_fr": "; ".join(each.fr for each in found.why)[:LONGEST_TAG],
        "retraining.against": run.champion or "",
    }


def _decision(kept: Any) -> Decision:
    why = [Both(en, fr) for en, fr in zip(kept["why"], kept["why_fr"], strict=True)]
    return Decision(kept["outcome"], why, kept["checks"])
