"""What counts as a leak: each finding is one plain sentence with the figures that show it, or none."""

from collections.abc import Callable

import numpy as np

from features.history import Floats
from training.bounds import Bools, apart
from training.case import Case, example, with_and_without
from training.evidence import together
from training.suspects import ASSIGNED, SUSPICIONS, suspicion_of, words_of

STRONG = 0.85
"""No honest column alone ranks newer leads as well as this; the best of real sets reach 0.78."""
STRONG_OF_TWO = 0.75
"""The same for two values, or for being filled in: one bit that tells so much is the outcome under another name."""
DOMINANT, MARGIN = 0.78, 0.10
"""Alone it ranks so well, and better by this than all other columns together."""
WORTH = 0.7
"""Alone it ranks so well that it is worth a look beside the others."""
PURE, PURE_COVER, MOSTLY_WON = 0.95, 0.25, 0.8
"""Win share of a winners' level, share of all wins that it must hold, base rate above which it means nothing."""
HARDLY, HARDLY_COVER = 0.2, 0.2
"""Win share on one side of blank, against the other, that is hardly any; and the share of leads on that side."""
FILL, FILL_APART = 0.58, 0.15
"""How well being filled ranks, and how much oftener wins have it filled than losses that all else ranks alike."""
TWINS = 0.8
"""Columns whose blanks go together like this were filled in by the same hand, and prove nothing beside each other."""
CLOSED_APART, CLOSED_BAR, WAITING_LEAST = 0.5, 0.52, 30
"""How much oftener closed leads have it than open ones of the same time, how well it ranks, open leads to tell."""
LATER, LATER_BAR = 0.05, 0.55
"""Share of dates after the moment, and how well their being so must rank."""
RECORDED_BAR = 0.65
"""The bar of a name whose attribute has a recorded history: the ledger shows it as it was."""
DRIFT = 0.2
"""How much more of the older, or of the newer leads have another vendor's score."""
FEW_BAR = 0.05
"""Added to the bar of a name where outcomes are few."""

Finding = Callable[[Case, str], str | None]


def by_itself(case: Case, name: str) -> list[str]:
    """What the column shows without looking at any other; nothing said is nothing found."""
    first = named(case, name) or too_strong(case, name)
    return [said for said in (first, *(finding(case, name) for finding in BY_ITSELF)) if said]


def too_strong(case: Case, name: str) -> str | None:
    """It ranks newer leads better than anything honest does."""
    alone, filled = case.alone[name], case.filled[name]
    if alone.low >= STRONG:
        return f"forward in time it alone ranks leads with AUC {alone.value:.2f}{example(case, name)}"
    if filled.low >= STRONG_OF_TWO:
        return f"whether it is filled in at all ranks leads forward in time with AUC {filled.value:.2f}"
    if alone.low >= STRONG_OF_TWO and case.leads.of_two(name):
        return f"its two values alone rank leads forward in time with AUC {alone.value:.2f}, as copies of it do"
    return None


def only_winners(case: Case, name: str) -> str | None:
    """One level, or its being filled in, is had by winners alone, and by many of them."""
    won = case.leads.won
    for level, rows in [("", case.given[name]), *case.leads.levels(name)]:
        pure = case.leads.share(rows).low >= PURE and case.leads.base <= MOSTLY_WON
        if pure and won[rows].sum() >= PURE_COVER * won.sum():
            what = f"'{level}'" if level else "filled in"
            return (
                f"where it is {what}, {won[rows].mean():.0%} of {rows.sum():,} leads are won; "
                f"elsewhere {won[~rows].mean():.0%}"
            )
    return None


def named(case: Case, name: str) -> str | None:
    """Its name says that it comes later, and the figures don't contradict."""
    kind = suspicion_of(name)
    if kind is None:
        return None
    bar = SUSPICIONS[kind].bar + (FEW_BAR if case.leads.few else 0.0)
    if case.recorded(name):
        bar = max(bar, RECORDED_BAR)
    figure = _drift(case, name) if kind == "vendor" and not case.recorded(name) else None
    if case.surely(name) >= bar:
        figure = too_strong(case, name) or _figure(case, name)
    return figure and f"by its name it holds {SUSPICIONS[kind].meaning}, and {figure}"


def _figure(case: Case, name: str) -> str:
    alone, filled = case.alone[name], case.filled[name]
    if alone.low >= filled.low:
        return f"forward in time it alone ranks leads with AUC {alone.value:.2f}{example(case, name)}"
    return f"leads are won {with_and_without(case, name)}"


def _drift(case: Case, name: str) -> str | None:
    """Whose scores come and go with time was filled in for the leads that were there at some day."""
    leads, given = case.leads, case.given[name]
    older, newer = (given[part].mean() for part in (leads.older, leads.newer))
    if abs(older - newer) < DRIFT:
        return None
    return f"it is filled in for {older:.0%} of the older leads and {newer:.0%} of the newer"


