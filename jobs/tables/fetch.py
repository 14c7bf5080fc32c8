"""The pinned objects, onto the disk: exactly the bytes the run was started for, or a refusal.

By version id where the bucket has versions; otherwise on condition that the ETag is still the same, so that a file
overwritten meanwhile is noticed and not silently trained on. The only module of this package that knows of AWS.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from jobs.settings import PinnedObject
from jobs.tables.notes import refusal

_GONE = {"412", "PreconditionFailed", "404", "NoSuchKey", "NoSuchVersion"}
_CHUNK = 1 << 22


def fetch(client: Any, bucket: str, objects: Sequence[PinnedObject], folder: Path) -> Iterator[tuple[str, Path]]:
    """Each object's key and the file it was written to, one after the other, as old as the object is."""
    from botocore.exceptions import ClientError  # the rest of the package runs without the AWS SDK

    for place, pinned in enumerate(objects):
        path = folder / f"{place:05d}"
        try:
            answer = client.get_object(Bucket=bucket, Key=pinned["key"], **_pin(pinned))
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                sentence = f"{pinned['key']}: the file was changed or removed after the run was started."
                raise refusal("input-changed", sentence) from None
            raise
        with path.open("wb") as file:
            for chunk in answer["Body"].iter_chunks(_CHUNK):
                file.write(chunk)
        if uploaded := answer.get("LastModified"):  # so that the older of two files can be told
            os.utime(path, (uploaded.timestamp(), uploaded.timestamp()))
        yield pinned["key"], path


def read_if_there(client: Any, bucket: str, key: str) -> bytes | None:
    """An object's bytes as they are now; None where there is none, or none that may be read."""
    from botocore.exceptions import ClientError

    try:
        content: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    except ClientError as error:
        print(f"{key} cannot be read: {error.response['Error']['Code']}", flush=True)
        return None
    return content


def _pin(pinned: PinnedObject) -> dict[str, str]:
    if version := pinned.get("version_id"):
        return {"VersionId": version}
    return {"IfMatch": pinned["etag"]}
