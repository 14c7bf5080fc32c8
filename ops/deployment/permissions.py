"""What a person needs to be allowed: to deploy, with a key of their own, to look a deployment over, and to remove it.

By what it is needed for. CloudFormation acts with the caller's own permissions, so most of it is for what the template
holds: what AWS's schemas of these resource types name, but for features the template does not use. A test compares the
list with those schemas and with the calls that ops/deployment and ops/doctor make.
"""

from __future__ import annotations


def _of(service: str, actions: str) -> tuple[str, ...]:
    return tuple(f"{service}:{action}" for action in actions.split())


_STACK = (
    *_of("cloudformation", "CreateChangeSet DeleteChangeSet DeleteStack DescribeChangeSet DescribeStackEvents"),
    *_of("cloudformation", "DescribeStacks ExecuteChangeSet GetTemplateSummary ListChangeSets ListStackResources"),
    *_of("ecr", "BatchGetImage"),
    *_of("iam", "SimulatePrincipalPolicy"),
    *_of("servicequotas", "ListAWSDefaultServiceQuotas ListServiceQuotas"),
)
_BUCKETS = (
    *_of("s3", "CreateBucket DeleteBucket DeleteBucketPolicy DeleteObject GetObject ListBucket PutObject"),
    *_of("s3", "PutBucketNotification PutBucketOwnershipControls PutBucketPolicy PutBucketPublicAccessBlock"),
    *_of("s3", "PutBucketTagging PutBucketVersioning PutEncryptionConfiguration PutLifecycleConfiguration"),
    *_of("s3", "DeleteBucketEncryption DeleteBucketLifecycle TagResource UntagResource ListTagsForResource"),
    *_of("s3", "GetBucketNotification GetBucketOwnershipControls GetBucketPolicy GetBucketPublicAccessBlock"),
    *_of("s3", "GetBucketTagging GetBucketVersioning GetEncryptionConfiguration GetLifecycleConfiguration"),
)
_FUNCTIONS = (
    *_of("lambda", "AddPermission CreateFunction DeleteFunction GetFunction GetPolicy RemovePermission TagResource"),
    *_of("lambda", "UntagResource UpdateFunctionCode UpdateFunctionConfiguration PublishVersion"),
    *_of("lambda", "GetFunctionEventInvokeConfig PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig"),
    *_of(
        "lambda",
        "DeleteFunctionEventInvokeConfig GetFunctionConcurrency DeleteFunctionConcurrency PutFunctionConcurrency",
    ),
    *_of("lambda", "GetFunctionCodeSigningConfig GetFunctionRecursionConfig GetRuntimeManagementConfig"),
    *_of("events", "DeleteRule DescribeRule EnableRule ListTagsForResource ListTargetsByRule PutRule PutTargets"),
    *_of("events", "RemoveTargets TagResource UntagResource"),
    *_of("logs", "CreateLogGroup DeleteLogGroup DeleteRetentionPolicy DescribeLogGroups ListTagsForResource"),
    *_of("logs", "PutRetentionPolicy TagResource UntagResource DescribeIndexPolicies DescribeResourcePolicies"),
    *_of("logs", "DescribeLogStreams GetDataProtectionPolicy"),
)
_ROLES = (
    *_of("iam", "CreateRole DeleteRole GetRole PassRole TagRole UntagRole UpdateRole UpdateRoleDescription"),
    *_of("iam", "UpdateAssumeRolePolicy DeleteRolePolicy GetRolePolicy ListAttachedRolePolicies ListRolePolicies"),
    *_of("iam", "PutRolePolicy DeleteRolePermissionsBoundary PutRolePermissionsBoundary"),
    *_of("iam", "AttachRolePolicy CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion DetachRolePolicy"),
    *_of("iam", "GetPolicy GetPolicyVersion ListEntitiesForPolicy ListPolicyVersions"),
)
_RECORDS = (
    *_of("cloudwatch", "DeleteAlarms DeleteDashboards DescribeAlarms EnableAlarmActions GetDashboard"),
    *_of("cloudwatch", "ListTagsForResource PutDashboard PutMetricAlarm TagResource UntagResource"),
    *_of("dynamodb", "CreateTable DeleteTable DescribeContinuousBackups DescribeTable DescribeTimeToLive"),
    *_of("dynamodb", "DescribeContributorInsights DescribeKinesisStreamingDestination GetResourcePolicy"),
    *_of("dynamodb", "ListTagsOfResource TagResource UntagResource UpdateContinuousBackups UpdateTable"),
    *_of("kms", "CreateKey DescribeKey DisableKeyRotation EnableKey EnableKeyRotation GetKeyPolicy"),
    *_of("kms", "GetKeyRotationStatus ListResourceTags PutKeyPolicy ScheduleKeyDeletion TagResource UntagResource"),
    *_of("kms", "UpdateKeyDescription"),
    *_of("sns", "CreateTopic DeleteTopic GetDataProtectionPolicy GetSubscriptionAttributes GetTopicAttributes"),
    *_of("sns", "ListSubscriptionsByTopic ListTagsForResource SetSubscriptionAttributes SetTopicAttributes"),
    *_of("sns", "Subscribe TagResource Unsubscribe UntagResource"),
    *_of("sqs", "CreateQueue DeleteQueue GetQueueAttributes GetQueueUrl ListQueueTags SetQueueAttributes TagQueue"),
    *_of("sqs", "UntagQueue"),
)
DEPLOY = _STACK + _BUCKETS + _FUNCTIONS + _ROLES + _RECORDS
"""To plan, to deploy, for every update, and for CloudFormation to take back what failed."""

