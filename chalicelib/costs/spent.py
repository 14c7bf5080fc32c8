"""What a run has cost on AWS so far, job by job, by the seconds that SageMaker bills. Pure.

Trainings tell their billable seconds, and a tuning's are the sum of its trials'; a processing job is billed from its
start to its end, and so are the batch transforms of a candidate, each at the time of the longer one; a candidate's
endpoint from its creation until it was no longer needed. A part whose price or whose
seconds are not known has no sum, and then neither has the whole. Storage and requests are not counted: cents a month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.algorithms import Registry
from chalicelib.costs.prices import Price, Prices, Use, key
from chalicelib.instances import for_transforms
from chalicelib.names import Step
from chalicelib.records.events import JobRecord
from chalicelib.records.run import Run
from chalicelib.records.used import Billed
from chalicelib.serving_mode import Mode

WORDS = {
    Step.PREPARE: "prepare",
    Step.TUNE: "tune",
    Step.TRAIN: "train",
    Step.COMPARE: "compare",
    Step.PACK: "pack",
    Step.CANDIDATE: "candidate",
    Step.EVALUATE: "evaluate",
}
"""What of a run is billed while it goes on. Its live endpoint is no part of it: that goes on."""


@dataclass(frozen=True, slots=True)
class Part:
    """One job of a run, or its candidate's endpoint."""

    what: str
    use: Use
    instance: str
    count: int
    seconds: int | None
    """Of one instance; None: not known."""
    price: Price | None
    job: str = ""
    """Its name in SageMaker."""

    @property
    def key(self) -> str:
        """That of its price."""
        return key(self.use, self.instance)

    @property
    def usd(self) -> float | None:
        """Dollars; None where the price or the seconds are not known."""
        if self.seconds is None or self.price is None:
            return None
        return self.price.usd * self.count * self.seconds / 3600


def of_run(run: Run, known: Prices) -> list[Part]:
    """Everything the run has had billed, in its order, attempts that failed among it."""
    priced = known.with_written(run.settings["prices"])
    parts = []
    for number, job in enumerate(run.jobs):
        if job.step not in WORDS or (job.step is Step.CANDIDATE and run.mode is Mode.SERVERLESS):
            continue
        use, instance, count = machine(run, job.step)
        seconds = _billed(run, job, run.jobs[number + 1 :])
        parts.append(Part(WORDS[job.step], use, instance, count, seconds, priced.of(use, instance), job.name))
    return parts


def billed(run: Run) -> list[Billed]:
    """What the run has had billed by now, by the keys of its prices: of all machines of a part together."""
    parts = of_run(run, Prices(""))
    return [Billed(one.key, None if one.seconds is None else one.count * one.seconds) for one in parts]


def transforms(run: Run) -> int:
    """How many batch transforms ask models about the run's test rows: its own, and the one in service."""
    return (run.mode is Mode.BATCH) + (run.live is not None and run.live.mode is Mode.BATCH)


def packs(run: Run, offered: Registry) -> bool:
    """Whether a step of its own puts the model and its encoder together; of several algorithms, that of one of them."""
    chosen = [{"algorithm": leg.algorithm} for leg in run.legs] if run.legs else [{**run.settings}]
    return any(one is not None and one.packed for one in map(offered.if_offered, chosen))


def machine(run: Run, step: Step) -> tuple[Use, str, int]:
    """What a step runs on: what for, the type, how many."""
    instances, endpoint = run.settings["instances"], run.settings["endpoint"]
    match step:
        case Step.TUNE | Step.TRAIN:
            return Use.TRAINING, instances["train"], 1
        case Step.CANDIDATE if run.mode is Mode.BATCH:
            return Use.TRANSFORM, for_transforms(instances["evaluate"]), transforms(run)
        case Step.CANDIDATE:
            return Use.HOSTING, endpoint["instance"], 1
        case Step.LIVE:
            return Use.HOSTING, endpoint["instance"], endpoint["count"]
        case _:
            return Use.PROCESSING, instances["prepare" if step is Step.PREPARE else "evaluate"], 1


def _billed(run: Run, job: JobRecord, later: Sequence[JobRecord]) -> int | None:
    if job.step in {Step.TUNE, Step.TRAIN}:
        return job.billable_seconds
    if job.step is not Step.CANDIDATE or job.started is None or run.mode is Mode.BATCH:
        return job.seconds
    # It is removed when the run has been decided, which is not written down by itself.
    ends = [one.ended for one in later if one.ended and one.step in {Step.CANDIDATE, Step.EVALUATE}]
    return max(0, round(((max(ends) if ends else run.updated) - job.started).total_seconds()))


def total(parts: Sequence[Part]) -> float | None:
    """Dollars of all; None where one is not known, or where there is none.

    >>> part = Part("train", Use.TRAINING, "ml.m5.large", 1, 7200, Price(0.1, "s", "2026-11"))
    >>> total([part, part]), total([]), total([part, Part("train", Use.TRAINING, "ml.x", 1, 5, None)])
    (0.4, None, None)
    """
    sums = [part.usd for part in parts]
    return sum(one for one in sums if one is not None) if sums and None not in sums else None


def as_document(parts: Sequence[Part]) -> dict[str, Any]:
    """For programs: `usd` null is not known."""
    listed = [
        {"what": one.what, "instance": one.instance, "count": one.count, "seconds": one.seconds, "usd": one.usd}
        for one in parts
    ]
    return {"usd": total(parts), "parts": listed}
