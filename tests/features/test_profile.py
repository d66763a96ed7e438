"""Which kind an attribute is, what its values become, and which columns are no features."""

from collections.abc import Sequence

import numpy as np
import pytest

from features.profile import CLEARED, LEVELS_AT_MOST, Attribute, Refusal, learn
from leadloop.store.rows import Value


def kind(values: Sequence[Value], leads: int = 0) -> str:
    learned = learn("x", values, leads or len(values))
    return learned.kind if isinstance(learned, Attribute) else learned.evidence


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "5", "7"], "number"),
        ([1, 5.5, "7"], "number"),
        (["-1e3", " 5 ", 0], "number"),
        (["yes", "no"], "flag"),
        (["Oui", "NON", True], "flag"),
        ([0, 1], "flag"),
        (["2026-01-01", "2026-02-01T10:00:00Z"], "date"),
        (["fr", "FR ", "de"] * 5, "category"),
        ([f"{word} number{i}" for i, word in enumerate(["call", "mail"] * 50)], "text"),
    ],
)
def test_the_kind_of_an_attribute_is_read_from_its_values(values: list[Value], expected: str) -> None:
    assert kind(values) == expected


def test_one_unreadable_value_in_twenty_leaves_a_number_a_number() -> None:
    assert kind([*range(19), "many"]) == "number"
    assert kind([*range(18), "many", "few"]) != "number"


def test_blanks_do_not_count_against_a_kind() -> None:
    assert kind(["1", "2", *[""] * 50, None]) == "number"


def test_an_attribute_that_is_never_filled_is_refused() -> None:
    assert learn("x", [None, "", " "], 3) == Refusal("x", "never filled when the leads were scored")


def test_an_attribute_that_is_always_the_same_is_refused_with_its_value() -> None:
    assert learn("x", ["Web", "web "], 2) == Refusal("x", "always 'web'")


def test_one_value_that_some_leads_lack_tells_them_apart() -> None:
    assert learn("x", ["web"] * 9, 20) == Attribute("x", "category", ("web",))


def test_an_attribute_that_names_each_lead_is_refused() -> None:
    assert kind([f"id{i}" for i in range(200)]) == "200 different values in 200 leads"


def test_an_attribute_whose_every_value_is_rare_is_refused() -> None:
    assert kind(["a", "b", "c"]) == "no value in 5 leads or more"


def test_levels_are_sorted_by_frequency_then_name_whatever_the_order() -> None:
    values: Sequence[Value] = ["b"] * 6 + ["a"] * 6 + ["c"] * 9
    one, other = learn("x", values, 30), learn("x", values[::-1], 30)
    assert one == other == Attribute("x", "category", ("c", "a", "b"))


def test_rare_levels_are_told_as_one() -> None:
    learned = learn("x", ["a"] * 9 + ["b"] * 9 + ["rare"] * 4, 22)
    assert isinstance(learned, Attribute)
    assert learned.encode(["b", "rare", "unseen"])[:, 0].tolist() == [1, 2, 2]


def test_levels_are_told_apart_up_to_a_limit() -> None:
    learned = learn("x", [f"l{i:03d}" for i in range(80) for _ in range(90 - i)], 4_000)
    assert isinstance(learned, Attribute)
    assert len(learned.levels) == LEVELS_AT_MOST


def test_spelling_and_case_make_no_level() -> None:
    assert Attribute("x", "category", ("google ads",)).encode([" Google  ADS "]).tolist() == [[0]]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        (Attribute("x", "number"), "many"),
        (Attribute("x", "number"), None),
        (Attribute("x", "number"), 10**400),
        (Attribute("x", "number"), float("nan")),
        (Attribute("x", "number"), 1e300),
        (Attribute("x", "flag"), "perhaps"),
        (Attribute("x", "date"), "2026-02-30"),
        (Attribute("x", "date"), 20260230),
        (Attribute("x", "category", ("a",)), " "),
        (Attribute("x", "text", ("a",)), "?!"),
    ],
)
def test_a_value_that_does_not_read_as_its_kind_clears(attribute: Attribute, value: Value) -> None:
    assert (attribute.encode([value]) == CLEARED).all()


def test_a_text_is_its_number_of_words_and_which_of_the_known_ones_it_has() -> None:
    attribute = Attribute("note", "text", ("budget", "urgent"))
    assert attribute.encode(["Urgent: call, urgent!"]).tolist() == [[2, 0, 1]]
    assert [f.name for f in attribute.features] == ["note (words)", "note: budget", "note: urgent"]


@pytest.mark.parametrize("same", [["5", 5, 5.0, " 5 "], ["true", True, "Yes", "oui"]])
def test_a_value_is_the_same_whatever_door_it_came_through(same: list[Value]) -> None:
    attribute = Attribute("x", "number" if "5" in same else "flag")
    assert len(np.unique(attribute.encode(same))) == 1


@pytest.mark.parametrize("attribute", [Attribute("x", "number"), Attribute("x", "category", ("a", "é"))])
def test_an_attribute_survives_json(attribute: Attribute) -> None:
    assert Attribute.from_json(attribute.as_json()) == attribute
