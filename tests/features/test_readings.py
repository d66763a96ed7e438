"""What is read out of job titles and company sizes, in French and English, whatever the column is called."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from features.profile import CLEARED, Attribute, learn_readings
from features.readings import READINGS, readings_of
from features.sizes import company_size
from features.titles import department, seniority
from leadloop.store.rows import Value
from tests.checks import AWKWARD_VALUES

TITLES: Sequence[Value] = ["Directrice des achats", "Stagiaire", "Sales manager", "CEO", "Acheteuse", "Comptable"]


@pytest.mark.parametrize(
    ("step", "titles"),
    [
        (0, ("Étudiante en master", "étudiant", "Stagiaire marketing", "PhD candidate", "Alternante RH", "intern")),
        (1, ("Assistante de direction", "Assistante du PDG", "Executive Assistant", "Secrétaire", "Office manager")),
        (
            2,
            ("Ingénieure", "Développeur", "Account executive", "Comptable", "Chargée d’affaires", "Sr. Data Scientist"),
        ),
        (3, ("Responsable marketing", "Cheffe de projet", "IT manager", "Team lead", "Assistant manager")),
        (4, ("Directrice des achats", "Head of Purchasing", "VP Sales", "Vice-Présidente ventes", "DSI", "DRH")),
        (5, ("PDG", "C.E.O.", "Gérante", "Co-fondatrice", "Présidente", "Managing Director", "Directrice générale")),
        (5, ("Chief Revenue Officer", "CMO", "Owner")),
    ],
)
def test_a_title_says_how_senior_its_holder_is(step: int, titles: Sequence[str]) -> None:
    assert {title: seniority(title) for title in titles} == dict.fromkeys(titles, float(step))


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("purchasing", ("Directrice des achats", "Head of Purchasing", "Acheteur")),
        ("marketing", ("CMO", "Chargée de communication", "Product marketing manager")),
        ("sales", ("VP Sales", "Ingénieur commercial", "Account manager", "Business Developer")),
        ("it", ("DSI", "Directrice des systèmes d'information", "IT support", "Développeuse")),
        ("finance", ("DAF", "Contrôleuse de gestion", "Accountant")),
        ("people", ("DRH", "Talent acquisition", "Chargée de recrutement")),
        ("studies", ("Étudiante", "PhD student", "Doctorant")),
        ("management", ("PDG", "Gérant", "CEO & founder")),
        ("independent", ("Freelance", "Auto-entrepreneure")),
        ("research", ("Responsable R&D", "Product Owner")),
    ],
)
def test_a_title_says_which_department(name: str, titles: Sequence[str]) -> None:
    assert {title: department(title) for title in titles} == dict.fromkeys(titles, name)


@pytest.mark.parametrize("title", ["asdf", "", "42", "???"])
def test_a_title_that_says_nothing_is_unknown(title: str) -> None:
    assert math.isnan(seniority(title))
    assert department(title) is None


@pytest.mark.parametrize(
    ("step", "values"),
    [
        (0, ("1", 0, "freelance")),
        (1, ("1-10", "moins de 10", "1 à 9 salariés", "TPE")),
        (2, ("11-50", "10-19", "50", "< 50")),
        (3, ("51-200", "50 à 199", "PME", "SME", 100)),
        (4, ("201-1000", "250", 250.0, "250–999", "500 et +", "200 - 499 employees")),
        (5, ("1000+", "1,001-5,000", "1 000 et plus", "ETI", "1.5k")),
        (6, ("10k+", "plus de 5000 salariés", "10 000+", "grande entreprise")),
    ],
)
def test_a_band_a_number_and_a_word_are_steps_of_one_stair(step: int, values: Sequence[Value]) -> None:
    assert {value: company_size(value) for value in values} == dict.fromkeys(values, float(step))


@pytest.mark.parametrize("value", ["-5", "2026-01-01", "1e400", "many", True, None, "x2", "10 20 30", -3])
def test_a_size_that_says_nothing_is_unknown(value: Value) -> None:
    assert math.isnan(company_size(value))


@pytest.mark.parametrize(
    ("column", "kinds"),
    [
        ("job_title", ["seniority", "department"]),
        ("Job Title", ["seniority", "department"]),
        ("Fonction", ["seniority", "department"]),
        ("intitulé du poste", ["seniority", "department"]),
        ("company_size", ["company size"]),
        ("Taille de l'entreprise", ["company size"]),
        ("Number of employees", ["company size"]),
        ("effectif", ["company size"]),
        ("nb_salariés", ["company size"]),
        ("comment", []),
        ("nr.employed", []),
        ("subtitle", []),
    ],
)
def test_the_name_of_a_column_says_what_to_read_in_it(column: str, kinds: list[str]) -> None:
    assert readings_of(column) == kinds


def test_a_title_that_is_a_form_of_address_is_not_read() -> None:
    assert learn_readings("title", ["Mr", "Mrs", "Mme", "M."] * 9) == []


def test_a_reading_of_few_leads_is_none() -> None:
    assert learn_readings("job_title", TITLES[:4]) == []


def test_departments_that_few_leads_have_are_told_as_one() -> None:
    _, learned = learn_readings("job_title", [*TITLES, *["Acheteur"] * 5, *["DSI"] * 5])
    assert learned.levels == ("purchasing", "it")
    assert learned.encode(["DSI", "Comptable", "asdf"])[:, 0].tolist() == [1, 2, CLEARED]


def test_steps_and_departments_have_a_word_in_each_language() -> None:
    learned = [Attribute("x", "seniority"), Attribute("x", "company size"), Attribute("x", "department", ("it",))]
    found = [attribute.features[0].words for attribute in learned]
    assert [len(words) for words in found] == [6, 7, 1]
    assert all(fr and en for words in found for fr, en in words)


def test_what_a_country_says_of_the_language_is_not_called_as_a_language_that_was_given() -> None:
    reading = READINGS["language"]
    assert (reading.fr, reading.en) == ("langue probable", "likely language")


@pytest.mark.parametrize("kind", READINGS)
def test_no_value_breaks_a_reading(kind: str) -> None:
    found = [READINGS[kind].read(value) for value in AWKWARD_VALUES]
    assert not any(isinstance(each, float) and np.isinf(each) for each in found)
