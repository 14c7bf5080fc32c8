"""What the CloudFormation template makes on AWS, made in the embedded cloud: bucket, table, topic, queues, roles, code.

Every step may be repeated, since a state restored from disk already holds some of it. It must not start anything: the
job scripts are uploaded before the bucket announces uploads. Three identities have credentials of their own, so that
what reaches the front door says who asks (`permissions` restricts two of them); they open nothing anywhere.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.wire.service_models import sharing_models
from ops.deployment.code import Code, upload

REGION = "us-east-1"
ACCOUNT = "123456789012"
STACK = "sagerelay"
BUCKET = "sagerelay-local"
TABLE = "sagerelay-local"
TOPIC = "sagerelay-alerts"
SUBSCRIBER = "you@example.com"
TARGET_FAILURES = "sagerelay-local-target-failures"
FUNCTION_FAILURES = "sagerelay-local-function-failures"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks. The keys are placeholders of the right length and mean nothing to AWS."""

    access_key: str
    role: str | None = None

    def environment(self) -> dict[str, str]:
        token = {"AWS_SESSION_TOKEN": "local"} if self.role else {}
        return {"AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": "local", **token}

    @property
    def role_arn(self) -> str:
        return f"arn:aws:iam::{ACCOUNT}:role/{self.role}"


_BILLS_NOTHING = "999999999"
"""As a template may have it: a weekly mail about the costs of a laptop's endpoints would be wrong, and come or not by
the day of the month."""
USER = Identity("SAGERELAYLOCALUSER00")
LAMBDA = Identity("SAGERELAYLOCALLAMBDA", "sagerelay-local-lambda")
JOBS = Identity("SAGERELAYLOCALJOBS00", "sagerelay-local-sagemaker")
NOTEBOOK = Identity("SAGERELAYLOCALNOTES0", "AmazonSageMaker-ExecutionRole-laptop")
"""The role for a person's own experiments, as a SageMaker notebook has one: any bucket, all of SageMaker."""
_NOTEBOOK_POLICIES = ("AmazonSageMakerFullAccess", "AmazonS3FullAccess")

SDK_SETTINGS = {
    "SchemaVersion": "1.0",
    "SageMaker": {
        "PythonSDK": {
            "Modules": {
                "Session": {"DefaultS3Bucket": f"sagemaker-{REGION}-{ACCOUNT}"},
                "TelemetryOptOut": True,
            }
        },
        "TrainingJob": {"RoleArn": NOTEBOOK.role_arn},
        "ProcessingJob": {"RoleArn": NOTEBOOK.role_arn},
        "Model": {"ExecutionRoleArn": NOTEBOOK.role_arn},
    },
}
"""The sagemaker SDK's configuration. Without a bucket in it, the SDK asks STS for the account, at an address of AWS
that it knows by heart."""

Client = Callable[[str], Any]
"""Makes a boto3 client for a service."""


def client(service: str, *, endpoint_url: str, identity: Identity) -> Any:
    """A boto3 client that reads neither the user's profile nor the user's settings."""
    import boto3
    import botocore.session

    unset = (None, None, None, None)
    nowhere = (None, None, os.devnull, None)
    session = botocore.session.Session({"profile": unset, "config_file": nowhere, "credentials_file": nowhere})
    session.set_credentials(identity.access_key, "local", "local" if identity.role else None)
    made = boto3.Session(botocore_session=session, region_name=REGION)
    sharing_models(session)
    return made.client(service, endpoint_url=endpoint_url)


def function_environment(code: Code, endpoint_url: str) -> dict[str, str]:
    """What the template gives the functions, and where AWS is."""
    return {
        "SAGERELAY_BUCKET": BUCKET,
        "SAGERELAY_TABLE": TABLE,
        "SAGERELAY_TOPIC_ARN": topic_arn(),
        "SAGERELAY_ROLE_ARN": JOBS.role_arn,
        "SAGERELAY_CODE": code.prefix,
        "SAGERELAY_PREFIX": STACK,
        "SAGERELAY_COSTS_ABOVE": _BILLS_NOTHING,
        "SAGERELAY_OWN_CODE": "*",  # a laptop's user runs what he likes; each under a role of its own all the same
        "AWS_ENDPOINT_URL": endpoint_url,
        **LAMBDA.environment(),
    }


def topic_arn() -> str:
    return f"arn:aws:sns:{REGION}:{ACCOUNT}:{TOPIC}"


def create(make: Client, code: Code, lay: Callable[[Mapping[str, bytes]], None] = lambda _: None) -> None:
    """Makes whatever is not there yet. `lay` may put objects there by a shorter way than requests."""
    _table(make("dynamodb"))
    _topic(make("sns"))
    for queue in (TARGET_FAILURES, FUNCTION_FAILURES):
        make("sqs").create_queue(QueueName=queue)
    _roles(make("iam"))
    _bucket(make("s3"), code, lay)


def _bucket(s3: Any, code: Code, lay: Callable[[Mapping[str, bytes]], None]) -> None:
    if BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    lay({f"{code.prefix}/{path}": content for path, content in code.files.items()})
    upload(s3, BUCKET, code)
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}})


def _table(dynamodb: Any) -> None:
    if TABLE in dynamodb.list_tables()["TableNames"]:
        return
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "open")],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "open-index",
                "KeySchema": [
                    {"AttributeName": "open", "KeyType": "HASH"},
                    {"AttributeName": "id", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def _topic(sns: Any) -> None:
    arn = sns.create_topic(Name=TOPIC)["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint=SUBSCRIBER)


def _roles(iam: Any) -> None:
    there = {role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]}
    for identity, service in ((LAMBDA, "lambda"), (JOBS, "sagemaker"), (NOTEBOOK, "sagemaker")):
        if identity.role in there:
            continue
        trust = (
            '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
            f' "Principal": {{"Service": "{service}.amazonaws.com"}}}}]}}'
        )
        iam.create_role(RoleName=identity.role, AssumeRolePolicyDocument=trust)
        for policy in _NOTEBOOK_POLICIES if identity is NOTEBOOK else ():
            iam.attach_role_policy(RoleName=identity.role, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
