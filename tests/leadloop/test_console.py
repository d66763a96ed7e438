"""What the command prints: results on stdout, the rest on stderr, and data as it is."""

import json

import pytest

from leadloop import console, errors

Captured = pytest.CaptureFixture[str]


def test_json_goes_to_stdout_alone(capsys: Captured) -> None:
    console.print_json({"a": [1, None, "é"]})
    said = capsys.readouterr()
    assert (json.loads(said.out), said.err) == ({"a": [1, None, "é"]}, "")


def test_json_keeps_floats_to_the_last_bit(capsys: Captured) -> None:
    console.print_json([0.1 + 0.2, 1 / 3])
    assert json.loads(capsys.readouterr().out) == [0.1 + 0.2, 1 / 3]


def test_json_is_never_wrapped_or_marked_up(capsys: Captured) -> None:
    console.print_json("[red]x[/red] " * 100)
    assert json.loads(capsys.readouterr().out) == "[red]x[/red] " * 100


def test_what_json_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        console.print_json(float("nan"))


def test_a_table_shows_its_title_columns_and_rows(capsys: Captured) -> None:
    console.print_table("Leads", ("lead", "p_win"), [("L-1", 0.12345)], ("p_win",))
    said = capsys.readouterr().out
    assert all(text in said for text in ("Leads", "lead", "p_win", "L-1", "0.123"))


def test_a_table_shows_nothing_given_as_a_dash(capsys: Captured) -> None:
    console.print_table("Leads", ("lead", "seen"), [("L-1", None)])
    assert "–" in capsys.readouterr().out
    assert "None" not in capsys.readouterr().out


def test_a_table_shows_data_that_looks_like_markup_as_it_is(capsys: Captured) -> None:
    console.print_table("[b]T[/b]", ("lead",), [("[red]L-1[/red] :smile: [/]",)])
    said = capsys.readouterr().out
    assert "[b]T[/b]" in said
    assert "[red]L-1[/red] :smile: [/]" in said


def test_a_table_without_rows_can_be_shown(capsys: Captured) -> None:
    console.print_table("Leads", ("lead",), [])
    assert "lead" in capsys.readouterr().out


FRENCH = {"activate": "activer", "rank_only": "classer seulement", "do_not_activate": "ne pas activer"}


@pytest.mark.parametrize("name", FRENCH)
def test_each_verdict_is_said_with_its_reasons(capsys: Captured, name: str) -> None:
    console.verdict(name, ["a [good] one", "b"])
    assert capsys.readouterr().out == f"Verdict: {name}: a [good] one; b\n"
    console.verdict(name, ["a", "b"], "fr")
    assert capsys.readouterr().out == f"Verdict : {FRENCH[name]} : a ; b\n"


def test_a_note_belongs_to_the_result(capsys: Captured) -> None:
    console.note("left out [x]")
    assert tuple(capsys.readouterr()) == ("note: left out [x]\n", "")


def test_a_warning_goes_to_stderr(capsys: Captured) -> None:
    console.warn("bad row [x] " + "long " * 60)
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)


def test_a_step_goes_to_stderr(capsys: Captured) -> None:
    console.say("reading [x]")
    assert tuple(capsys.readouterr()) == ("", "… reading [x]\n")


def test_a_progress_bar_leaves_stdout_alone(capsys: Captured) -> None:
    with console.bar("importing") as update:
        update(1, 2, "[leads].csv")
        print("result")  # noqa: T201 -- a result beside the bar
    assert "result" in capsys.readouterr().out


@pytest.mark.parametrize("error", [each for each in vars(errors).values() if isinstance(each, type)])
def test_every_error_is_ours_and_says_something_without_being_told(error: type[errors.LeadLoopError]) -> None:
    assert issubclass(error, errors.LeadLoopError)
    assert str(error()) == (error.__doc__ or "").strip() != ""


def test_an_error_says_what_it_was_told() -> None:
    assert str(errors.InputError("Lead 'L-7' has no event")) == "Lead 'L-7' has no event"


def test_control_characters_from_a_crm_never_reach_the_terminal(capsys: Captured) -> None:
    console.print_table("Leads", ("lead",), [("\x1b]0;owned\x07",)])
    assert "\x1b]" not in capsys.readouterr().out
