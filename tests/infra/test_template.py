"""The template as a whole: what cfn-lint says of it before and after the SAM transform, and that nothing is missing
which only an outage would show: a retry, a dead-letter queue, a log group, an alarm that says so.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from chalicelib.algorithms import images
from chalicelib.deployment import DeploymentSettings, from_environment
from local import stack
from ops.deployment.artifacts import placed
from ops.deployment.package import ROOT, compose
from ops.deployment.plan import LARGEST_BODY, body
from ops.target import OpsError
from tests.infra.conftest import EVERYTHING, PLACES, Template, of_type
from tests.infra.expanding import expanded
from tests.infra.resolving import Place, Resolver

REGIONS = ["eu-west-1", "us-gov-west-1", "cn-north-1"]
"""One of each partition; `make verify` takes every region that has SageMaker's image."""
IGNORED: dict[str, str] = {}
"""Rules of cfn-lint that are not followed, each with the reason. Errors and warnings count, remarks do not."""
OUTPUTS = {
    *("BucketName", "TopicArn", "TableName", "SageMakerRoleArn", "UndeliveredQueueUrl", "FailedQueueUrl"),
    *("SweepRule", "DashboardName"),
}


SWEEP = "sagerelay-dev-Sweep-1x2y"


def linted(template: Template, regions: list[str]) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the linter's own dependencies
        from cfnlint.api import ManualArgs, lint

        found = lint(json.dumps(template), config=ManualArgs(regions=regions, ignore_checks=[*IGNORED, "I"]))
    return [f"{match.rule.id} {match.message} at {match.path}" for match in found]


def test_cfn_lint_finds_nothing_in_the_template(template: Template) -> None:
    assert linted(template, REGIONS) == []


def test_cfn_lint_finds_nothing_in_what_the_sam_transform_makes_of_it(transformed: Template) -> None:
    assert linted(transformed, REGIONS) == []


@pytest.mark.slow
def test_cfn_lint_finds_nothing_in_any_region(template: Template) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from cfnlint.helpers import REGIONS as KNOWN

    regions = [region for region in KNOWN if has_the_image(region)]
    assert len(regions) > 25
    assert linted(template, regions) == []


def has_the_image(region: str) -> bool:
    try:
        return bool(images.xgboost(region))
    except LookupError:
        return False


def test_cfn_lint_is_awake() -> None:
    broken = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayedName": "x"}}}}
    assert linted(broken, ["eu-west-1"])


def test_the_template_can_be_given_to_cloudformation(template: Template, transformed: Template) -> None:
    # As `make plan` sends it: in the request, or it would need a bucket (which it then makes, and says so). `make
    # deploy` gives it by S3, where a megabyte is taken. All names are as long as they can be.
    longest = f"s3://sagerelay-artifacts-123456789012-ap-northeast-3/sagerelay-abcdefghijkl/{'x' * 32}.zip"
    assert len(body(placed(template, longest))) <= LARGEST_BODY
    assert len(transformed["Resources"]) < 500
    assert set(template["Outputs"]) == OUTPUTS
    assert [name for name in template if name.startswith("x-")] == []


def test_what_is_said_once_for_all_functions_is_the_same_to_cloudformation(
    template: Template, transformed: Template
) -> None:
    assert expanded(placed(template, "s3://artifacts/deployment.zip")) == transformed


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.region)
@pytest.mark.parametrize("parameters", [{}, EVERYTHING], ids=["nothing given", "everything given"])
def test_everything_resolves(
    place: Place, parameters: dict[str, str], transformed: Template, resolved: Callable[..., Template]
) -> None:
    assert len(resolved(place, **parameters)) >= len(transformed["Resources"]) - 1
    outputs = {name: output["Value"] for name, output in transformed["Outputs"].items()}
    made = Resolver(transformed, place, parameters).resolve(outputs)
    assert all(made.values())


def test_every_function_of_app_py_is_there_with_role_queue_and_logs(resolved: Callable[..., Template]) -> None:
    resources = resolved()
    tree = ast.parse((ROOT / "app.py").read_text(encoding="utf-8"))
    decorated = {f"app.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef) and node.decorator_list}
    functions = of_type(resources, "AWS::Lambda::Function")
    assert {one["Handler"] for one in functions.values()} == decorated

    names = {f"sagerelay-dev-{name}-1x2y" for name in functions}
    for one in functions.values():
        assert one["Role"].endswith(":role/sagerelay-dev-LambdaRole-1x2y")
        assert one["Architectures"] == ["arm64"]
        assert one["Runtime"] == "python3.13"
    configured = of_type(resources, "AWS::Lambda::EventInvokeConfig").values()
    assert {one["FunctionName"] for one in configured} == names
    for one in configured:
        if one["FunctionName"] == SWEEP:
            assert (one["MaximumRetryAttempts"], one["MaximumEventAgeInSeconds"]) == (0, 300)
            assert not one.get("DestinationConfig"), "five minutes later the next one comes"
            continue
        assert one["DestinationConfig"]["OnFailure"]["Destination"].endswith("-FailedQueue-1x2y")
        assert one["MaximumRetryAttempts"] == 2
    groups = of_type(resources, "AWS::Logs::LogGroup").values()
    assert {one["LogGroupName"] for one in groups} == {f"/aws/lambda/{name}" for name in names}
    assert all(one["RetentionInDays"] == 90 for one in groups)


def test_every_event_is_tried_for_a_day_and_then_kept(resolved: Callable[..., Template]) -> None:
    rules = of_type(resolved(), "AWS::Events::Rule")
    assert any("ScheduleExpression" in rule for rule in rules.values())
    sweeping = [rule for rule in rules.values() if "ScheduleExpression" in rule]
    for rule in sweeping:
        assert [target["RetryPolicy"]["MaximumEventAgeInSeconds"] for target in rule["Targets"]] == [300]
    for name, rule in rules.items():
        for target in rule["Targets"] if rule not in sweeping else ():
            assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}, name
            assert target["DeadLetterConfig"]["Arn"].endswith("-UndeliveredQueue-1x2y"), name


