"""A request that is not let through, and how that is told."""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Scope

from serving.problems import told


class RefusedError(Exception):
    """A request that is not let through, and how that is answered."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers = status, detail, headers or {}

    def answer(self, scope: Scope) -> Response:
        """As a problem document, or to a browser as a page."""
        answer = told(scope, self.status, self.detail)
        answer.headers.update(self.headers)
        return answer


def too_often(detail: str, seconds: int) -> RefusedError:
    """Who asks too often comes again in so many seconds."""
    return RefusedError(429, f"{detail}; ask again in {seconds} s", {"Retry-After": str(seconds)})


def away(error: Exception) -> RefusedError:
    """The ledger does not answer."""
    return RefusedError(503, str(error), {"Retry-After": "5"})
