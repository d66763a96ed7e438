"""The command: parses, calls, prints; the only room that imports upwards. Heavy imports wait until they are needed."""

import sys
from typing import NoReturn

from leadloop import compiled, console
from leadloop.cli import (
    access,
    demo,
    doctor,
    duplicates,
    features,
    learn,
    life,
    privacy,
    report,
    switch,
    use,
    webhooks,
)
from leadloop.cli.options import FAILED, app
from leadloop.errors import LeadLoopError

__all__ = [
    "access",
    "app",
    "demo",
    "doctor",
    "duplicates",
    "features",
    "learn",
    "life",
    "main",
    "privacy",
    "report",
    "switch",
    "use",
    "webhooks",
]

EXTRAS = {
    **dict.fromkeys(("joblib", "lightgbm", "mlflow", "pandas", "sklearn"), "train"),
    **dict.fromkeys(("fastapi", "httpx", "msgspec", "standardwebhooks", "starlette", "uvicorn"), "serve"),
    **dict.fromkeys(("dask", "distributed"), "dask"),
    **dict.fromkeys(("authlib", "itsdangerous", "joserfc"), "oidc"),
    "pyarrow": "parquet",
}
"""Which extra brings a library that a small installation lacks."""


def main() -> None:
    """Run the command; an error of ours is one line on stderr and exit code 1, not a traceback."""
    compiled.find_a_place()
    try:
        app()
    except LeadLoopError as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        extra = EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        _fail(f"{error.name} is not installed here; this command needs leadloop[{extra}]")


def _fail(message: str) -> NoReturn:
    console.err.print("[red]error:[/red]", end=" ")
    console.err.print(message, markup=False, highlight=False)
    sys.exit(FAILED)
