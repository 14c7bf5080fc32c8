"""What is kept of a tuning's trials that came to nothing, where others were enough."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FailedTrials:
    """How many trials failed, and why the first of them did."""

    count: int
    why: str
