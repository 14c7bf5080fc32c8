"""What an event and a sweep ask of AWS, counted at boto3: an event the same however many runs are open, a sweep no more
than its open records. The benchmark `events` shows the same up to 1,000 runs, with the time it takes.
"""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.relaying import STEPS, Relaying


@pytest.fixture(scope="module")
def deployments() -> dict[int, Relaying]:
    """Deployments with so many open runs, in every stage alike."""
    made = {count: Relaying() for count in (0, len(STEPS), 4 * len(STEPS))}
    for count, deployment in made.items():
        for number in range(count):
            deployment.open(f"open-{number}", number % len(STEPS))
    return made


def swept(deployment: Relaying) -> Counter[str]:
    deployment.reset()
    deployment.sweep()
    return Counter(deployment.connection.calls)


def test_a_sweep_asks_the_same_of_every_open_run(deployments: dict[int, Relaying]) -> None:
    none, few, many = (swept(deployment) for deployment in deployments.values())

    assert {name: count - none[name] for name, count in many.items()} == {
        name: 4 * (few[name] - none[name]) for name in many
    }
    assert few.total() > none.total()


def test_a_sweep_looks_beyond_the_first_page(deployments: dict[int, Relaying]) -> None:
    deployment = deployments[4 * len(STEPS)]
    whole = swept(deployment)
    deployment.cloud.table.page_bytes = 10_000
    paged = swept(deployment)
    deployment.cloud.table.page_bytes = 1_000_000

    assert paged["dynamodb.Query"] > whole["dynamodb.Query"]
    assert {**paged, "dynamodb.Query": 0} == {**whole, "dynamodb.Query": 0}


def test_an_event_asks_the_same_whatever_else_is_open(deployments: dict[int, Relaying]) -> None:
    asked = {}
    for count, deployment in deployments.items():
        deployment.reset()
        deployment.relay("new")
        assert deployment.events == len(STEPS) + 1
        asked[count] = Counter(deployment.connection.calls)

    assert asked[0].total() > 0
    assert all(calls == asked[0] for calls in asked.values())
