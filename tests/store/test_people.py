"""Who is who: one person however it is written, two people however much they share, and always as known by then."""

from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features import history
from leadloop.clock import DAY
from leadloop.store import duplicates, events, identity_keys, leads, people
from leadloop.store.contact import normal_email, normal_phone
from leadloop.store.judged import closed, of_people
from leadloop.store.ledger import Ledger
from leadloop.store.outcomes import StoredOutcome
from leadloop.store.people import People
from leadloop.store.rows import EventRow, LeadRow
from tests.store.support import kept

ADA = {"email": "ada@engines.example", "first_name": "Ada", "last_name": "Byron"}
PHONE = "+33 6 39 98 12 34"


def _row(lead_id: str, day: int = 1, /, **identity: str) -> LeadRow:
    return _late(lead_id, day, day, **identity)


def _late(lead_id: str, day: int, recorded: int, /, **identity: str) -> LeadRow:
    return LeadRow(lead_id, day * DAY, recorded * DAY, attributes={"day": day}, identity=identity)


def _joined(ledger: Ledger, *rows: LeadRow, as_of: int | None = None) -> dict[str, str]:
    kept(ledger, leads, *rows)
    return dict(_people(ledger, as_of).survivor)


def _people(ledger: Ledger, as_of: int | None = None) -> People:
    with ledger.reading() as connection:
        return people.read(connection, as_of)


@pytest.mark.parametrize("written", ["ADA@Engines.example", " ada@engines.example ", "ada+fair@engines.example"])
def test_one_mailbox_is_one_person_however_it_is_written(ledger: Ledger, written: str) -> None:
    assert _joined(ledger, _row("L-1", **ADA), _row("L-2", 2, email=written)) == {"L-2": "L-1"}


def test_a_stopgap_address_that_many_forms_hold_joins_nobody(ledger: Ledger) -> None:
    assert _joined(ledger, *(_row(f"L-{i}", i, email="na@na.example") for i in range(1, 12))) == {}


def test_of_many_holders_of_one_address_those_of_one_name_are_one_person(ledger: Ledger) -> None:
    others = (_row(f"M-{i}", i, email=ADA["email"]) for i in range(1, 12))
    assert _joined(ledger, _row("L-1", **ADA), _row("L-2", 2, **ADA), *others) == {}


@pytest.mark.parametrize("text", ["", "ada", "ada@", "@x.example", "a b@x.example", "n/a"])
def test_what_is_no_address_is_no_key(text: str) -> None:
    assert normal_email(text) is None


def test_an_international_address_is_an_address() -> None:
    assert normal_email("Zoé@École.example") == normal_email("zoé@école.example")


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("030 23125 123", "DE", "+493023125123"),
        ("+49 (0)30 23125-123", "FR", "+493023125123"),
        ("0049 30 23125123", "FR", "+493023125123"),
        ("+44 20 7946 0123", "FR", "+442079460123"),
        ("12", "FR", None),
    ],
)
def test_a_number_is_the_same_from_wherever_it_is_dialled(text: str, region: str, number: str | None) -> None:
    assert normal_phone(text, region) == number


