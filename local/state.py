"""What survives a restart: objects with all their versions, the table's items, mails, SageMaker's records, open events,
and, each in a module of its own, logs and the account's roles.

The one module that reaches into moto, because no API of AWS gives a version its old id back. Bodies are written once,
under a name of their own, before the index that names them; the index is replaced in one step. So a kill at any moment
leaves the last whole state, seconds old. The order of looking is bus, table, SageMaker, objects: what is looked at
later may know more than what came before, and everything in an earlier part refers only to what a later part then
holds; events that came meanwhile are kept too, since twice is allowed and never is not.
"""
# ruff: noqa: SLF001 - moto's version ids and tags of an object are private attributes

import json
import os
import threading
import traceback
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from local.events.bus import Bus
from local.kept_logs import KeptLogs
from local.mailbox import Mailbox
from local.permissions import kept_roles

EVERY = 2.0  # seconds between looks
_VERSION = 1


class Snapshots(Protocol):
    """SageMaker, as far as this module is concerned."""

    def snapshot(self) -> dict[str, Any]:
        """JSON-able."""

    def restore(self, snapshot: dict[str, Any]) -> None:
        """What `snapshot` gave."""


class State:
    """Saves every few seconds between `start` and `stop` if anything has changed."""

    def __init__(
        self, directory: Path, *, bus: Bus, sagemaker: Snapshots, mailbox: Mailbox, account: str, region: str
    ) -> None:
        self._directory = directory
        self._logs = KeptLogs(directory / "logs", account, region)
        self._index = directory / "index.json"
        self._bodies = directory / "objects"
        self._bus, self._sagemaker, self._mailbox = bus, sagemaker, mailbox
        self._account = account
        self._names: dict[int, tuple[Any, str]] = {}  # by id of moto's object, which is kept so that no id is reused
        self._saved = ""
        self._stopping = threading.Event()
        self._saving = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name="state", daemon=True)
        self._loaded: dict[str, Any] = {}

    # Saving

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def save(self) -> None:
        """Writes the state if it differs from what was written last."""
        with self._saving:
            index = self._capture()
            text = json.dumps(index)
            if text == self._saved:
                return
            self._directory.mkdir(parents=True, exist_ok=True)
            _write(self._index, text.encode())
            self._saved = text
            self._logs.forget(index["logs"])
            named = {v["body"] for bucket in index["buckets"] for v in bucket["versions"] if v["body"]}
            self._names = {key: known for key, known in self._names.items() if known[1] in named}
            for path in self._bodies.iterdir() if self._bodies.exists() else ():
                if path.name not in named:
                    path.unlink()

    def _keep(self) -> None:
        while not self._stopping.wait(EVERY):
            try:
                self.save()
            except Exception:  # noqa: BLE001 - shown, and tried again; the state of before is still whole
                traceback.print_exc()

    def _capture(self) -> dict[str, Any]:
        mark = self._bus.mark
        items = {table.name: _items(table) for table in self._tables()}
        records, mails = self._sagemaker.snapshot(), self._mailbox.snapshot()
        buckets = [self._bucket(bucket) for bucket in list(self._s3().buckets.values())]
        return {
            "version": _VERSION,
            "buckets": buckets,
            "items": items,
            "sagemaker": records,
            "mails": mails,
            "events": self._bus.pending(since=mark),
            "roles": kept_roles.capture(self._account),
            "logs": self._logs.capture(),
        }

    def _bucket(self, bucket: Any) -> dict[str, Any]:
        versions = [self._version(key, version) for key, all_ in _stable(bucket.keys) for version in list(all_)]
        return {
            "name": bucket.name,
            "region": bucket.region_name,
            "versioning": bucket.versioning_status,
            "versions": versions,
        }

    def _version(self, key: str, version: Any) -> dict[str, Any]:
        common = {"key": key, "id": version._version_id, "modified": version.last_modified.isoformat()}
        if not hasattr(version, "value"):  # a delete marker
            return {**common, "body": None}
        return {
            **common,
            "body": self._body(version),
            "etag": version._etag or version.etag.strip('"'),
            "is_versioned": version._is_versioned,
            "metadata": dict(version._metadata),
            "tags": self._s3().tagger.get_tag_dict_for_resource(version.arn),
            "checksum": [version.checksum_algorithm, version.checksum_value, version.checksum_type],
        }

    def _body(self, version: Any) -> str:
        """The file that holds a body, written when it is first seen: a version never changes."""
        known = self._names.get(id(version))
        if known is None:
            name = uuid.uuid4().hex
            self._bodies.mkdir(parents=True, exist_ok=True)
            _write(self._bodies / name, version.value)
            known = self._names[id(version)] = (version, name)
        return known[1]

    # Restoring

    def restore_objects(self) -> None:
        """Buckets and objects. Raises ValueError for a state of another version of SageRelay."""
        if not self._index.exists():
            return
        self._loaded = json.loads(self._index.read_text(encoding="utf-8"))
        if self._loaded.get("version") != _VERSION:
            raise ValueError(f"{self._index} was written by another version of SageRelay; name another directory")
        kept_roles.restore(self._account, self._loaded.get("roles", {}))
        self._logs.restore(self._loaded.get("logs", []))
        for saved in self._loaded["buckets"]:
            bucket = self._s3().create_bucket(saved["name"], saved["region"])
            bucket.versioning_status = saved["versioning"]
            for version in saved["versions"]:
                bucket.keys[version["key"]] = self._restored(bucket, version)

    def _restored(self, bucket: Any, saved: dict[str, Any]) -> Any:
        from moto.s3.models import FakeDeleteMarker, FakeKey

        modified = datetime.fromisoformat(saved["modified"])
        body = b"" if saved["body"] is None else (self._bodies / saved["body"]).read_bytes()
        version = FakeKey(
            saved["key"],
            body,
            account_id=self._account,
            region_name=bucket.region_name,
            etag=saved.get("etag"),
            is_versioned=saved.get("is_versioned", True),
            version_id=saved["id"],
            bucket_name=bucket.name,
        )
        version.last_modified = modified
        if saved["body"] is None:
            marker = FakeDeleteMarker(version)
            marker._version_id, marker.last_modified = saved["id"], modified
            return marker
        version._metadata.update(saved["metadata"])
        version.checksum_algorithm, version.checksum_value, version.checksum_type = saved["checksum"]
        self._s3().tagger.tag_resource(
            version.arn, [{"Key": key, "Value": value} for key, value in saved["tags"].items()]
        )
        self._names[id(version)] = (version, saved["body"])
        return version

    def restore_the_rest(self) -> None:
        """Once the tables stand: items, mails, SageMaker's records, and the events nobody had dealt with."""
        for table in self._tables():
            for item in self._loaded.get("items", {}).get(table.name, []):
                table.put_item(item)
        self._mailbox.restore(self._loaded.get("mails", []))
        self._sagemaker.restore(self._loaded.get("sagemaker", {}))
        for event in self._loaded.get("events", []):
            self._bus.put(event)
        self._loaded = {}

    # moto

    def _s3(self) -> Any:
        from moto.s3.models import s3_backends

        return s3_backends[self._account]["aws"]

    def _tables(self) -> list[Any]:
        from moto.dynamodb.models import dynamodb_backends

        return [t for backend in dynamodb_backends[self._account].values() for t in list(backend.tables.values())]


def _items(table: Any) -> list[dict[str, Any]]:
    found = []
    for _, item in _stable(table.items):
        ranged = item.values() if isinstance(item, dict) else [item]
        found += [{name: value.to_json() for name, value in one.attrs.items()} for one in list(ranged)]
    return json.loads(json.dumps(found, default=lambda value: value.to_json()))  # type: ignore[no-any-return]


def _stable(mapping: Any) -> Iterator[tuple[str, Any]]:
    """Key and value of a dictionary that other threads change meanwhile."""
    for key in list(dict.keys(mapping)):
        try:
            yield key, dict.__getitem__(mapping, key)
        except KeyError:
            continue  # deleted since


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
