"""S3's permissions: which one a request needs is not in its name but in its method, its path and its query.

From the service authorization reference and S3's "Required permissions for Amazon S3 API operations". Two of them
surprise: a version asked for by its id needs GetObjectVersion and not GetObject, and whoever may not list a bucket is
told "access denied" where there is no such key, in a look at the bucket that has no prefix.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree import ElementTree

from local.permissions.permission import Permission, permission

_OF_BUCKET = {
    ("GET", "location"): "s3:GetBucketLocation",
    ("GET", "versioning"): "s3:GetBucketVersioning",
    ("PUT", "versioning"): "s3:PutBucketVersioning",
    ("GET", "notification"): "s3:GetBucketNotification",
    ("PUT", "notification"): "s3:PutBucketNotification",
    ("GET", "uploads"): "s3:ListBucketMultipartUploads",
}
_LISTINGS = {"list-type", "prefix", "delimiter", "max-keys", "encoding-type", "fetch-owner", "start-after"} | {
    *("continuation-token", "marker", "key-marker", "version-id-marker", "versions"),
}
"""The query of a listing; anything else asks for something else."""
_PLAIN = {"partNumber", "versionId", "uploadId", "uploads"} | {
    f"response-{name}" for name in ("content-type", "content-disposition", "cache-control", "content-encoding")
}
_SIGNATURE = ("x-amz-", "x-id", "awsaccesskeyid", "signature", "expires")
"""What the query of a presigned request has besides its own, in lower case."""


@dataclass(frozen=True, slots=True)
class S3Request:
    """A request to S3, path style. Header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""

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
        return [Permission("s3:ListAllMyBuckets", "*")] if request.method == "GET" else None
    if not request.key:
        return _of_bucket(request)
    known = set(request.own_query) <= _PLAIN
    match request.method:
        case "GET" | "HEAD":
            if set(request.own_query) - {"partNumber"} == {"uploadId"}:
                return [_on_object(request, "s3:ListMultipartUploadParts")]
            return [_read(request.bucket, request.key, request.own_query.get("versionId"))] if known else None
        case "PUT" | "POST":
            return _written(request) if known else None
        case "DELETE":
            return _deleted(request) if known else None
    return None


def missing(request: S3Request) -> Permission | None:
    """What decides whether the answer "no such key" may be given, or is an "access denied"."""
    is_read = request.method in {"GET", "HEAD"} and request.key
    return Permission("s3:ListBucket", f"arn:aws:s3:::{request.bucket}") if is_read else None


def _of_bucket(request: S3Request) -> list[Permission] | None:
    query, arn = request.own_query, f"arn:aws:s3:::{request.bucket}"
    for (method, name), action in _OF_BUCKET.items():
        if method == request.method and name in query:
            return [Permission(action, arn)]
    if request.method == "HEAD":
        return [Permission("s3:ListBucket", arn)]
    if request.method == "GET" and set(query) <= _LISTINGS:
        action = "s3:ListBucketVersions" if "versions" in query else "s3:ListBucket"
        return [
            permission(action, arn, {f"s3:{name}": query.get(name) for name in ("prefix", "delimiter", "max-keys")})
        ]
    if request.method == "POST" and "delete" in query:
        return [_removal(request.bucket, *entry) for entry in _listed(request.body)] or None
    if request.method == "PUT" and not query:
        return [Permission("s3:CreateBucket", arn)]
    return None


def _read(bucket: str, key: str, version: str | None) -> Permission:
    action = "s3:GetObject" if version is None else "s3:GetObjectVersion"
    return permission(action, f"arn:aws:s3:::{bucket}/{key}", {"s3:versionid": version})


def _written(request: S3Request) -> list[Permission]:
    """PutObject, CopyObject and every step of a multipart upload."""
    facts = {"s3:if-none-match": request.headers.get("if-none-match")}
    needed = [permission("s3:PutObject", f"arn:aws:s3:::{request.bucket}/{request.key}", facts)]
    if source := request.headers.get("x-amz-copy-source"):
        path, _, version = source.partition("?versionId=")
        bucket, _, key = unquote(path).lstrip("/").partition("/")
        needed.append(_read(bucket, key, version or None))
    if "if-match" in request.headers:
        needed.append(_on_object(request, "s3:GetObject"))
    if "x-amz-tagging" in request.headers:
        needed.append(_on_object(request, "s3:PutObjectTagging"))
    if "x-amz-acl" in request.headers:
        needed.append(_on_object(request, "s3:PutObjectAcl"))
    return needed


def _deleted(request: S3Request) -> list[Permission]:
    if "uploadId" in request.query:
        return [_on_object(request, "s3:AbortMultipartUpload")]
    return [_removal(request.bucket, request.key, request.query.get("versionId"))]


def _removal(bucket: str, key: str, version: str | None) -> Permission:
    action = "s3:DeleteObject" if version is None else "s3:DeleteObjectVersion"
    return permission(action, f"arn:aws:s3:::{bucket}/{key}", {"s3:versionid": version})


def _on_object(request: S3Request, action: str) -> Permission:
    return Permission(action, f"arn:aws:s3:::{request.bucket}/{request.key}")


def _listed(body: bytes) -> list[tuple[str, str | None]]:
    """Keys and versions of a DeleteObjects. AWS answers key by key; here one that is denied denies all of them."""
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - from this machine's own clients, over the loopback interface
    except ElementTree.ParseError:
        return []
    entries = [
        {child.tag.rpartition("}")[2]: child.text or "" for child in entry}
        for entry in root
        if entry.tag.rpartition("}")[2] == "Object"
    ]
    return [(entry["Key"], entry.get("VersionId")) for entry in entries]
