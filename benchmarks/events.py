"""Is the shell as fast, and as frugal, with 1,000 runs under way as with one? `python -m benchmarks events`.

The real Runtime with real boto3 clients whose answers come from memory (benchmarks/memory_cloud says why, and what that
leaves out). There is a deployment for each number of open runs, waiting in all stages alike; then new datasets go
through each of them from the upload to the mail, in turn, so that a busy neighbour disturbs all alike. Calls are
counted at boto3's level, one for each request and page; events a second are the shell's alone: no network, no jobs. A
tuning (off here) adds an event, whose calls grow with its trials.

The sweep is measured apart: it looks at every open run, so its calls must grow with them and with nothing else, and it
must end within the 300 seconds of its Lambda. Its duration is measured with calls that take as long as AWS's do.
"""

from __future__ import annotations

import statistics
from collections import Counter
from typing import Any

from benchmarks.memory_cloud.relaying import STEPS, Relaying

OPEN_RUNS = (1, 10, 100, 1_000)
ROUNDS, DATASETS = 15, 4
LATENCY = 0.05
"""Seconds. In one region DynamoDB takes some 5 to 10 ms, SageMaker's control plane 20 to 100 ms."""


def measure() -> dict[str, Any]:
    """Ratios of 1,000 open runs to one; prints the whole table."""
    deployments = {count: opened(count) for count in OPEN_RUNS}
    swept = {count: sweep(deployment) for count, deployment in deployments.items()}
    seconds = sweep_seconds(deployments[OPEN_RUNS[-1]])
    rates: dict[int, list[float]] = {count: [] for count in OPEN_RUNS}
    calls: dict[int, Counter[str]] = {count: Counter() for count in OPEN_RUNS}
    relay_all(deployments, 0)  # warm: the imports of the first event of each kind
    for number in range(1, ROUNDS + 1):
        for count, deployment in relay_all(deployments, number).items():
            rates[count].append(deployment.events / deployment.seconds)
            calls[count] += deployment.cloud.calls
    events = ROUNDS * DATASETS * (len(STEPS) + 1)
    _print(rates, calls, swept, events)
    few, many = OPEN_RUNS[0], OPEN_RUNS[-1]
    each = [a / b for a, b in zip(rates[many], rates[few], strict=True)]
    return {
        "events_per_second": {str(count): statistics.median(found) for count, found in rates.items()},
        "rate_with_1000_to_one": statistics.median(each),
        "calls_per_event": {str(count): found.total() / events for count, found in calls.items()},
        "more_calls_with_1000": (calls[many] - calls[few]).total() + (calls[few] - calls[many]).total(),
        "sweep": {
            "calls_per_open_run": {str(count): found.total() / count for count, found in swept.items()},
            "seconds_with_1000_open": seconds,
        },
    }


def opened(count: int) -> Relaying:
    """A deployment with so many runs under way, each in its stage."""
    made = Relaying()
    for number in range(count):
        made.open(f"open-{number}", number % len(STEPS))
    made.reset()
    return made


def relay_all(deployments: dict[int, Relaying], number: int) -> dict[int, Relaying]:
    """New datasets through every deployment, in turn."""
    for deployment in deployments.values():
        deployment.reset()
    for one in range(DATASETS):
        for deployment in deployments.values():
            deployment.relay(f"new-{number}-{one}")
    return deployments


def sweep(deployment: Relaying) -> Counter[str]:
    """What one sweep asks for."""
    deployment.reset()
    deployment.sweep()
    return Counter(deployment.cloud.calls)


def sweep_seconds(deployment: Relaying) -> float:
    """How long a sweep takes when every call takes its time."""
    deployment.reset()
    deployment.cloud.latency = LATENCY
    deployment.sweep()
    deployment.cloud.latency = 0.0
    return deployment.seconds


def _print(
    rates: dict[int, list[float]], calls: dict[int, Counter[str]], swept: dict[int, Counter[str]], events: int
) -> None:
    print(f"{'open runs':>24}" + "".join(f"{count:>10,}" for count in OPEN_RUNS))
    print(f"{'events a second':>24}" + "".join(f"{statistics.median(rates[count]):>10,.0f}" for count in OPEN_RUNS))
    _rows("calls an event", calls, dict.fromkeys(OPEN_RUNS, events))
    _rows("calls of a sweep a run", swept, {count: count for count in OPEN_RUNS})


def _rows(title: str, calls: dict[int, Counter[str]], by: dict[int, int]) -> None:
    """All calls and each service's and operation's, divided."""
    print(f"{title:>24}" + "".join(f"{calls[count].total() / by[count]:>10.3f}" for count in OPEN_RUNS))
    services = sorted({name.partition(".")[0] for found in calls.values() for name in found})
    for service in services:
        of = {n: sum(c for name, c in calls[n].items() if name.startswith(f"{service}.")) for n in OPEN_RUNS}
        print(f"{service:>24}" + "".join(f"{of[count] / by[count]:>10.3f}" for count in OPEN_RUNS))


if __name__ == "__main__":
    print(measure())
