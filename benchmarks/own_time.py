"""What the relay's own code adds to the calls it makes: one canned run, against bare boto3 making the same calls.

A dataset goes through the real Runtime from its upload to its mail over the cloud in memory, and every call is noted
with its answer. Then a bare client of each service makes just these calls, in order, and gets the same answers. Both
sides pay for what botocore does with a request before it is sent, and neither for a network; what is left over is
deciding, reading and writing records, and writing mails. The two take turns, so that a busy neighbour disturbs both.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Iterator
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError

from benchmarks.relaying import REGION, STEPS, Relaying
from tests.memory_cloud.connection import Answered, reply_from

ROUNDS = 40


def measure() -> dict[str, float]:
    """The median ratio of turns; `own_ms_per_event` is what is left when boto3's part is taken off."""
    relaying, bare = Relaying(), Bare()
    relaying.relay("warm-up")  # the imports of the first event of each kind
    gc.freeze()
    turns = [_turn(relaying, bare, f"canned-{number}") for number in range(ROUNDS)]
    relay, boto, calls = (statistics.median(column) for column in zip(*turns, strict=True))
    return {
        "ratio": statistics.median(ours / theirs for ours, theirs, _ in turns),
        "relay_ms": 1000 * relay,
        "boto3_ms": 1000 * boto,
        "own_ms_per_event": 1000 * (relay - boto) / (len(STEPS) + 1),
        "calls": calls,
    }


def _turn(relaying: Relaying, bare: Bare, dataset: str) -> tuple[float, float, int]:
    """Seconds of one run, seconds of its calls alone, and how many there were."""
    relaying.reset()
    with relaying.connection.noting() as noted:
        relaying.relay(dataset)
    return relaying.seconds, bare.seconds(noted), len(noted)


class Bare:
    """A boto3 client of each service, which gives the answers that were noted."""

    def __init__(self) -> None:
        self._answers: Iterator[Answered] = iter(())
        self._clients: dict[str, Any] = {}

    def seconds(self, noted: list[Answered]) -> float:
        """How long the same calls take."""
        calls = [(getattr(self._client(one.service), xform_name(one.operation)), one.asked) for one in noted]
        self._answers = iter(noted)
        begun = time.perf_counter()
        for call, asked in calls:
            try:
                call(**asked)
            except ClientError:
                continue  # the relay was refused, too
        return time.perf_counter() - begun

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            made = boto3.client(service, region_name=REGION)  # without credentials: nothing is sent
            made.meta.events.register_first("before-call.*", lambda **_: reply_from(next(self._answers)))
            self._clients[service] = made
        return self._clients[service]


if __name__ == "__main__":
    print(measure())
