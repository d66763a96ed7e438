"""The leakage guard: what could only be known later is refused with figures, what honestly predicts stays."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from features.catalogue import learn_catalogue
from features.history import Floats, History, build, read
from features.kernel import matrix
from features.profile import Refusal
from leadloop.clock import DAY, isoformat
from leadloop.intake.load import load
from leadloop.intake.mapping import read_mapping
from leadloop.intake.report import ImportReport
from leadloop.intake.source import read_paths
from leadloop.settings import Settings
from leadloop.store.leads import StoredLead
from leadloop.store.ledger import Ledger
from leadloop.store.rows import Value
from models import registry
from serving.scorer import when
from tests.checks import T0, lead
from tests.support import Loop
from tests.training.conftest import Fill, leaky
from training import retrain
from training.case import Background
from training.dataset import to_teach
from training.leakage import Moments, Ruling, changes, judge, without
from training.retrain import Local
from training.suspects import SUSPICIONS

N = 3_000
Column = Sequence[Value]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Made:
    """Made-up leads, a day apart: who is won follows `interest`, which the CRM sees with noise as `visits`."""

    draws: np.random.Generator
    won: Bools

    def chance(self, of_wins: float, of_others: float) -> Bools:
        """A flag that so many of the wins have, and of the others."""
        return np.asarray(self.draws.random(N) < np.where(self.won, of_wins, of_others))

    def among(self, *levels: str) -> NDArray[np.object_]:
        """Levels that mean nothing."""
        return np.array(levels, dtype=object)[self.draws.integers(0, len(levels), N)]

    def number(self, gap: float) -> Floats:
        """A number that wins have higher by so many standard deviations."""
        return np.asarray((self.draws.normal(0, 1, N) + gap * self.won).round(3))

    def day(self, days: Floats) -> list[Value]:
        """A date so many days after the lead came."""
        return [isoformat(T0 + i * DAY + int(d * DAY))[:10] for i, d in enumerate(days)]


@pytest.fixture
def made() -> Made:
    draws = np.random.default_rng(7)
    return Made(draws, draws.random(N) < 0.3)


def only(where: Bools, values: Sequence[Value] | NDArray[np.object_]) -> list[Value]:
    return [value if there else None for there, value in zip(where, values, strict=True)]


def plain(values: NDArray[np.generic]) -> list[Value]:
    return [value.item() for value in values]


def yes(where: Bools) -> list[Value]:
    return ["yes" if each else "no" for each in where]


def ruling_of(
    made: Made, columns: Mapping[str, Column], allowed: Sequence[str] = (), waiting: Mapping[str, Column] | None = None
) -> Ruling:
    """What the guard says of these columns, beside two honest ones."""
    honest = {"visits": plain(made.number(0.7)), "source": list(made.among("web", "salon", "partner"))}
    history = history_of({**columns, **honest})
    at, leads = history.created_at, np.arange(N)
    catalogue = learn_catalogue(history, leads, at)
    background = Background()
    if waiting is not None:
        still = history_of(waiting)
        X = matrix(catalogue, still, np.arange(len(still)), still.created_at)
        background = Background(X, still.created_at.astype(np.float64))
    moments = Moments(matrix(catalogue, history, leads, at), made.won.astype(np.float64), leads, at.astype(np.float64))
    return judge(catalogue, moments, allowed, background)


def history_of(columns: Mapping[str, Column]) -> History:
    """Leads a day apart; None is a blank."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    given = [{name: value for name, value in row.items() if value is not None} for row in rows]
    made = [StoredLead(f"{i:05d}", 0, T0 + i * DAY, T0 + i * DAY, None, row, None) for i, row in enumerate(given)]
    return build(made, [])


LEAKS: Mapping[str, Callable[[Made], Column]] = {
    "closed_reason": lambda m: only(~m.won & m.chance(0, 0.8), m.among("too small", "no budget", "timing")),
    "field_1": lambda m: only(~m.won & m.chance(0, 0.5), m.among("too small", "no budget", "timing")),
    "days_to_close": lambda m: plain(np.round(60 + 15 * m.number(1.0))),
    "contract_signed": lambda m: yes(m.chance(0.5, 0)),
    "field_2": lambda m: yes(m.chance(0.85, 0.15)),
    "field_3": lambda m: plain(m.number(2.5)),
    "number_of_calls": lambda m: plain(m.draws.poisson(np.where(m.won, 5, 3))),
    "nb_appels": lambda m: plain(m.draws.poisson(np.where(m.won, 4, 3))),
    "sales_rating": lambda m: only(m.chance(0.6, 0.6), plain(np.round(3 + m.number(0.8)))),
    "customer_manager": lambda m: only(m.chance(0.4, 0), m.among("ann", "bob")),
    "field_4": lambda m: only(m.chance(0.9, 0.55), m.among("a", "b", "c")),
    "has_email": lambda m: yes(m.chance(0.995, 0.6)),
    "last_contacted_at": lambda m: m.day(30 + 10 * m.number(1.0)),
    "field_5": lambda m: m.day(30 + 10 * m.number(1.0)),
    "Statut": lambda m: list(np.where(m.chance(0.7, 0.4), "chaud", "froid").astype(object)),
}