def test_eventbridge_may_use_the_queue_for_the_rules_of_this_stack_only(resolved: Callable[..., Template]) -> None:
    resources = resolved()
    (allowing,) = [
        one for one in resources["QueuePolicy"]["Properties"]["PolicyDocument"]["Statement"] if one["Effect"] == "Allow"
    ]
    assert allowing["Principal"] == {"Service": "events.amazonaws.com"}
    (pattern,) = allowing["Condition"]["ArnLike"].values()
    named = Place()
    for rule in of_type(resources, "AWS::Events::Rule"):
        arn = f"arn:aws:events:{named.region}:{named.account}:rule/{named.stack}-{rule}-1x2y"
        assert re.fullmatch(pattern.replace("*", ".*"), arn)
    assert not re.fullmatch(pattern.replace("*", ".*"), "arn:aws:events:eu-west-1:123456789012:rule/sagerelay-prod-x")


def test_functions_are_told_everything_about_the_deployment(resolved: Callable[..., Template]) -> None:
    # Lambda tells the one, the release and the bucket the others.
    known = {field.name for field in fields(DeploymentSettings)} - {"region", "algorithms", "prices"}
    for one in of_type(resolved(**EVERYTHING), "AWS::Lambda::Function").values():
        told = one["Environment"]["Variables"]
        assert {name for name in told if name.startswith("SAGERELAY_")} == {
            f"SAGERELAY_{name.upper()}" for name in known
        }
        settings = from_environment({**told, "AWS_REGION": "eu-west-1"})
        assert settings.prefix == told["POWERTOOLS_SERVICE_NAME"] == "sagerelay-dev"
        assert settings.subnets == ("subnet-0a1b", "subnet-0c2d")
        assert settings.security_groups == ("sg-0e3f",)
        assert settings.kms_key == EVERYTHING["KmsKeyArn"]
        assert settings.id
        assert sum(len(name) + len(str(value)) for name, value in told.items()) < 4096


def test_the_table_is_the_one_of_the_laptop(resolved: Callable[..., Template]) -> None:
    made: dict[str, Any] = {}

    class DynamoDb:
        def list_tables(self) -> dict[str, list[str]]:
            return {"TableNames": []}

        def create_table(self, **request: Any) -> None:
            made.update(request)

    stack._table(DynamoDb())
    table = resolved()["Table"]["Properties"]
    for part in ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes"):
        assert table[part] == made[part], part
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@pytest.mark.parametrize(
    ("parameters", "bucket", "table"),
    [({}, "AES256", None), (EVERYTHING, "aws:kms", EVERYTHING["KmsKeyArn"])],
)
def test_the_bucket_is_private_versioned_and_encrypted(
    parameters: dict[str, str], bucket: str, table: str | None, resolved: Callable[..., Template]
) -> None:
    resources = resolved(**parameters)
    made = resources["Bucket"]["Properties"]
    assert made["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(made["PublicAccessBlockConfiguration"].values()) == {True}
    assert made["NotificationConfiguration"] == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    (rule,) = made["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == bucket
    assert resources["Table"]["Properties"].get("SSESpecification", {}).get("KMSMasterKeyId") == table
    assert resources["Bucket"]["DeletionPolicy"] == "RetainExceptOnCreate"
    denials = resources["BucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert {"Bool": {"aws:SecureTransport": "false"}} in [one["Condition"] for one in denials]


def test_nothing_that_is_still_needed_is_deleted_by_age(resolved: Callable[..., Template]) -> None:
    rules = resolved()["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    expiring = {rule.get("Prefix"): rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule}
    # The longest window of a check is 365 days (chalicelib/settings/monitoring.py).
    assert set(expiring) == {"capture/"}
    assert expiring["capture/"] > 365
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)
    old = {rule["Prefix"] for rule in rules if "NoncurrentVersionExpiration" in rule}
    assert old == {"datasets/", "runs/", "monitoring/", "capture/", "code/", "predictions/", "console/"}


def test_two_files_of_infra_must_not_say_the_same_thing(tmp_path: Any) -> None:
    (tmp_path / "a.yaml").write_text("Resources: {Topic: {Type: AWS::SNS::Topic}}\nx-mine: &mine {A: 1}\n")
    (tmp_path / "b.yaml").write_text("Resources: {Queue: {Type: AWS::SQS::Queue}}\n")
    assert set(compose(tmp_path)["Resources"]) == {"Topic", "Queue"}
    assert "x-mine" not in compose(tmp_path)

    (tmp_path / "c.yaml").write_text("Resources: {Topic: {Type: AWS::SQS::Queue}}\n")
    with pytest.raises(OpsError, match=r"c\.yaml: Resources: Topic: Type was said before"):
        compose(tmp_path)


def test_what_chalice_is_told_for_all_functions_the_template_tells_them_once(template: Template) -> None:
    told = template["Globals"]["Function"]["Environment"]["Variables"]
    config = json.loads((ROOT / ".chalice" / "config.json").read_text(encoding="utf-8"))
    assert set(config["environment_variables"]) <= set(told)
    functions = [one for one in template["Resources"].values() if one["Type"] == "AWS::Serverless::Function"]
    assert len(functions) == 8
    assert [one for one in functions if "Environment" in one["Properties"]] == []
