"""What the watch has to do next, in the imperative. Kept while pending and harmless to repeat, as the relay's own.

Jobs are named by dataset, kind, ordinal and attempt; mails by what they tell and about which check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from chalicelib.commands import Mail
from chalicelib.names import CheckKeys, Kind


@dataclass(frozen=True, slots=True)
class BeginCheck:
    """Pin what this check looks at, and start its job. Answers with `NothingToCheck` where there is nothing."""

    kind: Kind
    ordinal: int
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class ReadResult:
    """Read what a check's job left. Answers with `DriftRead`, `QualityRead` or `UploadedTestRead`."""

    check: CheckKeys


@dataclass(frozen=True, slots=True)
class PublishMetrics:
    """Send the figures of a drift check to CloudWatch."""

    check: CheckKeys


@dataclass(frozen=True, slots=True)
class Tell:
    """Write to the owner about a check, once."""

    mail: Mail
    check: CheckKeys
    note: str = ""
    """What the check's files do not say: why it failed, since when there is no traffic."""


@dataclass(frozen=True, slots=True)
class Retrain:
    """Ask the dataset for a run. Answers with `RetrainingBegan`, or waits while another run is under way."""

    number: int
    because: str


WatchCommand = BeginCheck | ReadResult | PublishMetrics | Tell | Retrain

_BY_NAME: dict[str, type[WatchCommand]] = {kind.__name__: kind for kind in WatchCommand.__args__}


def keys_from(values: Mapping[str, Any]) -> CheckKeys:
    """A check's keys from their stored form."""
    kind, began = Kind(values["kind"]), datetime.fromisoformat(values["began"])
    return CheckKeys(values["dataset"], kind, values["ordinal"], began)


def to_item(command: WatchCommand) -> dict[str, Any]:
    """A command as JSON-able data."""
    values = asdict(command)
    if "check" in values:
        values["check"]["began"] = values["check"]["began"].isoformat()
    return {"command": type(command).__name__, **values}


def from_item(item: dict[str, Any]) -> WatchCommand:
    """The command that `to_item` wrote.

    >>> from_item(to_item(BeginCheck(Kind.DRIFT, 3)))
    BeginCheck(kind=<Kind.DRIFT: 'drift'>, ordinal=3, attempt=1)
    """
    values = dict(item)
    made = _BY_NAME[values.pop("command")]
    if "kind" in values:
        values["kind"] = Kind(values["kind"])
    if "check" in values:
        values["check"] = keys_from(values["check"])
    if "mail" in values:
        values["mail"] = Mail(values["mail"])
    return made(**values)