KEY = _of("kms", "CreateGrant Decrypt DescribeKey Encrypt GenerateDataKey ListAliases RevokeGrant")
"""On top of it with a key of your own (KMS_KEY); its policy has to let you, too."""

BUDGET = _of("budgets", "ModifyBudget ViewBudget")
"""On top of it with an AWS Budget (AWS_BUDGET), and to remove it."""

OWN_CODE = _of("cloudformation", "CreateStack UpdateStack")
"""On top of it where code of datasets' own may run (OWN_CODE)."""

DOCTOR = (
    *_of("application-autoscaling", "DescribeScalableTargets"),
    *_of("cloudwatch", "DescribeAlarms"),
    *_of("cloudformation", "DescribeStackEvents DescribeStacks ListStackResources"),
    *_of("dynamodb", "GetItem Query"),
    *_of("ecr", "BatchGetImage"),
    *_of("events", "DescribeRule"),
    *_of("iam", "GetRole SimulatePrincipalPolicy"),
    *_of("lambda", "GetFunctionConcurrency InvokeFunction"),
    *_of("s3", "GetBucketNotification GetBucketPublicAccessBlock GetBucketVersioning GetEncryptionConfiguration"),
    *_of("s3", "GetObject ListBucket"),
    *_of("logs", "DescribeLogGroups"),
    *_of("sagemaker", "DescribeEndpoint DescribeEndpointConfig"),
    *_of("servicequotas", "ListAWSDefaultServiceQuotas ListServiceQuotas"),
    *_of("sns", "ListSubscriptionsByTopic"),
    *_of("sqs", "DeleteMessage GetQueueAttributes ReceiveMessage"),
    *_of("tag", "GetResources"),
)
"""To look a deployment over, and to hand dead letters over again."""

PRICES = (*_of("cloudformation", "DescribeStacks"), *_of("pricing", "GetProducts"), *_of("s3", "PutObject"))
"""To read AWS's price list into the bucket."""

COSTS = (
    *_of("cloudformation", "DescribeStacks"),
    *_of("dynamodb", "GetItem"),
    *_of("s3", "GetObject ListBucket"),
    *_of("sagemaker", "DescribeEndpoint DescribeEndpointConfig"),
    *_of("tag", "GetResources"),
)
"""To say what a month has cost."""

_JOBS = ("HyperParameterTuningJob", "ProcessingJob", "TrainingJob")
_THINGS = (*_JOBS, "Endpoint", "EndpointConfig", "Model", "ModelPackageGroup")

TEARDOWN = (
    *_of("application-autoscaling", "DeregisterScalableTarget"),
    *_of("cloudformation", "DeleteStack DescribeStackEvents DescribeStacks ListStackResources"),
    *_of("cloudwatch", "DeleteAlarms DescribeAlarms DisableAlarmActions"),
    *_of("dynamodb", "DescribeTable"),
    *_of("events", "DescribeRule DisableRule"),
    *_of("iam", "GetRole"),
    *_of("kms", "DescribeKey"),
    *_of("lambda", "GetFunction PutFunctionConcurrency"),
    *_of("logs", "DeleteLogGroup DeleteLogStream DescribeLogGroups DescribeLogStreams"),
    *_of("s3", "AbortMultipartUpload DeleteBucket DeleteObject DeleteObjectVersion ListBucket"),
    *_of("s3", "ListBucketMultipartUploads ListBucketVersions"),
    *(f"sagemaker:{verb}{thing}" for thing in _THINGS for verb in ("Delete", "Describe")),
    *(f"sagemaker:Stop{job}" for job in _JOBS),
    *_of("sagemaker", "DeleteModelPackage ListModelPackages"),
    *_of("sns", "GetTopicAttributes"),
    *_of("sqs", "GetQueueUrl"),
    *_of("tag", "GetResources"),
)
"""What a teardown itself asks for; CloudFormation needs what it needs to deploy."""
