"""What the cloud stands in: its time, and who is told of what happens in it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol


class Surroundings(Protocol):
    """What the cloud needs of whoever uses it."""

    @property
    def now(self) -> float:
        """Seconds since the beginning."""

    def clock(self) -> datetime:
        """The same as a time of day."""

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """Something ends by itself when so much time has passed."""

    def emit(self, kind: str, name: str, status: str, detail: dict[str, Any]) -> None:
        """SageMaker sends an event."""

    def tell(self, line: str) -> None:
        """What happened, for people."""

    def gone(self, endpoint: str, what: str) -> None:
        """What an endpoint needs was deleted before it served."""


class ByHand:
    """Time stands still: whatever is under way ends when it is told to, oldest first."""

    now = 0.0

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.under_way: deque[Callable[[], None]] = deque()
        self.events: deque[dict[str, Any]] = deque()
        """What EventBridge would deliver."""

    def later(self, _seconds: float, do: Callable[[], None]) -> None:
        self.under_way.append(do)

    def emit(self, kind: str, _name: str, _status: str, detail: dict[str, Any]) -> None:
        self.events.append({"detail-type": kind, "detail": detail})

    def tell(self, line: str) -> None:
        """Nobody listens."""

    def gone(self, endpoint: str, what: str) -> None:
        raise AssertionError(f"{endpoint} needs {what}, which is gone")

    def settle(self) -> None:
        """Let all that is under way end, and nobody hear of it."""
        while self.under_way:
            self.under_way.popleft()()
        self.events.clear()

    def next_event(self) -> dict[str, Any]:
        """Let what is under way end, until there is an event of it."""
        while not self.events:
            self.under_way.popleft()()
        return self.events.popleft()
