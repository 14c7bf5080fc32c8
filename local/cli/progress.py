"""What can be seen of one run at one moment: plain frozen data, and the arithmetic on it.

No client and no clock here; `observer.py` fills it in and `changes.py` and `screen.py` tell it. Times are aware
datetimes as the AWS clients give them, durations are seconds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.contract.metrics import RATIO, number
from chalicelib.names import Step

TITLES: Mapping[Step, str] = {
    Step.PREPARE: "check and prepare",
    Step.TUNE: "tune",
    Step.TRAIN: "train the best",
    Step.COMPARE: "compare the algorithms",
    Step.PACK: "pack it with its encoder",
    Step.CANDIDATE: "deploy a candidate",
    Step.EVALUATE: "evaluate",
    Step.LIVE: "promote",
}
GOOD = frozenset({"Completed", "InService"})
BAD = frozenset({"Failed", "Stopped", "OutOfService", "UpdateRollbackFailed"})


@dataclass(frozen=True, slots=True)
class Work:
    """One job or endpoint of the run: SageMaker's name, status and times of it."""

    step: Step
    name: str
    status: str
    started: datetime
    ended: datetime | None = None
    failure: str | None = None

    @property
    def ended_well(self) -> bool:
        return self.status in GOOD

    @property
    def ended_badly(self) -> bool:
        return self.status in BAD

    @property
    def finished(self) -> bool:
        return self.ended_well or self.ended_badly


@dataclass(frozen=True, slots=True)
class Trial:
    """One training job of the tuning: its objective, None when it has none (yet), and its tuned hyperparameters."""

    name: str
    status: str
    objective: float | None
    seconds: float | None
    hyperparameters: Mapping[str, str]

    @property
    def finished(self) -> bool:
        return self.status in {"Completed", "Failed", "Stopped"}


@dataclass(frozen=True, slots=True)
class Search:
    """The tuning as a whole: how many trials there may be, what is measured, which way is better."""

    metric: str
    maximize: bool
    most: int
    trials: tuple[Trial, ...] = ()

    @property
    def finished(self) -> tuple[Trial, ...]:
        return tuple(trial for trial in self.trials if trial.finished)

    @property
    def best(self) -> Trial | None:
        """The finished trial with the best objective; None while none has one."""
        measured = [trial for trial in self.finished if trial.objective is not None]
        if not measured:
            return None
        return (max if self.maximize else min)(measured, key=lambda trial: trial.objective or 0.0)


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric with its 95 % interval, and what the naive guess and the live model reach on the same rows."""

    name: str
    value: float | None
    naive: float | None = None
    live: float | None = None
    format: str = RATIO
    """How its values are written (chalicelib/contract/metrics.py)."""
    reach: str = ""
    """Its interval as people read it, or that there are too few rows for one."""

    def number(self, value: float) -> str:
        return number(value, self.format)


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything that can be seen of a run now."""

    run: str | None = None
    stage: str | None = None
    reason: str | None = None
    over: bool = False
    works: tuple[Work, ...] = ()
    search: Search | None = None
    figures: tuple[Figure, ...] = ()


def seconds_inside(works: Iterable[Work], start: datetime, end: datetime) -> float:
    """Seconds between `start` and `end` in which at least one job was running or one endpoint coming up.

    Overlapping work counts once, so the rest of the whole is the time the relay itself took: deciding, events on their
    way, requests. Work that has not ended counts up to `end`.
    """
    spans = sorted((max(work.started, start), min(work.ended or end, end)) for work in works)
    total, reached = 0.0, start
    for begin, finish in spans:
        if finish > reached:
            total += (finish - max(begin, reached)).total_seconds()
            reached = finish
    return total
