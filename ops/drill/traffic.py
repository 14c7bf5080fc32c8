"""A drill's requests: sent to the live endpoint as a client would, and counted again in the capture files.

Every request carries the custom attribute that keeps it apart and an inference id of its own. Nothing is checked before
all of it is captured: a check over half of the traffic would prove nothing. Capture files are written once, so each is
read once.
"""

from __future__ import annotations

import csv
import io
import json
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ops.drill.scenarios import Row
from ops.live import Capture
from ops.target import OpsError

ROWS_A_REQUEST = 20
IN_FLIGHT = 4
_ATTRIBUTE = "sagerelay=drill-"
_SKEW = timedelta(minutes=15)  # AWS refuses requests of a clock that is further from its own


@dataclass(frozen=True, slots=True)
class Body:
    """One request: its inference id, its rows, and the same as CSV with a header line."""

    inference_id: str
    rows: int
    text: str


def attribute(drill: str) -> str:
    """The custom attribute of a drill's requests.

    >>> attribute("19f3a")
    'sagerelay=drill-19f3a'
    """
    return f"{_ATTRIBUTE}{drill}"


def bodies(header: Row, rows: Sequence[Row], drill: str) -> Iterator[Body]:
    """The rows as requests of a few rows each."""
    for first in range(0, len(rows), ROWS_A_REQUEST):
        some = rows[first : first + ROWS_A_REQUEST]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([header, *some])
        yield Body(f"drill-{drill}-{first // ROWS_A_REQUEST + 1}", len(some), text.getvalue())


def send(runtime: Any, endpoint: str, requests: Sequence[Body], drill: str) -> None:
    """Send all of them, a few at a time. `runtime` is a boto3 sagemaker-runtime client.

    Raises:
        botocore's ClientError: the endpoint refuses a row, or does not answer after the client's own retries.
    """

    def ask(body: Body) -> None:
        answer = runtime.invoke_endpoint(
            EndpointName=endpoint,
            Body=body.text.encode(),
            ContentType="text/csv",
            Accept="text/csv",
            CustomAttributes=attribute(drill),
            InferenceId=body.inference_id,
        )
        answer["Body"].read()

    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        for done in [pool.submit(ask, body) for body in requests]:
            done.result()


def drills_in(text: str) -> Counter[str]:
    """How many records of each drill a capture file holds; a line that is no record counts for none.

    >>> drills_in('{"eventMetadata": {"customAttributes": ["sagerelay=drill-a"]}}\\n{"eventMetadata": {}}\\n')
    Counter({'a': 1})
    """
    found: Counter[str] = Counter()
    for line in text.splitlines():
        if _ATTRIBUTE not in line:
            continue
        try:
            attributes = json.loads(line)["eventMetadata"]["customAttributes"]
        except (ValueError, KeyError, TypeError):
            continue
        found.update(one.removeprefix(_ATTRIBUTE) for one in attributes if str(one).startswith(_ATTRIBUTE))
    return found


@dataclass
class Captured:
    """Counts a drill's records in the capture files written since it began."""

    s3: Any
    bucket: str
    capture: Capture
    began: datetime
    counts: Counter[str] = field(default_factory=Counter)
    _read: set[str] = field(default_factory=set)

    def look(self) -> Counter[str]:
        """The records of each drill so far."""
        since = self.began - _SKEW
        hour = f"{since:%Y/%m/%d/%H}"
        pages = self.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=self.capture.prefix, StartAfter=f"{self.capture.prefix}{hour}"
        )
        there = [entry for page in pages for entry in page.get("Contents", [])]
        for key in [entry["Key"] for entry in there if entry["LastModified"] >= since]:  # traffic may be heavy
            if key not in self._read:
                body = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
                self.counts += drills_in(body.decode("utf-8", "replace"))
                self._read.add(key)
        return self.counts


def wait_until_captured(
    captured: Captured,
    sent: Mapping[str, int],
    *,
    timeout: float,
    quiet: float,
    pause: Callable[[], None],
    clock: Callable[[], float] = time.monotonic,
) -> Counter[str]:
    """The records of each drill in the capture files, when they are all there.

    `sent`: requests by drill. `timeout`, `quiet`: seconds. Where only a share is captured, nobody knows how many there
    will be: then it waits until no more came for `quiet` seconds.

    Raises:
        OpsError: they did not come within `timeout` seconds.
    """
    everything = captured.capture.percentage >= 100
    started = changed = clock()
    before: Counter[str] = Counter()
    while True:
        counts = Counter(captured.look())
        if counts != before:
            before, changed = counts, clock()
        if _complete(counts, sent) if everything else (_some(counts, sent) and clock() - changed >= quiet):
            return counts
        if clock() - started > timeout:
            raise OpsError(_missing(counts, sent, captured.capture, timeout))
        pause()


def _complete(counts: Mapping[str, int], sent: Mapping[str, int]) -> bool:
    return all(counts.get(drill, 0) >= number for drill, number in sent.items())


def _some(counts: Mapping[str, int], drills: Collection[str]) -> bool:
    return all(counts.get(drill, 0) for drill in drills)


def _missing(counts: Mapping[str, int], sent: Mapping[str, int], capture: Capture, timeout: float) -> str:
    came, all_of_them = sum(counts.get(drill, 0) for drill in sent), sum(sent.values())
    return (
        f"Data capture holds {came} of the {all_of_them} requests sent, {timeout:.0f} s after the last one. Look "
        f"whether files appear below {capture.prefix} in the bucket and whether SageMaker's role may write them."
    )
