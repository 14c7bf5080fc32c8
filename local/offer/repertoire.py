"""Which operations of each service are really done here: those of moto that do what they are for.

A list of what there is and not of what is missing: every version of moto brings operations that answer and do nothing,
and what nobody has looked at is refused. Only names; what an operation is refused for its parameters is said in
`local.offer.without_effect`. SageMaker's operations are its control plane's to say.
"""

import functools
import re
from collections.abc import Mapping

from local.permissions.s3 import S3Request
from local.wire.shapes import service_model

_TAGS = r"TagResource|UntagResource|ListTagsForResource"
DONE: Mapping[str, re.Pattern[str]] = {
    service: re.compile(names)
    for service, names in {
        "sns": r"(Create|Delete)Topic|ListTopics|[GS]etTopicAttributes|Subscribe|Unsubscribe|ListSubscriptions"
        rf"|ListSubscriptionsByTopic|[GS]etSubscriptionAttributes|Publish|{_TAGS}",
        "sqs": r"(Create|Delete|Purge)Queue|ListQueues|GetQueueUrl|[GS]etQueueAttributes|ListDeadLetterSourceQueues"
        r"|(Send|Delete)Message(Batch)?|ReceiveMessage|ChangeMessageVisibility(Batch)?|(Tag|Untag)Queue|ListQueueTags",
        "dynamodb": r"(Create|Delete|Describe|Update)Table|ListTables|(Get|Put|Update|Delete)Item|Query|Scan"
        r"|Batch(Get|Write)Item|Transact(Get|Write)Items|(BatchExecute|Execute)Statement|ExecuteTransaction"
        r"|Describe(TimeToLive|ContinuousBackups|Limits|Endpoints)|(Create|Delete|Describe)Backup|ListBackups"
        r"|RestoreTableFromBackup|TagResource|UntagResource|ListTagsOfResource"
        r"|ListStreams|DescribeStream|GetShardIterator|GetRecords",
        "cloudwatch": r"PutMetricData|GetMetric(Data|Statistics)|ListMetrics|PutMetricAlarm|DescribeAlarms(ForMetric)?"
        rf"|DeleteAlarms|SetAlarmState|(Put|Get)Dashboard|DeleteDashboards|ListDashboards|{_TAGS}",
        "logs": r"(Create|Delete)Log(Group|Stream)|DescribeLog(Groups|Streams)|PutLogEvents|(Get|Filter)LogEvents"
        r"|(Put|Delete)RetentionPolicy|(Create|Cancel)ExportTask|DescribeExportTasks|(Tag|Untag|ListTags)LogGroup"
        rf"|{_TAGS}",
        "iam": r"(Create|Delete|Get|Update)Role|ListRoles|UpdateRoleDescription|UpdateAssumeRolePolicy"
        r"|(Put|Delete)RolePermissionsBoundary"
        r"|(Put|Get|Delete)(Role|User|Group)Policy|List(Role|User|Group)Policies"
        r"|(Attach|Detach)(Role|User|Group)Policy|ListAttached(Role|User|Group)Policies"
        r"|(Create|Delete|Get)Policy|ListPolicies|(Create|Delete|Get)PolicyVersion|ListPolicyVersions"
        r"|SetDefaultPolicyVersion|ListEntitiesForPolicy|(Create|Delete|Get|Update)User|ListUsers"
        r"|(Create|Delete|Get|Update)Group|ListGroups(ForUser)?|(AddUserTo|RemoveUserFrom)Group"
        r"|(Create|Delete|Update)AccessKey|ListAccessKeys|(Create|Delete|Get)InstanceProfile|ListInstanceProfiles(ForRole)?"
        r"|(AddRoleTo|RemoveRoleFrom)InstanceProfile|(Tag|Untag)(Role|User|Policy)|List(Role|User|Policy)Tags"
        r"|CreateServiceLinkedRole|(Create|Delete)AccountAlias|ListAccountAliases|GetAccount(Summary|AuthorizationDetails)"
        r"|SimulatePrincipalPolicy",
        "sts": r"GetCallerIdentity|AssumeRole|GetAccessKeyInfo",
        "events": r"(Put|Delete|Describe|Enable|Disable)Rule|ListRules|ListRuleNamesByTarget|(Put|Remove)Targets"
        rf"|ListTargetsByRule|PutEvents|(Create|Delete|Describe)EventBus|ListEventBuses|{_TAGS}",
        "resourcegroupstaggingapi": r"GetResources|GetTagKeys|GetTagValues|TagResources|UntagResources",
        "kms": r"(Create|Describe)Key|ListKeys|(Create|Delete|Update)Alias|ListAliases|Encrypt|Decrypt|ReEncrypt"
        r"|GenerateDataKey(WithoutPlaintext)?|GenerateRandom|Sign|Verify|GenerateMac|VerifyMac|GetPublicKey"
        r"|(Get|Put)KeyPolicy|ListKeyPolicies|TagResource|UntagResource|ListResourceTags|UpdateKeyDescription"
        r"|GetKeyRotationStatus",
        "s3": r"(Get|Head|List)(?!ObjectTorrent|DirectoryBuckets|ObjectAnnotation)\w+|(Create|Delete)Bucket|PutObject|"
        r"CopyObject|DeleteObjects?|UploadPart(Copy)?|(Create|Complete|Abort)MultipartUpload|PostObject"
        r"|(Put|Delete)(Bucket|Object)Tagging|PutBucketVersioning|(Put|Delete)Bucket(Encryption|Policy|OwnershipControls)"
        r"|PutBucketNotification(Configuration)?|(Put|Delete)PublicAccessBlock|Put(Bucket|Object)Acl"
        r"|DeleteBucket\w+|PutObject(LockConfiguration|Retention|LegalHold)",
    }.items()
}
"""By botocore's name of the service."""


def is_done(service: str, operation: str) -> bool:
    """Whether the operation does here what it is for. Who asks for a service without a list looks after it."""
    return service not in DONE or DONE[service].fullmatch(operation) is not None


def s3_operation(request: S3Request) -> str:
    """The operation of S3 that a request asks for, which stands in its method, its path and a word of its query.

    >>> s3_operation(S3Request("PUT", "/b/k", {"renameObject": ""}, {})), s3_operation(S3Request("GET", "/b", {}, {}))
    ('RenameObject', 'ListObjects')
    """
    for method, has_key, words, name in _by_word():
        if method == request.method and has_key == bool(request.key) and words <= set(request.query):
            return name
    return _PLAIN.get((request.method, bool(request.bucket), bool(request.key)), f"{request.method} {request.path}")


_PLAIN = {
    ("GET", False, False): "ListBuckets",
    ("GET", True, False): "ListObjects",
    ("HEAD", True, False): "HeadBucket",
    ("PUT", True, False): "CreateBucket",
    ("DELETE", True, False): "DeleteBucket",
    ("POST", True, False): "PostObject",  # a browser's form
    ("GET", True, True): "GetObject",
    ("HEAD", True, True): "HeadObject",
    ("PUT", True, True): "PutObject",
    ("DELETE", True, True): "DeleteObject",
    ("POST", True, True): "CompleteMultipartUpload",
}
"""Without a word of its own in the query, by method, and whether there are a bucket and a key."""


@functools.cache
def _by_word() -> list[tuple[str, bool, frozenset[str], str]]:
    """S3's operations that have a word of their own: method, about an object, the words, the name."""
    found = []
    model = service_model("s3")
    for name in model.operation_names:
        http = model.operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        words = frozenset(part.partition("=")[0] for part in query.split("&") if part)
        if words:
            found.append((http["method"], "{Key" in path, words, name))
    return found
