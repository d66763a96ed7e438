"""Why a lead's stored scores changed, on the console: `leadloop explain ID --changes`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from leadloop import console

if TYPE_CHECKING:
    from leadloop.settings import Settings
    from leadloop.store.ledger import Ledger
    from serving.scorer import Scorer

SHOWN = 10
NONE = {
    "en": "Fewer than two stored scores: nothing to compare yet; a server stores them "
    "(docs/operations.md#stored-scores)",
    "fr": "Moins de deux scores enregistrés : rien à comparer encore ; un serveur les enregistre "
    "(docs/operations.md#stored-scores)",
}
WORDS = {
    "en": {
        "title": "Since {since}, as of {as_of}",
        "head": ("part", "what", "log-odds", "points of p_win"),
        "data": "known since",
        "waiting": "waiting",
        "rest": "all other facts",
        "model": "model {before} → {after}",
        "population": "other open leads",
    },
    "fr": {
        "title": "Depuis {since}, au {as_of}",
        "head": ("part", "quoi", "log-cote", "points de p_win"),
        "data": "appris depuis",
        "waiting": "attente",
        "rest": "tout le reste",
        "model": "modèle {before} → {after}",
        "population": "autres leads ouverts",
    },
}


def changes_of(
    ledger: "Ledger", settings: "Settings", scorer: "Scorer", lead_id: str, lang: str
) -> list[dict[str, Any]]:
    """The last changes of a lead, newest first."""
    from leadloop.store import scores
    from serving.changes import Place, changes

    with ledger.reading() as connection:
        rows = scores.history(connection, lead_id, SHOWN + 1)
    return changes(Place(ledger, settings, scorer.version, lang), rows)


def show_changes(changes: Sequence[dict[str, Any]], lang: str, *, ranks: bool) -> None:
    """A table a change, of what moved the chance, and the sentence. `ranks`: without points of what is no chance."""
    if not changes:
        console.note(NONE[lang])
    for row in changes:
        title = WORDS[lang]["title"].format(since=row["since"] or "–", as_of=row["as_of"] or "–")  # type: ignore[attr-defined]
        heads, kept = WORDS[lang]["head"], 3 if ranks else 4
        if lines := [line[:kept] for line in _lines(row, lang)]:
            console.print_table(title, heads[:kept], lines, heads[2:kept])
        else:
            console.heading(title)
        console.note(row["text"])


def _lines(row: dict[str, Any], lang: str) -> list[tuple[str, str, str, str]]:
    from serving.steps import LEAST

    words: dict[str, Any] = WORDS[lang]
    lines = [line for part in ("data", "waiting") if row["facts"] for line in _facts(row, part, words, LEAST)]
    versions = {"before": row["model_version_before"], "after": row["model_version"]}
    for part in ("model", "population"):
        if abs(row["p_win"][part] or 0.0) >= LEAST:
            figures = {name: row[name][part] for name in ("log_odds", "p_win")}
            lines.append((words[part].format(**versions), "", *_shown(figures)))
    return lines


def _facts(row: dict[str, Any], part: str, words: dict[str, Any], least: float) -> list[tuple[str, str, str, str]]:
    """A line each; what is left over has one where it is not as good as nothing."""
    moved = row["facts"][part]
    left = [{"text": words["rest"], **moved["rest"]}] if abs(moved["rest"]["p_win"]) >= least else []
    return [(words[part], fact["text"], *_shown(fact)) for fact in [*moved["facts"], *left]]


def _shown(figures: dict[str, Any]) -> tuple[str, str]:
    return f"{figures['log_odds']:+.2f}", f"{100 * figures['p_win']:+.1f}"
