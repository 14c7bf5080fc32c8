"""The logs of jobs end where nobody else's are in the way, and a person is told where they do not."""

from __future__ import annotations

from typing import Any

from ops.account.finding import State
from ops.deployment.job_logs import GROUPS, Group, ensure, look
from ops.doctor.deployed import judge_logs
from tests.ops.world import error

PROCESSING, TRAINING = GROUPS


class Logs:
    """Log groups by name, with the days they keep; `late`: a group that comes between a look and its making."""

    def __init__(self, *, late: str = "", **_: Any) -> None:
        self.groups, self.late = dict[str, int | None](), late

    def client(self, _service: str) -> Any:
        return self

    def describe_log_groups(self, *, logGroupNamePrefix: str) -> dict[str, Any]:  # noqa: N803 (boto3's spelling)
        found = [(name, days) for name, days in self.groups.items() if name.startswith(logGroupNamePrefix)]
        return {"logGroups": [{"logGroupName": name} | ({"retentionInDays": d} if d else {}) for name, d in found]}

    def create_log_group(self, *, logGroupName: str) -> None:  # noqa: N803
        if logGroupName in self.groups or logGroupName == self.late:
            raise error("ResourceAlreadyExistsException")
        self.groups[logGroupName] = None

    def put_retention_policy(self, *, logGroupName: str, retentionInDays: int) -> None:  # noqa: N803
        self.groups[logGroupName] = retentionInDays


def test_missing_groups_are_made_with_an_end_and_a_second_deployment_does_nothing() -> None:
    logs = Logs()
    assert len(list(ensure(logs.client, "eu-west-1"))) == 2
    assert logs.groups == {PROCESSING: 90, TRAINING: 90}
    assert list(ensure(logs.client, "eu-west-1")) == []


def test_what_others_may_have_written_is_left_alone_and_said_with_the_command() -> None:
    logs = Logs()
    logs.groups = {TRAINING: None, PROCESSING: 14, f"{TRAINING}Archive": 1}
    [said] = ensure(logs.client, "eu-west-1")
    assert f"--log-group-name {TRAINING} --retention-in-days 90" in said
    assert logs.groups[TRAINING] is None
    [found] = judge_logs(look(logs.client), "eu-west-1")
    assert found.state is State.NOTE
    assert TRAINING in found.todo


def test_a_job_may_be_faster() -> None:
    logs = Logs(late=PROCESSING)
    assert len(list(ensure(logs.client, "eu-west-1"))) == 1
    assert logs.groups == {TRAINING: 90}


def test_groups_that_end_or_are_not_there_are_fine() -> None:
    assert [
        one.state
        for one in judge_logs([Group(TRAINING, there=True, days=3), Group(PROCESSING, there=False)], "eu-west-1")
    ] == [State.OK]
