"""Leads that were worked because a slot was drawn by lot count by the chance that they had."""

import numpy as np

from features.history import read
from leadloop.clock import DAY, parse_instant
from leadloop.store import leads, outcomes, slots
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow, OutcomeRow
from leadloop.store.slots import DRAWN, RANKED, StoredDraw, StoredSlot
from tests.store.support import kept
from training.dataset import to_judge
from training.labels import label
from training.selection import by_known_chance, drawn_chances

START = parse_instant("2026-03-02T00:00:00Z")


def test_the_chance_of_a_lead_is_that_of_the_draw_before_it_was_touched(ledger: Ledger) -> None:
    draw = StoredDraw("2026-03-02", "", START, START, "1", 2, 9, 0.5, 0.1, 1.0, START)
    kinds = {"drawn": DRAWN, "late": DRAWN, "ranked": RANKED}
    with ledger.writing() as connection:
        rows = [StoredSlot(draw.day, "", n, kind, 0.1, 1, 1, 1, 0.1, 1.0, "1", START) for n, kind in kinds.items()]
        slots.add(connection, draw, rows)
    for i, name in enumerate(kinds):
        touched = START + (9 if name == "late" else 1) * DAY
        kept(ledger, leads, LeadRow(name, START - DAY, START - DAY))
        ended = touched + (5 + i) * DAY
        kept(ledger, outcomes, OutcomeRow(name, "contacted", touched, touched), OutcomeRow(name, "lost", ended, ended))
    as_of = START + 30 * DAY
    history = read(ledger, as_of)
    with ledger.reading() as connection:
        labels = label(history, outcomes.read(connection, as_of), {})
    data = to_judge(history, labels, np.arange(3), 90.0, as_of)
    found = dict(zip(history.lead_ids, drawn_chances(ledger, history, data, as_of).tolist(), strict=True))
    assert found["drawn"] == 0.1
    assert np.isnan([found["late"], found["ranked"]]).all()


def test_known_chances_take_away_what_features_do_not_say_of_who_was_worked() -> None:
    rng = np.random.default_rng(0)
    n, worked, drawn = 20_000, 2_000, 400
    hidden = rng.standard_normal(n)  # sales sees it, and no feature does
    p = 1 / (1 + np.exp(3 - hidden))
    order = np.argsort(-hidden)
    best, rest = order[: worked - drawn], order[worked - drawn :]
    by_lot = rng.choice(rest, drawn, replace=False)
    won = (rng.random(n) < p)[np.concatenate([best, by_lot])]
    chance = np.concatenate([np.full(len(best), np.nan), np.full(drawn, drawn / len(rest))])
    even = np.ones(worked)
    wrong = [abs(np.average(won, weights=w) - p.mean()) for w in (even, by_known_chance(even, chance))]
    assert wrong[1] < 0.35 * wrong[0]
