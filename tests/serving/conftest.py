"""One running server for every test that asks over HTTP."""

from collections.abc import Iterator

import httpx
import pytest

from tests.support import Loop, serving


@pytest.fixture(scope="session")
def api(loop: Loop) -> Iterator[httpx.Client]:
    """A client of a real server process on the made-up company."""
    with serving(loop.settings.home) as client:
        yield client
