"""A scorer is installed without the training stack; what it cannot do it says."""

import subprocess
import sys

import pytest

WITHOUT = """
import sys
for name in {missing!r}:
    sys.modules[name] = None
sys.argv = ["leadloop", *{arguments!r}]
from leadloop.cli import main
main()
"""


@pytest.mark.parametrize(("missing", "command", "extra"), [("joblib", "train", "train"), ("uvicorn", "serve", "serve")])
def test_a_missing_library_names_the_extra_that_brings_it(
    missing: str, command: str, extra: str, tmp_path: object
) -> None:
    code = WITHOUT.format(missing=[missing], arguments=[command, "--home", str(tmp_path)])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert f"leadloop[{extra}]" in done.stderr


def test_scoring_needs_neither_lightgbm_nor_pandas_nor_scikit_learn_nor_mlflow(tmp_path: object) -> None:
    code = WITHOUT.format(
        missing=["lightgbm", "pandas", "sklearn", "mlflow", "pyarrow", "joblib"],
        arguments=["queue", "--home", str(tmp_path)],
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "No model is switched on" in done.stderr
