"""The outbox: events are there with what happened or not at all, in order per lead and target, and told once."""

import json
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import func, select

from leadloop.clock import DAY, HOUR, SECOND, now, to_micros
from leadloop.errors import InputError
from leadloop.store import backlog, deliveries, erasure, leads, notices, outbox, webhooks
from leadloop.store.deliveries import Due, Patience, Reply, Settling
from leadloop.store.ledger import Ledger
from leadloop.store.notices import AtRisk, HotRule
from leadloop.store.rows import LeadRow
from leadloop.store.tables import deliveries as delivery_table
from leadloop.store.tables import outbox as outbox_table
from leadloop.store.webhooks import Wanted, Webhook
from tests.store.support import at_once, contents, kept

PATIENT = Patience(attempts=3, longest=DAY)
OK, DOWN, BAD = Reply(204), Reply(None, "can't be reached"), Reply(500, "answered 500")


@dataclass(frozen=True)
class Score:
    """A stored score, as far as notices read it."""

    lead_id: str = "L-1"
    as_of: int = DAY
    model_version: str = "7"
    p_win: float = 0.5
    expected_value: float = float("nan")
    priority: float = 10.0
    stars: int = 3
    flames: int = 2
    cell: str = "qualify"


def _subscribed(ledger: Ledger, url: str = "https://a.example/", **wanted: object) -> Webhook:
    with ledger.writing() as connection:
        return webhooks.add(connection, replace(Wanted(url), **wanted), 0)  # type: ignore[arg-type]


def _told(ledger: Ledger, *lead_ids: str) -> list[str]:
    with ledger.writing() as connection:
        return outbox.put_all(connection, [outbox.Note("lead.hot", each, {"lead_id": each}) for each in lead_ids])


def _soon(seconds: float = 0.0) -> int:
    return to_micros(now()) + int(seconds * SECOND)


def _turn(ledger: Ledger, target: Webhook, at: int, sender: str = "me") -> tuple[Due, ...]:
    with ledger.writing() as connection:
        turn = deliveries.claim(connection, target.webhook, sender, at)
    return () if turn is None else turn.due


def _settle(ledger: Ledger, target: Webhook, results: list[tuple[Due, Reply]], at: int) -> list[Due]:
    with ledger.writing() as connection:
        return deliveries.settle(connection, target, results, Settling(at, PATIENT, lambda: 0.5))


def _events(due: tuple[Due, ...]) -> list[str]:
    return [each.event for each in due]


def test_without_a_target_nothing_is_kept(ledger: Ledger) -> None:
    assert _told(ledger, "L-1") == []
    assert contents(ledger)["outbox"] == []


