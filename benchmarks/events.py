"""Is the shell as fast, and as frugal, with 1,000 runs under way as with one? `python -m benchmarks events`.

The real Runtime with real boto3 clients whose answers come from memory (tests/memory_cloud says why, and what that
leaves out). There is a deployment for each number of open runs, waiting in all stages alike; then new datasets go
through each of them from the upload to the mail, in turn, so that a busy neighbour disturbs all alike. Calls are
counted at boto3's level, one for each request and page; events a second are the shell's alone: no network, no jobs. A
tuning (off here) adds an event, whose calls grow with its trials.

A sweep looks at every open run, so its calls must grow with them and with nothing else, and it must end within the 300
seconds of its Lambda: that is tried with 1,000 open runs and 1,000 live models, orphans looked for as well, and calls
that take as long as AWS's slow ones do.
"""

from __future__ import annotations

import gc
import statistics
from collections import Counter
from typing import Any

from benchmarks.relaying import STEPS, Relaying

OPEN_RUNS = (1, 10, 100, 1_000)
LIVE_MODELS = 1_000
ROUNDS, DATASETS = 15, 4
LATENCY = 0.05
"""Seconds a call takes while the sweep is timed. Inside a region DynamoDB takes some 5 to 10 ms, SageMaker's control
plane 20 to 100 ms: assumed, not measured, since there is no account."""

Calls = dict[int, Counter[str]]
"""By the number of open runs, and by service and operation."""


def measure() -> dict[str, Any]:
    """Ratios of 1,000 open runs to one; prints the whole table."""
    deployments = {count: opened(count) for count in OPEN_RUNS}
    gc.freeze()  # or Python's collector walks over what the cloud in memory holds, which no Lambda has in memory
    looking, sweeping = swept(deployments)
    rates: dict[int, list[float]] = {count: [] for count in OPEN_RUNS}
    calls: Calls = {count: Counter() for count in OPEN_RUNS}
    relay_all(deployments, 0)  # the imports of the first event of each kind
    for number in range(1, ROUNDS + 1):
        relay_all(deployments, number)
        for count, deployment in deployments.items():
            rates[count].append(deployment.events / deployment.seconds)
            calls[count] += deployment.connection.calls
    each = {count: ROUNDS * DATASETS * (len(STEPS) + 1) for count in OPEN_RUNS}
    per_run = {count: count for count in OPEN_RUNS}
    print(f"{'open runs':>26}" + "".join(f"{count:>10,}" for count in OPEN_RUNS))
    print(f"{'events a second':>26}" + "".join(f"{statistics.median(rates[count]):>10,.0f}" for count in OPEN_RUNS))
    _print("calls an event", calls, each)
    _print("of a sweep, a run", sweeping, per_run)
    _print("and looking for orphans", looking, per_run)
    few, many = OPEN_RUNS[0], OPEN_RUNS[-1]
    return {
        "events_per_second": {str(count): statistics.median(found) for count, found in rates.items()},
        "rate_of_1000_to_one": statistics.median(a / b for a, b in zip(rates[many], rates[few], strict=True)),
        "calls_per_event": {str(count): calls[count].total() / each[count] for count in OPEN_RUNS},
        "calls_that_differ": (calls[many] - calls[few]).total() + (calls[few] - calls[many]).total(),
        "sweep": {
            "calls_per_run": {str(count): found.total() / count for count, found in sweeping.items()},
            "seconds": sweep_seconds(deployments[many]),
        },
    }


def opened(count: int) -> Relaying:
    """A deployment with so many runs under way, each in its stage."""
    made = Relaying()
    for number in range(count):
        made.open(f"open-{number}", number % len(STEPS))
    return made


def relay_all(deployments: dict[int, Relaying], number: int) -> None:
    """New datasets through every deployment, in turn, counted from nothing."""
    for deployment in deployments.values():
        deployment.reset()
    for one in range(DATASETS):
        for deployment in deployments.values():
            deployment.relay(f"new-{number}-{one}")


def swept(deployments: dict[int, Relaying]) -> tuple[Calls, Calls]:
    """What a sweep asks for beyond what it asks for when nothing is open: one that looks for orphans, and the next."""
    nothing = Relaying()
    looking, sweeping = ({count: _sweep(deployment) for count, deployment in deployments.items()} for _ in range(2))
    for calls in (looking, sweeping):
        fixed = _sweep(nothing)
        for found in calls.values():
            found.subtract(fixed)
    return looking, sweeping


def _sweep(deployment: Relaying) -> Counter[str]:
    deployment.reset()
    deployment.sweep()
    return Counter(deployment.connection.calls)


def sweep_seconds(deployment: Relaying) -> float:
    """How long a sweep takes at most: beside the open runs many live models, orphans looked for, and slow calls."""
    for number in range(LIVE_MODELS):
        deployment.relay(f"live-{number}")
    del deployment.cloud.table.items["sweep"]  # as if orphans were long not looked for
    deployment.reset()
    deployment.connection.latency = LATENCY
    deployment.sweep()
    deployment.connection.latency = 0.0
    return deployment.seconds


def _print(title: str, calls: Calls, by: dict[int, int]) -> None:
    """All calls and each service's, divided."""
    services = sorted({name.partition(".")[0] for found in calls.values() for name in found})
    for row in ("", *services):
        of = {n: sum(c for name, c in calls[n].items() if name.partition(".")[0] == row or not row) for n in OPEN_RUNS}
        if any(of.values()):
            print(f"{row or title:>26}" + "".join(f"{of[count] / by[count]:>10.3f}" for count in OPEN_RUNS))


if __name__ == "__main__":
    print(measure())
