"""Named places at which a test kills the process, to see what is left; nothing happens at them otherwise.

`LEADLOOP_FAILPOINT=rows_in:3` kills the process, as a power cut would, when it comes to `rows_in` for the third time.
"""

import os
import signal
from collections.abc import Callable

VARIABLE = "LEADLOOP_FAILPOINT"
NAMES = ("rows_in", "histories_written", "before_commit", "after_commit", "progress_kept", "report_kept")
"""Every place that an import passes, in its order; who sends webhooks passes `webhook_sent` before it is noted."""
RETRAINING = (
    *("retrain_begun", "retrain_trained", "retrain_registered", "retrain_noted", "retrain_judged"),
    *("retrain_decided", "retrain_switched", "retrain_done"),
)
"""Every place that a retraining passes, in its order."""


def _nothing(name: str) -> None:
    """What a failpoint does unless a test armed it."""


def _killer(armed: str) -> Callable[[str], None]:
    """Kills at one place, when it has been passed often enough."""
    wanted, _, count = armed.partition(":")
    left = int(count or 1)

    def pass_by(name: str) -> None:
        nonlocal left
        left -= name == wanted
        if name == wanted and left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return pass_by


hit: Callable[[str], None] = _killer(os.environ[VARIABLE]) if VARIABLE in os.environ else _nothing
"""Call with a name; armed once, when the process starts, so that it costs an empty call where it isn't."""


def arm(armed: str) -> None:
    """Arm this process, which is already running, by a value of the variable."""
    global hit
    hit = _killer(armed)
