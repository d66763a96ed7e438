"""What operations pages call things: verdicts, figures, who a model is compared with, and what the audit log says."""

from collections.abc import Mapping, Sequence
from typing import Any

from leadloop.store.audit import Entry
from leadloop.store.keys import ApiKey
from serving.pages import vocabulary
from serving.pages.frame import Screen, plain
from serving.pages.page import marked

VERDICTS: Mapping[str, tuple[str, str, str]] = {
    "activate": (marked("Activate"), "good", marked("The order and the percentages are worth showing.")),
    "rank_only": (marked("Rank only"), "warn", marked("The order is worth showing; the percentages are not.")),
    "do_not_activate": (
        marked("Do not activate"),
        "bad",
        marked("Nothing here that the team could not do without it."),
    ),
}
"""In words, in which tone, and what it means."""
ALIASES: Mapping[str, tuple[str, str]] = {
    "champion": (marked("Serves now"), "accent"),
    "previous": (marked("Served before"), ""),
    "challenger": (marked("Challenger"), "warn"),
}
METRICS: Mapping[str, tuple[str, str]] = {
    "roc_auc": (marked("ROC-AUC"), "figure"),
    "average_precision": (marked("Average precision"), "figure"),
    "log_loss": (marked("Log loss"), "figure"),
    "brier": (marked("Brier score"), "figure"),
    "calibration_slope": (marked("Calibration slope"), "figure"),
    "calibration_error": (marked("Calibration error"), "share"),
    "precision_at_capacity": (marked("Precision at capacity"), "share"),
    "wins_at_capacity": (marked("Wins at capacity"), "count"),
    "value_at_capacity": (marked("Value at capacity"), "count"),
    "lift_at_10": (marked("Lift, first 10 %"), "figure"),
    "lift_at_20": (marked("Lift, first 20 %"), "figure"),
}
"""In words, and how it is written."""
RIVALS: Mapping[str, str] = {
    "random": marked("Random order"),
    "constant": marked("Base rate for everyone"),
    "oldest_first": marked("Oldest first"),
    "newest_first": marked("Newest first"),
    "recency": marked("Last active first"),
    "points": marked("Your own points"),
    "odoo_pls": marked("Odoo PLS"),
    "odoo_pls_plus": marked("Odoo PLS+ (with numbers)"),
    "logistic": marked("Logistic regression"),
    "before": marked("Before recalibrating"),
}
SPLITS: Mapping[str, str] = {
    "time": marked("Split by time"),
    "order": marked("Split by order in the export"),
    "random": marked("Split at random"),
}
DECISIONS: Mapping[str, tuple[str, str]] = {
    "promoted": (marked("Switched on"), "good"),
    "kept": (marked("The one before stays"), ""),
    "refused": (marked("Refused"), "bad"),
    "rolled_back": (marked("Rolled back to"), "warn"),
    "nothing_new": (marked("Nothing new to learn from"), ""),
}
ACTIONS: Mapping[str, str] = {
    "key.created": marked("Key created"),
    "key.revoked": marked("Key revoked"),
    "key.signed_in": marked("Signed in with a key"),
    "person.signed_in": marked("Signed in"),
    "lead.exported": marked("Lead exported"),
    "lead.erased": marked("Lead erased"),
    "lead.merged": marked("Lead merged into another"),
    "lead.kept_apart": marked("Leads kept apart"),
    "lead.unmerged": marked("Lead taken apart again"),
    "queue.accept": marked("Lead accepted"),
    "queue.contact": marked("Lead marked as contacted"),
    "queue.reject": marked("Lead rejected"),
    "queue.snooze": marked("Lead put off"),
    "queue.undo": marked("Click undone"),
    "model.promoted": marked("Model switched on"),
    "model.rolled_back": marked("Model rolled back"),
    "model.refused": marked("Model refused"),
    "webhook.added": marked("Webhook added"),
    "webhook.removed": marked("Webhook removed"),
    "webhook.enabled": marked("Webhook switched on"),
    "webhook.rotated": marked("Webhook’s secret changed"),
    "delivery.replayed": marked("Deliveries taken up again"),
}
AREAS: Mapping[str, str] = {
    "key.": marked("API keys"),
    "person.": marked("People signing in"),
    "lead.": marked("Leads"),
    "queue.": marked("Clicks in the queue"),
    "model.": marked("Models"),
    "webhook.": marked("Webhooks"),
    "delivery.": marked("Deliveries"),
}
ACTORS: Mapping[str, str] = {
    "command": marked("Command on the machine"),
    "open": marked("Whoever was on this machine"),
    "retrain": marked("Retraining"),
    "recalibrate": marked("Recalibrating"),
    "training": marked("Training"),
}
ROLES: Mapping[str, str] = {
    "service": marked("Service (a CRM)"),
    "sales": marked("Sales"),
    "marketing": marked("Marketing"),
    "operations": marked("Operations"),
    "admin": marked("Admin"),
}
DETAILS: Mapping[str, str] = {
    "role": marked("for %(value)s"),
    "days": marked("%(value)s days"),
    "before": marked("before it version %(value)s"),
    "verdict": marked("verdict: %(value)s"),
    "forced": marked("forced"),
    "reason_given": marked("with a reason"),
    "note_given": marked("with a note"),
    "action": marked("it was: %(value)s"),
}
HIDDEN = frozenset({"outcome"})
"""Details that are for programs."""


def told(screen: Screen, words: Mapping[str, str], name: str | None) -> str:
    """A word, else the name made readable."""
    return "" if name is None else screen.say(words[name]) if name in words else plain(name)


def named(screen: Screen, known: Sequence[str]) -> list[tuple[str, str]]:
    """What a version is besides its number, and in which tone."""
    return [(screen.say(ALIASES[name][0]), ALIASES[name][1]) for name in known if name in ALIASES]


def figure(screen: Screen, name: str, value: float | None) -> str:
    """A figure of a scorecard."""
    kind = METRICS[name][1] if name in METRICS else "figure"
    if kind == "share":
        return screen.figures.percent(value, 1)
    return screen.figures.number(value, 0 if kind == "count" else 3)


def between(screen: Screen, name: str, bounds: Sequence[float | None] | None) -> str:
    """Its interval."""
    if not bounds or bounds[0] is None:
        return ""
    low, high = (figure(screen, name, bound) for bound in bounds)
    return f"{low} – {high}"


def actor(screen: Screen, keys: Mapping[str, ApiKey], name: str) -> str:
    """Who did something, as the audit log names them."""
    kind, _, key_id = name.partition(":")
    if kind == "key":
        known = keys.get(key_id)
        return known.holder.name or key_id if known else key_id
    return told(screen, ACTORS, name) if kind != "person" else key_id


def detail(screen: Screen, entry: Entry) -> str:
    """What else the audit log says."""
    said = {name: value for name, value in entry.detail.items() if value not in (None, False) and name not in HIDDEN}
    ours = [screen.say(DETAILS[name], value=_value(screen, name, said[name])) for name in DETAILS if name in said]
    return " · ".join([*ours, *(f"{plain(name)} {value}" for name, value in said.items() if name not in DETAILS)])


def _value(screen: Screen, name: str, value: Any) -> str:
    if name == "role":
        return told(screen, ROLES, str(value))
    if name == "verdict":
        return screen.say(VERDICTS[value][0]) if value in VERDICTS else str(value)
    if name == "action":
        return told(screen, vocabulary.DONE, str(value))
    return str(value)