def _told_and_failed(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        outbox.put(connection, "lead.hot", "L-1", {})
        raise InputError


def test_an_event_is_undone_with_what_happened(ledger: Ledger) -> None:
    _subscribed(ledger)
    with pytest.raises(InputError):
        _told_and_failed(ledger)
    assert contents(ledger)["outbox"] == []


def test_a_target_hears_only_the_kinds_it_subscribed_to(ledger: Ledger) -> None:
    _subscribed(ledger, kinds=("model.changed",))
    assert _told(ledger, "L-1") == []


def test_a_target_hears_only_of_the_leads_of_its_owner_and_of_models(ledger: Ledger) -> None:
    target = _subscribed(ledger, owner="ada")
    kept(
        ledger,
        leads,
        LeadRow("L-1", 1, 1, attributes={"owner": "bob"}),
        LeadRow("L-1", 1, 2, attributes={"owner": "ada"}),
    )
    kept(ledger, leads, LeadRow("L-2", 1, 1, attributes={"owner": "bob"}))
    told = _told(ledger, "L-1", "L-2")
    with ledger.writing() as connection:
        model = notices.notice_model(connection, "8", "7", DAY)
    assert _events(_turn(ledger, target, _soon())) == [*told, model]
    assert len(told) == 1


def test_the_same_thing_is_told_once_however_many_tell_it(ledger: Ledger) -> None:
    target = _subscribed(ledger)

    def tell() -> None:
        with ledger.writing() as connection:
            notices.notice_model(connection, "8", "7", DAY)

    assert at_once(*[tell] * 4) == []
    assert len(_turn(ledger, target, _soon())) == 1


def test_writers_at_once_get_different_places_in_the_order(ledger: Ledger) -> None:
    _subscribed(ledger)
    assert at_once(*[lambda: _told(ledger, "L-1", "L-2")] * 4) == []
    with ledger.reading() as connection:
        assert connection.execute(select(func.count(), func.max(outbox_table.c.sequence))).one() == (8, 8)


def test_a_payload_that_is_too_long_is_refused(ledger: Ledger) -> None:
    _subscribed(ledger)
    with pytest.raises(outbox.LongPayloadError, match="20,000"), ledger.writing() as connection:
        outbox.put(connection, "lead.hot", "L-1", {"text": "é" * 10_000})


def test_a_later_event_of_a_lead_waits_for_an_earlier_one_and_others_go_on(ledger: Ledger) -> None:
    target = _subscribed(ledger)
    first, second, other = _told(ledger, "L-1", "L-1", "L-2")
    due = _turn(ledger, target, _soon())
    assert _events(due) == [first, other]
    _settle(ledger, target, [(due[0], BAD), (due[1], OK)], _soon())
    assert _turn(ledger, target, _soon()) == ()
    later = _turn(ledger, target, _soon(60))
    assert _events(later) == [first]
    _settle(ledger, target, [(later[0], OK)], _soon(60))
    assert _events(_turn(ledger, target, _soon(60))) == [second]


def test_one_target_that_fails_holds_up_no_other(ledger: Ledger) -> None:
    failing, well = _subscribed(ledger), _subscribed(ledger, "https://b.example/")
    told = _told(ledger, "L-1")
    _settle(ledger, failing, [(_turn(ledger, failing, _soon())[0], DOWN)], _soon())
    assert _events(_turn(ledger, well, _soon())) == told


def test_a_delivery_is_given_up_after_so_many_attempts_and_the_next_goes_on(ledger: Ledger) -> None:
    target = _subscribed(ledger)
    first, second = _told(ledger, "L-1", "L-1")
    for attempt in range(PATIENT.attempts):
        at = _soon(attempt * 3_600)
        due = _turn(ledger, target, at)
        assert _events(due) == [first]
        _settle(ledger, target, [(due[0], BAD)], at)
    assert _events(_turn(ledger, target, at)) == [second]
    with ledger.reading() as connection:
        (given_up,) = backlog.dead(connection)
    assert (given_up.event, given_up.attempts, given_up.status, given_up.error) == (first, 3, 500, "answered 500")


def test_a_delivery_is_given_up_after_so_long(ledger: Ledger) -> None:
    target = _subscribed(ledger)
    _told(ledger, "L-1")
    for at in (_soon(), _soon(2 * 86_400)):
        dead = _settle(ledger, target, [(_turn(ledger, target, at)[0], BAD)], at)
    assert len(dead) == 1


def test_a_dead_letter_is_replayed_by_its_id_or_with_all(ledger: Ledger) -> None:
    target = _subscribed(ledger)
    told = _told(ledger, "L-1", "L-2")
    with ledger.writing() as connection:
        webhooks.disable(connection, target.webhook, 1, "gone")
        webhooks.enable(connection, target.webhook)
        assert backlog.depth(connection, _soon()).dead == 2
        assert backlog.replay(connection, 2, [told[0]]) == 1
        with pytest.raises(InputError, match="no dead letter 'msg_no'"):
            backlog.replay(connection, 2, ["msg_no"])
        assert backlog.replay(connection, 2) == 1
    assert sorted(_events(_turn(ledger, target, _soon()))) == sorted(told)


def test_a_receiver_that_is_gone_is_told_nothing_more(ledger: Ledger) -> None:
    target = _subscribed(ledger)
    _told(ledger, "L-1", "L-1")
    _settle(ledger, target, [(_turn(ledger, target, _soon())[0], Reply(410, "answered 410"))], _soon())
    assert _told(ledger, "L-2") == []
    with ledger.reading() as connection:
        assert backlog.depth(connection, _soon()) == backlog.Depth(0, 0.0, 2)
        assert webhooks.find(connection, target.webhook).disabled_why == "the receiver answered 410 Gone"


def test_one_sender_at_a_time_has_a_target_until_its_lease_ends(ledger: Ledger) -> None:
    target = _subscribed(ledger)
    _told(ledger, "L-1")
    assert len(_turn(ledger, target, _soon(), "killed")) == 1
    assert _turn(ledger, target, _soon(30), "other") == ()
    assert len(_turn(ledger, target, _soon(120), "other")) == 1


def test_a_target_that_is_let_go_is_free_at_once(ledger: Ledger) -> None:
    target = _subscribed(ledger)
    assert _turn(ledger, target, _soon(), "one") == ()
    _told(ledger, "L-1")
    assert len(_turn(ledger, target, _soon(), "other")) == 1


def test_a_target_that_cannot_be_reached_rests_and_is_ready_again(ledger: Ledger) -> None:
    target = _subscribed(ledger)
    _told(ledger, "L-1")
    _settle(ledger, target, [(_turn(ledger, target, _soon())[0], DOWN)], _soon())
    _told(ledger, "L-2")
    _turn(ledger, target, _soon())
    with ledger.reading() as connection:
        assert deliveries.ready(connection, _soon()) == []
        assert deliveries.ready(connection, _soon(10)) == [target.webhook]


def test_retry_after_is_respected(ledger: Ledger) -> None:
    target = _subscribed(ledger)
    _told(ledger, "L-1")
    at = _soon()
    _settle(ledger, target, [(_turn(ledger, target, at)[0], Reply(429, "answered 429", 600 * SECOND))], at)
    assert _turn(ledger, target, at + 599 * SECOND) == ()
    assert len(_turn(ledger, target, at + 600 * SECOND)) == 1


def test_what_was_delivered_long_ago_is_forgotten(ledger: Ledger) -> None:
    target = _subscribed(ledger)
    _told(ledger, "L-1", "L-2")
    due = _turn(ledger, target, _soon())
    _settle(ledger, target, [(due[0], OK)], _soon())
    with ledger.writing() as connection:
        assert backlog.forget(connection, _soon(86_400), keep_days=2) == 0
        assert backlog.forget(connection, _soon(3 * 86_400), keep_days=2) == 2
        assert connection.execute(select(func.count()).select_from(delivery_table)).scalar_one() == 1


def test_an_erased_lead_waits_for_no_delivery_and_is_told_of_no_more(ledger: Ledger) -> None:
    _subscribed(ledger)
    kept(ledger, leads, LeadRow("L-1", 1, 1))
    _told(ledger, "L-1", "L-2")
    erasure.erase(ledger, ["L-1"])
    assert _told(ledger, "L-1") == []
    left = contents(ledger)
    assert (len(left["outbox"]), len(left["deliveries"])) == (1, 1)


def test_a_removed_target_leaves_nothing_behind(ledger: Ledger) -> None:
    target = _subscribed(ledger)
    _told(ledger, "L-1")
    with ledger.writing() as connection:
        webhooks.remove(connection, target.webhook)
    left = contents(ledger)
    assert (left["webhooks"], left["outbox"], left["deliveries"]) == ([], [], [])


def test_a_rotated_secret_signs_beside_the_new_one_for_a_while(ledger: Ledger) -> None:
    target = _subscribed(ledger)
    with ledger.writing() as connection:
        rotated = webhooks.rotate(connection, target.webhook, 0, keep_hours=24)
    assert len(rotated.signing(23 * HOUR)) == 2
    assert rotated.signing(24 * HOUR) == [rotated.secrets[0].secret] != target.signing(0)


def test_the_same_url_is_no_target_twice(ledger: Ledger) -> None:
    _subscribed(ledger)
    with pytest.raises(InputError, match="is a webhook already"):
        _subscribed(ledger)


def test_the_depth_tells_how_long_the_oldest_waits(ledger: Ledger) -> None:
    _subscribed(ledger)
    _told(ledger, "L-1", "L-2")
    with ledger.reading() as connection:
        depth = backlog.depth(connection, _soon(60))
    assert (depth.waiting, depth.dead) == (2, 0)
    assert depth.oldest_seconds >= 60


@pytest.mark.parametrize(
    ("before", "after", "crosses"),
    [
        (None, Score(), True),
        (Score(flames=1), Score(), True),
        (Score(), Score(), False),
        (Score(stars=2), Score(stars=2), False),
        (Score(), Score(flames=0), False),
    ],
)
def test_a_lead_is_told_of_when_it_becomes_hot(before: Score | None, after: Score, *, crosses: bool) -> None:
    known = {} if before is None else {before.lead_id: before}
    assert notices.crossings(known, [after], HotRule()) == ([after] if crosses else [])


def test_a_cell_alone_can_be_hot() -> None:
    cold = Score(stars=0, flames=0, cell="call_now")
    assert notices.crossings({}, [cold], HotRule(cells=("call_now",))) == [cold]


def test_a_lead_that_goes_to_and_fro_is_told_of_once_a_day(ledger: Ledger) -> None:
    _subscribed(ledger)
    with ledger.writing() as connection:
        first = notices.notice(connection, {}, [Score()], HotRule())
        again = notices.notice(connection, {}, [Score(as_of=DAY + 1)], HotRule())
        at_once_again = notices.notice(connection, {}, [Score(as_of=DAY + 2)], HotRule(again_days=0))
    assert (len(first), len(again), len(at_once_again)) == (1, 0, 1)


def test_a_hot_lead_of_an_undated_ledger_is_told_without_an_instant(ledger: Ledger) -> None:
    target = _subscribed(ledger)
    with ledger.writing() as connection:
        notices.notice(connection, {}, [Score(as_of=2**63 - 1)], HotRule())
    (due,) = _turn(ledger, target, _soon())
    assert json.loads(due.payload)["data"]["as_of"] is None


def test_a_deadline_at_risk_is_told_of_once_and_a_new_deadline_again(ledger: Ledger) -> None:
    _subscribed(ledger)
    with ledger.writing() as connection:
        told = [notices.notice_at_risk(connection, [AtRisk("L-1", due, "call_now")]) for due in (DAY, DAY, 2 * DAY)]
    assert [len(each) for each in told] == [1, 0, 1]
