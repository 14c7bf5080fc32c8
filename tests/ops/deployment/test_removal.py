"""Removing what carries the tag, against a SageMaker that takes its time, refuses, and is asked in the midst of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ops.deployment.owned_resources import KINDS, Move, Thing, next_move, thing
from ops.deployment.removal import Left, Timeouts, Waiting, remove_all
from ops.deployment.tag_audit import remaining
from ops.deployment.teardown import Ended, last_lines
from tests.ops.world import silent

ROOT = "arn:aws:sagemaker:eu-west-1:123456789012"
ENDPOINT = thing(f"{ROOT}:endpoint/sagerelay-dev-churn")
CONFIG = thing(f"{ROOT}:endpoint-config/churn-1a2b3c4d-live-1")
TUNING = thing(f"{ROOT}:hyper-parameter-tuning-job/churn-1a2b3c4d-tune-1")
CHILD = thing(f"{ROOT}:training-job/churn-1a2b3c4d-tune-1-001-aa")
GROUP = thing(f"{ROOT}:model-package-group/sagerelay-dev-orders")
ALARM = thing("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:sagerelay-dev-churn-5xx")
TABLE = thing("arn:aws:dynamodb:eu-west-1:123456789012:table/sagerelay-dev-Table-X")


def error(operation: str, code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)


@dataclass
class Account:
    """All services at once. `lives`: the statuses a thing still goes through, by ARN; gone when none is left."""

    lives: dict[str, list[str]]
    index: list[Thing]
    denied: str = ""
    done: list[tuple[str, str]] = field(default_factory=list)
    forgets_after: int = 0
    asked: int = 0
    scaled: set[str] = field(default_factory=set)
    """The endpoints that are registered to be scaled; their alarms are left behind until somebody deletes them."""
    scaling_alarms: set[str] = field(default_factory=set)

    def client(self, _service: str) -> Account:
        return self

    def find(self) -> list[Thing]:
        return self.index

    def __getattr__(self, operation: str) -> Any:
        verb, _, noun = operation.partition("_")
        return lambda **request: self.act(verb, noun, next(iter(request.values())))

    def act(self, verb: str, noun: str, name: str) -> dict[str, Any]:
        if operation_name(verb, noun) == self.denied:
            raise error(operation_name(verb, noun), "AccessDeniedException")
        [(kind, one)] = [(KINDS[t.kind], t) for t in self.index if t.name == name and KINDS[t.kind].noun == noun]
        statuses = self.lives.get(one.arn, [])
        if verb == "describe":
            if not statuses:
                raise error("DescribeX", "ResourceNotFound" if "tuning" in noun else "ValidationException")
            status = statuses[0]
            if len(statuses) > 1 and status.endswith("ing"):
                statuses.pop(0)
            return {kind.status: status} if kind.status else {}
        self.done.append((verb, one.name))
        if verb == "stop":
            statuses[:] = ["Stopping", "Stopped"]
        elif verb == "delete":
            self.lives[one.arn] = []
        return {}

    def deregister_scalable_target(self, *, ResourceId: str, **_: Any) -> None:  # noqa: N803
        endpoint = ResourceId.split("/")[1]
        if endpoint not in self.scaled:
            raise error("DeregisterScalableTarget", "ObjectNotFoundException")
        self.done.append(("deregister", endpoint))
        self.scaled.remove(endpoint)

    def delete_alarms(self, *, AlarmNames: list[str]) -> None:  # noqa: N803 (boto3's spelling)
        self.scaling_alarms -= set(AlarmNames)
        self.index = [one for one in self.index if one.name not in AlarmNames]

    def delete_log_group(self, **_: Any) -> None:
        raise error("DeleteLogGroup", "ResourceNotFoundException")

    def describe_table(self, **_: Any) -> dict[str, Any]:
        if not self.lives.get(TABLE.arn):
            raise error("DescribeTable", "ResourceNotFoundException")
        return {}

    def get_paginator(self, operation: str) -> Any:
        account = self

        class Pages:
            def paginate(self, AlarmNamePrefix: str = "", **_: Any) -> list[dict[str, Any]]:  # noqa: N803
                account.asked += operation == "get_resources"
                alarms = [{"AlarmName": one} for one in account.scaling_alarms if one.startswith(AlarmNamePrefix)]
                known = account.index if not account.forgets_after or account.asked <= account.forgets_after else []
                pages: dict[str, list[dict[str, Any]]] = {
                    "get_resources": [{"ResourceTagMappingList": [{"ResourceARN": one.arn} for one in known]}],
                    "list_model_packages": [{"ModelPackageSummaryList": [{"ModelPackageArn": "v1"}]}],
                    "describe_alarms": [{"MetricAlarms": alarms}],
                    "describe_log_streams": [{"logStreams": []}],
                }
                return pages[operation]

        return Pages()

    def delete_model_package(self, *, ModelPackageName: str) -> None:  # noqa: N803
        self.done.append(("delete", ModelPackageName))


def operation_name(verb: str, noun: str) -> str:
    return (verb + "_" + noun).title().replace("_", "")


def waiting() -> Waiting:
    now = [0.0]

    def pause(seconds: float) -> None:
        now[0] += seconds

    return Waiting(Timeouts(look_every=5, rounds=60, index=60), pause, lambda: now[0])


def test_what_costs_goes_first_and_what_runs_is_stopped_before_it_is_deleted() -> None:
    lives = {
        CONFIG.arn: ["there"],
        GROUP.arn: ["Completed"],
        ENDPOINT.arn: ["Updating", "Updating", "InService"],
        TUNING.arn: ["InProgress"],
        CHILD.arn: ["InProgress"],
    }
    account = Account(lives, [CONFIG, GROUP, ALARM, ENDPOINT, TUNING, CHILD])
    assert remove_all(account.client, account.find, waiting(), silent) == []
    order = account.done
    assert not any(account.lives.values())
    assert ALARM not in account.index
    for job in (TUNING, CHILD):
        assert order.index(("stop", job.name)) < order.index(("delete", job.name))
    assert order.index(("delete", ENDPOINT.name)) < order.index(("delete", CONFIG.name))
    assert order.index(("delete", "v1")) < order.index(("delete", GROUP.name))  # versions, which no tag names


def test_an_endpoint_that_is_scaled_leaves_nothing_of_it() -> None:
    alarms = {f"TargetTracking-endpoint/{ENDPOINT.name}{end}/variant/AllTraffic-AlarmLow-1" for end in ("", "-eu")}
    account = Account({ENDPOINT.arn: ["InService"]}, [ENDPOINT], scaled={ENDPOINT.name}, scaling_alarms=alarms)
    assert remove_all(account.client, account.find, waiting(), silent) == []
    assert account.done == [("deregister", ENDPOINT.name), ("delete", ENDPOINT.name)]
    assert account.scaling_alarms == {f"TargetTracking-endpoint/{ENDPOINT.name}-eu/variant/AllTraffic-AlarmLow-1"}


def test_what_is_half_gone_or_gone_is_no_matter() -> None:
    account = Account({CHILD.arn: ["Stopping", "Stopped"]}, [CHILD, ENDPOINT, TUNING])
    assert remove_all(account.client, account.find, waiting(), silent) == []
    assert account.done == [("delete", CHILD.name)]


def test_what_may_not_be_deleted_is_told_at_once_and_the_rest_goes_on() -> None:
    lives = {ENDPOINT.arn: ["InService"], CONFIG.arn: ["there"]}
    account = Account(lives, [ENDPOINT, CONFIG], denied="DeleteEndpoint")
    time = waiting()
    [left] = remove_all(account.client, account.find, time, silent)
    assert (left.thing, left.refused) == (ENDPOINT, True)
    assert time.clock() == 0
    assert account.lives[CONFIG.arn] == []


def test_what_never_goes_is_waited_for_until_a_timeout() -> None:
    account = Account({ENDPOINT.arn: ["Creating"]}, [ENDPOINT])
    assert [str(one.thing) for one in remove_all(account.client, account.find, waiting(), silent)] == [str(ENDPOINT)]


@pytest.mark.parametrize("status", ["OutOfService", "Failed", "UpdateRollbackFailed", "InService"])
def test_an_endpoint_at_rest_can_be_deleted(status: str) -> None:
    assert next_move(KINDS["sagemaker:endpoint"], status) is Move.DELETE


def test_the_index_is_not_believed_about_what_answers_no_more() -> None:
    account = Account({TABLE.arn: [], ENDPOINT.arn: []}, [TABLE, ENDPOINT])
    time = waiting()
    assert remaining(account.client, "sagerelay-dev", (), time) == []
    assert time.clock() == 0


def test_what_answers_is_left_and_what_is_kept_on_purpose_is_not() -> None:
    bucket = thing("arn:aws:s3:::mine")
    account = Account({TABLE.arn: ["there"]}, [TABLE, bucket])
    assert remaining(account.client, "sagerelay-dev", ("mine",), waiting()) == [Left(TABLE, "is still there")]


def test_of_a_kind_nobody_can_look_at_the_index_is_waited_for() -> None:
    strange = thing("arn:aws:wisdom:eu-west-1:123456789012:session/1")
    account = Account({}, [strange], forgets_after=3)
    assert remaining(account.client, "sagerelay-dev", (), waiting()) == []
    [left] = remaining(Account({}, [strange]).client, "sagerelay-dev", (), waiting())
    assert left == Left(strange, "is still named by its tag")


def test_the_last_lines_name_what_is_kept_and_what_is_left() -> None:
    kept, removed = last_lines(Ended((), ("mine",)), "sagerelay-dev")
    assert "make teardown STAGE=dev WITH_BUCKET=yes" in kept
    assert removed == "sagerelay-dev is removed: nothing else carries its tag."
    left, again = last_lines(Ended((Left(TABLE, "is still there"),), ()), "sagerelay-dev")
    assert TABLE.arn in left
    assert "make teardown STAGE=dev" in again
