"""Sizes of SageMaker's instances, as far as advice and `instances: auto` need them."""

from __future__ import annotations

from typing import NamedTuple

_NEXT = {"medium": "large", "large": "xlarge", "xlarge": "2xlarge", "2xlarge": "4xlarge"}
_ENDS_AT = {"t3": "2xlarge"}


class Sized(NamedTuple):
    """An instance type and its memory."""

    instance: str
    memory_gb: int


LADDER = (
    Sized("ml.t3.medium", 4),
    Sized("ml.m5.large", 8),
    Sized("ml.m5.xlarge", 16),
    Sized("ml.m5.2xlarge", 32),
    Sized("ml.m5.4xlarge", 64),
    Sized("ml.r5.4xlarge", 128),
    Sized("ml.r5.8xlarge", 256),
    Sized("ml.r5.16xlarge", 512),
    Sized("ml.r5.24xlarge", 768),
)
"""For jobs, each the cheapest with its memory. Endpoints know no ml.t3."""
_USABLE, _SYSTEM_GB = 0.9, 0.6
"""The share of an instance's memory that a container may have, and what the machine itself takes of it."""


def smallest(gb: float) -> str:
    """The smallest instance for a job that holds so much in memory; the largest where none does.

    >>> smallest(0.5), smallest(3.1), smallest(40), smallest(9_999)
    ('ml.t3.medium', 'ml.m5.large', 'ml.m5.4xlarge', 'ml.r5.24xlarge')
    """
    enough = (one.instance for one in LADDER if one.memory_gb * _USABLE - _SYSTEM_GB >= gb)
    return next(enough, LADDER[-1].instance)


def larger(instance: str) -> str | None:
    """The instance with twice the memory of this one; None where this table knows none.

    Families for general use, for memory, for computing and with small GPUs have every size up to 4xlarge; beyond it
    each goes its own way.

    >>> larger("ml.m5.large"), larger("ml.m5.4xlarge"), larger("ml.p3.2xlarge")
    ('ml.m5.xlarge', 'ml.r5.4xlarge', None)
    """
    rungs = [one.instance for one in LADDER]
    if instance in rungs[:-1]:
        return rungs[rungs.index(instance) + 1]
    kind, _, size = instance.rpartition(".")
    family = kind.removeprefix("ml.")
    if size not in _NEXT or not family.startswith(("c", "g", "m", "r", "t3")) or _ENDS_AT.get(family) == size:
        return None
    return f"{kind}.{_NEXT[size]}"


def for_transforms(wanted: str) -> str:
    """The instance for a batch transform where a processing job has another: it knows no burstable ones.

    >>> for_transforms("ml.t3.medium"), for_transforms("ml.c5.xlarge")
    ('ml.m5.large', 'ml.c5.xlarge')
    """
    return "ml.m5.large" if wanted.startswith("ml.t") else wanted
