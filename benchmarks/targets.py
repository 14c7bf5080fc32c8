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
    "prepare.ratio": Target(at_most=3.0),
    "prepare.peak_gb": Target(at_most=2.5),
    "evaluate.ratio": Target(at_most=1 / 3),
    "evaluate.largest_difference": Target(at_most=1e-9),
    "serving.ratio.single_row": Target(at_least=1.5),
    "serving.ratio.thousand_rows": Target(at_least=2.5),
    "tuning.ratio": Target(at_most=1.5),
    "overhead.share_outside_jobs": Target(at_most=0.10),
}
