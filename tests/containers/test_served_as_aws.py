"""The stand-in answers as AWS's own serving source did (`tests/containers/aws/serving.json`)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from local.containers.xgboost.inference import ScoringService
from local.containers.xgboost.script import ScriptService
from tests.containers.aws.cases import HERE
from tests.containers.aws.serving_cases import (
    FOLDS,
    PLACES,
    REQUESTS,
    SCRIPTS,
    answers,
    folded_model,
    folded_requests,
    script_model,
)

RECORDED: dict[str, Any] = json.loads((HERE / "serving.json").read_text())


def test_each_case_was_recorded() -> None:
    assert set(RECORDED) == {*SCRIPTS, *FOLDS}
    assert [one["status"] for one in RECORDED["tuple"]] == [200] * len(REQUESTS)
    assert {one["status"] for one in RECORDED["raises"]} == {500}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_asked_and_answers_as_there(tmp_path: Path, name: str) -> None:
    case = SCRIPTS[name]
    script_model(tmp_path, case)
    service = ScriptService(tmp_path / "model", PLACES | case.get("environment", {}))
    assert answers(service, REQUESTS) == RECORDED[name]


@pytest.mark.parametrize("name", FOLDS)
def test_the_models_of_all_folds_answer_together_as_there(tmp_path: Path, name: str) -> None:
    folded_model(tmp_path, name)
    found = answers(ScoringService(tmp_path / "model", {}), folded_requests(name))
    assert [numbers(one) for one in found] == [pytest.approx(numbers(one), rel=1e-6) for one in RECORDED[name]]
    assert [words(one) for one in found] == [words(one) for one in RECORDED[name]]


NUMBER = re.compile(r"\d+\.\d+(?:e-\d+)?")


def numbers(answer: dict[str, Any]) -> list[float]:
    return [float(text) for text in NUMBER.findall(answer["body"])]


def words(answer: dict[str, Any]) -> tuple[Any, ...]:
    return answer["status"], answer["type"], NUMBER.sub("#", answer["body"])
