"""What else survives a restart: logs, and the account's roles with their policies."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from local.cloud import EmbeddedCloud
from local.kept_logs import KeptLogs
from tests.local.silent_app import silent_app
from tests.local.test_roles import EXECUTION, document, make_role

pytestmark = pytest.mark.xdist_group("moto")

GROUP = {"logGroupName": "/aws/sagemaker/TrainingJobs"}
STREAM = {**GROUP, "logStreamName": "a/algo-1"}


def test_roles_and_logs_are_there_after_a_restart(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    app = silent_app(tmp_path / "app")
    policy = document({"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"})
    with EmbeddedCloud(tmp_path / "kept", app_directory=app) as first:
        make_role(first, "later", *EXECUTION)
        arn = first.client("iam").create_policy(PolicyName="listing", PolicyDocument=policy)["Policy"]["Arn"]
        first.client("iam").attach_role_policy(RoleName="later", PolicyArn=arn)
        first.client("iam").put_role_permissions_boundary(RoleName="later", PermissionsBoundary=arn)
        logs = first.client("logs")
        logs.create_log_group(**GROUP)
        logs.create_log_stream(**STREAM)
        event = {"timestamp": int(time.time() * 1000), "message": "said before"}
        logs.put_log_events(**STREAM, logEvents=[event])

    with EmbeddedCloud(tmp_path / "kept", app_directory=app) as second:
        found = second.client("logs").get_log_events(**STREAM)
        assert [(one["timestamp"], one["message"]) for one in found["events"]] == [(event["timestamp"], "said before")]
        iam = second.client("iam")
        attached = iam.list_attached_role_policies(RoleName="later")["AttachedPolicies"]
        assert [one["PolicyArn"] for one in attached] == [arn]
        role = iam.get_role(RoleName="later")["Role"]["Arn"]
        asked = iam.simulate_principal_policy(PolicySourceArn=role, ActionNames=["s3:ListAllMyBuckets", "ecr:X"])
        said = [one["EvalDecision"] for one in asked["EvaluationResults"]]
        assert said == ["allowed", "implicitDeny"]  # the boundary is kept, too


def test_a_stream_is_written_again_only_when_it_has_grown(tmp_path: Path) -> None:
    from moto.logs.models import logs_backends

    backend = logs_backends["123456789012"]["eu-west-3"]
    group = backend.create_log_group("g", {})
    backend.create_log_stream("g", "s")
    kept = KeptLogs(tmp_path, "123456789012", "eu-west-3")
    assert [entry["events"] for entry in kept.capture()] == [None, None]

    group.streams["s"].put_log_events([{"timestamp": 1, "message": "one"}])
    first = kept.capture()
    kept.forget(first)
    assert kept.capture() == first
    group.streams["s"].put_log_events([{"timestamp": 2, "message": "two"}])
    second = kept.capture()
    kept.forget(second)

    assert [path.name for path in tmp_path.iterdir()] == [second[1]["events"]]
    assert json.loads((tmp_path / second[1]["events"]).read_text()) == [[1, "one"], [2, "two"]]
    backend.delete_log_group("g")
