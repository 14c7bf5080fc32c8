"""S3 in memory, as far as the adapter uses it: versions, conditional creation, listings. Strongly consistent."""

from __future__ import annotations

import hashlib
import io
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from tests.memory_cloud.pages import Paginated
from tests.memory_cloud.refusals import refused

PAGE = 1_000
"""Entries of one answer to a listing."""


class Stream(Protocol):
    def read(self) -> bytes: ...


@dataclass(frozen=True)
class Version:
    """One version of an object."""

    key: str
    body: bytes
    id: str
    etag: str
    at: datetime


class Bucket(Paginated):
    """One versioned bucket. Its keys are kept in order, so that a listing costs what it lists."""

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        self._name, self._clock = name, clock
        self._versions: dict[str, list[Version]] = {}
        self._keys: list[str] = []
        self.on_list: Callable[[str], None] = lambda _prefix: None

    # --- what boto3's client offers

    def put_object(self, Bucket: str, Key: str, Body: bytes | Stream, **options: Any) -> dict[str, Any]:  # noqa: N803
        self._is(Bucket)
        if options.get("IfNoneMatch") == "*" and Key in self._versions:
            raise refused("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        version = self.put(Key, Body if isinstance(Body, bytes) else Body.read())
        return {"ETag": f'"{version.etag}"', "VersionId": version.id}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self._is(Bucket)
        if Key not in self._versions:
            raise refused("NoSuchKey", "The specified key does not exist.")
        return {"Body": io.BytesIO(self._versions[Key][-1].body)}

    def list_object_versions(
        self,
        Bucket: str,  # noqa: N803
        Prefix: str,  # noqa: N803
        KeyMarker: str = "",  # noqa: N803
        VersionIdMarker: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        self._is(Bucket)
        self.on_list(Prefix)
        found = list(islice(self._entries(Prefix, KeyMarker, VersionIdMarker), PAGE + 1))
        if len(found) <= PAGE:
            return {"Versions": found, "IsTruncated": False} if found else {"IsTruncated": False}
        page = found[:PAGE]
        last = {"NextKeyMarker": page[-1]["Key"], "NextVersionIdMarker": page[-1]["VersionId"]}
        return {"Versions": page, "IsTruncated": True, **last}

    def list_objects_v2(
        self,
        Bucket: str,  # noqa: N803
        Prefix: str,  # noqa: N803
        StartAfter: str = "",  # noqa: N803
        ContinuationToken: str = "",  # noqa: N803
        Delimiter: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        self._is(Bucket)
        if Delimiter:
            return self._folders(Prefix, Delimiter, ContinuationToken)
        keys = self._from(Prefix, (ContinuationToken or StartAfter) + "\0")
        found = [_entry(self._versions[key][-1]) for key in islice(keys, PAGE + 1)]
        if len(found) <= PAGE:
            return {"Contents": found, "IsTruncated": False} if found else {"IsTruncated": False}
        return {"Contents": found[:PAGE], "IsTruncated": True, "NextContinuationToken": found[PAGE - 1]["Key"]}

    def _folders(self, prefix: str, delimiter: str, after: str) -> dict[str, Any]:
        """The first words behind a prefix; what has no delimiter behind it is no folder, and left out here."""
        words = (key.removeprefix(prefix).partition(delimiter) for key in self._from(prefix, "\0"))
        folders = dict.fromkeys(f"{prefix}{word}{end}" for word, end, _ in words if end)
        found = [name for name in folders if name > after]
        page, more = found[:PAGE], len(found) > PAGE
        rest = {"NextContinuationToken": page[-1]} if more else {}
        return {"CommonPrefixes": [{"Prefix": name} for name in page], "IsTruncated": more, **rest}

    # --- what jobs, users and tests do

    def put(self, key: str, body: bytes, name: str | None = None) -> Version:
        """A new version of an object, with an id of the caller's or the next number."""
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        version = Version(key, body, name or f"v{len(self._versions.get(key, ())) + 1}", etag, self._clock())
        if key not in self._versions:
            self._versions[key] = []
            self._keys.insert(bisect_left(self._keys, key), key)
        self._versions[key].append(version)
        return version

    def delete(self, key: str) -> None:
        """Somebody deletes an object, with its versions."""
        if self._versions.pop(key, None):
            self._keys.remove(key)

    def body(self, key: str, version: str | None = None) -> bytes | None:
        """What an object holds, now or in one of its versions; None when there is none."""
        found = [one for one in self._versions.get(key, []) if version in {None, one.id}]
        return found[-1].body if found else None

    def under(self, prefix: str) -> list[str]:
        """The keys that begin so."""
        return list(self._from(prefix))

    def versions(self, prefix: str) -> list[Version]:
        """Every version of the objects whose keys begin so."""
        return [version for key in self.under(prefix) for version in self._versions[key]]

    # --- how it does it

    def _from(self, prefix: str, first: str = "") -> Iterator[str]:
        """The keys that begin so, from this one on."""
        for at in range(bisect_left(self._keys, max(prefix, first)), len(self._keys)):
            if not self._keys[at].startswith(prefix):
                return
            yield self._keys[at]

    def _entries(self, prefix: str, key_marker: str, version_marker: str) -> Iterator[dict[str, Any]]:
        """The entries of a listing of versions after these marks: the newest of a key first."""
        for key in self._from(prefix, key_marker):
            versions = self._versions[key][::-1]
            begin = 0
            if key == key_marker:
                begin = 1 + [version.id for version in versions].index(version_marker)
            for version in versions[begin:]:
                yield {**_entry(version), "VersionId": version.id, "IsLatest": version is versions[0]}

    def _is(self, name: str) -> None:
        if name != self._name:
            raise refused("NoSuchBucket", f"no bucket {name}")


def _entry(version: Version) -> dict[str, Any]:
    return {
        "Key": version.key,
        "Size": len(version.body),
        "ETag": f'"{version.etag}"',
        "LastModified": version.at,
    }
