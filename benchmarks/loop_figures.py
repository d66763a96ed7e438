"""What eighteen months came to under each order: revenue, its share of the oracle's, intervals, and recoveries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.loop_world import MONTH_DAYS, Plan
from benchmarks.sets import Result
from leadloop.clock import DAY
from leadloop.demo.desk import Contact
from leadloop.demo.draws import Floats

OURS, ORACLE = "leadloop", "oracle"
BACK_AT, WITHIN_DAYS, WINDOW_DAYS = 0.8, 60, 30
"""Back on course: so much of the oracle's revenue over a window, within so many days of a change."""

Played = Mapping[str, Sequence[Contact]]
"""Of one seed: the contacts under each order."""


@dataclass(frozen=True)
class Tally:
    """EUR a day, shape (seeds, days), by order. `expected`: by the truth at each contact; `won`: as luck had it."""

    plan: Plan
    expected: Mapping[str, Floats]
    won: Mapping[str, Floats]


def tally(plan: Plan, begins_at: Sequence[int], played: Sequence[Played]) -> Tally:
    """Sum the contacts by day; `begins_at`: of each seed."""
    days, names = plan.months * MONTH_DAYS, list(played[0])
    sums = {name: np.zeros((2, len(played), days)) for name in names}
    for seed, (start, one) in enumerate(zip(begins_at, played, strict=True)):
        for name, contacts in one.items():
            for contact in contacts:
                day = (contact.at - start) // DAY
                sums[name][:, seed, day] += contact.expected, contact.won
    return Tally(plan, {n: sums[n][0] for n in names}, {n: sums[n][1] for n in names})


def share(daily: Mapping[str, Floats], name: str) -> float:
    """Of the oracle's, over all seeds and days."""
    return float(daily[name].sum() / daily[ORACLE].sum())


def by_month(daily: Floats) -> Floats:
    """EUR a month, shape (seeds, months)."""
    return np.asarray(daily.reshape(len(daily), -1, MONTH_DAYS).sum(axis=2))


def gain(tally: Tally, name: str) -> tuple[float, float, float]:
    """Of leadloop over another order, EUR a month: mean and its 95 % interval, by Student's t over the paired months
    of all seeds.
    """
    differences = (by_month(tally.expected[OURS]) - by_month(tally.expected[name])).ravel()
    return _interval(differences)


def gain_by_seed(tally: Tally, name: str) -> tuple[float, float, float]:
    """The same over seeds, whose months may hang together; EUR a month."""
    differences = (by_month(tally.expected[OURS]) - by_month(tally.expected[name])).mean(axis=1)
    return _interval(differences)


def _interval(values: Floats) -> tuple[float, float, float]:
    from scipy.stats import t

    mean, n = float(values.mean()), len(values)
    half = float(t.ppf(0.975, n - 1) * values.std(ddof=1) / np.sqrt(n)) if n > 1 else float("inf")
    return mean, mean - half, mean + half


def since_change(tally: Tally, change: int, name: str = OURS) -> Floats:
    """Share of the oracle's revenue over the window that ends so many days after a change, from WINDOW_DAYS on."""
    first = change - tally.plan.history_days
    totals = [_rolling(tally.expected[one].sum(axis=0)[first:]) for one in (name, ORACLE)]
    return np.asarray(totals[0] / totals[1])


def back_after(tally: Tally, change: int) -> int | None:
    """Days from a change until leadloop's last WINDOW_DAYS were back on course; None where they never were."""
    there = np.flatnonzero(since_change(tally, change) >= BACK_AT)
    return int(there[0]) + WINDOW_DAYS if len(there) else None


def _rolling(daily: Floats) -> Floats:
    return np.convolve(daily, np.ones(WINDOW_DAYS), "valid")


def told(tally: Tally) -> Result:
    """Figures, peers and ratios, for programs."""
    figures: dict[str, float | None] = dict(_revenue(tally, OURS))
    peers: dict[str, float | None] = {}
    ratios: dict[str, float | None] = {"revenue, leadloop / oracle": share(tally.expected, OURS)}
    ratios["realised, leadloop / oracle"] = share(tally.won, OURS)
    for name in tally.expected:
        if name == OURS:
            continue
        peers |= _revenue(tally, name)
        if name != ORACLE:
            ratios[f"revenue, leadloop / {name}"] = _ratio(tally, name)
            for kind, (mean, low, high) in {"": gain(tally, name), " by seed": gain_by_seed(tally, name)}.items():
                figures |= {f"EUR a month over {name}{kind}": mean}
                figures |= {f"EUR a month over {name}{kind}, low": low, f"EUR a month over {name}{kind}, high": high}
    return {"figures": figures | _changes(tally), "peers": peers, "ratios": ratios}


def _revenue(tally: Tally, name: str) -> dict[str, float | None]:
    """EUR a month; of the oracle's; and as luck had it."""
    months = tally.plan.months * len(tally.expected[name])
    return {
        f"{name}.revenue a month": float(tally.expected[name].sum() / months),
        f"{name}.realised a month": float(tally.won[name].sum() / months),
        f"{name}.share of the oracle's": share(tally.expected, name),
    }


def _ratio(tally: Tally, name: str) -> float:
    return float(tally.expected[OURS].sum() / tally.expected[name].sum())


def _changes(tally: Tally) -> dict[str, float | None]:
    """How leadloop took each change of sources."""
    found: dict[str, float | None] = {}
    for number, change in enumerate(tally.plan.changes, start=1):
        shares = since_change(tally, change)
        after = shares[WITHIN_DAYS - WINDOW_DAYS] if len(shares) > WITHIN_DAYS - WINDOW_DAYS else None
        found[f"change {number}, days until back"] = back_after(tally, change)
        found[f"change {number}, share in days 1-30"] = float(shares[0]) if len(shares) else None
        found[f"change {number}, share in days 31-60"] = None if after is None else float(after)
    return found
