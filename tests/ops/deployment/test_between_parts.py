"""Planned, deployed, updated and torn down: the real AWS command line and clients against the embedded cloud."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from local import stack as laptop
from local.cloud import EmbeddedCloud
from local.offer.offered import DEPLOYMENT
from ops.account.finding import State
from ops.deployment import plan, steps, teardown
from ops.deployment.changes import Verb
from ops.deployment.code import Code
from ops.deployment.removal import Timeouts, Waiting
from ops.deployment.steps import Context
from ops.doctor import examination
from ops.target import Asked
from tests.ops.deployment.small_cloud import ORDER, Account, package
from tests.ops.world import silent
from tests.sagemaker.requests import IMAGE, processing

CODE = Code({"jobs/__init__.py": b"", "jobs/prepare/__main__.py": b"print('as it was')"})
SUBJECTS = ("bucket", "schedules", "dead letters")
TAGS = [{"Key": "sagerelay:deployment", "Value": "sagerelay-test"}]
OTHERS = [{"Key": "sagerelay:deployment", "Value": "sagerelay-prod"}]

pytestmark = pytest.mark.filterwarnings("ignore:Tried to parse AWS.*:UserWarning")


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with EmbeddedCloud(further_services=DEPLOYMENT) as cloud:
        yield Account(cloud)


@pytest.fixture
def context(account: Account, tmp_path: Path) -> Context:
    return Context(tmp_path, account.environment, lambda: datetime.now(UTC), silent)


def waiting() -> Waiting:
    return Waiting(Timeouts(look_every=0.1, rounds=20, index=2), time.sleep, time.monotonic)


def tear_down(account: Account, *, with_bucket: bool) -> teardown.Ended:
    where = account.place()
    found = teardown.find(where, ORDER.stack)
    return teardown.tear_down(where, ORDER.stack, found, waiting(), silent, with_bucket=with_bucket)


def keys(account: Account, bucket: str, prefix: str) -> list[str]:
    listed = account.client("s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
    return [found["Key"] for found in listed.get("Contents", [])]


def test_a_deployment_from_plan_to_teardown(account: Account, context: Context) -> None:
    first = package()
    would = plan.plan(account.place(), ORDER, first, CODE, print)
    assert {change.verb for change in would} == {Verb.ADD}
    assert {"Bucket", "Table", "Sweep"} <= {change.name for change in would}
    assert account.place().stack is None  # a plan leaves nothing
    assert account.buckets() == [laptop.BUCKET]

    done = steps.deploy(account.place(), ORDER, first, CODE, context)
    bucket = done.stack.outputs["BucketName"]
    assert (done.first, done.changed, done.mail_to, done.stack.status) == (True, True, ORDER.email, "CREATE_COMPLETE")
    assert len(keys(account, bucket, f"{CODE.prefix}/")) == len(CODE.files)
    artifacts = "sagerelay-artifacts-123456789012-us-east-1"
    assert "aws:SecureTransport" in account.policies[artifacts]
    assert [key.rpartition(".")[2] for key in keys(account, artifacts, "sagerelay-test/")] == ["zip", "template"]
    assert steps.last_lines(done, ORDER)[-1].endswith(f"aws s3 cp my.csv s3://{bucket}/datasets/my/train/")

    where = account.place()
    assert where.stack is not None
    # Nor need the stack say what it holds: without a bucket, the job scripts follow as at the first time.
    nothing_said = replace(where, stack=replace(where.stack, outputs={}))
    again = steps.deploy(nothing_said, ORDER, first, CODE, context)
    assert (again.first, again.changed, again.mail_to) == (False, False, None)
    assert "nothing changed" in steps.last_lines(again, ORDER)[0]
    assert plan.plan(account.place(), ORDER, first, CODE, print) == []

    second = package(More={"Type": "AWS::SQS::Queue"})
    newer = Code({"jobs/prepare/__main__.py": b"print('newer')"})
    assert [(one.verb, one.name) for one in plan.plan(account.place(), ORDER, second, CODE, print)] == [
        (Verb.ADD, "More")
    ]
    updated = steps.deploy(account.place(), ORDER, second, newer, context)
    assert (updated.first, updated.changed) == (False, True)
    assert updated.stack.parameters["CodePrefix"] == newer.prefix
    assert keys(account, bucket, f"{newer.prefix}/")
    assert keys(account, bucket, f"{CODE.prefix}/")  # jobs in flight may still read it

    steps.deploy(account.place(), replace(ORDER, aws_budget="60"), second, newer, context)
    [net] = account.budgets.made.values()
    assert net["Budget"]["BudgetLimit"] == {"Amount": "60", "Unit": "USD"}
    assert {one["Subscribers"][0]["Address"] for one in net["NotificationsWithSubscribers"]} == {ORDER.email}
    steps.deploy(account.place(), ORDER, second, newer, context)  # what is not given keeps its value
    assert len(account.budgets.made) == 1
    steps.deploy(account.place(), replace(ORDER, aws_budget="none"), second, newer, context)
    assert account.budgets.made == {}
    steps.deploy(account.place(), replace(ORDER, aws_budget="5"), second, newer, context)

    account.client("s3").put_object(Bucket=bucket, Key="datasets/my/train/my.csv", Body=b"a,b\n")
    ended = tear_down(account, with_bucket=False)
    assert account.budgets.made == {}
    assert (ended.left, ended.kept) == ((), (bucket,))
    assert account.place().stack is None
    assert artifacts not in account.buckets()


@pytest.mark.slow
def test_a_stack_that_says_nothing_is_updated_all_the_same(account: Account, context: Context) -> None:
    """As after another version's deployment, or when somebody took the outputs out of the template."""
    silent = Account(account.cloud, outputs={})
    bucket = steps.deploy(silent.place(), ORDER, package(), CODE, context).stack.outputs["BucketName"]
    newer = Code({"jobs/prepare/__main__.py": b"print('newer')"})
    again = steps.deploy(silent.place(), ORDER, package(), newer, context)
    assert again.stack.outputs["BucketName"] == bucket
    assert keys(account, bucket, f"{newer.prefix}/")
    assert tear_down(account, with_bucket=True).left == ()


