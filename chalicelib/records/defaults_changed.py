"""Which run is the first with an algorithm that nobody asked for: a release has another default than the one before.

An upgrade trains nothing, so a dataset goes on with its model until something else begins a run. The mail of that run
tells it, and later ones do not.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from chalicelib.records.run import Stage


class Former(Protocol):
    """What is asked of the run before."""

    @property
    def algorithm(self) -> str: ...
    @property
    def instead_of(self) -> str | None: ...
    @property
    def stage(self) -> Stage | None: ...


def instead_of(last: Former | None, now: str, written: Mapping[str, Any]) -> str | None:
    """The algorithm that a run has to be told to differ from; None where there is nothing to tell.

    Args:
        last: the run before. One that was superseded has sent no mail: what it had to tell is told now.
        now: the new run's algorithm.
        written: what relay.yaml says.
    """
    if last is None or "algorithm" in written:
        return None
    former = (last.instead_of if last.stage is Stage.SUPERSEDED else None) or last.algorithm
    return None if former == now else former
