"""What a run's steps, a check and a live endpoint may cost at most, from their settings and the prices. Pure.

A tuning is bounded by its own time times the trainings it runs at once. A candidate's endpoint is no job and has no
limit: it is committed together with the evaluation it is made for, with hours to spare for creating it, waiting and
taking it away; an evaluation that waits longer has to commit more (`waiting`).

A batch transform has no limit of its time. What bounds it is what it asks: each request has a limit and a number of
tries, so many run at once, and how many there are is counted before it is created.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.algorithms import Registry
from chalicelib.costs import spent
from chalicelib.costs.budget import LEAST_SECONDS, Bound
from chalicelib.costs.prices import Prices, Use, key
from chalicelib.instances import for_transforms
from chalicelib.names import Step, StepName
from chalicelib.records.ledger import Ledger, Serving
from chalicelib.records.run import Run, Stage
from chalicelib.serving_mode import Mode

SPARE = timedelta(hours=3)
"""How long a candidate may be there beside its evaluation's own limit."""
WAIT = timedelta(hours=2)
"""What an evaluation that waits commits at a time, and how much sooner than `SPARE` is used up it does so: a pause is
half an hour at most."""
STARTING = timedelta(minutes=15)
"""For so long a transform may bill before its container answers."""
A_REQUEST = 60
"""Seconds that a transform's request gets at least: it is a piece of a file, of 1.5 MB at most."""
A_FILE = 7200
"""Seconds that the rows of a file have at least, as every check has."""
_ORDER = (Step.PREPARE, Step.TUNE, Step.TRAIN, Step.COMPARE, Step.PACK, Step.CANDIDATE)


class UnknownPriceError(Exception):
    """A price that a budget needs is not known. `args[0]` is its key."""


def of_step(run: Run, step: Step, known: Prices, offered: Registry, attempt: int = 1, waves: int = 1) -> list[Bound]:
    """The bounds of a step, and of those that have to come after it.

    `waves`: how many requests each transform makes one after the other.

    Raises:
        UnknownPriceError: of this step or a later one.
    """
    if step is Step.EVALUATE:
        return [_of(run, Step.CANDIDATE, known)]
    if step is Step.CANDIDATE:
        return [_of(run, step, known, waves) if attempt == 1 else _of_transforms(run, known, waves)]
    return [_of(run, one, known) for one in _from(run, step, offered)]


def _from(run: Run, step: Step, offered: Registry) -> list[Step]:
    """A step and those that have to come after it, each as often as the run's algorithms are left."""
    perhaps = {
        Step.TUNE: run.settings["tuning"]["enabled"],
        Step.COMPARE: bool(run.legs),
        Step.PACK: spent.packs(run, offered),
    }
    order = [one for one in _ORDER if perhaps.get(one, True)]
    if step is Step.PACK:
        return [step, Step.CANDIDATE]
    if not run.legs:
        return order[order.index(step) :]
    trains = [one for one in order if one in {Step.TUNE, Step.TRAIN}]
    later = sum(leg.is_open for leg in run.legs if leg is not run.leg)
    after = [*(trains * later if step is not Step.COMPARE else ()), *order[order.index(Step.COMPARE) :]]
    match step:
        case Step.PREPARE:
            return [step, *after]
        case Step.TUNE | Step.TRAIN:
            return [*trains[trains.index(step) :], *after]
    return after


def entry(run: Run, step: Step, attempt: int) -> str:
    """The name of a step's commitment: a candidate's is its first evaluation's, whatever attempt.

    With the mode, because AWS may refuse one, and then another is committed. Transforms are made anew by each attempt.
    """
    if step is Step.CANDIDATE and attempt > 1 and spent.transforms(run):
        return str(StepName(run.id, step, attempt))
    if step is Step.CANDIDATE or (step is Step.EVALUATE and attempt == 1):
        return f"{StepName(run.id, Step.EVALUATE, 1)} {run.mode}"
    return str(StepName(run.id, step, attempt))


def _of(run: Run, step: Step, known: Prices, waves: int = 1) -> Bound:
    instances, tuning = run.settings["instances"], run.settings["tuning"]
    seconds = instances["max_runtime_minutes"] * 60
    if step is Step.TUNE:
        at_once = min(tuning["parallel"], tuning["trials"])
        return Bound(at_once * _hour(run, step, known), tuning["max_runtime_minutes"] * 60)
    if step is not Step.CANDIDATE:
        return Bound(_hour(run, step, known), seconds)
    hosting = _hour(run, step, known) if run.mode is Mode.REALTIME else 0.0
    asked = _of_transforms(run, known, waves)
    return replace(
        asked,
        usd_an_hour=asked.usd_an_hour + hosting + _hour(run, Step.EVALUATE, known),
        usd=asked.usd + hosting * (SPARE / timedelta(hours=1)),
    )