@pytest.mark.parametrize("name", LEAKS)
def test_what_could_only_be_known_later_is_refused_with_figures(name: str, made: Made) -> None:
    ruling = ruling_of(made, {name: LEAKS[name](made)})
    assert [refusal.column for refusal in ruling.refused] == [name]
    assert any(each.isdigit() for each in ruling.refused[0].evidence)


HONEST: Mapping[str, Callable[[Made], Column]] = {
    "minutes_on_site": lambda m: plain(np.exp(m.number(1.0)).round(2)),
    "referral": lambda m: yes(m.chance(0.15, 0.005)),
    "student": lambda m: yes(m.chance(0.01, 0.15)),
    "demo_requested": lambda m: yes(m.chance(0.6, 0.3)),
    "trial_end": lambda m: only(m.chance(0.3, 0.3), m.day(np.full(N, 14.0))),
    "planned_start": lambda m: only(m.chance(0.5, 0.5), m.day(40 + 10 * m.draws.normal(0, 1, N) - 3 * m.won)),
    "timeline": lambda m: only(m.chance(0.6, 0.5), m.among("now", "soon", "later")),
    "Lead Quality": lambda m: list(m.among("low", "high")),
    "number_of_employees": lambda m: plain(np.round(np.exp(4 + m.number(0.5)))),
    "marital_status": lambda m: list(np.where(m.chance(0.6, 0.4), "married", "single").astype(object)),
    "annual_revenue": lambda m: plain(np.exp(10 + m.number(0.5)).round()),
    "raison sociale": lambda m: list(np.where(m.chance(0.6, 0.4), "sa", "sarl").astype(object)),
    "first_conversion": lambda m: list(np.where(m.chance(0.6, 0.4), "demo", "ebook").astype(object)),
}


@pytest.mark.parametrize("name", HONEST)
def test_what_honestly_predicts_stays(name: str, made: Made) -> None:
    assert ruling_of(made, {name: HONEST[name](made)}) == Ruling()


def test_how_a_lead_came_in_is_never_refused(made: Made) -> None:
    assert ruling_of(made, {"campaign": list(np.where(made.won, "salon", "mail").astype(object))}) == Ruling()


def test_a_column_that_only_closed_leads_have_is_refused(made: Made) -> None:
    column: Column = plain(made.number(0.5))
    still: Mapping[str, Column] = {"field_6": [None] * 500, "visits": [1] * 500}
    assert ruling_of(made, {"field_6": column}) == Ruling()
    [refusal] = ruling_of(made, {"field_6": column}, waiting=still).refused
    assert "100% of closed leads and 0% of open ones" in refusal.evidence


def test_an_allowed_column_stays_and_the_evidence_is_noted(made: Made) -> None:
    ruling = ruling_of(made, {"contract_signed": LEAKS["contract_signed"](made)}, ["contract_signed"])
    assert ruling.refused == ()
    assert ruling.notes[0].startswith("'contract_signed' is let in by allow_columns, against the evidence: by its name")


def test_an_allowed_name_that_is_no_column_is_noted_with_one_that_is(made: Made) -> None:
    [note] = ruling_of(made, {"tags": list(made.among("a", "b"))}, ["tag"]).notes
    assert note == "allow_columns names 'tag', which is no attribute of any lead; did you mean 'tags'?"


def test_few_outcomes_take_overwhelming_evidence(made: Made) -> None:
    few = replace(made, won=made.won & (np.arange(N) % 12 == 0))
    assert 50 < few.won.sum() < 100
    assert ruling_of(few, {"nb_appels": LEAKS["nb_appels"](few)}) == Ruling()
    assert len(ruling_of(few, {"contract_signed": yes(few.chance(0.95, 0))}).refused) == 1


def test_the_same_leads_get_the_same_ruling(made: Made) -> None:
    column = {"field_4": LEAKS["field_4"](made)}
    assert ruling_of(replace(made, draws=np.random.default_rng(1)), column) == ruling_of(
        replace(made, draws=np.random.default_rng(1)), column
    )


def test_changes_count_leads_whose_attribute_was_recorded_anew() -> None:
    late = T0 + DAY
    versions = [lead("a", T0, x=1, y=1), lead("a", late, x=2, y=1), lead("b", T0, y=1), lead("b", late, x=1)]
    assert changes(build([*versions, lead("c", T0, x=1)], [])) == {"x": 2}