def test_a_teardown_takes_what_the_relay_made_and_nothing_else(account: Account, context: Context) -> None:
    done = steps.deploy(account.place(), ORDER, package(), CODE, context)
    sagemaker, bucket = account.client("sagemaker"), done.stack.outputs["BucketName"]
    sleeping = ["python", "-c", "import time; time.sleep(60)"]
    role = laptop.JOBS.role_arn
    sagemaker.create_processing_job(**processing("churn-1a2b3c4d-prepare-1", sleeping, Tags=TAGS, RoleArn=role))
    sagemaker.create_model_package_group(ModelPackageGroupName="sagerelay-test-churn", Tags=TAGS)
    sagemaker.create_model_package(ModelPackageGroupName="sagerelay-test-churn")
    # In the bucket that the embedded cloud's own role may read.
    model = {"Bucket": laptop.BUCKET, "Key": "runs/churn-1a2b3c4d/model.tar.gz"}
    account.client("s3").put_object(**model, Body=b"")
    for name, tags in (("churn-1a2b3c4d-model", TAGS), ("churn-9f8e7d6c-model", OTHERS)):
        sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=role,
            PrimaryContainer={"Image": IMAGE, "ModelDataUrl": f"s3://{model['Bucket']}/{model['Key']}"},
            Tags=tags,
        )
    _the_doctor_finds_what_was_done(account, done)

    where = account.place()
    found = teardown.find(where, ORDER.stack)
    asked = teardown.question(found, where, ORDER.stack, with_bucket=True)
    assert f"s3://{bucket} WITH ALL DATA AND REPORTS" in asked
    assert "1 sagemaker:model, 1 sagemaker:model-package-group, 1 sagemaker:processing-job" in asked

    ended = tear_down(account, with_bucket=True)
    assert (ended.left, ended.kept) == ((), ())
    assert bucket not in account.buckets()
    assert [one["ModelName"] for one in sagemaker.list_models()["Models"]] == ["churn-9f8e7d6c-model"]
    assert sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    assert sagemaker.list_processing_jobs()["ProcessingJobSummaries"] == []

    once_more = tear_down(account, with_bucket=True)
    assert (once_more.left, once_more.kept) == ((), ())


def _the_doctor_finds_what_was_done(account: Account, done: steps.Deployed) -> None:
    bucket, rule = done.stack.outputs["BucketName"], done.stack.outputs["SweepRule"]
    account.client("events").disable_rule(Name=rule)
    account.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    queue = done.stack.outputs["FailedQueueUrl"]
    body = '{"requestContext": {"functionArn": "arn:f"}, "requestPayload": {"detail-type": "Object Created"}}'
    account.client("sqs").send_message(QueueUrl=queue, MessageBody=body)
    # moto makes no subscription from a template.
    account.client("sns").subscribe(
        TopicArn=done.stack.outputs["TopicArn"], Protocol="email", Endpoint="you@example.com"
    )
    found = list(examination.examine(account.client, Asked(stage="test"), "us-east-1", {}))
    wrong = [finding for finding in found if finding.state is State.PROBLEM]
    told = {subject: "\n".join(one.what for one in wrong if one.subject == subject) for subject in SUBJECTS}
    assert "not versioned" in told["bucket"]
    assert f"the rule {rule} is switched off: nothing makes good a lost event" in told["schedules"]
    assert "Object Created for f," in told["dead letters"]
    states = {finding.subject: finding.state for finding in found}
    assert {states[subject] for subject in ("account", "region", "stack", "job scripts", "mail")} == {State.OK}
    assert states["quota"] is State.UNKNOWN  # moto knows none of SageMaker's
