"""What the state of a deployment's own objects means."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.account.finding import State
from ops.doctor.deployed import (
    GONE,
    bucket,
    code,
    judge_alarms,
    judge_functions,
    judge_ringing,
    judge_rules,
    judge_subscriptions,
)
from ops.target import Target
from tests.ops.world import error

TOPIC = "arn:aws:sns:eu-west-1:123456789012:sagerelay-dev"
FOUR = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


class S3:
    """A bucket as it must be, but for what a test says."""

    def __init__(self, **answers: Any) -> None:
        self.answers = {
            "get_bucket_versioning": {"Status": "Enabled"},
            "get_bucket_notification_configuration": {"EventBridgeConfiguration": {}},
            "get_bucket_encryption": {"ServerSideEncryptionConfiguration": {"Rules": []}},
            "get_public_access_block": {"PublicAccessBlockConfiguration": dict.fromkeys(FOUR, True)},
        } | answers

    def __getattr__(self, operation: str) -> Any:
        def call(**_: Any) -> Any:
            answer = self.answers[operation]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call

    def target(self) -> Target:
        return Target(lambda _service: self, "b", TOPIC, "t", "sagerelay-prod", on_laptop=False)


def test_a_bucket_as_it_must_be() -> None:
    [finding] = bucket(S3().target())
    assert finding.state is State.OK


@pytest.mark.parametrize(
    ("changed", "what", "command"),
    [
        ({"get_bucket_versioning": {"Status": "Suspended"}}, "not versioned", "put-bucket-versioning"),
        (
            {"get_bucket_notification_configuration": {}},
            "announces no uploads",
            "put-bucket-notification-configuration",
        ),
        (
            {"get_bucket_encryption": error("ServerSideEncryptionConfigurationNotFoundError")},
            "not encrypted",
            "put-bucket-encryption",
        ),
        (
            {"get_public_access_block": {"PublicAccessBlockConfiguration": dict.fromkeys(FOUR[:3], True)}},
            "not closed to the public",
            "put-public-access-block",
        ),
        (
            {"get_public_access_block": error("NoSuchPublicAccessBlockConfiguration")},
            "not closed to the public",
            "put-public-access-block",
        ),
    ],
)
def test_what_somebody_changed_is_named_with_the_command_that_mends_it(
    changed: dict[str, Any], what: str, command: str
) -> None:
    [finding] = bucket(S3(**changed).target())
    assert finding.state is State.PROBLEM
    assert what in finding.what
    assert f"`aws s3api {command} " in finding.todo
    assert finding.todo.endswith("--bucket b` puts it right.")


def test_a_bucket_that_is_gone_is_a_problem_and_one_that_may_not_be_asked_is_not() -> None:
    [finding] = bucket(S3(get_bucket_versioning=error("NoSuchBucket")).target())
    assert (finding.state, finding.what) == (State.PROBLEM, "s3://b is not there")
    with pytest.raises(Exception, match="AccessDenied"):  # `asked` makes one line of it
        list(bucket(S3(get_bucket_versioning=error("AccessDenied")).target()))


def test_a_subscription_that_is_not_confirmed_gets_no_mail() -> None:
    pending = {"SubscriptionArn": "PendingConfirmation", "Endpoint": "ann@example.com", "Protocol": "email"}
    confirmed = {**pending, "SubscriptionArn": f"{TOPIC}:1", "Endpoint": "bob@example.com"}
    waiting, fine = judge_subscriptions([pending, confirmed], TOPIC)
    assert (waiting.state, fine.state) == (State.PROBLEM, State.OK)
    assert "ann@example.com (email) has not confirmed" in waiting.what
    [nobody] = judge_subscriptions([], TOPIC)
    assert nobody.state is State.PROBLEM
    assert f"aws sns subscribe --region eu-west-1 --topic-arn {TOPIC}" in nobody.todo


def test_rules_that_are_off_or_gone_are_named() -> None:
    [fine] = judge_rules({"sweep": "ENABLED", "uploads": "ENABLED"}, "sweep", "sagerelay-prod", "eu-west-1")
    assert fine.state is State.OK
    off = list(
        judge_rules({"sweep": "DISABLED", "uploads": "DISABLED", "jobs": GONE}, "sweep", "sagerelay-prod", "eu-west-1")
    )
    assert {finding.state for finding in off} == {State.PROBLEM}
    assert [finding.what.partition(":")[0] for finding in off] == [
        "the rule jobs was deleted",
        "the rule sweep is switched off",
        "the rule uploads is switched off",
    ]
    assert "nothing makes good a lost event" in off[1].what
    assert off[2].todo == "`aws events enable-rule --name uploads --region eu-west-1`, or `make deploy STAGE=prod`."
    [none] = judge_rules({"uploads": "ENABLED"}, "", "sagerelay-prod", "eu-west-1")
    assert none.what == "the stack has no rule for the sweep"


def test_functions_that_a_teardown_stopped_are_named() -> None:
    [fine] = judge_functions(["sweep", "uploads"], [], "sagerelay-prod")
    assert (fine.state, fine.what) == (State.OK, "all 2 may run")
    assert len(list(judge_functions(["sweep", "uploads"], ["sweep", "uploads"], "sagerelay-prod"))) == 2


def test_every_command_that_a_person_is_told_names_the_stage() -> None:
    told = [
        *bucket(S3(get_bucket_versioning=error("NoSuchBucket")).target()),
        *code(S3(list_objects_v2={}).target(), "code/1"),
        *judge_rules({"sweep": "DISABLED", "jobs": GONE}, "", "sagerelay-prod", "eu-west-1"),
        *judge_functions(["sweep"], ["sweep"], "sagerelay-prod"),
        *judge_alarms(["errors"], ["errors"], "sagerelay-prod"),
    ]
    assert {finding.state for finding in told} == {State.PROBLEM}
    for finding in told:
        commands = re.findall(r"`(make [^`]*|[^`]*-m ops [^`]*)`", finding.todo)
        assert commands, finding.todo
        assert all("STAGE=prod" in command or "--stage prod" in command for command in commands), finding.todo


def test_alarms_that_ring_are_named_because_their_mail_may_have_come_before_anybody_had_confirmed() -> None:
    since = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    ringing = {"AlarmName": "sagerelay-dev-sweep-failing", "AlarmDescription": "None.", "StateUpdatedTimestamp": since}
    [found] = judge_ringing([ringing])
    assert (found.state, found.what) == (
        State.PROBLEM,
        "sagerelay-dev-sweep-failing rings since 2026-11-22 09:30 UTC: None.",
    )
    assert [one.state for one in judge_ringing([])] == [State.OK]
