"""The command's manners: quick help, exit codes, and one clear line on stderr when something is wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from leadloop.cli import app, main

HEAVY = ("mlflow", "pandas", "sklearn", "lightgbm", "numba", "scipy", "pyarrow", "fastapi", "sqlalchemy")
COMMANDS = sorted(str(each.name or (each.callback and each.callback.__name__)) for each in app.registered_commands)
WATCHED = """
import contextlib, io, json, sys
from leadloop.cli import app
seen = {}
for name in json.loads(sys.argv[1]):
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
        app([*name.split(), "--help"])
    heavy = [each for each in json.loads(sys.argv[2]) if each in sys.modules]
    seen[name] = [heavy, "Usage" in said.getvalue()]
print(json.dumps(seen))
"""

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("LEADLOOP_CONFIG", "LEADLOOP_DATABASE_URL", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> "Run":
    return Run(monkeypatch)


class Run:
    """Runs the command in this process; its exit code."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str) -> int:
        self._monkeypatch.setattr(sys, "argv", ["leadloop", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0)


def test_help_of_no_command_imports_a_heavy_library(tmp_path: Path) -> None:
    names = ["", *COMMANDS]
    command = [sys.executable, "-c", WATCHED, json.dumps(names), json.dumps(HEAVY)]
    said = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert json.loads(said.stdout) == {name: [[], True] for name in names}


def test_the_installed_command_says_one_line_and_exits_1(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("leadloop")), "import", "nowhere.csv", "--home", "h"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: nowhere.csv does not exist; check the path\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nothing",),
        ("import",),
        ("import", "--nothing", "x"),
        ("queue", "--capacity", "0"),
        ("queue", "--capacity", "many"),
        ("serve", "--port", "70000"),
        ("explain",),
        ("explain", "L-1", "--lang", "de"),
        ("demo", "--leads", "1"),
        ("score", "--as-of", "soon"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments) == 2


@pytest.mark.parametrize("command", ["score", "queue", "scorecard"])
def test_without_a_model_a_command_exits_1_and_says_what_to_do(run: Run, capsys: Captured, command: str) -> None:
    assert run(command) == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "leadloop train" in said.err


@pytest.mark.parametrize(
    ("arguments", "clear"),
    [
        (("import", "nowhere.csv"), "error: nowhere.csv does not exist"),
        (("import", "."), "holds no leads, events or outcomes file"),
        (("import", ".", "--mapping", "nowhere.toml"), "nowhere.toml"),
        (("score", "--config", "nowhere.toml"), "There is no settings file nowhere.toml"),
        (("score", "--home", "/proc/nowhere"), "The folder /proc/nowhere can't be made"),
    ],
)
def test_what_fails_is_one_clear_line_on_stderr(
    run: Run, capsys: Captured, arguments: tuple[str, ...], clear: str
) -> None:
    assert run(*arguments) == 1
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert clear in said.err


def test_an_unreachable_database_is_one_line_without_its_password(
    run: Run, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADLOOP_DATABASE_URL", "postgresql+psycopg://u:secret@127.0.0.1:1/x")
    assert run("score") == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "secret" not in said
