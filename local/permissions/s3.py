"""S3's permissions: which one a request needs is not in its name but in its method, its path and its query.

From the service authorization reference and S3's "Required permissions for Amazon S3 API operations". Two of them
surprise: a version asked for by its id needs GetObjectVersion and not GetObject, and whoever may not list a bucket is
told "access denied" where there is no such key, in a look at the bucket that has no prefix.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from local.permissions.permission import Permission, permission

_LISTINGS = {"list-type", "prefix", "delimiter", "max-keys", "encoding-type", "fetch-owner", "start-after"} | {
    *("continuation-token", "marker", "key-marker", "version-id-marker", "versions"),
}
"""The query of a listing; anything else asks for something else."""
_READ = {"partNumber", "versionId"} | {
    f"response-{name}" for name in ("content-type", "content-disposition", "cache-control", "content-encoding")
}
_WRITTEN = {"partNumber", "uploadId", "uploads"}
_MORE = ("x-amz-copy-source", "x-amz-tagging", "x-amz-acl")
"""Headers with which a write needs more than writing. Nobody here sends them."""
_SIGNATURE = ("x-amz-", "x-id", "awsaccesskeyid", "signature", "expires")
"""What the query of a presigned request has besides its own, in lower case."""


@dataclass(frozen=True, slots=True)
class S3Request:
    """A request to S3, path style. Header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]

    @property
    def bucket(self) -> str:
        return self.path.lstrip("/").partition("/")[0]

    @property
    def key(self) -> str:
        return self.path.lstrip("/").partition("/")[2]

    @property
    def own_query(self) -> dict[str, str]:
        return {name: value for name, value in self.query.items() if not name.lower().startswith(_SIGNATURE)}


def asked(request: S3Request) -> list[Permission] | None:
    """The permissions that a request needs; None when nobody has looked it up yet."""
    if not request.bucket:
        return None
    if not request.key:
        return _of_bucket(request)
    query = set(request.own_query)
    if request.method in {"GET", "HEAD"} and query <= _READ:
        return [_read(request.bucket, request.key, request.own_query.get("versionId"))]
    if request.method in {"PUT", "POST"} and query <= _WRITTEN and not set(_MORE) & set(request.headers):
        return _written(request)
    return None


def missing(request: S3Request) -> Permission | None:
    """What decides whether the answer "no such key" may be given, or is an "access denied"."""
    is_read = request.method in {"GET", "HEAD"} and request.key
    return Permission("s3:ListBucket", f"arn:aws:s3:::{request.bucket}") if is_read else None


def _of_bucket(request: S3Request) -> list[Permission] | None:
    query, arn = request.own_query, f"arn:aws:s3:::{request.bucket}"
    if request.method == "HEAD":
        return [Permission("s3:ListBucket", arn)]
    if request.method == "GET" and set(query) <= _LISTINGS:
        action = "s3:ListBucketVersions" if "versions" in query else "s3:ListBucket"
        return [
            permission(action, arn, {f"s3:{name}": query.get(name) for name in ("prefix", "delimiter", "max-keys")})
        ]
    return None


def _read(bucket: str, key: str, version: str | None) -> Permission:
    action = "s3:GetObject" if version is None else "s3:GetObjectVersion"
    return permission(action, f"arn:aws:s3:::{bucket}/{key}", {"s3:versionid": version})


def _written(request: S3Request) -> list[Permission]:
    """PutObject and every step of a multipart upload. Writing only what is unchanged looks at it."""
    arn = f"arn:aws:s3:::{request.bucket}/{request.key}"
    needed = [permission("s3:PutObject", arn, {"s3:if-none-match": request.headers.get("if-none-match")})]
    return [*needed, Permission("s3:GetObject", arn)] if "if-match" in request.headers else needed
