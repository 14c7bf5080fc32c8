"""Our own script trains and serves in the stand-in as it did in AWS's own container source (`aws/ours.json`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local.containers.xgboost.script import ScriptService
from tests.containers.aws.cases import HERE, OFFLINE
from tests.containers.aws.ours import CASES, ENVIRONMENT, ended, kinds, our_job, said
from tests.containers.conftest import Containers

RECORDED: dict[str, Any] = json.loads((HERE / "ours.json").read_text())
SAME = "the stand-in answers the same bytes"


def test_each_case_was_recorded_and_ended_well() -> None:
    assert set(RECORDED) == set(CASES)
    assert all((one["code"], one["failure"], one["lines"]) == (0, False, 1) for one in RECORDED.values())
    assert RECORDED["trial"]["files"] == []
    for name in ("binary", "regression"):
        assert RECORDED[name][SAME] is True
        assert [one["status"] for one in RECORDED[name]["answers"]] == [200] * 3 + [400] * 3 + [406, 415, 400]


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_it_is_trained_and_served_as_there(name: str, containers: Containers, tmp_path: Path) -> None:
    root, recorded = tmp_path / "ml", RECORDED[name]
    our_job(root, name)
    done = containers.train(root, {"TRAINING_JOB_NAME": "mine", "SM_NUM_CPUS": "1"} | OFFLINE)
    found = ended(root, done.returncode, done.output)
    assert found == {key: recorded[key] for key in found}, done.output
    if "answers" in recorded:
        assert kinds(said(ScriptService(root / "model", ENVIRONMENT))) == recorded["answers"]
