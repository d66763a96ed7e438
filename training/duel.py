"""Champion against challenger over the same window: paired differences, segments, how true the chances are."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from features.history import Floats
from training.resample import Resamples, Said, brought_down, draw, figures
from training.segments import Segment
from training.verdict import interval, worse
from training.window import Window

SEGMENT_LEADS, SEGMENT_WINS = 50, 5
"""A level of a segment is looked at where so many leads of the window have it, and so many of them were won."""
SEGMENT_RISK = 0.05
"""The chance of calling any segment worse where none is (Bonferroni)."""
FARTHER = 0.05
"""How much farther from the truth the sum of the chances may be than the champion's before it counts (log scale)."""


@dataclass(frozen=True)
class Side:
    """What one of the two said of the window's leads: chances of a win, and what a win would bring."""

    p: Floats
    value: Floats


@dataclass(frozen=True)
class Duel:
    """The two over one window. `capacity`: how many of its leads the team could take on."""

    window: Window
    champion: Side
    challenger: Side
    capacity: int
    segments: tuple[Segment, ...] = ()
    seed: int = 0

    def report(self) -> dict[str, Any]:
        """All that was measured, as plain JSON types."""
        drawn = draw(len(self.window.data), self.seed)
        return {
            "window": self.window.as_dict(),
            "capacity": self.capacity,
            "differences": self._differences(drawn),
            "segments": self._segments(),
            "calibration": self._calibration(drawn),
        }

    def _differences(self, drawn: Resamples) -> dict[str, dict[str, Any]]:
        """How far the challenger is above the champion, by figure; `no_better`: in which share of the resamples it is
        not, `worse`: in which it is below.
        """
        before, after = (self._figures(side, drawn) for side in (self.champion, self.challenger))
        found = {}
        for name, (was, spread) in before.items():
            sign = -1.0 if name == "log_loss" else 1.0
            gain, gains = sign * (after[name][0] - was), sign * (after[name][1] - spread)
            found[name] = {
                "champion": _plain(was),
                "challenger": _plain(after[name][0]),
                "gain": _plain(gain),
                "interval": interval(gains),
                "no_better": worse(gains),
                "worse": 1.0 - worse(-gains),
            }
        return found

    def _figures(self, side: Side, drawn: Resamples) -> dict[str, tuple[float, Floats]]:
        """Each figure of all leads, and its values over the resamples. Wins so far are the wins."""
        losses, window = self.window.losses(side.p), self.window
        said = Said(window.data.won, window.amount, side.p, side.p, side.p * side.value)
        varied = figures(said, min(self.capacity, len(side.p)), drawn, slope=False)
        everybody = Resamples(np.arange(len(side.p)), np.ones((len(side.p), 1)), len(side.p))
        whole = figures(said, min(self.capacity, len(side.p)), everybody, slope=False)
        lost = drawn.counts.T @ losses[drawn.rows] / drawn.counts.sum(axis=0)
        found = {"log_loss": (float(losses.mean()), brought_down(lost, float(losses.mean()), drawn))}
        for name in ("value_at_capacity", "wins_at_capacity", "roc_auc"):
            figure = float(whole[name][0])
            found[name] = figure, brought_down(varied[name], figure, drawn)
        return found

    def _segments(self) -> list[dict[str, Any]]:
        """Each level with leads enough: how much is gained there, and whether it surely is a loss."""
        gain = self.window.losses(self.champion.p) - self.window.losses(self.challenger.p)
        levels = [(s.attribute.name, level, s.codes == code) for s in self.segments for code, level in _levels(s)]
        won = self.window.data.won
        kept = [each for each in levels if each[2].sum() >= SEGMENT_LEADS and won[each[2]].sum() >= SEGMENT_WINS]
        limit = NormalDist().inv_cdf(1 - SEGMENT_RISK / max(1, len(kept)))
        return [_segment(name, level, gain[rows], limit) for name, level, rows in kept]

    def _calibration(self, drawn: Resamples) -> dict[str, Any]:
        """Wins that each expected by now beside those that came; `farther`: in which share of the resamples the
        challenger is farther from them than the champion, by more than FARTHER.
        """
        won, so_far = self.window.data.won, self.window.so_far
        off = [_off(side.p * so_far, won, drawn) for side in (self.champion, self.challenger)]
        return {
            "wins": float(won.sum()),
            "champion": float((self.champion.p * so_far).sum()),
            "challenger": float((self.challenger.p * so_far).sum()),
            "farther": float((off[1] - off[0] > FARTHER).mean()),
        }


def _levels(segment: Segment) -> list[tuple[int, str]]:
    return list(enumerate(segment.attribute.levels))


def _segment(name: str, level: str, gain: Floats, limit: float) -> dict[str, Any]:
    error = float(gain.std() / np.sqrt(len(gain)))
    mean = float(gain.mean())
    return {"segment": name, "level": level, "leads": len(gain), "gain": mean, "worse": mean < -limit * error}


def _off(expected: Floats, won: Floats, drawn: Resamples) -> Floats:
    """How far the sum of the chances is from the wins, on a log scale, over the resamples."""
    counts, rows = drawn.counts, drawn.rows
    said, came = counts.T @ expected[rows], counts.T @ won[rows]
    return np.asarray(np.abs(np.log(np.maximum(said, 1e-9) / np.maximum(came, 0.5))))


def _plain(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
