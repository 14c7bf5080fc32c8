"""A tuning that SageMaker refuses: what may be given up is, once; the run goes on and says what it did without."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.algorithms.image_metrics import LISTED
from chalicelib.algorithms.objectives import Objective
from chalicelib.algorithms.xgboost.objectives import OBJECTIVES, listed_instead, objective
from chalicelib.aws.errors import DeniedError, RefusedError
from chalicelib.contract.metrics import Task
from chalicelib.mails.messages import about_run
from chalicelib.names import RunKeys, Step
from chalicelib.records.commands import Mail, Start
from chalicelib.records.events import StepFailed
from chalicelib.records.run import Failure, Run, Stage
from chalicelib.relay import deciding
from chalicelib.requests import Call, concessions
from chalicelib.requests.training import past_tuning
from jobs.report import sections_run
from tests.relay.builders import DEPLOYMENT, NOW, XGBOOST, evaluation, run, settings
from tests.relay.world import World, drop

AUCPR = objective("aucpr", Task.BINARY)
REFUSAL = "ValidationException: The objective metric is not one of the algorithm's."
Refuses = Callable[[dict[str, Any]], bool]


def refusing(here: World, refuses: Refuses, error: type[Exception] = RefusedError) -> list[dict[str, Any]]:
    """Let SageMaker refuse some tunings; gives every request for one, in order."""
    asked: list[dict[str, Any]] = []
    ensure = here.sagemaker.ensure

    def ensured(call: Call) -> None:
        if call.operation == "create_hyper_parameter_tuning_job":
            asked.append(call.arguments)
            if refuses(call.arguments):
                raise error(REFUSAL)
        ensure(call)

    here.sagemaker.ensure = ensured
    return asked


def tuned_for(request: dict[str, Any]) -> str:
    return str(request["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"])


def unlisted(request: dict[str, Any]) -> bool:
    return tuned_for(request) not in LISTED


def warm(request: dict[str, Any]) -> bool:
    return "WarmStartConfig" in request


def record(here: World, run_id: str) -> Run:
    found = here.runtime.executor.store.run(run_id)
    assert found is not None
    return found


def trials_of(here: World, run_id: str) -> Any:
    body = here.s3.body(RunKeys(run_id).trials)
    return dict(json.loads(body or b""))


@pytest.mark.parametrize("asked", [one for names in OBJECTIVES.values() for one in names.values()], ids=str)
def test_every_objective_is_listed_or_has_a_nearest_one_that_is(asked: Objective) -> None:
    nearest = listed_instead(asked)
    assert (nearest is None) == (asked.metric in LISTED)
    assert nearest is None or nearest.metric in LISTED


def test_an_objective_that_is_refused_gives_way_to_the_nearest_listed_and_the_owner_is_told(here: World) -> None:
    here.put("relay.yaml", b"algorithm: xgboost\ntuning: {objective: aucpr}")
    asked = refusing(here, unlisted)
    name = drop(here)
    here.relay(name, here.runtime.receive)

    assert [tuned_for(one) for one in asked] == ["validation:aucpr", "validation:auc"]
    assert len({one["HyperParameterTuningJobName"] for one in asked}) == 1
    assert asked[1]["TrainingJobDefinition"]["StaticHyperParameters"]["eval_metric"] == "error,auc,logloss"
    assert here.stage(name) == "live"
    assert any(
        "validation:auc instead of validation:aucpr" in line and REFUSAL in line for line in record(here, name).history
    )
    [mail] = here.mails()
    assert (mail["kind"], mail["objective"]) == ("promoted", "validation:auc")
    told = "SageMaker refused to tune for validation:aucpr, which relay.yaml asks for. It was tuned for validation:auc"
    assert told in about_run(Mail.PROMOTED, record(here, name), DEPLOYMENT).text
    trials = trials_of(here, name)
    assert (trials["objective"]["metric"], trials["instead_of"]) == ("validation:auc", "validation:aucpr")
    section = sections_run.tuning(trials)
    assert section is not None
    assert section["instead_of"] == "validation:aucpr"


def test_an_objective_that_is_taken_is_kept_and_nothing_is_said(here: World) -> None:
    here.put("relay.yaml", b"tuning: {objective: aucpr}")
    asked = refusing(here, lambda _: False)
    name = drop(here)
    here.relay(name, here.runtime.receive)

    assert [tuned_for(one) for one in asked] == ["validation:aucpr"]
    assert concessions.sentence(record(here, name), XGBOOST) == ""
    assert trials_of(here, name)["instead_of"] is None


def test_a_parent_that_is_refused_costs_one_call_and_not_the_run(here: World) -> None:
    first = drop(here)
    here.relay(first, here.runtime.receive)
    asked = refusing(here, warm)
    second = drop(here, "train/feb.csv")
    here.relay(second, here.runtime.receive)

    assert [warm(one) for one in asked] == [True, False]
    assert here.stage(second) == "live"
    assert any(f"without what {first}-tune-1 had learned" in line for line in record(here, second).history)
    assert trials_of(here, second)["warm_start_parents"] == []


def test_both_may_be_refused_and_each_is_given_up_once(here: World) -> None:
    here.put("relay.yaml", b"tuning: {objective: aucpr}")
    here.relay(drop(here), here.runtime.receive)
    asked = refusing(here, lambda one: warm(one) or unlisted(one))
    name = drop(here, "train/feb.csv")
    here.relay(name, here.runtime.receive)

    assert [(tuned_for(one), warm(one)) for one in asked] == [
        ("validation:aucpr", True),
        ("validation:aucpr", False),
        ("validation:auc", False),
    ]
    assert here.stage(name) == "live"


def test_the_objective_that_was_taken_instead_is_what_the_next_tuning_starts_from(here: World) -> None:
    here.put("relay.yaml", b"tuning: {objective: aucpr}")
    asked = refusing(here, unlisted)
    first = drop(here)
    here.relay(first, here.runtime.receive)
    here.relay(drop(here, "train/feb.csv"), here.runtime.receive)

    assert [(tuned_for(one), warm(one)) for one in asked[2:]] == [("validation:aucpr", False), ("validation:auc", True)]


def test_whatever_else_is_refused_fails_the_run_with_the_last_words(here: World) -> None:
    asked = refusing(here, lambda _: True)
    name = drop(here)
    here.runtime.receive(here.end(name, Step.PREPARE))

    assert len(asked) == 1
    assert here.stage(name) == "failed"
    assert here.mails()[0]["failure"]["reason"] == REFUSAL


def test_what_is_not_allowed_is_not_asked_for_otherwise(here: World) -> None:
    here.put("relay.yaml", b"tuning: {objective: aucpr}")
    asked = refusing(here, lambda _: True, DeniedError)
    name = drop(here)
    here.runtime.receive(here.end(name, Step.PREPARE))

    assert len(asked) == 1
    assert here.stage(name) == "failed"


def test_a_tuning_that_ran_and_failed_is_no_refusal() -> None:
    before = run(Stage.TUNING, objective=AUCPR, settings=settings(tuning={"objective": "aucpr"}))
    event = StepFailed(Step.TUNE, 1, "ValidationException: said by a job")
    assert deciding.decide(before, event, NOW).run.stage is Stage.FAILED
    again = deciding.decide(before, replace(event, refused=True), NOW).run
    assert (again.stage, again.attempt, again.pending) == (Stage.TUNING, 1, (Start(Step.TUNE, 1),))


@pytest.mark.parametrize("mail", [Mail.PROMOTED, Mail.REJECTED, Mail.APPROVAL_NEEDED, Mail.FAILED])
def test_every_mail_about_the_result_says_so(mail: Mail) -> None:
    wanted = settings(tuning={"objective": "aucpr"})
    failure = Failure(Stage.TRAINING, "churn-1a2b3c4d-train-1", "AlgorithmError: exit code 1", "See the log.")
    about = run(Stage.LIVE, settings=wanted, evaluation=evaluation(), failure=failure)
    assert "refused to tune for validation:aucpr" in about_run(mail, about, DEPLOYMENT).text
    assert "refused to tune" not in about_run(mail, replace(about, objective=AUCPR), DEPLOYMENT).text


def test_a_run_without_a_tuning_leaves_nothing_to_start_from() -> None:
    assert past_tuning(run(Stage.LIVE, trials=0), XGBOOST) is None
    assert past_tuning(run(Stage.LIVE, settings=settings(tuning={"strategy": "Hyperband"})), XGBOOST) is None
