"""What the monitor has to do next, in the imperative. Kept while pending and harmless to repeat, as the relay's own.

Jobs are named by dataset, kind, ordinal and attempt; mails by what they tell and about which check.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib import codec
from chalicelib.names import CheckKeys, Kind
from chalicelib.records.commands import Mail


@dataclass(frozen=True, slots=True)
class BeginCheck:
    """Pin what this check looks at, and start its job. Answers with `NothingToCheck` where there is nothing."""

    kind: Kind
    ordinal: int
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class ReadResult:
    """Read what a check's job left. Answers with `DriftRead`, `QualityRead`, `UploadedTestRead` or
    `ScoredRead`."""

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
    news: str = codec.later(default="")
    """Of an episode that was told before: what is new of it (`episodes.News`)."""
    stopped: str = codec.later(default="")
    """That retraining stops with this check, in the note of the mail which would say so alone; the mail tells both."""


@dataclass(frozen=True, slots=True)
class Retrain:
    """Ask the dataset for a run. Answers with `RetrainingBegan`, or waits while another run is under way."""

    number: int
    because: str


@dataclass(frozen=True, slots=True)
class AskRollback:
    """Ask the dataset to go back to the model before that of `leave`. `request` names the wish, once."""

    request: str
    leave: str
    because: str


MonitorCommand = BeginCheck | ReadResult | PublishMetrics | Tell | Retrain | AskRollback
