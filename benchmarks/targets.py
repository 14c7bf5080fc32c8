"""What the measured figures must reach, in one place.

A figure without a target is there to be read beside the others.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A bound, the value itself allowed."""

    at_most: float | None = None
    at_least: float | None = None


TARGETS: dict[str, Target] = {
    "startup.ratio": Target(at_most=1.25),
    "tuning.ratio": Target(at_most=1.5),
    "overhead.share_outside_jobs": Target(at_most=0.10),
}
