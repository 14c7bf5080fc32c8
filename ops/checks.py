"""A check of the monitor, asked for from outside: the event that asks, and what the check leaves in the bucket.

What comes of it is read where everybody can read it: `monitoring/<dataset>/`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.names import Kind
from ops import bus
from ops.target import OpsError, Target

_EARLIER = timedelta(hours=1)  # the relay's clock is not ours


def ask(target: Target, dataset: str, kind: Kind, drill: str | None = None) -> None:
    """Put the event that asks.

    Raises:
        OpsError: EventBridge did not take it.
    """
    bus.ask(target, "Check Requested", {"dataset": dataset, "kind": str(kind), **({"drill": drill} if drill else {})})


@dataclass
class Checks:
    """The checks of one kind that a dataset had since a moment, and their results. `look` asks S3."""

    target: Target
    dataset: str
    kind: Kind
    since: datetime
    results: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    """drift.json by folder."""

    def look(self) -> list[str]:
        """The folders of these checks, oldest first; a folder is there as soon as its check has begun."""
        root = f"monitoring/{self.dataset}/"
        pages = (
            self.target.client("s3")
            .get_paginator("list_objects_v2")
            .paginate(
                Bucket=self.target.bucket,
                Prefix=root,
                StartAfter=f"{root}{self.since - _EARLIER:%Y-%m-%dT%H-%M-%SZ}",
            )
        )
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
        mine = sorted({key.rsplit("/", 1)[0] for key in keys if f"-{self.kind}-" in key.split("/")[2]})
        for folder in mine:
            if folder not in self.results and f"{folder}/drift.json" in keys:
                self.results[folder] = self._read(f"{folder}/drift.json")
        return mine

    def of_drill(self, drill: str) -> Mapping[str, Any] | None:
        """The result of a drill, if it was there at the last look."""
        return next((found for found in self.results.values() if found.get("drill") == drill), None)

    def _read(self, key: str) -> Mapping[str, Any]:
        try:
            body = self.target.client("s3").get_object(Bucket=self.target.bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise OpsError(f"s3://{self.target.bucket}/{key} cannot be read: {error}") from error
        document: Mapping[str, Any] = json.loads(body)
        return document


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each thing may take, in seconds. On AWS a job's machine takes minutes to start."""

    look_every: float = 5.0
    begin: float = 180.0
    capture: float = 900.0
    quiet: float = 120.0
    """How long no further record came, until those that came are all of a sample."""
    check: float = 1200.0
    mail: float = 600.0
    """Beyond one sweep of the relay, which finds what a lost event did not tell."""
    grace: float = 60.0
    """How long after everything else an unwanted mail might still come."""


LAPTOP = Timeouts(look_every=0.25, begin=30.0, capture=60.0, quiet=6.0, check=120.0, mail=60.0, grace=2.0)


def timeouts(target: Target) -> Timeouts:
    """How long to wait for this deployment."""
    return LAPTOP if target.on_laptop else Timeouts()


def wait_for_result(
    checks: Checks,
    known: Collection[str],
    timeouts: Timeouts,
    *,
    pause: Callable[[float], None],
    clock: Callable[[], float],
    say: Callable[[str], None],
) -> tuple[str, Mapping[str, Any]]:
    """Folder and drift.json of the first check that is not `known`.

    Raises:
        OpsError: none began, or it left no result in time.
    """
    started, begun = clock(), None
    in_flight = [folder for folder in known if folder not in checks.results]
    begin = timeouts.begin + (timeouts.check if in_flight else 0)  # one of a kind at a time: ours waits for its turn
    while True:
        new = [folder for folder in checks.look() if folder not in known]
        if new and begun is None:
            begun = clock()
            say(f"the check has begun: {new[0]}")
        for folder in new:
            if folder in checks.results:
                return folder, checks.results[folder]
        if begun is None and clock() - started > begin:
            raise OpsError(
                f"No check began within {begin:.0f} s. Either no traffic was captured since the last check (capture "
                "files come some minutes after the requests), or relay.yaml sets monitoring.enabled to false."
            )
        if begun is not None and clock() - begun > timeouts.check:
            raise OpsError(
                f"The check in {new[0]} left no drift.json within {timeouts.check:.0f} s. Had it failed, a mail would "
                "say why; otherwise look at its processing job in SageMaker."
            )
        pause(timeouts.look_every)
