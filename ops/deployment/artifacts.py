"""The bucket the Lambda zip is taken from, `sagerelay-artifacts-<account>-<region>`: one for all stages of an account.

It has to be there before the stack is, so CloudFormation cannot make it. A zip is named by its content: the template
of an unchanged deployment is unchanged. The latest few are kept, because going back from a failed update takes the
former zip again.
"""

from __future__ import annotations

import copy
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from ops.target import Clients, OpsError

KEPT = 5
_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
_FUNCTION = "AWS::Serverless::Function"
_SHARED = ("CodeUri", "Runtime", "Tags", "Tracing", "Timeout", "MemorySize", "Architectures")


@dataclass(frozen=True, slots=True)
class Artifacts:
    """One account's bucket of zips in one region."""

    client: Clients
    account: str
    region: str
    partition: str = "aws"
    pause: Callable[[float], None] = time.sleep

    @property
    def bucket(self) -> str:
        return f"sagerelay-artifacts-{self.account}-{self.region}"

    def exists(self) -> bool:
        """Whether the bucket is there.

        Raises:
            OpsError: somebody else owns a bucket of this name, or it may not be looked at.
        """
        try:
            self.client("s3").head_bucket(Bucket=self.bucket, ExpectedBucketOwner=self.account)
        except ClientError as error:
            if error.response["Error"]["Code"] in {"404", "NoSuchBucket"}:
                return False
            raise OpsError(
                f"s3://{self.bucket} cannot be used ({error.response['Error']['Code']}): you may not look at it, or "
                "another account owns a bucket of this name. Nothing was uploaded."
            ) from error
        return True

    def ensure(self) -> bool:
        """Make the bucket if it is not there: private, encrypted, TLS only. Whether it was made."""
        made = not self.exists()
        s3 = self.client("s3")
        if made:
            where = {} if self.region == "us-east-1" else {"LocationConstraint": self.region}
            self._retried(s3.create_bucket, **({"CreateBucketConfiguration": where} if where else {}))
        # Each of these may be repeated, so that an interruption in between is made good by the next deployment.
        self._retried(s3.put_public_access_block, PublicAccessBlockConfiguration=_PRIVATE)
        self._retried(s3.put_bucket_encryption, ServerSideEncryptionConfiguration=_ENCRYPTED)
        self._retried(s3.put_bucket_policy, Policy=json.dumps(tls_only(self.bucket, self.partition)))
        self._retried(s3.put_bucket_tagging, Tagging={"TagSet": [{"Key": "sagerelay:artifacts", "Value": "all"}]})
        return made

    def _retried(self, act: Callable[..., object], **request: object) -> None:
        """Do it to the bucket. S3 refuses while another change of the bucket, or its removal, is not over (409)."""
        for wait in _PAUSES:
            try:
                act(Bucket=self.bucket, **request)
            except ClientError as error:
                if error.response["Error"]["Code"] != "OperationAborted":
                    raise
                self.pause(wait)
            else:
                return
        act(Bucket=self.bucket, **request)

    def put(self, key: str, body: bytes) -> None:
        """Put an object, also one that is there: so the newest by date are the last ones deployed."""
        self.client("s3").put_object(Bucket=self.bucket, Key=key, Body=body, ExpectedBucketOwner=self.account)

    def url(self, key: str) -> str:
        """An object's address, as CloudFormation takes it."""
        domain = "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"
        return f"https://{self.bucket}.s3.{self.region}.{domain}/{key}"

    def delete(self, key: str) -> None:
        """Delete one object."""
        self.client("s3").delete_object(Bucket=self.bucket, Key=key, ExpectedBucketOwner=self.account)

    def keep_newest(self, stack: str) -> None:
        """Delete a stack's zips and templates but for those of its latest few deployments."""
        for ending in (".zip", ".template"):
            mine = [found for found in self._listed(f"{stack}/") if found["Key"].endswith(ending)]
            for found in sorted(mine, key=lambda found: found["LastModified"])[:-KEPT]:
                self.delete(found["Key"])

    def remove(self, stack: str) -> bool:
        """Delete everything of a stack, and the bucket too if no other stack has anything in it. Whether it is gone."""
        if not self.exists():
            return True
        for found in self._listed(f"{stack}/"):
            self.delete(found["Key"])
        if self._listed(""):
            return False
        self.client("s3").delete_bucket(Bucket=self.bucket, ExpectedBucketOwner=self.account)
        return True

    def _listed(self, prefix: str) -> list[dict[str, Any]]:
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [found for page in pages for found in page.get("Contents", [])]


def zip_key(stack: str, body: bytes) -> str:
    """Where a zip lies in the bucket: below its stack, named by its content."""
    return f"{stack}/{hashlib.sha256(body).hexdigest()[:32]}.zip"


def placed(template: Mapping[str, Any], uri: str) -> dict[str, Any]:
    """The template with every function's code at this URI instead of a file.

    What all functions say alike is said once, in the SAM transform's Globals: so the template fits into a request.

    >>> placed({"Resources": {"F": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "./x.zip"}}}}, "s3://b/k")
    {'Resources': {'F': {'Type': 'AWS::Serverless::Function', 'Properties': {}}}, 'Globals': {'Function': {'CodeUri': 's3://b/k'}}}
    """
    changed: dict[str, Any] = copy.deepcopy(dict(template))
    functions = [one["Properties"] for one in changed["Resources"].values() if one["Type"] == _FUNCTION]
    shared = changed.setdefault("Globals", {}).setdefault("Function", {})
    for function in functions:
        function["CodeUri"] = uri
    for name in _SHARED:
        values = [function.get(name) for function in functions]
        if values and values[0] is not None and values.count(values[0]) == len(values):
            shared[name] = values[0]
            for function in functions:
                del function[name]
    return changed


def tls_only(bucket: str, partition: str = "aws") -> dict[str, Any]:
    """The bucket policy that refuses whoever comes without TLS."""
    arn = f"arn:{partition}:s3:::{bucket}"
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }


_PRIVATE = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
_ENCRYPTED = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
