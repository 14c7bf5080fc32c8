"""From a history that breaks a rule to the shortest that still does: delta debugging over its deviations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.simulation.history import Result, assemble, live
from tests.simulation.world import Assemble

Breaks = Callable[[Sequence[str]], bool]


def shrink(result: Result, assemble: Assemble = assemble) -> Result:
    """The history of the same seed with as few deviations as break the rule that was broken first.

    Raises:
        ValueError: no rule was broken.
    """
    if not result.problems:
        raise ValueError(f"the history of seed {result.seed} breaks no rule")
    rule = result.problems[0][0]

    def lived(kept: Sequence[str]) -> Result:
        return live(result.seed, frozenset(kept), assemble)

    kept = fewest(result.deviations, lambda kept: any(broken == rule for broken, _ in lived(kept).problems))
    return lived(kept)


def fewest(deviations: Sequence[str], breaks: Breaks) -> list[str]:
    """A sublist that still breaks and of which no single one can be left out.

    >>> fewest(list("abcdefgh"), lambda kept: {"b", "g"} <= set(kept))
    ['b', 'g']
    """
    kept, size = list(deviations), max(1, len(deviations) // 2)
    while True:
        smaller = _without_some(kept, size, breaks)
        if smaller is not None:
            kept = smaller
        elif size == 1:
            return kept
        size = max(1, min(size, len(kept)) // (1 if smaller is not None else 2))


def _without_some(kept: list[str], size: int, breaks: Breaks) -> list[str] | None:
    """What is left without those parts of this size that are not needed; None when all are."""
    at, changed = 0, False
    while at < len(kept):
        fewer = kept[:at] + kept[at + size :]
        if breaks(fewer):
            kept, changed = fewer, True
        else:
            at += size
    return kept if changed else None
