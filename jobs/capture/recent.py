"""Which captured files are read where not all of them need to be: evenly over a period, no more than so many.

A check counts all that was captured, so its files are named by Lambda. Who only wants to see what traffic is like reads
a few, found here: a page of the listing holds all of a quiet endpoint's week, and of a busy one's each hour is asked
for its first ones. Serverless endpoints write an object a request, of which a week may hold millions.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from jobs.settings import PinnedObject

MOST_FILES, MOST_BYTES = 2_000, 32 << 20
PAGE = 1_000
IN_FLIGHT = 6
_HOUR = timedelta(hours=1)


def recent(
    client: Any, bucket: str, prefix: str, since: datetime, until: datetime, page: int = PAGE
) -> list[PinnedObject]:
    """Some of the capture files below `prefix` (which ends with a slash) of these hours, oldest first; hour by hour
    where there are more than a `page`.

    Raises what boto3's client does.
    """
    found, is_all = _page(client, Bucket=bucket, Prefix=prefix, StartAfter=_folder(prefix, since), MaxKeys=page)
    if not is_all:
        first = since.replace(minute=0, second=0, microsecond=0)
        hours = [first + number * _HOUR for number in range(int((until - first) / _HOUR) + 1)]
        each = min(PAGE, max(1, MOST_FILES // len(hours)))
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            asked = [pool.submit(_page, client, Bucket=bucket, Prefix=_folder(prefix, hour), MaxKeys=each)
                     for hour in hours]  # fmt: skip
            found = [one for page in asked for one in page.result()[0]]
    return spread(found)


def spread(objects: Sequence[PinnedObject], files: int = MOST_FILES, size: int = MOST_BYTES) -> list[PinnedObject]:
    """So many of them, evenly, and no more bytes than that but for what their sizes differ; one at least.

    >>> found = [{"key": str(number), "size": 10} for number in range(6)]
    >>> [[one["key"] for one in spread(found, *of)] for of in ((3, 1000), (6, 20), (6, 5))]
    [['1', '3', '5'], ['2', '5'], ['0']]
    """
    total = sum(int(one["size"]) for one in objects)
    share = min(1.0, files / max(len(objects), 1), size / max(total, 1))
    kept, due = list[PinnedObject](), 0.0
    for one in objects:
        due += share
        if due >= 1.0 - 1e-9:
            due -= 1.0
            kept.append(one)
    return kept or list(objects[:1])


def _folder(prefix: str, moment: datetime) -> str:
    return f"{prefix}{moment:%Y/%m/%d/%H}/"


def _page(client: Any, **request: Any) -> tuple[list[PinnedObject], bool]:
    """The files that one listing shows, and whether these are all."""
    answer = client.list_objects_v2(**request)
    found: list[PinnedObject] = [
        {"key": entry["Key"], "size": entry["Size"], "etag": entry["ETag"].strip('"')}
        for entry in answer.get("Contents", [])
        if entry["Size"]
    ]
    return found, not answer.get("IsTruncated")
