"""S3 in memory, as far as the adapter uses it: versions, conditional creation, listings. Strongly consistent."""

from __future__ import annotations

import hashlib
import io
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.simulation.cloud.refusals import refused


@dataclass(frozen=True)
class Version:
    """One version of an object."""

    key: str
    body: bytes
    id: str
    etag: str
    at: datetime


class Bucket:
    """One versioned bucket."""

    def __init__(self, name: str, clock: Callable[[], datetime]) -> None:
        self._name, self._clock = name, clock
        self._versions: dict[str, list[Version]] = {}
        self._keys: list[str] = []
        self.on_list: Callable[[str], None] = lambda _prefix: None

    # --- what boto3's client offers

    def put_object(self, Bucket: str, Key: str, Body: bytes, **options: Any) -> dict[str, Any]:  # noqa: N803
        self._is(Bucket)
        if options.get("IfNoneMatch") == "*" and Key in self._versions:
            raise refused("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        version = self.put(Key, Body)
        return {"ETag": f'"{version.etag}"', "VersionId": version.id}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        self._is(Bucket)
        if Key not in self._versions:
            raise refused("NoSuchKey", "The specified key does not exist.")
        return {"Body": io.BytesIO(self._versions[Key][-1].body)}

    def get_paginator(self, operation: str) -> _Listing:
        return _Listing({"list_object_versions": self._list_versions, "list_objects_v2": self._list_objects}[operation])

    def _list_versions(self, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        self._is(Bucket)
        self.on_list(Prefix)
        entries = [
            {**_entry(version), "VersionId": version.id, "IsLatest": version is self._versions[key][-1]}
            for key in self.under(Prefix)
            for version in reversed(self._versions[key])
        ]
        yield {"Versions": entries} if entries else {}

    def _list_objects(self, Bucket: str, Prefix: str, StartAfter: str = "") -> Iterator[dict[str, Any]]:  # noqa: N803
        self._is(Bucket)
        entries = [_entry(self._versions[key][-1]) for key in self.under(Prefix) if key > StartAfter]
        yield {"Contents": entries} if entries else {}

    # --- what jobs, users and tests do

    def put(self, key: str, body: bytes) -> Version:
        """A new version of an object."""
        etag = hashlib.md5(body, usedforsecurity=False).hexdigest()
        version = Version(key, body, f"v{len(self._versions.get(key, ())) + 1}", etag, self._clock())
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
        found = []
        for at in range(bisect_left(self._keys, prefix), len(self._keys)):
            if not self._keys[at].startswith(prefix):
                break
            found.append(self._keys[at])
        return found

    def versions(self, prefix: str) -> list[Version]:
        """Every version of the objects whose keys begin so."""
        return [version for key in self.under(prefix) for version in self._versions[key]]

    def _is(self, name: str) -> None:
        if name != self._name:
            raise refused("NoSuchBucket", f"no bucket {name}")


@dataclass(frozen=True)
class _Listing:
    paginate: Callable[..., Iterator[dict[str, Any]]]


def _entry(version: Version) -> dict[str, Any]:
    return {
        "Key": version.key,
        "Size": len(version.body),
        "ETag": f'"{version.etag}"',
        "LastModified": version.at,
    }
