"""The stand-in's training jobs end as they did with AWS's own container source (`tests/containers/aws`)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.containers.aws.cases import (
    FOLDED,
    HERE,
    OFFLINE,
    PYTHON,
    SCRIPTS,
    ended,
    folded,
    folded_job,
    script_job,
)
from tests.containers.conftest import Containers

SCRIPT_MODE = json.loads((HERE / "script_mode.json").read_text())
KFOLD = json.loads((HERE / "kfold.json").read_text())


BARE = {"TRAINING_JOB_NAME": "mine", "AWS_DEFAULT_REGION": "us-east-1"}


def test_each_case_was_recorded() -> None:
    assert set(SCRIPT_MODE) == set(SCRIPTS)
    assert set(KFOLD) == set(FOLDED)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_sees_and_ends_as_there(containers: Containers, tmp_path: Path, name: str) -> None:
    root, case = tmp_path / "ml", SCRIPTS[name]
    script_job(root, case)
    done = containers.train(root, BARE | OFFLINE | case.get("environment", {}))
    text = json.dumps(ended(root, done.returncode)).replace(sys.executable, PYTHON)
    assert json.loads(text) == SCRIPT_MODE[name], done.output


@pytest.mark.parametrize("name", FOLDED)
def test_folds_are_trained_watched_and_told_as_there(containers: Containers, tmp_path: Path, name: str) -> None:
    root = tmp_path / "ml"
    folded_job(root, FOLDED[name])
    done = containers.train(root, BARE)
    found, expected = folded(root, done.returncode, done.output), KFOLD[name]
    assert (found["code"], found["models"]) == (expected["code"], expected["models"]), done.output
    assert (expected["failure"] or "") in (found["failure"] or "")
    assert list(map(values, found["lines"])) == [pytest.approx(values(line), abs=2e-5) for line in expected["lines"]]
    assert (found["predictions"] is None) == (expected["predictions"] is None)
    if expected["predictions"] is not None:
        np.testing.assert_allclose(found["predictions"], expected["predictions"], atol=2e-6)


def values(line: str) -> dict[str, float]:
    """The round and the metrics of a line, by name: the container's order of metrics is its hash seed's.

    >>> values("[3]\\ttrain-auc:0.5")
    {'round': 3.0, 'train-auc': 0.5}
    """
    first, *rest = line.split("\t")
    return {"round": float(first.strip("[]"))} | {name: float(text) for name, text in (one.split(":") for one in rest)}


def test_no_case_is_without_what_it_is_for() -> None:
    """What was recorded is what the cases were made for: a record of nothing would be equal to nothing."""
    seen: dict[str, Any] = SCRIPT_MODE["tells"]["seen"]
    assert "--eta" in seen["argv"]
    assert {name: one["code"] for name, one in SCRIPT_MODE.items()} == {
        "tells": 0, "file": 0, "archive": 0, "nowhere": 2,
        "fails": 1, "raises": 1, "killed": 1, "no module": 1, "isolated": 1,
    }  # fmt: skip
    assert KFOLD["binary"]["lines"][-1].startswith("[4]\t")
    assert len(KFOLD["binary"]["models"]) == 6
