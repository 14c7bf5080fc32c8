"""The bucket: what lies in train/, relay.yaml, and the documents between the rooms."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib import names
from chalicelib.aws.errors import AlreadyThereError, NotFoundError, RefusedError, translated
from chalicelib.names import DatasetKeys
from chalicelib.records.inputs import InputObject
from chalicelib.records.own_code import ORIGIN, uploaded

DOCUMENT_LIMIT = 64 * 1024 * 1024
"""Bytes: more than any document of ours has, and less than a Lambda's memory."""
VERDICT_PLACE, VERDICT_END = b"<!--sagerelay:verdict-->", b"<!--/sagerelay:verdict-->"


class TooLargeError(RefusedError):
    """An object has more bytes than its reader has use for. `head` holds the first of them, one more than allowed."""

    def __init__(self, key: str, head: bytes) -> None:
        super().__init__(f"{key} is larger than the {len(head) - 1:,} bytes that are read of it")
        self.head = head


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Objects:
    """The bucket behind keys. `client` is a boto3 S3 client."""

    client: Any
    bucket: str

    def training_data(self, dataset: str) -> tuple[InputObject, ...]:
        """The current version of every file in the dataset's train/ folder, by key."""
        return self.current(DatasetKeys(dataset).train)

    def code(self, dataset: str) -> tuple[InputObject, ...]:
        """The current version of every file in the dataset's code/ folder, by key."""
        found = self.current(uploaded(dataset), hidden=_hidden_code)
        return tuple(replace(entry, origin=ORIGIN) for entry in found)

    def datasets(self) -> list[str]:
        """The names of all datasets of which something was uploaded."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix="datasets/", Delimiter="/"
        )
        listed = [entry["Prefix"].split("/")[1] for page in pages for entry in page.get("CommonPrefixes", [])]
        return [name for name in listed if names.DATASET_NAME.fullmatch(name)]

    def current(
        self, prefix: str, since: datetime | None = None, hidden: Callable[[str], bool] | None = None
    ) -> tuple[InputObject, ...]:
        """The current version of every file of the user's below a prefix (and not older than `since`), by key.

        Folder markers and files whose names begin with a dot or an underscore (`_SUCCESS`, `.DS_Store`) are no data;
        `hidden` says otherwise.
        """
        pages = self.client.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=prefix)
        found = [
            InputObject(entry["Key"], entry["Size"], entry["ETag"].strip('"'), _version(entry["VersionId"]))
            for page in pages
            for entry in page.get("Versions", [])
            if entry["IsLatest"] and not (hidden or _hidden)(entry["Key"])
            if since is None or entry["LastModified"] >= since
        ]
        return tuple(sorted(found, key=lambda entry: entry.key))

    def captured(self, endpoint: str, variant: str, since: datetime) -> tuple[InputObject, ...]:
        """The data capture files of an endpoint whose hour is not before `since`'s, by key, which is by time."""
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket,
            Prefix=names.captured(endpoint, variant),
            StartAfter=names.captured(endpoint, variant, since),
        )
        return tuple(
            InputObject(entry["Key"], entry["Size"], entry["ETag"].strip('"'))
            for page in pages
            for entry in page.get("Contents", [])
            if entry["Size"]
        )

    def find(self, key: str) -> InputObject | None:
        """An object as it is now, or None when there is none."""
        found = [entry for entry in self.current(key) if entry.key == key]
        return found[0] if found else None

    def read(self, key: str, most: int = DOCUMENT_LIMIT) -> bytes | None:
        """The bytes of an object, or None when there is none.

        Raises:
            TooLargeError: there are more than `most`. The rest is not read: who may write to the bucket must not be
                able to take a function's memory.
        """
        try:
            with translated(), closing(self.client.get_object(Bucket=self.bucket, Key=key)["Body"]) as stream:
                body: bytes = stream.read(most + 1)
        except NotFoundError:
            return None
        if len(body) > most:
            raise TooLargeError(key, body)
        return body

    def write(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        """Create or replace an object of ours."""
        self.client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=content_type)

    def create(self, key: str, body: bytes) -> bool:
        """Write an object of ours unless it is there, and say whether it was written: of two that pin the same thing at
        once, the first one counts."""
        try:
            with translated():
                self.client.put_object(
                    Bucket=self.bucket, Key=key, Body=body, ContentType="application/json", IfNoneMatch="*"
                )
        except AlreadyThereError:
            return False
        return True

    def stamp(self, key: str, verdict: str) -> None:
        """Put the verdict (HTML) where the report left a place for it, over the verdict that may stand there.

        A report that is missing stays missing.
        """
        page = self.read(key)
        if page is not None and VERDICT_PLACE in page:
            before, _, rest = page.partition(VERDICT_PLACE)
            _, stamped, after = rest.partition(VERDICT_END)
            stamp = VERDICT_PLACE + verdict.encode() + VERDICT_END
            self.write(key, before + stamp + (after if stamped else rest), "text/html; charset=utf-8")


def _version(version_id: str) -> str | None:
    return None if version_id == "null" else version_id


def _hidden(key: str) -> bool:
    name = key.rpartition("/")[2]
    return not name or name.startswith((".", "_"))


def _hidden_code(key: str) -> bool:
    """`__init__.py` is code; what editors and Python leave beside it is none."""
    return key.endswith("/") or key.rpartition("/")[2].startswith(".") or "/__pycache__/" in key
