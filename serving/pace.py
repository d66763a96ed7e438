"""How fast somebody may go on asking: a token bucket each, kept as one instant (GCRA), in the memory of a process."""

from leadloop.clock import SECOND

MINUTE = 60 * SECOND
REMEMBERED = 10_000
"""Names to remember at most; who has waited long enough is forgotten first."""


class Pace:
    """At most so many requests a minute for each name; `burst` of them at once (default: a minute's worth)."""

    def __init__(self, a_minute: int, burst: int | None = None) -> None:
        self._step = MINUTE // a_minute if a_minute else 0
        self._ahead = self._step * (burst or a_minute)
        self._full_at: dict[str, int] = {}

    def wait(self, name: str, at: int) -> int:
        """Count a request at an instant (microseconds UTC): 0, or the seconds until it may come, uncounted.

        >>> pace = Pace(60, burst=2)
        >>> [pace.wait("a", 0) for _ in range(3)], pace.wait("b", 0), pace.wait("a", SECOND)
        ([0, 0, 1], 0, 0)
        """
        full_at = max(self._full_at.get(name, at), at) + self._step
        if full_at - at > self._ahead:
            return -(-(full_at - at - self._ahead) // SECOND)
        if self._step:
            self._remember(name, full_at, at)
        return 0

    def spent(self, name: str, at: int) -> int:
        """The seconds until a request may come, 0 for now; counts nothing."""
        over = max(self._full_at.get(name, at), at) + self._step - at - self._ahead
        return max(-(-over // SECOND), 0)

    def _remember(self, name: str, full_at: int, at: int) -> None:
        if len(self._full_at) >= REMEMBERED and name not in self._full_at:
            self._full_at = {known: full for known, full in self._full_at.items() if full > at}
            if len(self._full_at) >= REMEMBERED:
                self._full_at.clear()
        self._full_at[name] = full_at