def _of_transforms(run: Run, known: Prices, waves: int) -> Bound:
    """The transforms of a candidate's evaluation; nothing where there is none."""
    seconds, many = run.settings["instances"]["max_runtime_minutes"] * 60, spent.transforms(run)
    if not many:
        return Bound(0.0, seconds)
    hour = many * _price(known, Use.TRANSFORM, for_transforms(run.settings["instances"]["evaluate"]))
    return Bound(hour, seconds, hour * (STARTING / timedelta(hours=1)), max(LEAST_SECONDS, waves * A_REQUEST))


def waiting(run: Run, known: Prices, now: datetime) -> list[tuple[str, Bound]]:
    """What an evaluation has to commit on top, because its candidate has been there for so long already: by name."""
    made = [job.started for job in run.jobs if job.step is Step.CANDIDATE and job.started]
    if run.mode is not Mode.REALTIME or not made:
        return []
    times = math.ceil((now - made[-1] - (SPARE - WAIT / 2)) / WAIT)
    bound = Bound(0.0, 0, _hour(run, Step.CANDIDATE, known) * (WAIT / timedelta(hours=1)))
    return [(f"{entry(run, Step.CANDIDATE, 1)}+{number}", bound) for number in range(1, times + 1)]


def serving(run: Run, since: datetime, known: Prices) -> Serving:
    """The live endpoint of a run; one that is scaled, at its most instances."""
    if run.mode is not Mode.REALTIME:
        return Serving(run.id, since, 0.0)
    use, instance, count = spent.machine(run, Step.LIVE)
    most = run.scaling.max if run.scaling else count
    return Serving(run.id, since, most * _price(known, use, instance))


def check(instance: str, seconds: int, known: Prices) -> Bound:
    """A check of a live model."""
    return Bound(_price(known, Use.PROCESSING, instance), seconds)


def of_file(instance: str, waves: int, known: Prices) -> Bound:
    """The batch transform of a file, which asks so many times one after the other: as long as a check, or a minute
    each where that is longer."""
    hour = _price(known, Use.TRANSFORM, instance)
    least = max(LEAST_SECONDS, waves * A_REQUEST)
    return Bound(hour, max(A_FILE, least), hour * (STARTING / timedelta(hours=1)), least)


def costs_of(run: Run, ledger: Ledger, known: Prices) -> dict[str, float]:
    """What of a run's commitments has ended has cost, by name, as far as that is known."""
    parts = [one for one in spent.of_run(run, known) if one.usd is not None]
    found = {one.job: one.usd or 0.0 for one in parts if one.what not in {"candidate", "evaluate"}}
    if run.open:
        return found
    # Everything of it has been taken away; when, is not written down, but mostly at once.
    first = entry(run, Step.CANDIDATE, 1)
    ended = {_committed_as(run, one.job): one.usd or 0.0 for one in parts if one.what == "evaluate"}
    candidates = [replace(one, seconds=(one.seconds or 0) + 3600) for one in parts if one.what == "candidate"]
    if spent.transforms(run) and not _is_known(run):
        return found | {name: usd for name, usd in ended.items() if name != first}
    found |= ended
    if first in ended and run.stage is not Stage.SUPERSEDED:
        found[first] += sum(one.usd or 0.0 for one in candidates)
        found |= {one.name: 0.0 for one in ledger.commitments if one.name.startswith(f"{first}+")}
    return found


def _is_known(run: Run) -> bool:
    """Whether what transforms took is known: of both, where the only attempt ended well and no endpoint stood by."""
    steps = [job.step for job in run.jobs]
    return run.mode is Mode.BATCH and steps.count(Step.CANDIDATE) == 1 and Step.EVALUATE in steps


def _committed_as(run: Run, job: str) -> str:
    name = StepName.parse(job)
    return entry(run, name.step, name.attempt) if name else job


def _hour(run: Run, step: Step, known: Prices) -> float:
    use, instance, count = spent.machine(run, step)
    return count * _price(known, use, instance)


def _price(known: Prices, use: Use, instance: str) -> float:
    price = known.of(use, instance)
    if price is None:
        raise UnknownPriceError(key(use, instance))
    return price.usd


def names_of(ledger: Ledger) -> Sequence[str]:
    """The runs whose commitments are not all settled, or of whose endpoint it is not known whether it serves."""
    runs = [one.run for one in ledger.commitments if one.run and not one.settled]
    return list(dict.fromkeys(runs + [one.run for one in ledger.serving if not one.sure]))
