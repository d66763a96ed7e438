"""The report on drift: whether leads, wins and refusals are still those that the model was trained for."""

from sqlalchemy import Connection

from models.drift import LEAST_LEADS, MISSING, ORDER, Moved, Value
from models.drift_outcomes import LEAST_REFUSED, Shift
from serving.reports.ask import Ask
from serving.reports.drift_found import REFUSALS_DAYS, Found, as_json
from serving.reports.report import Column, Figure, Report, Table
from serving.reports.words import number

_CHANCES = "all chances"
SENTENCES = 3
"""So many values that came or went are told in a sentence; all of them are in the table."""


def report(_: Connection, ask: Ask) -> Report:
    """What was found, of which the model was asked before."""
    found, title = ask.drift, ask.say("drift title")
    if found is None:
        notes = [ask.say("no drift model")]
        return Report("drift", ask.lang, title, {"as_of": ask.shown}, [_features(ask, None)], notes)
    tables = [_features(ask, found), _outcomes(ask, found), _reasons(ask, found)]
    data, notes = {"as_of": ask.shown, **as_json(found)}, _notes(ask, found)
    return Report("drift", ask.lang, title, data, tables, notes, summary=_summary(ask, found))


def _summary(ask: Ask, found: Found) -> str:
    """How many alarms, and of what; "" where there was nothing to look at."""
    alarms = [alarm[ask.lang] for alarm in found.alarms]
    if not alarms and not (found.drift and found.drift.enough):
        return ""
    key = ("no drift alarm", "one drift alarm", "drift alarms")[min(len(alarms), 2)]
    return ask.say(key, count=len(alarms), facts=", ".join(alarms))


def _notes(ask: Ask, found: Found) -> list[str]:
    values, drift = sorted(values_of(found), key=lambda each: (each.kind != "new", -_share(each))), found.drift
    notes = [ask.say(value_words(each), **told(each, ask.lang)) for each in values[:SENTENCES]]
    if more := len(values) - SENTENCES:
        notes += [ask.say("more values", count=more)] if more > 0 else []
    notes += [ask.say(what) for what in _helps(found)]
    if drift is None:
        notes.append(ask.say("no drift reference", version=found.version))
    elif not drift.enough:
        counts = {"leads": drift.leads, "before": drift.leads_before, "least": LEAST_LEADS}
        notes.append(ask.say("too few to compare", **counts))
    return notes if found.outcomes else [*notes, ask.say("no drift outcomes")]


def _helps(found: Found) -> list[str]:
    """What to do about what moved, each advice once."""
    features = [each for each in (found.drift.features if found.drift else ()) if each.level != ORDER[0]]
    kinds = {value.kind for each in features for value in each.values}
    emptier = any(each.missing - each.missing_before >= MISSING[0] for each in features)
    wins = found.outcomes is not None and found.outcomes.level != ORDER[0]
    asked = {"help new": "new" in kinds, "help gone": "gone" in kinds, "help missing": emptier, "help wins": wins}
    return [what for what, needed in asked.items() if needed]


def values_of(found: Found) -> list[Value]:
    """What came and went, of all facts."""
    return [value for moved in (found.drift.features if found.drift else ()) for value in moved.values]


def value_words(value: Value) -> str:
    """By which words it is told."""
    return f"{value.kind} value"


def told(value: Value, lang: str) -> dict[str, str]:
    """With what."""
    share = number(_share(value), "share", lang)
    return {"value": value.name, "leads": number(value.leads, "count", lang), "share": share}


def _share(value: Value) -> float:
    """Of the leads: now, or before it was gone."""
    return value.share if value.kind == "new" else value.share_before


def _features(ask: Ask, found: Found | None) -> Table:
    columns = [Column("feature_name"), Column("level"), Column("psi", "figure"), Column("missing_before", "share")]
    columns += [Column("missing", "share"), Column("values_moved", "long")]
    drift = found.drift if found else None
    if found is None or drift is None:
        return Table(ask.say("drift features"), columns, [])
    chances = [drift.p_win] if drift.p_win else []
    rows = [_row(ask, found, moved) for moved in (*chances, *drift.features)]
    says = "drift says" if found.days is not None else "drift says undated"
    note = ask.say(says, leads=drift.leads, before=drift.leads_before, days=found.days)
    return Table(ask.say("drift features"), columns, rows, note)


def _row(ask: Ask, found: Found, moved: Moved) -> tuple[object, ...]:
    name = found.names[ask.lang].get(moved.source) or ask.say(_CHANCES)
    words = ", ".join(ask.say(f"{value_words(value)}, briefly", **told(value, ask.lang)) for value in moved.values)
    return name, ask.say(moved.level), max(moved.psi, 0.0), moved.missing_before, moved.missing, words


def _outcomes(ask: Ask, found: Found) -> Table:
    columns = [Column("leads", "count"), Column("wins", "count"), Column("expected_share", "share")]
    columns += [Column("real_share", "share"), Column("level")]
    real = found.outcomes
    share = Figure(real.share, real.low, real.high) if real else None
    rows = [(real.leads, real.wins, real.p_mean, share, ask.say(real.level))] if real else []
    return Table(ask.say("drift outcomes"), columns, rows, ask.say("drift outcomes say"))


def _reasons(ask: Ask, found: Found) -> Table:
    columns = [Column("source"), Column("level"), Column("psi", "figure"), Column("refusals_before", "count")]
    columns += [Column("refusals", "count"), Column("moved_most", "long")]
    rows = [
        (
            *(shift.source or ask.say("not given"), ask.say(shift.level), max(shift.psi, 0.0)),
            *(sum(shift.before.values()), sum(shift.after.values()), _moved_most(ask, shift)),
        )
        for shift in found.reasons
    ]
    note = ask.say("drift reasons say", days=REFUSALS_DAYS, least=LEAST_REFUSED)
    return Table(ask.say("drift reasons"), columns, rows, note)


def _moved_most(ask: Ask, shift: Shift) -> str:
    """The reason whose share changed most."""
    reason, before, after = shift.most
    return f"{ask.say(f'reason {reason}')} {number(before, 'share', ask.lang)} → {number(after, 'share', ask.lang)}"