def test_a_national_number_is_read_in_the_lead_s_country(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", DAY, DAY, attributes={"country": "Germany"}, identity={"phone": "030 23125123"}))
    kept(ledger, leads, _row("L-2", phone="+493023125123"))
    assert _people(ledger).survivor == {"L-2": "L-1"}


def test_colleagues_on_one_telephone_stay_two(ledger: Ledger) -> None:
    rows = _row("L-1", first_name="Ada", last_name="Byron", phone=PHONE), _row("L-2", last_name="Babbage", phone=PHONE)
    assert _joined(ledger, *rows) == {}


def test_the_same_name_on_one_telephone_is_one_person(ledger: Ledger) -> None:
    one = _row("L-1", first_name="Zoé", last_name="Lefèvre", phone=PHONE)
    assert _joined(ledger, one, _row("L-2", 2, first_name="zoe", last_name="LEFEVRE", phone=PHONE)) == {"L-2": "L-1"}


def test_somebody_without_a_name_is_nobody_in_particular_among_two(ledger: Ledger) -> None:
    named = [_row("L-1", last_name="Byron", phone=PHONE), _row("L-2", last_name="Babbage", phone=PHONE)]
    assert _joined(ledger, *named, _row("L-3", phone=PHONE)) == {}


def test_somebody_without_a_name_is_the_only_one_who_has_the_telephone(ledger: Ledger) -> None:
    assert _joined(ledger, _row("L-1", last_name="Byron", phone=PHONE), _row("L-2", 2, phone=PHONE)) == {"L-2": "L-1"}


def test_a_switchboard_joins_nobody_not_even_namesakes(ledger: Ledger) -> None:
    crowd = [_row(f"L-{i}", first_name="A", last_name=name * 4, phone=PHONE) for i, name in enumerate("bcdfgh")]
    assert _joined(ledger, *crowd, _row("L-9", 9, first_name="A", last_name="bbbb", phone=PHONE)) == {}


def test_a_role_mailbox_joins_one_name_and_not_two(ledger: Ledger) -> None:
    info = "info@engines.example"
    rows = [_row(f"L-{i}", i, email=info, first_name="Ada", last_name="Byron") for i in (1, 2)]
    other = _row("L-3", 3, email=info, first_name="Charles", last_name="Babbage")
    assert _joined(ledger, *rows, other) == {"L-2": "L-1"}


def test_the_earliest_created_stands_for_the_others(ledger: Ledger) -> None:
    rows = _row("L-1", 3, **ADA), _row("L-9", 1, **ADA), _row("L-5", 1, **ADA)
    assert _joined(ledger, *rows) == {"L-1": "L-5", "L-9": "L-5"}


def test_undated_leads_are_joined_too(ledger: Ledger) -> None:
    rows = [LeadRow(name, None, None, position=1.0, identity=ADA) for name in ("L-2", "L-1")]
    assert _joined(ledger, *rows) == {"L-2": "L-1"}


def test_a_duplicate_recorded_later_is_not_known_yet(ledger: Ledger) -> None:
    assert _joined(ledger, _row("L-1", **ADA), _row("L-2", 5, **ADA), as_of=5 * DAY - 1) == {}


def test_a_key_is_known_since_its_earliest_row_in_whichever_order_they_come(ledger: Ledger) -> None:
    for rows in ([_late("L-1", 1, 7, **ADA)], [_late("L-1", 1, 3, **ADA)], [_late("L-1", 1, 5, **ADA)]):
        kept(ledger, leads, *rows)
    kept(ledger, leads, _row("L-2", 2, **ADA))
    with ledger.reading() as connection:
        assert {h.lead_id: h.at for h in identity_keys.shared(connection)} == {"L-1": 3 * DAY, "L-2": 2 * DAY}


CROWD = (
    _row("L-1", 1, **ADA),
    _row("L-2", 2, email="ADA@engines.example", phone=PHONE),
    _row("L-3", 3, first_name="Ada", last_name="Byron", phone=PHONE),
    _row("L-4", 4, first_name="Charles", last_name="Babbage", phone=PHONE),
)


def test_any_order_of_the_same_rows_gives_the_same_people(tmp_path_factory: pytest.TempPathFactory) -> None:
    found = set()
    for order in permutations(CROWD):
        ledger = Ledger.open(f"sqlite:///{tmp_path_factory.mktemp('order') / 'ledger.db'}")
        for row in order:
            kept(ledger, leads, row)
        found.add(repr(_people(ledger)))
        ledger.close()
    assert len(found) == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.integers(0, 9),
            st.sampled_from(["a@x.example", "b@x.example", "info@x.example", ""]),
            st.sampled_from([PHONE, "+33639981235", ""]),
            st.sampled_from([("Ada", "Byron"), ("Charles", "Babbage"), ("", "")]),
            st.integers(1, 4),
        ),
        max_size=12,
    )
)
def test_alone_is_as_in_a_batch_and_as_of_is_as_never_received(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, str, str, tuple[str, str], int]]
) -> None:
    folder = tmp_path_factory.mktemp("drawn")
    rows = [
        _row(f"L-{i}", day, **_given(email=mail, phone=phone, first_name=name[0], last_name=name[1]))
        for i, mail, phone, name, day in drawn
    ]
    full, early = (Ledger.open(f"sqlite:///{folder / name}.db") for name in ("full", "early"))
    kept(full, leads, *rows)
    kept(early, leads, *(row for row in rows if (row.recorded_at or 0) <= 2 * DAY))
    whole = _people(full, 2 * DAY)
    with full.reading() as connection:
        alone = [people.read(connection, 2 * DAY, [name]) for name in sorted({row.lead_id for row in rows})]
    assert whole == _people(early)
    assert dict(whole.survivor) == {k: v for each in alone for k, v in each.survivor.items()}
    full.close()
    early.close()


