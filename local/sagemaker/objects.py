"""S3 as a job sees it: prefixes and manifests come down as files, directories go up as objects.

Everything passes through the same address and credentials a container would have, so that what a job may not read on
AWS it cannot read here by another way. The inputs of one tuning job's children are the same objects, and every
processing job comes with the same hundred small scripts: one copy of such an object is kept on disk, which is what
makes twenty trials cost one download. Whole objects are asked for by one request each; boto3's transfers take
two and a pool of threads to do what a loopback address does not need.
"""

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from local.wire.service_models import sharing_models

_SMALL = 1 << 20  # bytes up to which an object is worth keeping for the next job


class MissingInputError(Exception):
    """An S3 input that is not there; the message is the FailureReason SageMaker would give."""


def client(service: str, *, endpoint_url: str, environment: dict[str, str]) -> Any:
    """A boto3 client with a job's own credentials and address, whatever this process' environment holds."""
    session = botocore.session.Session()
    made = boto3.Session(
        aws_access_key_id=environment.get("AWS_ACCESS_KEY_ID", "sagemaker"),
        aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY", "sagemaker"),
        aws_session_token=environment.get("AWS_SESSION_TOKEN"),
        region_name=environment.get("AWS_REGION", "us-east-1"),
        botocore_session=session,
    )
    sharing_models(session)
    config = Config(max_pool_connections=32, retries={"max_attempts": 4})
    return made.client(service, endpoint_url=endpoint_url, config=config)


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of an address: s3://, or https:// with the bucket in the path or in the host.

    >>> split_uri("s3://mine/a/b"), split_uri("https://s3-eu-west-1.amazonaws.com/mine/a/b")
    (('mine', 'a/b'), ('mine', 'a/b'))
    >>> split_uri("https://mine.s3.eu-west-1.amazonaws.com/a/b")
    ('mine', 'a/b')
    """
    parts = urlsplit(uri, allow_fragments=False)
    key = parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme == "s3":
        return parts.netloc, key
    if in_host := re.match(r"(.+)\.s3[.-]", parts.netloc):
        return in_host[1], key
    return key.partition("/")[0], key.partition("/")[2]


def below(directory: Path, relative: str) -> Path:
    """The path of a relative name below a directory that is resolved; raises ValueError for a name that would leave it.

    Of what lies there, all came from S3, so that no part of the name is a link.
    """
    target = os.path.normpath(os.path.join(directory, relative))  # noqa: PTH118 - a Path has no way to shorten `..`
    if not target.startswith(f"{directory}{os.sep}"):
        raise ValueError(f"{relative!r} would be written outside its directory")
    return Path(target)


class Objects:
    """Downloads and uploads for jobs."""

    def __init__(self, s3: Any, cache: Path) -> None:
        self._s3 = s3
        self._cache = cache
        self._locks: dict[Path, threading.Lock] = {}
        self._lock = threading.Lock()

    def download(self, source: dict[str, Any], directory: Path, *, shared: bool = False) -> int:
        """Bring an S3DataSource (or S3Input) into a directory; return how many files came. Raises MissingInputError.

        A prefix's files keep their path below the prefix's last slash; a manifest's below the prefix it names. `shared`
        links the files from a copy that other jobs with the same inputs use too.
        """
        directory.mkdir(parents=True, exist_ok=True)
        root = directory.resolve()
        made = {root}
        count = 0
        try:
            for bucket, key, relative, etag, size in self._listed(source):
                target = below(root, relative)
                if (folder := target.parent) not in made:
                    folder.mkdir(parents=True, exist_ok=True)
                    made.add(folder)
                if shared:
                    _link(self._kept(bucket, key, etag), target)
                elif size <= _SMALL:
                    shutil.copyfile(self._kept(bucket, key, etag), target)  # the job's own, to do with as it likes
                else:
                    self._get(bucket, key, target)
                count += 1
        except ClientError as error:
            raise MissingInputError(_not_found(source["S3Uri"], str(error))) from error
        except (ValueError, OSError) as error:  # a key that is no path below the directory, or none this disk can hold
            raise MissingInputError(f"ClientError: Data download failed:{source['S3Uri']}: {error}") from error
        if not count:
            raise MissingInputError(_not_found(source["S3Uri"], "no object has this prefix"))
        return count

    def each(self, source: dict[str, Any]) -> Iterable[tuple[str, bytes]]:
        """Every object of an S3DataSource, one after the other: its path as `download` would name it, and its bytes.
        Raises MissingInputError."""
        try:
            for bucket, key, relative, _, _ in self._listed(source):
                yield relative, self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise MissingInputError(_not_found(source["S3Uri"], str(error))) from error

    def require(self, source: dict[str, Any]) -> None:
        """Raise MissingInputError where an S3DataSource has no object."""
        try:
            there = any(True for _ in self._listed(source))
        except ClientError as error:
            raise MissingInputError(_not_found(source["S3Uri"], str(error))) from error
        if not there:
            raise MissingInputError(_not_found(source["S3Uri"], "no object has this prefix"))

    def _listed(self, source: dict[str, Any]) -> Iterable[tuple[str, str, str, str, int]]:
        """Bucket, key, relative path, etag and size of every object a source names."""
        bucket, key = split_uri(source["S3Uri"])
        if source.get("S3DataType") != "ManifestFile":
            base = key.rpartition("/")[0] if not key.endswith("/") else key.rstrip("/")
            yield from self._prefix(bucket, key, base)
            return
        manifest = json.loads(self._s3.get_object(Bucket=bucket, Key=key)["Body"].read())
        bucket, base = split_uri(manifest[0]["prefix"])
        for name in manifest[1:]:
            head = self._s3.head_object(Bucket=bucket, Key=base + name)
            yield bucket, base + name, name, head["ETag"], head["ContentLength"]

    def _prefix(self, bucket: str, prefix: str, base: str) -> Iterable[tuple[str, str, str, str, int]]:
        for page in self._s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
            for item in page.get("Contents", []):
                if not item["Key"].endswith("/"):
                    yield bucket, item["Key"], item["Key"][len(base) :].lstrip("/"), item["ETag"], item["Size"]

    def _kept(self, bucket: str, key: str, etag: str) -> Path:
        """The copy on disk of an object in this version, fetched by whoever asks first."""
        kept = self._cache / hashlib.sha256(f"{bucket}/{key}/{etag}".encode()).hexdigest()
        with self._lock:
            lock = self._locks.setdefault(kept, threading.Lock())
        with lock:
            if not kept.exists():
                kept.parent.mkdir(parents=True, exist_ok=True)
                partial = kept.with_suffix(".part")
                self._get(bucket, key, partial)
                partial.replace(kept)
        return kept

    def _get(self, bucket: str, key: str, target: Path) -> None:
        body = self._s3.get_object(Bucket=bucket, Key=key)["Body"]
        with body, target.open("wb") as file:
            shutil.copyfileobj(body, file, _SMALL)

    def restore(self, uri: str, directory: Path) -> int:
        """Bring earlier checkpoints back; none is no fault."""
        try:
            return self.download({"S3Uri": uri.rstrip("/") + "/"}, directory)
        except MissingInputError:
            return 0

    def upload_tree(self, directory: Path, uri: str) -> int:
        """Every file of a directory to a prefix; returns how many."""
        bucket, prefix = split_uri(uri)
        count = 0
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                relative = path.relative_to(directory).as_posix()
                self._s3.upload_file(str(path), bucket, f"{prefix.rstrip('/')}/{relative}".lstrip("/"))
                count += 1
        return count

    def upload_archive(self, directory: Path, uri: str) -> None:
        """A directory as one .tar.gz object."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
            for path in sorted(directory.iterdir()):
                archive.add(path, arcname=path.name)
        bucket, key = split_uri(uri)
        self._s3.put_object(Bucket=bucket, Key=key, Body=packed.getvalue())

    def put(self, bucket: str, key: str, body: bytes) -> None:
        """One object."""
        self._s3.put_object(Bucket=bucket, Key=key, Body=body)

    def exists(self, uri: str) -> bool:
        """Whether an object is there and may be read."""
        bucket, key = split_uri(uri)
        try:
            self._s3.head_object(Bucket=bucket, Key=key)
        except ClientError:
            return False
        return True

    def extract(self, uri: str, directory: Path) -> None:
        """Unpack a model.tar.gz; tarfile's data filter refuses paths that leave the directory.

        Raises MissingInputError when it is not there, tarfile.TarError when it is no archive or an evil one.
        """
        bucket, key = split_uri(uri)
        try:
            body = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise MissingInputError(f"Could not find model data at {uri}: {error}") from error
        directory.mkdir(parents=True, exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(body)) as archive:
            archive.extractall(directory, filter="data")


def _link(kept: Path, target: Path) -> None:
    try:
        os.link(kept, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(kept, target)


def _not_found(uri: str, detail: str) -> str:
    return (
        f'ClientError: Data download failed:No S3 objects found under S3 URL "{uri}" given in input data source. '
        "Please ensure that the bucket exists in this region, that objects exist under that S3 prefix, and that "
        f"the role has s3:ListBucket permission on the bucket. ({detail})"
    )
