"""Target tracking, as Application Auto Scaling does it: one figure a minute in, how many instances there should be out.

More requests an instance than are aimed at, three minutes one after the other, bring as many instances as make up for
it; clearly fewer, for a quarter of an hour, take as many away. Pure, and the cool-downs with it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

PERIOD = 60
"""Seconds of one figure."""
HIGH, LOW = 3, 15
"""Figures in a row above, and below, what is aimed at."""
CLEARLY = 0.9
"""Of the target: what lies between is left as it is, so that the number does not swing."""


@dataclass(frozen=True, slots=True)
class Tracked:
    """What a policy asks for; seconds."""

    target: float
    least: int
    most: int
    scale_in: float
    scale_out: float


@dataclass(frozen=True, slots=True)
class Since:
    """Seconds since instances came and since some went; None: never."""

    out: float | None = None
    in_: float | None = None


def alarm_states(figures: Sequence[float], tracked: Tracked) -> tuple[str, str]:
    """What the two alarms of a policy say, the high one first.

    >>> alarm_states([9.0, 9.0, 9.0], Tracked(6.0, 1, 4, 300, 300))
    ('ALARM', 'INSUFFICIENT_DATA')
    """
    return (
        _state([one > tracked.target for one in figures[-HIGH:]], HIGH),
        _state([one < tracked.target * CLEARLY for one in figures[-LOW:]], LOW),
    )


def _state(breaches: Sequence[bool], needed: int) -> str:
    if len(breaches) < needed:
        return "INSUFFICIENT_DATA"
    return "ALARM" if all(breaches) else "OK"


def desired(figures: Sequence[float], instances: int, tracked: Tracked, since: Since) -> int:
    """How many instances there should be. `figures`: requests a minute for each instance, the newest last.

    >>> policy = Tracked(6.0, 1, 4, 300, 300)
    >>> desired([9.0, 12.0, 15.0], 1, policy, Since()), desired([9.0, 12.0, 15.0], 1, policy, Since(out=60))
    (3, 1)
    >>> desired([2.0] * 15, 3, policy, Since(out=900)), desired([2.0] * 15, 3, policy, Since(in_=60))
    (1, 3)
    """
    if not tracked.least <= instances <= tracked.most:
        return min(max(instances, tracked.least), tracked.most)
    high, low = alarm_states(figures, tracked)
    wanted = math.ceil(instances * figures[-1] / tracked.target) if figures else instances
    if high == "ALARM" and _over(since.out, tracked.scale_out):
        return min(max(wanted, instances), tracked.most)
    if low == "ALARM" and _over(since.in_, tracked.scale_in) and _over(since.out, tracked.scale_in):
        return max(min(wanted, instances), tracked.least)
    return instances


def _over(since: float | None, seconds: float) -> bool:
    return since is None or since >= seconds
