"""What a server writes on stderr: a line an occasion, as JSON or for people, about requests and models, never leads."""

import json
import logging
import sys
import traceback

from leadloop.clock import isoformat, now, to_micros
from leadloop.settings import Settings

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
"""What every record has; anything else was given with `extra`."""


class _Lines(logging.Formatter):
    """Who, what and the facts given with it. Of an error its kind and where it came up: its text may quote a person."""

    def facts(self, record: logging.LogRecord) -> dict[str, object]:
        """Everything that is said of an occasion."""
        said: dict[str, object] = {
            "at": isoformat(to_micros(now())),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": str(record.msg) if record.exc_info else record.getMessage(),
        }
        given = {name: value for name, value in vars(record).items() if name not in _PLAIN and value is not None}
        return said | given | _error(record)

    def format(self, record: logging.LogRecord) -> str:
        """For people."""
        facts = self.facts(record)
        first = f"{facts.pop('at')} {facts.pop('level')} {facts.pop('logger')}: {facts.pop('message')}"
        return " ".join([first, *(f"{name}={value}" for name, value in facts.items())])


class _Json(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.facts(record), ensure_ascii=False, default=str)


def _error(record: logging.LogRecord) -> dict[str, object]:
    if not record.exc_info or record.exc_info[0] is None:
        return {}
    frames = traceback.extract_tb(record.exc_info[2])
    return {
        "error": record.exc_info[0].__name__,
        "where": " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames[-5:])),
    }


def set_up(settings: Settings) -> None:
    """Send everything that this process logs, the web server's words included, to stderr in the format chosen."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if settings.log_format == "json" else _Lines())
    logging.basicConfig(handlers=[handler], level=settings.log_level.upper(), force=True)
    for noisy in ("alembic", "httpx", "httpcore", "numba", "asyncio", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
