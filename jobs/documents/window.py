"""window.json: what a check looks at; and what the documents of both kinds of check say of it."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from jobs.settings import MonitoringSettings, PinnedObject

Period = TypedDict("Period", {"from": str | None, "to": str | None})
"""The first and the last moment of the traffic; None where there was none."""


class Live(TypedDict):
    """The model in service."""

    run: str
    promoted: str


class Before(TypedDict):
    """The model that served before it, and where that lies, as an S3 URI."""

    run: str
    promoted: str
    artifact: str


class Window(TypedDict):
    """The whole document."""

    version: int
    check: str
    kind: str
    started: str
    dataset: str
    endpoint: str
    bucket: str
    live: Live
    drill: str | None
    settings: MonitoringSettings
    max_loss_meant: NotRequired[str]
    """"share" or "amount"; windows of earlier releases have none and mean an amount."""
    objects: list[PinnedObject]
    labels: list[PinnedObject]
    relation: NotRequired[PinnedObject | None]
    """The relation.json that the quality check before left."""
    before: NotRequired[Before | None]
    """Of a quality check: the model that one could go back to."""
    earlier: NotRequired[list[str]]
    """What the monitor has counted before; no job reads it."""


class Past(TypedDict):
    """What every entry of a history says of a check."""

    check: str
    at: str
    state: str


class Problem(TypedDict):
    """What could not be read or joined, and how much of it."""

    code: str
    sentence: str
    records: NotRequired[int]
    labels: NotRequired[int]
