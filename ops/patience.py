"""What was asked of the relay is looked at again and again until it is done, or until it has taken too long."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from ops.target import OpsError, Target

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often it is looked at, and for how long, in seconds; and what a person is told who has waited that long."""

    every: float
    longest: float
    afterwards: str

    def looks(
        self, look: Callable[[], _T], *, pause: Callable[[float], None], clock: Callable[[], float]
    ) -> Iterator[_T]:
        """What each look sees, with a pause after it, until the time is up: who has seen enough leaves the loop.

        >>> times = iter([0.0, 0.0, 5.0, 10.0])
        >>> list(Patience(5.0, 10.0, "").looks(lambda: "a run", pause=lambda _: None, clock=lambda: next(times)))
        ['a run', 'a run']
        """
        until = clock() + self.longest
        while clock() < until:
            yield look()
            pause(self.every)

    def too_long(self) -> OpsError:
        """What is raised after the loop.

        >>> str(Patience(10.0, 3_600.0, "A mail comes when it is.").too_long())
        'It is not over after 60 minutes. A mail comes when it is.'
        """
        return OpsError(f"It is not over after {self.longest / 60:.0f} minutes. {self.afterwards}")


def of(target: Target, afterwards: str, *, laptop: tuple[float, float], aws: tuple[float, float]) -> Patience:
    """The patience with this deployment. `laptop`, `aws`: how often and how long there, in seconds."""
    return Patience(*(laptop if target.on_laptop else aws), afterwards)
