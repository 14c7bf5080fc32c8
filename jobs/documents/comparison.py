"""contestants.json names the models of several algorithms, and comparison.json says what they are worth."""

from __future__ import annotations

from typing import TypedDict

from jobs.documents.evaluation import Contestant
from jobs.settings import GateSettings


class OfGate(TypedDict, total=False):
    """What of the settings is needed."""

    gate: GateSettings


class ToCompare(TypedDict):
    """One model: its algorithm's name, what people call that, and the seconds of its training."""

    name: str
    title: str
    seconds: float | None


class Contestants(TypedDict):
    """contestants.json."""

    version: int
    run: str
    settings: OfGate
    contestants: list[ToCompare]


class Compared(Contestant):
    """A model as the leaderboard has it; `unavailable` says why it was not measured, and `metrics` are none then."""

    unavailable: str | None


class Comparison(TypedDict):
    """comparison.json. `metric` decides; `sentence`: the best beside the one after it."""

    version: int
    run: str
    metric: str
    loss: str
    rows: int
    entries: list[Compared]
    sentence: str | None
