"""What `leadloop retrain` says to people of what was looked at, in both languages."""

import re
from inspect import getsource

import pytest

from leadloop.cli.life import show
from training import decision
from training.decision import Decision
from training.decision_words import CHECKS
from training.retraining import Retrained

ALARMS = [{"feature": name, "en": name, "fr": f"{name} (fr)"} for name in ("a", "b", "c", "d", "e", "f")]


def test_every_check_has_its_words() -> None:
    named = re.findall(r'"(\w+)": (?:list\(|False|passed|better)', getsource(decision))
    assert set(named) == set(CHECKS)


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        (
            "en",
            [
                "note: passed: its own scorecard; quick enough",
                "note: not passed: enough to judge by",
                "note: drift: 6 alarms (a, b, c, d, e, …); see `leadloop report drift`",
                "Refused; the champion is version 1.",
            ],
        ),
        (
            "fr",
            [
                "note: réussi : sa propre fiche ; assez rapide",
                "note: non réussi : de quoi juger",
                "note: dérive : 6 alarmes (a (fr), b (fr), c (fr), d (fr), e (fr), …) ; voir `leadloop report drift`",
                "Refusé ; le champion est la version 1.",
            ],
        ),
    ],
)
def test_people_read_what_was_passed_what_was_not_and_how_much_drifts(
    language: str, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    checks = {"scorecard": True, "latency": True, "enough": False}
    show(Retrained(Decision("refused", [], checks), None, "1", {"drift": {"alarms": ALARMS}}), language)
    assert capsys.readouterr().out.splitlines() == lines


@pytest.mark.parametrize(("count", "told"), [(0, "drift: no alarm"), (1, "drift: 1 alarm (a); see")])
def test_one_alarm_and_none_are_told_as_such(count: int, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    show(Retrained(Decision("nothing_new", [], {}), None, "1", {"drift": {"alarms": ALARMS[:count]}}), "en")
    assert told in capsys.readouterr().out
