"""Drift and lost quality as their owner sees them: what each check left in the bucket, against the mails about it.

An account of its own, of checks and mails alone. It is told at once when something begins, when the loss is materially
larger than the last mail said, and when another model has it, too; never as over unless several checks in a row found
nothing or the first check of another model did; and so never as over and found again within as many checks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from chalicelib.monitoring.episodes import Episode

IN_A_ROW, DAY = 3, 86_400.0
MATERIALLY = 2.0
"""So many times what was told."""


@dataclass
class Account:
    """What an owner knows of one kind of trouble of a dataset; `lost` in times of what is allowed."""

    open: bool = False
    run: str = ""
    lost: float = 0.0
    quiet: list[float] = field(default_factory=list)
    """When the checks were, in seconds, that found nothing since one last did."""
    over: float | None = None
    """When it was last told as over, of the same model."""
    times: int = 1
    """How many times as long as at first it has to stay away."""

    def due(self, found: Found, run: str, now: float, days: float) -> str | None:
        """The mail that a check is worth: "found", "over", "either" of over or nothing, or None."""
        if found.bad:
            if not self.open:
                soon = self.over is not None and run == self.run and now - self.over < 28 * DAY
                self.times = min(2 * self.times, 8) if soon else 1
            is_new = not self.open or run != self.run
            if is_new or (found.lost and found.lost >= MATERIALLY * self.lost):
                self.open, self.run, self.lost, self.quiet = True, run, found.lost, []
                return "found"
            self.quiet = []
            return None
        if not self.open:
            return None
        self.quiet.append(now)
        waited = now - self.quiet[0]
        enough, long = len(self.quiet) >= self.times * IN_A_ROW, self.times * days
        if run != self.run or (enough and waited > (long + 0.1) * DAY):
            self.ended(None if run != self.run else now)
            return "over"
        return "either" if enough and waited > (long - 0.1) * DAY else None

    def ended(self, over: float | None) -> None:
        self.open, self.lost, self.quiet, self.over = False, 0.0, [], over

    def corrected(self, episode: Episode | None) -> None:
        """Where a check's document can be read no more, the record is believed."""
        self.open, self.quiet = episode is not None and episode.is_open, []
        if episode is not None:
            self.run, self.lost = episode.run, episode.lost


@dataclass(frozen=True)
class Found:
    """What one check found; `lost` 0 where no loss is certain."""

    bad: bool
    lost: float = 0.0


def read(text: bytes | None) -> Found | None:
    """The verdict of drift.json or quality.json; None where there is none."""
    try:
        document: dict[str, Any] = json.loads(text or b"")
        state, estimate = document["state"], document.get("estimate")
        if state in {"not-enough-traffic", "not-enough-labels"}:
            return None
        certain = state == "fell" or bool(estimate and estimate["loss"] == "certain")
        lost = (estimate or document).get("lost")
        return Found(state in {"drifted", "fell"} or certain, _times(lost) if certain else 0.0)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _times(lost: dict[str, float] | None) -> float:
    return max(lost["amount"] / lost["allowed"], 1.0) if lost else 1.0