def later_dates(case: Case, name: str) -> str | None:
    """It holds dates after the moment, and that tells who is won. A date planned before tells less."""
    leads = case.leads
    if leads.kinds[name].kind != "date" or not leads.catalogue.dated:
        return None
    ago = leads.X[:, leads.columns[name][0]]
    later = ago < 0
    timing = leads.ranked(np.where(np.isnan(ago), 0, 1 + later).astype(np.int64))
    tells = timing.low >= LATER_BAR or case.alone[name].low >= RECORDED_BAR
    if later.mean() < LATER or not tells:
        return None
    won, others = (f"{leads.won[rows].mean():.0%}" for rows in (later, ~later))
    return (
        f"it is later than the moment of scoring for {later.mean():.0%} of the leads, of whom {won} are won against "
        f"{others} of the others, and it alone ranks leads with AUC {case.alone[name].value:.2f}"
    )


def only_closed(case: Case, name: str) -> str | None:
    """It is filled in for leads that came to an end, and not for open ones of the same time."""
    waiting = case.background.waiting
    if len(waiting) < WAITING_LEAST or case.recorded(name) or ASSIGNED.search(words_of(name)):
        return None
    closed, still = case.given[name], case.leads.given(name, waiting)
    ended = np.concatenate([np.ones(len(closed)), np.zeros(len(still))])
    order = np.concatenate([case.leads.order, case.background.waiting_order])
    gap = apart(ended, np.concatenate([closed, still]), order, case.leads.z)
    if gap.low < CLOSED_APART or case.surely(name) < CLOSED_BAR:
        return None
    return (
        f"it is filled in for {closed.mean():.0%} of closed leads and {still.mean():.0%} of open ones, "
        f"and ranks leads with AUC {case.strength(name):.2f}"
    )


BY_ITSELF: tuple[Finding, ...] = (only_winners, later_dates, only_closed)


def worth_a_look(case: Case, name: str) -> bool:
    """Whether the column could matter enough to be measured beside all others."""
    return case.alone[name].low >= WORTH or case.filled[name].low >= FILL or _hardly(case, name)


def beside_the_others(case: Case, name: str, refused: frozenset[str]) -> list[str]:
    """What it shows beside all other columns that are not refused, and are not filled in by the same hand."""
    leads, own = case.leads, columns_of(case, frozenset({name}))
    twins = frozenset(n for n in leads.columns if n != name and _same_hand(case.given[name], case.given[n]))
    out = own | columns_of(case, refused | twins)
    rest = [i for i in range(leads.X.shape[1]) if i not in out]
    score = together(leads, rest, case.seed)
    found = (dominant(case, name, score), filled_by_sales(case, name, score))
    return [said for said in found if said]


def columns_of(case: Case, names: frozenset[str]) -> set[int]:
    """The numbers of these attributes' columns."""
    return {i for name in names for i in case.leads.columns[name].tolist()}


def dominant(case: Case, name: str, score: Floats) -> str | None:
    """It alone ranks much better than all others together."""
    alone, rest = case.alone[name], case.leads.auc(score)
    if alone.low < max(DOMINANT, rest.high + MARGIN):
        return None
    return (
        f"forward in time it alone ranks leads with AUC {alone.value:.2f}, everything else together reaches "
        f"{rest.value:.2f}{example(case, name)}"
    )


def filled_by_sales(case: Case, name: str, score: Floats) -> str | None:
    """That it is filled in says how the lead went, also among leads that look alike in all else."""
    leads, given = case.leads, case.given[name]
    if case.recorded(name):
        return None
    gap = apart(leads.won[leads.newer], given[leads.newer], score, leads.z)
    surely = max(gap.low, -gap.high)
    if case.filled[name].low >= FILL and surely >= FILL_APART:
        how = f"wins have it filled in {abs(gap.value):.0%} {'more' if gap.value > 0 else 'less'} often"
        return f"leads are won {with_and_without(case, name)}; among leads alike in all else {how}"
    if _hardly(case, name) and surely > 0:
        return f"hardly a lead is won on one side of its being filled in: {with_and_without(case, name)}"
    return None


def _hardly(case: Case, name: str) -> bool:
    """Whether hardly anybody is won with it blank, or with it given, and that is a good part of the leads."""
    given = case.given[name]
    sides = [(given, case.leads.share(given)), (~given, case.leads.share(~given))]
    (few, low), (_, high) = sorted(sides, key=lambda side: side[1].high)
    return bool(low.high <= HARDLY * high.low and few.mean() >= HARDLY_COVER)


def _same_hand(one: Bools, other: Bools) -> bool:
    if one.std() == 0 or other.std() == 0:
        return False
    return bool(abs(np.corrcoef(one, other)[0, 1]) >= TWINS)
