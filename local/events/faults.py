"""What may go wrong with an event on its way, on request and repeatably.

EventBridge promises at least once and no order, and for SageMaker's events not even that; a relay that has only seen
orderly events has not been tested. Pure: it decides, the bus does. It must not invent faults that AWS does not have:
S3's events are durable, so by default only SageMaker's are lost.
"""

import random
from collections import Counter
from dataclasses import dataclass
from enum import Enum

from local.events.envelopes import Envelope


class Fate(Enum):
    """What becomes of one copy of an event."""

    ON_TIME = "on time"
    DELAYED = "delayed"
    OVERTAKEN = "overtaken"  # waits until the next event has been delivered


@dataclass(frozen=True, slots=True)
class Faults:
    """Probabilities (0 to 1) by event; the same seed and the same events give the same faults.

    `longest_delay`: seconds. `losing`: the sources whose events may be lost.
    """

    seed: int = 0
    duplicate: float = 0.0
    reorder: float = 0.0
    delay: float = 0.0
    lose: float = 0.0
    longest_delay: float = 2.0
    losing: frozenset[str] = frozenset({"aws.sagemaker"})


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of an event to deliver, `after` so many seconds."""

    fate: Fate
    after: float = 0.0


class Misfortune:
    """Decides event by event.

    The decision hangs on what the event is about and how many such events there were before, not on the order in which
    threads happened to put them: so a seed that found a mistake finds it again.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._seen: Counter[str] = Counter()

    def copies(self, event: Envelope) -> tuple[Copy, ...]:
        """What is to be delivered: nothing (lost), one copy, or two. Call under one lock."""
        about = f"{event['source']}/{event['detail-type']}/{','.join(event['resources'])}"
        self._seen[about] += 1
        faults = self._faults
        dice = random.Random(f"{faults.seed}/{about}/{self._seen[about]}")
        is_lost, is_doubled = dice.random() < faults.lose, dice.random() < faults.duplicate
        if is_lost and event["source"] in faults.losing:
            return ()
        return tuple(self._copy(dice) for _ in range(2 if is_doubled else 1))

    def _copy(self, dice: random.Random) -> Copy:
        if dice.random() < self._faults.reorder:
            return Copy(Fate.OVERTAKEN, after=self._faults.longest_delay)
        if dice.random() < self._faults.delay:
            return Copy(Fate.DELAYED, after=dice.uniform(0, self._faults.longest_delay))
        return Copy(Fate.ON_TIME)
