"""An endpoint that was taken away because nobody asked it, back: the event that asks for it, and what has come of it.

The relay does it, writes it down and mails it.
"""

from __future__ import annotations

from collections.abc import Callable

from ops import bus, patience, records
from ops.target import OpsError, Target


def ask(target: Target, dataset: str) -> None:
    """Put the event that asks.

    Raises:
        OpsError: the dataset does not sleep, or EventBridge did not take it.
    """
    record = records.of(target).dataset(dataset)
    if record.live is None:
        raise OpsError(f"No model of {dataset} is in service, as far as its record says.")
    if record.asleep is None:
        raise OpsError(f"{dataset} does not sleep: the model of {record.live.run} is served ({record.live.mode}).")
    bus.ask(target, "Wake Requested", {"dataset": dataset})


def wait(target: Target, dataset: str, *, pause: Callable[[float], None], clock: Callable[[], float]) -> bool:
    """Whether its endpoint serves again, once that is decided.

    Raises:
        OpsError: it is not, in the time that it takes.
    """
    waits = patience.of(target, "A mail comes when it is.", laptop=(0.25, 120.0), aws=(10.0, 3_600.0))
    is_begun = False
    for asleep in waits.looks(lambda: records.of(target).dataset(dataset).asleep, pause=pause, clock=clock):
        if asleep is None:
            return True
        if is_begun and asleep.wish is None:
            return False
        is_begun = is_begun or asleep.wish is not None
    raise waits.too_long()
