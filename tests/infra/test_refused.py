"""The template as AWS gets it, after packaging, merging and the SAM transform, against what only AWS itself refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ops.deployment.order import Order
from tests.infra import refused
from tests.infra.conftest import EVERYTHING, PLACES, Template
from tests.infra.resolving import Place

Json = Any


def test_cloudformation_takes_the_packaged_template(template: Template) -> None:
    assert refused.of_template(template) == []


def test_cloudformation_takes_what_the_sam_transform_makes_of_it(transformed: Template) -> None:
    assert refused.of_template(transformed) == []


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.region)
@pytest.mark.parametrize("parameters", [{}, EVERYTHING], ids=["nothing given", "everything given"])
def test_every_service_takes_its_resources(
    place: Place, parameters: dict[str, str], resolved: Callable[..., Template]
) -> None:
    assert refused.of_resources(resolved(place, **parameters)) == []


def test_the_tags_of_a_stack_are_taken() -> None:
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"Tags": Order("abcdefghijkl").tags}}
    assert refused.of_resources({"Topic": topic}) == []


def resources(**named: Json) -> Template:
    return {"Resources": named}


@pytest.mark.parametrize(
    ("template", "says"),
    [
        (resources(A={"Properties": {"x": None}}), "/Resources/A/Properties/x is null"),
        (resources(A={"Properties": {"x": [{"exists": False}, None]}}), "/Resources/A/Properties/x/1 is null"),
        ({"Outputs": {"A": None}} | {"Outputs": {"A": {"Value": None}}}, "/Outputs/A/Value is null"),
        ({"Description": "x" * 1_025}, "Description is too long"),
        ({"Description": "é" * 600}, "Description is too long"),
        ({"Metadata": {"x": "y" * 1_000_000}}, "too large"),
        ({"x-anchors": {}}, "x-anchors is no section"),
        (resources(**{f"A{n}": {} for n in range(501)}), "more than 500 Resources"),
        ({"Outputs": {f"A{n}": {} for n in range(201)}}, "more than 200 Outputs"),
        ({"Parameters": {f"A{n}": {} for n in range(201)}}, "more than 200 Parameters"),
        ({"Mappings": {f"A{n}": {} for n in range(201)}}, "more than 200 Mappings"),
        (resources(on_upload={}), "Resources/on_upload is no name"),
        ({"Outputs": {"Bucket-Name": {}}}, "Outputs/Bucket-Name is no name"),
        ({"Conditions": {"x" * 256: {}}}, "is no name"),
        ({"Outputs": {"A": {"Description": "x" * 1_025}}}, "Outputs/A/Description is too long"),
        ({"Parameters": {"A": {"Default": "x" * 4_097}}}, "Parameters/A/Default is too long"),
        (resources(A={"DependsOn": ["B"]}, B={"Properties": {"x": {"Ref": "A"}}}), "A -> B -> A depend on each other"),
        (resources(A={"Properties": {"x": {"Fn::GetAtt": ["A", "Arn"]}}}), "A -> A depend on each other"),
    ],
)
def test_what_cloudformation_refuses_is_found(template: Template, says: str) -> None:
    assert any(says in one for one in refused.of_template(template)), refused.of_template(template)


ROLE = {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:B"}]}}
ALARM = {"EvaluationPeriods": 1, "MetricName": "M", "Namespace": "N", "Period": 60, "Statistic": "Sum"}
METRIC = {"Id": "m", "MetricStat": {"Period": 60}}
TABLE = {"KeySchema": [{"AttributeName": "id"}], "AttributeDefinitions": [{"AttributeName": "id"}]}


def policy(**statement: Json) -> Json:
    return {
        "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "a:B", **statement}]}
    }


def pattern(*values: Json) -> Json:
    return {"EventPattern": {"detail": {"status": list(values)}}}


def life(**rule: Json) -> Json:
    return {"LifecycleConfiguration": {"Rules": [{"Id": "a", **rule}]}}


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("Events::Rule", pattern({"exists": False}, "x", {"prefix": "p"})),
        ("Events::Rule", pattern({"anything-but": ["a", "b"]}, {"anything-but": {"wildcard": "*-tune-*"}})),
        ("Events::Rule", pattern({"numeric": [">", 0, "<=", 5]}, {"numeric": ["=", 1]}, {"cidr": "10.0.0.0/24"})),
        ("Events::Rule", pattern({"prefix": {"equals-ignore-case": "in"}}, {"suffix": "x"}, 1, None)),
        ("Events::Rule", {"EventPattern": {"$or": [{"a": ["x"]}, {"b": ["y"]}]}}),
        ("IAM::Role", ROLE),
        ("CloudWatch::Alarm", ALARM),
        ("CloudWatch::Alarm", {"EvaluationPeriods": 24, "Metrics": [{"Id": "m", "MetricStat": {"Period": 3_600}}]}),
        ("DynamoDB::Table", TABLE),
    ],
)
def test_what_aws_takes_is_let_pass(kind: str, properties: Json) -> None:
    assert refused.of_resources({"A": {"Type": f"AWS::{kind}", "Properties": properties}}) == []


@pytest.mark.parametrize(
    ("kind", "properties", "says"),
    [
        ("Events::Rule", pattern(), "empty arrays"),
        ("Events::Rule", {"EventPattern": {"detail": {}}}, "empty objects"),
        ("Events::Rule", {"EventPattern": {"source": "aws.s3"}}, "must be an object or an array"),
        ("Events::Rule", pattern({"exist": False}), "unrecognized match type exist"),
        ("Events::Rule", pattern({"exists": "false"}), "exists cannot be"),
        ("Events::Rule", pattern({"exists": False, "prefix": "x"}), "only one key"),
        ("Events::Rule", pattern(["x"]), "a value must be"),
        ("Events::Rule", pattern({"prefix": ["x"]}), "prefix cannot be"),
        ("Events::Rule", pattern({"wildcard": "a**b"}), "wildcard cannot be"),
        ("Events::Rule", pattern({"wildcard": "a\\b"}), "wildcard cannot be"),
        ("Events::Rule", pattern({"numeric": ["<", 5, ">", 0]}), "numeric cannot be"),
        ("Events::Rule", pattern({"numeric": ["=", "5"]}), "numeric cannot be"),
        ("Events::Rule", pattern({"anything-but": ["a", 1]}), "anything-but cannot be"),
        ("Events::Rule", pattern({"anything-but": {"exists": True}}), "anything-but cannot be"),
        ("Events::Rule", pattern({"cidr": "10.0.0.0/99"}), "cidr cannot be"),
        ("Events::Rule", {"EventPattern": {"$or": [{"a": ["x"]}]}}, "at least two objects"),
        ("Events::Rule", pattern("x" * 2_048), "more than 2048 characters"),
        ("Events::Rule", pattern(*({"wildcard": f"*-{n}x-*"} for n in range(9))), "too complex"),
        ("Events::Rule", {"State": "ON"}, "State 'ON' is none"),
        ("Events::Rule", {"Targets": [{}] * 6}, "at most 5 targets"),
        ("IAM::Role", {**ROLE, "Description": "what it may do – and not"}, "characters that IAM does not take"),
        ("IAM::Role", {**ROLE, "Description": "x" * 1_001}, "too many"),
        ("IAM::Role", {**ROLE, "Policies": [policy(Resource="r" * 5_200), policy(Resource="r" * 5_000)]}, "inline"),
        ("IAM::Role", {"AssumeRolePolicyDocument": policy(Sid="s" * 2_000)["PolicyDocument"]}, "trust policy"),
        ("IAM::ManagedPolicy", policy(Resource="r" * 6_144), "more than 6144"),
        ("S3::BucketPolicy", policy(Sid="No blanks"), "letters and digits only"),
        ("S3::BucketPolicy", policy(Action=[]), "Action is empty"),
        ("S3::BucketPolicy", policy(Condition={"Bool": {}}), "Condition is empty"),
        ("S3::BucketPolicy", policy(Resource=[""]), "Resource is empty"),
        ("S3::BucketPolicy", {"PolicyDocument": {"Version": "2012-10-17", "Statement": []}}, "no statement"),
        ("S3::BucketPolicy", {"PolicyDocument": {"Version": 2012, "Statement": [{"Action": "a"}]}}, "Version 2012"),
        (
            "S3::BucketPolicy",
            {"PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Sid": "A", "Action": "a"}] * 2}},
            "two statements have one Sid",
        ),
        ("SNS::TopicPolicy", policy(Action="sns:*"), "sns:* is no action on a topic"),
        ("SQS::QueuePolicy", policy(Action=[f"sqs:A{n}" for n in range(8)]), "at most 7 actions"),
        ("KMS::Key", {"KeyPolicy": policy(Action="kms:Decrypt")["PolicyDocument"]}, "nobody could change"),
        ("SNS::Topic", {"Tags": [{"Key": "aws:mine", "Value": ""}]}, "aws: is AWS's own"),
        ("SNS::Topic", {"Tags": [{"Key": "k" * 129, "Value": ""}]}, "too long"),
        ("SNS::Topic", {"Tags": [{"Key": "k", "Value": "v" * 257}]}, "too long"),
        ("SNS::Topic", {"Tags": [{"Key": "k", "Value": "a,b"}]}, "other characters"),
        ("SNS::Topic", {"Tags": [{"Key": "k", "Value": "a"}] * 2}, "two tags have one key"),
        ("SNS::Topic", {"Tags": {f"k{n}": "v" for n in range(51)}}, "more than 50 tags"),
        ("SNS::Topic", {"DisplayName": "x" * 101}, "at most 100"),
        ("Lambda::Function", {"Environment": {"Variables": {"AWS_REGION": "x"}}}, "AWS_REGION is reserved"),
        ("Lambda::Function", {"Environment": {"Variables": {"A-B": "x"}}}, "no name"),
        ("Lambda::Function", {"Environment": {"Variables": {"AB": "x" * 4_096}}}, "more than 4 KB"),
        ("Lambda::Function", {"Timeout": 901}, "1 to 900"),
        ("Lambda::Function", {"Description": "x" * 257}, "too long"),
        ("CloudWatch::Alarm", {**ALARM, "Period": 90}, "Period 90 is none"),
        ("CloudWatch::Alarm", {**ALARM, "Period": 1_800, "EvaluationPeriods": 49}, "longer than a day"),
        ("CloudWatch::Alarm", {**ALARM, "DatapointsToAlarm": 2}, "more than EvaluationPeriods"),
        ("CloudWatch::Alarm", {**ALARM, "ExtendedStatistic": "p95"}, "one of Statistic"),
        ("CloudWatch::Alarm", {**ALARM, "AlarmName": "x" * 256}, "at most 255"),
        ("CloudWatch::Alarm", {**ALARM, "AlarmDescription": "x" * 1_025}, "at most 1,024"),
        ("CloudWatch::Alarm", {**ALARM, "OKActions": ["a"] * 6}, "at most five"),
        ("CloudWatch::Alarm", {**ALARM, "Metrics": [METRIC]}, "beside Metrics"),
        ("CloudWatch::Alarm", {"EvaluationPeriods": 1, "Metrics": [METRIC, METRIC]}, "stands once"),
        ("CloudWatch::Alarm", {"EvaluationPeriods": 1, "Metrics": [{**METRIC, "Id": "M"}]}, "small letter"),
        ("CloudWatch::Alarm", {"EvaluationPeriods": 1, "Metrics": [{**METRIC, "ReturnData": False}]}, "exactly one"),
        ("CloudWatch::Alarm", {"EvaluationPeriods": 1, "Metrics": [{"Id": "e", "Expression": "SEARCH('')"}]}, "search"),
        (
            "CloudWatch::Alarm",
            {"EvaluationPeriods": 1, "Metrics": [{**METRIC, "Id": f"m{n}"} for n in range(11)]},
            "more than ten metrics",
        ),
        ("CloudWatch::Dashboard", {"DashboardName": "a b", "DashboardBody": "{}"}, "letters, digits"),
        ("CloudWatch::Dashboard", {"DashboardName": "a", "DashboardBody": "{"}, "no JSON"),
        ("DynamoDB::Table", {**TABLE, "AttributeDefinitions": [{"AttributeName": "x"}]}, "and no other"),
        ("S3::Bucket", life(ExpiredObjectDeleteMarker=True, ExpirationInDays=1), "stands alone"),
        ("S3::Bucket", life(ExpirationInDays=0), "at least one"),
        ("S3::Bucket", life(ExpirationInDays=30, Transitions=[{"TransitionInDays": 30}]), "before it moves"),
        ("S3::Bucket", {"LifecycleConfiguration": {"Rules": [{"Id": "a"}] * 2}}, "stands once"),
        ("SQS::Queue", {"MessageRetentionPeriod": 1_209_601}, "14 days"),
        ("SQS::Queue", {"SqsManagedSseEnabled": True, "KmsMasterKeyId": "k"}, "not with both"),
        ("SQS::Queue", {"RedrivePolicy": {"maxReceiveCount": 3}}, "RedrivePolicy needs"),
    ],
)
def test_what_a_service_refuses_is_found(kind: str, properties: Json, says: str) -> None:
    found = refused.of_resources({"A": {"Type": f"AWS::{kind}", "Properties": properties}})
    assert any(says in one for one in found), found
