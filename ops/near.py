"""What somebody may have meant who mistyped the name of a dataset or a run."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from chalicelib.aws.objects import Objects
from ops import records
from ops.target import OpsError, Target


def meant(typed: str, known: Iterable[str]) -> str:
    """ " Did you mean ...?", or nothing where no name is near.

    >>> meant("chrun", ["churn", "orders"])
    ' Did you mean churn?'
    >>> meant("x", ["churn"])
    ''
    """
    found = difflib.get_close_matches(typed, list(known), n=1)
    return f" Did you mean {found[0]}?" if found else ""


def ensure_dataset(target: Target, typed: str) -> None:
    """Raises OpsError where there is no such dataset, neither in the bucket nor in the records."""
    if not records.of(target).dataset(typed).version:
        known = Objects(target.client("s3"), target.bucket).datasets()
        there = f" There is: {', '.join(known[:8])}." if known else " There is none yet."
        if typed not in known:
            raise OpsError(f"There is no dataset {typed}.{meant(typed, known) or there}")