def test_a_name_is_held_less_against_an_attribute_with_a_history(made: Made) -> None:
    history = history_of({"status": LEAKS["Statut"](made)})
    leads, at = np.arange(N), history.created_at
    catalogue = learn_catalogue(history, leads, at)
    moments = Moments(matrix(catalogue, history, leads, at), made.won.astype(np.float64), leads, at.astype(np.float64))
    assert len(judge(catalogue, moments).refused) == 1
    assert judge(catalogue, moments, background=Background(changed={"status": 500})) == Ruling()


def test_with_an_attribute_go_its_readings_and_their_columns() -> None:
    titles = ("Directeur", "Stagiaire", "Acheteur", "DSI", "Gérant", "Assistante")
    history = build([lead(f"{i:02d}", T0, poste=titles[i % 6], size=i) for i in range(60)], [])
    catalogue = learn_catalogue(history, np.arange(60), history.created_at)
    left, kept = without(catalogue, Ruling((Refusal("poste", "so"),)))
    assert len(catalogue.attributes) > 2
    assert [attribute.name for attribute in left.attributes] == ["size"]
    assert tuple(f for f, stays in zip(catalogue.features, kept, strict=True) if stays) == left.features


def test_each_kind_of_suspicious_name_has_a_line_in_the_docs() -> None:
    page = (Path(__file__).parents[2] / "docs" / "leakage.md").read_text()
    assert [kind for kind in SUSPICIONS if f"| {kind} | {SUSPICIONS[kind].bar:.2f} |" not in page] == []


# Through the whole training.


def test_the_scorecard_and_the_model_are_without_what_was_refused(
    fill: Fill, somewhere: Callable[[str], Settings]
) -> None:
    settings = somewhere("leaky")
    trained = retrain.train(settings, fill(*leaky(), []), T0 + 500 * DAY)
    bundle = registry.load(settings, trained.version).bundle
    assert [each["column"] for each in trained.scorecard.excluded] == ["closed_reason"]
    assert (trained.scorecard.metrics["roc_auc"] or 1) < 0.9
    assert [attribute.name for attribute in bundle.catalogue.attributes] == ["size"]


def test_a_setting_lets_a_column_in_and_the_scorecard_says_so(fill: Fill, somewhere: Callable[[str], Settings]) -> None:
    settings = somewhere("allowed").model_copy(update={"allow_columns": ["closed_reason", "clozed"]})
    card = retrain.train(settings, fill(*leaky(), []), T0 + 500 * DAY).scorecard
    assert (card.excluded, card.metrics["roc_auc"]) == ([], 1.0)
    assert [note.split(",")[0] for note in card.notes if "allow_columns" in note] == [
        "'closed_reason' is let in by allow_columns",
        "allow_columns names 'clozed'",
    ]


def test_the_made_up_company_loses_no_column_to_the_guard(loop: Loop) -> None:
    assert loop.trained.scorecard.excluded == [
        {
            "column": "budget_confirmed",
            "evidence": "never filled when the leads were scored",
            "evidence_fr": "jamais rempli au moment où les leads ont été notés",
        }
    ]


# Real leads, with nothing excluded by hand.

X_EDUCATION = """[leads]
id = "Lead Number"
order = "Lead Number"
missing = ["Select"]
rename = { "Lead Source" = "source" }
exclude = ["Prospect ID"]
[outcome]
column = "Converted"
won = ["1"]
lost = ["0"]
"""
BANK = """[leads]
id = "#line"
order = "#line"
separator = ";"
[outcome]
column = "y"
won = ["yes"]
lost = ["no"]
"""
FOUND = {
    "Tags",
    "Lead Quality",
    "Lead Profile",
    "Last Activity",
    "Last Notable Activity",
    "What is your current occupation",
    "What matters most to you in choosing a course",
    *(f"Asymmetrique {what} {how}" for what in ("Activity", "Profile") for how in ("Index", "Score")),
}


@pytest.mark.parametrize(
    ("name", "mapping", "found"),
    [
        ("x_education/leads.csv", X_EDUCATION, FOUND),
        ("bank/bank-additional-full.csv", BANK, {"duration"}),
    ],
)
def test_in_real_leads_exactly_what_leaks_is_refused(
    name: str, mapping: str, found: set[str], shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    file, plan = shared_data(name), tmp_path / "mapping.toml"
    plan.write_text(mapping)
    settings, report = Settings(home=tmp_path), ImportReport()
    ledger = Ledger.open(settings.ledger_url)
    chunks = read_paths([file], mapping=read_mapping(plan), timezone=None, stages={}, report=report)
    load(ledger, chunks, report, strict=False, done=lambda _: None)
    engine = Local(settings, ledger, read(ledger))
    past = engine.past(when(ledger, None))
    data = to_teach(past.history, past.labels, np.flatnonzero(past.labels.known), settings.horizon_days)
    catalogue = learn_catalogue(past.history, data.lead, data.as_of)
    X = matrix(catalogue, past.history, data.lead, data.as_of)
    ruling = engine._judge(catalogue, past, X, data, past.history.position)
    ledger.close()
    assert {refusal.column for refusal in ruling.refused} == found
