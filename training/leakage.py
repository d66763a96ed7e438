"""Refuses columns that could only be known after the moment of scoring, and says by which figures it knows them.

The ruling is made once, on everything known today, and holds for the test as well: a column that only newer outcomes
give away must not flatter the scorecard.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from features.catalogue import Catalogue
from features.history import Floats, History, Ints
from features.profile import Refusal
from training import findings
from training.case import Background, Case
from training.dataset import arrival
from training.evidence import Leads
from training.suspects import HOW_IT_CAME

LEADS_AT_MOST = 20_000
FEW = 100
"""Wins, or leads not won, below which the evidence must be overwhelming."""
LEAST_EACH = 5
"""Of both among the older and the newer, or nothing can be shown."""
SUSPECTS_AT_MOST = 12
"""So many columns are measured beside all others; each costs a quick model."""

NOTHING_ELSE = Background()


@dataclass(frozen=True)
class Moments:
    """What teaches: rows of the catalogue's matrix, shape (n, features), with the lead of each; the others (n,)."""

    X: Floats
    won: Floats
    lead: Ints
    order: Floats


@dataclass(frozen=True)
class Ruling:
    """Attributes that are no features, each with the evidence; and what to tell about the names that were allowed.

    `let_in`: attributes that were allowed against the evidence.
    """

    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
    let_in: tuple[Refusal, ...] = ()


NOTHING_REFUSED = Ruling()


def judge(
    catalogue: Catalogue,
    moments: Moments,
    allowed: Collection[str] = (),
    background: Background = NOTHING_ELSE,
    seed: int = 0,
) -> Ruling:
    """Which attributes leak. `allowed` ones stay whatever the figures say, and the ruling notes it."""
    leads = _leads(catalogue, moments, seed)
    evidence = _evidence(Case(leads, background, seed), allowed) if _enough(leads) else {}
    found = [Refusal(name, said) for name, said in sorted(evidence.items())]
    refused, let_in = (tuple(each for each in found if (each.column in allowed) is side) for side in (False, True))
    return Ruling(refused, _notes(catalogue, evidence, allowed), let_in)


def without(catalogue: Catalogue, ruling: Ruling) -> tuple[Catalogue, NDArray[np.bool_]]:
    """The catalogue without what was refused, readings included, and which columns of its matrix stay."""
    names = {refusal.column for refusal in ruling.refused}
    kept = [a.name not in names for a in catalogue.attributes for _ in a.features]
    others = len(catalogue.features) - len(kept)
    left = replace(
        catalogue,
        attributes=tuple(a for a in catalogue.attributes if a.name not in names),
        excluded=(*(r for r in catalogue.excluded if r.column not in names), *ruling.refused),
    )
    return left, np.array(kept + [True] * others, dtype=bool)


def _leads(catalogue: Catalogue, moments: Moments, seed: int) -> Leads:
    """The first moment of each lead, oldest lead first; a sample where they are many."""
    first = np.unique(moments.lead, return_index=True)[1]
    if len(first) > LEADS_AT_MOST:
        first = np.sort(np.random.default_rng(seed).choice(first, LEADS_AT_MOST, replace=False))
    rows = first[np.argsort(moments.order[first], kind="stable")]
    won = moments.won[rows]
    few = bool(min(won.sum(), len(won) - won.sum()) < FEW)
    return Leads(catalogue, moments.X[rows], won, moments.order[rows], few)


def _enough(leads: Leads) -> bool:
    parts = (leads.won[leads.older], leads.won[leads.newer])
    return all(min(part.sum(), len(part) - part.sum()) >= LEAST_EACH for part in parts)


def _evidence(case: Case, allowed: Collection[str]) -> dict[str, str]:
    """Each attribute that leaks, with what shows it: first what a column shows by itself, then beside all others."""
    columns = set(case.leads.columns) - HOW_IT_CAME
    found = {name: said for name in sorted(columns) if (said := findings.by_itself(case, name))}
    suspects = sorted(columns - set(found), key=lambda name: (-case.strength(name), name))
    for name in [each for each in suspects if findings.worth_a_look(case, each)][:SUSPECTS_AT_MOST]:
        refused = frozenset(each for each in found if each not in allowed)
        if said := findings.beside_the_others(case, name, refused):
            found[name] = said
    return {name: "; ".join(said) for name, said in found.items()}


def _notes(catalogue: Catalogue, evidence: Mapping[str, str], allowed: Collection[str]) -> tuple[str, ...]:
    known = [a.name for a in catalogue.attributes] + [r.column for r in catalogue.excluded]
    against = [
        f"'{name}' is let in by allow_columns, against the evidence: {evidence[name]}"
        for name in sorted(allowed)
        if name in evidence
    ]
    return (*against, *(_unknown(name, known) for name in sorted(allowed) if name not in known))


def _unknown(name: str, known: Collection[str]) -> str:
    like = get_close_matches(name, list(known), 1)
    hint = f"; did you mean '{like[0]}'?" if like else ""
    return f"allow_columns names '{name}', which is no attribute of any lead{hint}"


def changes(history: History) -> dict[str, int]:
    """For how many leads each attribute was given anew, or given at last, after their first record."""
    found: dict[str, int] = {}
    for lead in np.flatnonzero(np.diff(history.start) > 1).tolist():
        first, *later = history.attributes[history.start[lead] : history.start[lead + 1]]
        for name in {n for row in later for n, value in row.items() if value != first.get(n)}:
            found[name] = found.get(name, 0) + 1
    return found


def waiting(history: History, rows: NDArray[np.bool_], seed: int) -> tuple[Ints, Ints]:
    """Leads among `rows`, a sample where they are many, and when each arrived: how a column looks before the end."""
    leads = np.flatnonzero(rows)
    if len(leads) > LEADS_AT_MOST:
        leads = np.sort(np.random.default_rng(seed).choice(leads, LEADS_AT_MOST, replace=False))
    return leads, arrival(history)[leads]
