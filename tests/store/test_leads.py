"""Leads in the ledger: every version once, who they are in a table apart, and nothing from after the instant asked."""

from sqlalchemy import func, select

from leadloop.clock import DAY
from leadloop.store import leads
from leadloop.store.ledger import Ledger
from leadloop.store.rows import IDENTITY, LeadRow
from leadloop.store.tables import identities
from leadloop.store.tables import leads as leads_table
from tests.store.support import kept

PERSON = dict(
    zip(IDENTITY, ("ada@engines.example", "+33 1", "Ada", "Byron", "Engines", "engines.example"), strict=True)
)


def _row(day: int | None = 1, lead_id: str = "L-1", **attributes: str | float | bool | None) -> LeadRow:
    at = None if day is None else day * DAY
    return LeadRow(lead_id, at, at, attributes=attributes)


def test_a_lead_added_twice_is_kept_once(ledger: Ledger) -> None:
    assert [kept(ledger, leads, _row(source="web")), kept(ledger, leads, _row(source="web"))] == [1, 0]


def test_a_lead_twice_in_one_batch_is_kept_once(ledger: Ledger) -> None:
    assert kept(ledger, leads, _row(), _row(), _row(lead_id="L-2")) == 2


def test_a_batch_counts_only_what_was_not_there_yet(ledger: Ledger) -> None:
    kept(ledger, leads, *(_row(lead_id=f"L-{i}") for i in range(3_000)))
    assert kept(ledger, leads, *(_row(lead_id=f"L-{i}") for i in range(2_000, 5_000))) == 2_000


def test_an_empty_batch_of_leads_adds_nothing(ledger: Ledger) -> None:
    assert kept(ledger, leads) == 0


def test_25_000_leads_go_in_by_one_call(ledger: Ledger) -> None:
    rows = [LeadRow(f"L-{i}", i, i, attributes={"size": i}, identity={"phone": str(i)}) for i in range(25_000)]
    assert kept(ledger, leads, *rows) == 25_000


def test_70_000_leads_are_found_by_name_in_one_call(ledger: Ledger) -> None:
    kept(ledger, leads, _row(lead_id="L-7"), _row(lead_id="L-70000"))
    with ledger.reading() as connection:
        assert [r.lead_id for r in leads.read(connection, None, [f"L-{i}" for i in range(70_000)])] == ["L-7"]


def test_nobody_is_found_by_no_name(ledger: Ledger) -> None:
    kept(ledger, leads, _row())
    with ledger.reading() as connection:
        assert (leads.read(connection, None, []), leads.names(connection, [])) == ([], {})


def test_only_the_leads_named_are_read(ledger: Ledger) -> None:
    kept(ledger, leads, _row(), _row(lead_id="L-2"), _row(lead_id="L'3"))
    with ledger.reading() as connection:
        assert {row.lead_id for row in leads.read(connection, None, ["L-2", "L'3"])} == {"L-2", "L'3"}


def test_changed_attributes_keep_what_was_known_before(ledger: Ledger) -> None:
    kept(ledger, leads, _row(1, size=10), _row(5, size=50))
    with ledger.reading() as connection:
        known = {row.recorded_at: row.attributes for row in leads.read(connection)}
    assert known == {DAY: {"size": 10}, 5 * DAY: {"size": 50}}


def test_a_row_recorded_later_does_not_exist_yet(ledger: Ledger) -> None:
    kept(ledger, leads, _row(1, size=10), _row(5, size=50))
    with ledger.reading() as connection:
        assert [row.attributes["size"] for row in leads.read(connection, 5 * DAY - 1)] == [10]


def test_a_row_recorded_at_the_instant_itself_is_known(ledger: Ledger) -> None:
    kept(ledger, leads, _row(5))
    with ledger.reading() as connection:
        assert len(leads.read(connection, 5 * DAY)) == 1


def test_undated_leads_are_known_at_every_instant(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", None, None, position=7.5))
    with ledger.reading() as connection:
        assert [row.position for row in leads.read(connection, -DAY)] == [7.5]


def test_a_whole_position_is_the_same_row_as_its_float(ledger: Ledger) -> None:
    assert kept(ledger, leads, LeadRow("L-1", None, None, 7), LeadRow("L-1", None, None, 7.0)) == 1


def test_the_ledger_counts_leads_not_rows(ledger: Ledger) -> None:
    kept(ledger, leads, _row(1), _row(2), _row(None, "L-2"))
    with ledger.reading() as connection:
        assert leads.count(connection) == 2


def test_the_last_recorded_at_passes_over_undated_rows(ledger: Ledger) -> None:
    kept(ledger, leads, _row(None), _row(3), _row(2))
    with ledger.reading() as connection:
        assert leads.last_recorded_at(connection) == 3 * DAY


def test_an_empty_ledger_has_no_last_recorded_at(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        assert leads.last_recorded_at(connection) is None


def test_no_identity_value_is_ever_among_the_attributes(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", DAY, DAY, attributes={"country": "FR"}, identity=PERSON))
    with ledger.reading() as connection:
        stored = connection.execute(select(leads_table.c.attributes)).scalar_one()
    assert stored == '{"country":"FR"}'


def test_of_an_identity_the_leads_table_holds_only_the_account(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", DAY, DAY, identity=PERSON))
    with ledger.reading() as connection:
        texts = [value for value in connection.execute(select(leads_table)).one() if isinstance(value, str)]
    assert texts == ["L-1", "{}", "engines.example"]


def test_a_lead_without_identity_leaves_no_identity_row(ledger: Ledger) -> None:
    kept(ledger, leads, _row())
    with ledger.reading() as connection:
        assert connection.execute(select(func.count()).select_from(identities)).scalar_one() == 0


def test_an_identity_comes_back_whole(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", DAY, DAY, identity=PERSON))
    with ledger.reading() as connection:
        assert leads.names(connection, ["L-1", "L-unknown"]) == {"L-1": PERSON}


def test_the_newest_of_each_identity_column_counts(ledger: Ledger) -> None:
    first = LeadRow("L-1", DAY, DAY, identity={"first_name": "Ada", "phone": "1"})
    kept(ledger, leads, LeadRow("L-1", DAY, 2 * DAY, identity={"phone": "2"}), first)
    with ledger.reading() as connection:
        assert leads.names(connection, ["L-1"]) == {"L-1": {"first_name": "Ada", "phone": "2"}}


def test_a_name_recorded_later_is_not_known_yet(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", DAY, DAY, identity={"phone": "1"}))
    kept(ledger, leads, LeadRow("L-1", DAY, 3 * DAY, identity={"phone": "2"}))
    with ledger.reading() as connection:
        assert leads.names(connection, ["L-1"], 2 * DAY) == {"L-1": {"phone": "1"}}


def test_an_undated_name_is_always_known(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", None, None, identity={"company": "Engines"}))
    with ledger.reading() as connection:
        assert leads.names(connection, ["L-1"], -DAY) == {"L-1": {"company": "Engines"}}


def test_an_added_lead_belongs_to_its_account(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-1", DAY, DAY, identity={"email": "ada@gmail.com", "company": " Big  Engines"}))
    with ledger.reading() as connection:
        assert [row.account for row in leads.read(connection)] == ["big engines"]
