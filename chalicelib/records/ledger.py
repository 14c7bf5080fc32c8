"""Ledger: what a dataset has committed under its budget. One record a dataset, made when a run first has a budget.

Only data; what may still be committed is decided in `costs/budget.py`. It is written, with a condition on its version,
before anything is created: so two who commit at once cannot both have what is left, and a crash in between leaves a
commitment too much and never one too few.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Commitment:
    """The most that something may cost; once it has ended and is `settled`, what it has cost."""

    name: str
    """Of the job or endpoint, so that the same one is never counted twice."""
    run: str
    """Empty for a check of a live model."""
    month: str
    """The calendar month it counts in, as `2026-11`."""
    usd: float
    seconds: int
    """How long it may take: what the request says, too."""
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Serving:
    """That a run's model is served by the hour, from a moment on."""

    run: str
    since: datetime
    usd_an_hour: float
    sure: bool = False
    """Whether the run has gone live. Until then it counts beside the model before it."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What has been committed, in one month and by the runs of it."""

    dataset: str
    commitments: tuple[Commitment, ...] = ()
    serving: tuple[Serving, ...] = ()
    """In their order: the last sure one serves."""
    foreign: Mapping[str, Any] = field(default_factory=dict)
    """What only another release understands, kept for it (`codec.py`)."""
    version: int = 0
