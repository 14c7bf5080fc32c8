"""What passes between the event bus and the function host, as plain data.

Nothing in here does anything: it is apart from the bus so that whoever only calls functions does not import moto.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from local.events.envelopes import Envelope


@dataclass(frozen=True, slots=True)
class Rule:
    """Which events a function gets: those of a pattern, or a schedule's."""

    name: str
    function: str
    pattern: dict[str, Any] | None = None
    schedule: str | None = None


class InvocationFailed(Exception):  # noqa: N818 - it is an answer of Lambda's, not a mistake of ours
    """The function was called and failed; the text is what Lambda would record. `kind` as in Lambda's errorType."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message


Invoke = Callable[[str, Envelope], object]
"""Calls a function by name and waits for it. Raises InvocationFailed."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event nobody could deal with. `queue`: "target" if the function was never called, otherwise "function"."""

    queue: Literal["target", "function"]
    function: str
    event: Envelope
    attempts: int
    error: str
    at: str


@dataclass(frozen=True, slots=True)
class Pace:
    """How time passes on the laptop.

    `retry_delays`: seconds before the second and third attempt (AWS: 60 and 120). `schedule_speed`: by how much
    schedules are faster than on AWS: at 60, rate(5 minutes) fires every 5 seconds. `tag_lag`: seconds after which the
    tagging API knows what was made, and forgets what was deleted (AWS: mostly a few, at times minutes).
    `deployment_speed`: the same for what an endpoint's update waits for, and for the alarms on it.
    """

    retry_delays: tuple[float, ...] = (0.5, 1.0)
    schedule_speed: float = 60.0
    functions_at_once: int = 2
    tag_lag: float = 0.0
    deployment_speed: float = 60.0


@dataclass(frozen=True, slots=True, order=True)
class Delivery:
    """One event on its way to one function; `due` on the monotonic clock."""

    due: float
    number: int
    function: str = field(compare=False)
    event: Envelope = field(compare=False)
    attempt: int = field(compare=False, default=1)
    awaits_another: bool = field(compare=False, default=False)
