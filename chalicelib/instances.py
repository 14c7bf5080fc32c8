"""Sizes of SageMaker's instances, as far as advice needs them."""

from __future__ import annotations

_NEXT = {"medium": "large", "large": "xlarge", "xlarge": "2xlarge", "2xlarge": "4xlarge"}
_ENDS_AT = {"t3": "2xlarge"}


def larger(instance: str) -> str | None:
    """The instance with twice the memory of this one; None where this table knows none.

    Families for general use, for memory, for computing and with small GPUs have every size up to 4xlarge; beyond it
    each goes its own way.

    >>> larger("ml.m5.large"), larger("ml.m5.4xlarge"), larger("ml.p3.2xlarge")
    ('ml.m5.xlarge', None, None)
    """
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