def _given(**identity: str) -> dict[str, str]:
    return {name: value for name, value in identity.items() if value}


def test_what_the_duplicate_did_is_the_survivor_s_from_when_they_were_one(ledger: Ledger) -> None:
    kept(ledger, leads, _row("L-1", 1, first_name="Ada"), _row("L-2", 2, email=ADA["email"]))
    kept(ledger, events, EventRow("L-2", "visit", 2 * DAY, 2 * DAY))
    kept(ledger, leads, _late("L-1", 1, 6, **ADA))
    seen = history.read(ledger)
    assert (seen.lead_ids, seen.events.recorded_at.tolist()) == (("L-1",), [6 * DAY])


def test_one_lead_reads_as_in_the_history_of_all(ledger: Ledger) -> None:
    kept(ledger, leads, *CROWD)
    kept(ledger, events, *(EventRow(f"L-{i}", "visit", i * DAY, i * DAY) for i in (1, 2, 3, 4)))
    alone, every = history.read(ledger, None, ["L-2"]), history.read(ledger)
    assert (alone.lead_ids, alone.attributes_at(0, 9 * DAY)) == (("L-1",), every.attributes_at(0, 9 * DAY))
    assert alone.events.occurred_at.tolist() == every.events.occurred_at[: every.events.start[1]].tolist()


def test_a_fresher_attribute_is_not_undone_by_an_old_one_that_came_with_a_merge(ledger: Ledger) -> None:
    kept(ledger, leads, _row("L-2", 2, last_name="Byron"), _row("L-1", 1, last_name="Byron"), _row("L-1", 4))
    with ledger.writing() as connection:
        duplicates.merge(connection, "L-2", "L-1", None, 6 * DAY)
    kept(ledger, leads, LeadRow("L-1", DAY, 4 * DAY, attributes={"day": 4}))
    assert history.read(ledger).attributes_at(0, 9 * DAY) == {"day": 4}


def _outcome(lead_id: str, stage: str, day: int, reason: str | None = None) -> StoredOutcome:
    return StoredOutcome(f"{lead_id}{day}", 0, lead_id, stage, day * DAY, day * DAY, reason, None, None, None)


BOTH = People({"L-2": "L-1"}, {"L-2": 0}, {"L-1": ("L-1", "L-2")}, {"L-2": 5 * DAY})


@pytest.mark.parametrize("reason", ["duplicate", "Duplicate", "doublon", "DOUBLONS"])
def test_a_duplicate_refused_as_one_refuses_nobody(reason: str) -> None:
    assert closed([_outcome("L-2", "rejected", 6, reason)], BOTH) == set()


def test_a_person_whose_every_lead_was_refused_as_a_duplicate_is_refused() -> None:
    rows = [_outcome(lead_id, "rejected", 6, "duplicate") for lead_id in ("L-1", "L-2")]
    assert closed(rows, BOTH) == {"L-1"}


def test_a_refusal_for_another_reason_counts_for_the_person() -> None:
    assert closed([_outcome("L-2", "rejected", 6, "no budget")], BOTH) == {"L-1"}


def test_who_comes_again_after_being_lost_is_open_again() -> None:
    assert closed([_outcome("L-1", "lost", 4)], BOTH) == set()


def test_who_came_twice_before_being_lost_is_closed() -> None:
    assert closed([_outcome("L-1", "lost", 6)], BOTH) == {"L-1"}


def test_a_win_on_the_duplicate_is_the_survivor_s() -> None:
    assert [row.lead_id for row in of_people([_outcome("L-2", "won", 6)], BOTH)] == ["L-1"]
