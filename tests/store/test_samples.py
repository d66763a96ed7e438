"""A sample keeps what sales says of each lead, and nothing of a person beyond their rights."""

import pytest

from leadloop.clock import DAY
from leadloop.errors import InputError
from leadloop.store import audit, erasure, leads, personal, retention, samples
from leadloop.store.ledger import Ledger
from leadloop.store.rows import LeadRow
from leadloop.store.samples import Sample, SampleLead, UnknownSampleError, Verdict
from tests.store.support import kept

CFO = SampleLead("S-1", {"job_title": "CFO"})
CTO = SampleLead("S-2", {"job_title": "CTO"})


def _made(ledger: Ledger, *rows: SampleLead) -> Sample:
    with ledger.writing() as connection:
        return samples.make(connection, "Spring", "spring-27", rows, "key:m")[0]


def _say(ledger: Ledger, sample: Sample, verdict: str, reason: str | None = None, actor: str = "key:s") -> None:
    with ledger.writing() as connection:
        samples.judge(connection, Verdict(sample.sample_id, "S-1", actor, verdict, reason, 5))


def test_the_last_word_of_each_person_counts(ledger: Ledger) -> None:
    sample = _made(ledger, CFO, CTO)
    _say(ledger, sample, "yes")
    _say(ledger, sample, "no", "too_small")
    _say(ledger, sample, "unsure", actor="key:other")
    with ledger.reading() as connection:
        said = samples.verdicts(connection)[sample.sample_id]
    assert sorted((each.actor, each.verdict, each.reason) for each in said) == [
        ("key:other", "unsure", None),
        ("key:s", "no", "too_small"),
    ]


@pytest.mark.parametrize(("verdict", "reason"), [("no", None), ("maybe", None)])
def test_a_refusal_wants_a_reason_and_a_verdict_is_one_of_three(
    ledger: Ledger, verdict: str, reason: str | None
) -> None:
    sample = _made(ledger, CFO)
    with pytest.raises(InputError):
        _say(ledger, sample, verdict, reason)


def test_a_closed_sample_takes_no_more_verdicts(ledger: Ledger) -> None:
    sample = _made(ledger, CFO)
    with ledger.writing() as connection:
        samples.close(connection, sample.sample_id, "key:m")
    with pytest.raises(InputError, match="closed"):
        _say(ledger, sample, "yes")


def test_a_sample_without_leads_or_with_too_many_is_none(ledger: Ledger) -> None:
    for rows in ((), [SampleLead(f"S-{n}", {}) for n in range(samples.AT_MOST + 1)]):
        with pytest.raises(InputError):
            _made(ledger, *rows)


def test_a_deleted_sample_leaves_nothing_but_that_it_was(ledger: Ledger) -> None:
    sample = _made(ledger, CFO)
    _say(ledger, sample, "yes")
    with ledger.writing() as connection:
        samples.remove(connection, sample.sample_id, "key:m")
    with ledger.reading() as connection:
        assert (samples.read(connection), samples.leads_of(connection), samples.verdicts(connection)) == ([], {}, {})
        assert [entry.action for entry in audit.read(connection)] == ["sample.deleted", "sample.made"]
        with pytest.raises(UnknownSampleError):
            samples.one(connection, sample.sample_id)


def test_erasing_a_person_reaches_samples_and_keeps_them_out(ledger: Ledger) -> None:
    sample = _made(ledger, CFO, CTO)
    _say(ledger, sample, "no", "spam")
    erasure.erase(ledger, ["S-1"])
    again = _made(ledger, CFO, CTO)
    with ledger.reading() as connection:
        assert samples.verdicts(connection) == {}
        assert [each.lead_id for each in samples.leads_of(connection)[sample.sample_id]] == ["S-2"]
        assert [each.lead_id for each in samples.leads_of(connection)[again.sample_id]] == ["S-2"]


def test_the_right_of_access_reaches_samples(ledger: Ledger) -> None:
    sample = _made(ledger, CFO)
    _say(ledger, sample, "no", "spam")
    with ledger.reading() as connection:
        held = personal.everything(connection, "S-1")
    assert held["sample_leads"][0]["facts"] == {"job_title": "CFO"}
    assert (held["sample_verdicts"][0]["verdict"], held["sample_verdicts"][0]["reason"]) == ("no", "spam")


def test_retention_counts_a_lead_of_samples_alone_from_its_last_sample(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("S-2", DAY, DAY))
    sample = _made(ledger, CFO, CTO)
    with ledger.reading() as connection:
        due = [retention.plan(connection, sample.created_at + extra).due for extra in (0, 1)]
    assert due == [("S-2",), ("S-1", "S-2")]


def test_a_known_address_names_its_lead(ledger: Ledger) -> None:
    kept(ledger, leads, LeadRow("L-9", DAY, DAY, identity={"email": "Ada@Engines.example"}))
    with ledger.reading() as connection:
        found = samples.holders(connection, ["ada@engines.example", "nobody@else.example", "no address"])
    assert found == {"ada@engines.example": "L-9"}
