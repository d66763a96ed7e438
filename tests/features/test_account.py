"""What a lead's company did besides: who counts as another, since when it is known, and what never counts."""

from dataclasses import replace

import numpy as np
import pytest

from features.account import COLLEAGUES_AT_MOST
from features.catalogue import Catalogue
from features.history import build, with_companies
from features.joined import joined
from features.kernel import matrix
from leadloop.clock import DAY
from leadloop.errors import InputError
from leadloop.store.events import StoredEvent
from leadloop.store.leads import StoredLead
from leadloop.store.people import People
from tests.checks import NOW, T0, Facts, catalogue_of, columns, event, lead

CATALOGUE = Catalogue((), (), dated=True, blocks=("account",))
NOTHING = [0, 0, None, 0, 0]
ME = lead("a", account="engines")
YOU = lead("b", account="engines")
Rows = tuple[StoredLead, ...]


def seen(leads: Rows, *events: StoredEvent, deals: tuple[StoredEvent, ...] = (), at: int = NOW) -> list[float | None]:
    """Other leads, their events, days since, won before, open elsewhere, of lead a; None where unknown."""
    row = columns(CATALOGUE, Facts(leads, events, deals), [("a", at)])[0, 1:].tolist()
    return [None if np.isnan(value) else value for value in row]


def test_a_lead_of_an_unknown_company_has_no_colleagues_to_tell_of() -> None:
    assert seen((lead("a"), YOU)) == [None] * 5


def test_a_lead_alone_at_its_company_has_none() -> None:
    assert seen((ME, lead("b", account="looms"))) == NOTHING


def test_what_a_colleague_did_lately_counts() -> None:
    days = (40, 30, 3)
    assert seen((ME, YOU), *(event("view", NOW - ago * DAY, lead_id="b") for ago in days)) == [1, 2, 3, 0, 0]


def test_what_scanners_open_and_sellers_send_is_nothing_that_a_colleague_did() -> None:
    done = event("view", NOW - 3 * DAY, lead_id="b")
    others = (event(kind, NOW - DAY, lead_id="b") for kind in ("email_open", "email_sent", "unsubscribed"))
    assert seen((ME, YOU), done, *others) == [1, 1, 3, 0, 0]


def test_what_the_lead_did_itself_does_not_count() -> None:
    own = event("won", NOW - DAY)
    assert seen((ME, YOU), event("view", NOW - DAY), deals=(own,)) == [1, *NOTHING[1:]]


def test_a_colleague_of_long_ago_is_not_counted_and_still_heard() -> None:
    old = lead("b", NOW - 200 * DAY, "engines")
    assert seen((lead("a", NOW, "engines"), old), event("view", NOW - DAY, lead_id="b")) == [0, 1, 1, 0, 0]


def test_a_colleague_counts_from_when_it_was_known_to_be_one() -> None:
    named_later = StoredLead("b", 1, T0, NOW, None, {}, "engines")
    assert seen((ME, lead("b"), named_later), at=NOW - 1)[0] == 0
    assert seen((ME, lead("b"), named_later))[0] == 1


def test_the_company_first_named_is_the_one_that_counts() -> None:
    moved = StoredLead("b", 1, T0, T0 + DAY, None, {}, "looms")
    assert seen((ME, YOU, moved))[0] == 1
    assert seen((lead("a", account="looms"), YOU, moved))[0] == 0


@pytest.mark.parametrize(
    ("stages", "known"),
    [
        (("in hand",), [0, 1]),
        (("in hand", "let go"), [0, 0]),
        (("in hand", "won"), [1, 0]),
        (("won", "in hand"), [1, 1]),
        (("in hand", "said"), [0, 1]),
    ],
    ids=lambda each: ", ".join(map(str, each)),
)
def test_what_became_of_a_colleague_is_a_fact(stages: tuple[str, ...], known: list[float]) -> None:
    deals = tuple(event(stage, T0 + i * DAY, lead_id="b") for i, stage in enumerate(stages))
    assert seen((ME, YOU), deals=deals)[3:] == known


def test_a_win_is_known_from_when_it_was_recorded() -> None:
    won = event("won", T0, NOW, lead_id="b")
    assert [seen((ME, YOU), deals=(won,), at=at)[3] for at in (NOW - 1, NOW)] == [0, 1]


def test_a_win_that_was_taken_back_is_none_from_then_on() -> None:
    won = event("won", T0, lead_id="b", key="deal")
    taken_back = event("let go", T0, NOW, lead_id="b", key="deal", version=1)
    assert [seen((ME, YOU), deals=(won, taken_back), at=at)[3] for at in (NOW - 1, NOW)] == [1, 0]


def test_a_lead_that_nobody_touched_for_half_a_year_is_no_longer_in_hand() -> None:
    assert seen((ME, YOU), deals=(event("in hand", NOW - 181 * DAY, lead_id="b"),))[4] == 0


def test_an_account_of_very_many_leads_is_no_company_from_then_on() -> None:
    others = tuple(lead(f"c{i:03d}", T0 + i, "engines") for i in range(COLLEAGUES_AT_MOST + 1))
    assert seen((ME, *others), at=T0 + COLLEAGUES_AT_MOST - 1)[0] == COLLEAGUES_AT_MOST
    assert seen((ME, *others), event("view", NOW - DAY, lead_id="c000")) == [None] * 5
    assert seen((lead("a", NOW, "engines"), *others[1:]))[0] == COLLEAGUES_AT_MOST


def test_a_duplicate_is_another_lead_until_it_is_known_to_be_none() -> None:
    leads = (ME, YOU, lead("c", account="engines"))
    people = People({"b": "a"}, {"b": T0 + 9 * DAY}, {"a": ("a", "b")})
    history = with_companies(replace(joined(build(leads, []), people), people=people), leads, [], [])
    X = matrix(CATALOGUE, history, np.array([0, 0, 1]), np.array([T0 + 8 * DAY, T0 + 9 * DAY, NOW]))
    assert X[:, 1].tolist() == [2, 1, 2]


def test_a_lead_is_of_the_company_that_its_duplicate_named() -> None:
    leads = (lead("a"), YOU, lead("c", account="engines"))
    people = People({"b": "a"}, {"b": T0 + 9 * DAY}, {"a": ("a", "b")})
    history = with_companies(replace(joined(build(leads, []), people), people=people), leads, [], [])
    X = matrix(CATALOGUE, history, np.array([0, 0]), np.array([T0 + 8 * DAY, T0 + 9 * DAY]))
    assert X[:, 1].tolist() == [pytest.approx(np.nan, nan_ok=True), 1]


def test_the_block_is_offered_where_a_company_has_several_leads() -> None:
    assert "account" in catalogue_of(Facts((ME, YOU))).blocks
    assert "account" not in catalogue_of(Facts((ME, lead("b", account="looms"), lead("c")))).blocks


def test_a_history_without_companies_is_refused_and_not_taken_for_nobody() -> None:
    with pytest.raises(InputError, match="block 'account'"):
        matrix(CATALOGUE, build([ME], []), np.array([0]), np.array([NOW]))
