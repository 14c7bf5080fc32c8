"""EventBridge envelopes that the embedded cloud itself writes: S3's "Object Created", schedules, a client's PutEvents.

Pure: requests and answers in, envelopes out, in the shape of the recorded events. It must not decide who gets them:
that is the bus's affair. SageMaker's envelopes are written beside its control plane, which knows their details.
"""

import itertools
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Envelope = dict[str, Any]

# What a plain PutObject or CompleteMultipartUpload may carry in its query; anything else names another operation
# (?tagging, ?acl, ?partNumber, ?versioning ...).
_HARMLESS = frozenset({"x-id", "uploadId", "AWSAccessKeyId", "Signature", "Expires"})


@dataclass(frozen=True, slots=True)
class ObjectCreated:
    """An object that has just been written, as the answer to HeadObject describes it."""

    bucket: str
    key: str
    size: int
    etag: str
    version_id: str | None
    reason: str


def envelope(
    *,
    source: str,
    detail_type: str,
    detail: Mapping[str, Any],
    account: str,
    region: str,
    resources: tuple[str, ...] = (),
) -> Envelope:
    """What surrounds every event: a fresh id, the time in whole seconds, where it comes from."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": list(resources),
        "detail": dict(detail),
    }


class Sequencer:
    """S3's hexadecimal sequencer: a later write has a larger one, across restarts too since it starts at the clock."""

    def __init__(self) -> None:
        self._numbers = itertools.count(time.time_ns())
        self._lock = threading.Lock()

    def next(self) -> str:
        with self._lock:
            return f"{next(self._numbers):016X}"


def creation_reason(method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> str | None:
    """The `reason` of S3's event if this request creates an object, otherwise None.

    `headers`: lower-case names. Uploading a part creates nothing; completing the upload does.
    """
    bucket, _, key = path.lstrip("/").partition("/")
    operation = {name for name in query if name not in _HARMLESS and not name.startswith("X-Amz-")}
    if not bucket or operation:
        return None
    if method == "PUT" and key and "uploadId" not in query:
        return "CopyObject" if "x-amz-copy-source" in headers else "PutObject"
    if method == "POST" and key and "uploadId" in query:
        return "CompleteMultipartUpload"
    if method == "POST" and not key and headers.get("content-type", "").startswith("multipart/form-data"):
        return "POST Object"
    return None


def object_created(
    created: ObjectCreated, *, sequencer: str, account: str, region: str, request_id: str, source_ip: str
) -> Envelope:
    """S3's event: the key as it is (not URL-encoded), `version-id` only where the bucket has versions."""
    described: dict[str, Any] = {"key": created.key, "size": created.size, "etag": created.etag}
    if created.version_id not in (None, "null"):
        described["version-id"] = created.version_id
    described["sequencer"] = sequencer
    return envelope(
        source="aws.s3",
        detail_type="Object Created",
        account=account,
        region=region,
        resources=(f"arn:aws:s3:::{created.bucket}",),
        detail={
            "version": "0",
            "bucket": {"name": created.bucket},
            "object": described,
            "request-id": request_id,
            "requester": account,
            "source-ip-address": source_ip,
            "reason": created.reason,
        },
    )


def scheduled(rule: str, *, account: str, region: str) -> Envelope:
    """What a schedule delivers."""
    return envelope(
        source="aws.events",
        detail_type="Scheduled Event",
        detail={},
        account=account,
        region=region,
        resources=(f"arn:aws:events:{region}:{account}:rule/{rule}",),
    )
