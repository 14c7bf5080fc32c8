"""The deployment zip under Lambda's real runtime client: every function, with recorded envelopes, and what it does.

The functions are those of the packaged template, the rules are its rules, and the processes hold what Lambda's hold.
Only the other side is ours: the Runtime API, and AWS on the loopback address with jobs whose results are canned.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.aws.store import Store
from chalicelib.records.run import Stage
from local import stack
from tests.lambda_runtime.account import RECORDED, Account, as_recorded
from tests.lambda_runtime.execution import Environment
from tests.lambda_runtime.installed import Function
from tests.scale.figures import Figures

pytestmark = pytest.mark.filterwarnings("ignore:Unclosed file <tempfile.SpooledTemporaryFile:ResourceWarning")

TUNED = Figures(25)
"""A dataset that is tuned and promoted."""
APPROVED = "tuning: {enabled: false}\ngate: {approval: manual}\ntarget: churned\n"


def stage(account: Account, dataset: str) -> Stage | None:
    table = Store(account.client("dynamodb"), stack.TABLE)
    last = table.dataset(dataset).last
    run = table.run(last.run) if last else None
    return run.stage if run else None


def creates(account: Account) -> list[str]:
    return [asked for asked in account.asked if asked.startswith("SageMaker.Create")]


def drop(account: Account, dataset: str, settings: bytes, number: int) -> None:
    account.put(f"datasets/{dataset}/relay.yaml", settings)
    account.put(f"datasets/{dataset}/train/data.csv", Figures(number).text())


def test_every_function_of_the_template_is_loaded(account: Account) -> None:
    assert len(account.functions) > 5
    environments = [account.environment_of(handler) for handler in account.functions]
    assert [environment.initialized() for environment in environments] == [None] * len(environments)


def somebody_elses() -> list[dict[str, Any]]:
    """Every recorded envelope as it was recorded; and a check asked for by somebody who knows no dataset of ours,
    because that event is a person's, and there is no recording of it."""
    recordings = [json.loads(file.read_text()) for file in sorted(RECORDED.glob("*.json"))]
    return [*recordings, {**recordings[0], "source": "sagerelay", "detail-type": "Check Requested", "detail": {}}]


def of_its_kind(account: Account, event: dict[str, Any]) -> list[str]:
    """The functions that are woken by such events when they are ours."""
    kind = event["detail-type"]
    return [
        handler
        for handler, function in account.functions.items()
        if any(
            event["source"] in pattern["source"] and kind in pattern.get("detail-type", [kind])
            for pattern in function.patterns
        )
    ]


@pytest.mark.parametrize("event", somebody_elses(), ids=lambda event: event["detail-type"])
def test_somebody_elses_event_is_answered_logged_and_changes_nothing(account: Account, event: dict[str, Any]) -> None:
    """The rules keep all but the last away (tests/infra/test_patterns.py); an alarm, say, is no function's business."""
    before = len(creates(account))

    for handler in of_its_kind(account, event):
        environment = account.environment_of(handler)
        known = len(environment.lines)
        outcome = environment.invoke(event)

        assert (outcome.kind, outcome.document) == ("response", None)
        (line,) = environment.lines[known:]
        assert line["message"] == "ignored"
        assert line["function_request_id"] == outcome.request_id
        assert line["reason"]
    assert len(creates(account)) == before


def test_every_function_that_takes_events_is_given_somebody_elses(account: Account) -> None:
    given = {handler for event in somebody_elses() for handler in of_its_kind(account, event)}
    assert given == {handler for handler, function in account.functions.items() if function.patterns}


# The scenarios, each told once. What builds on another scenario asks for it, so that every test can be run alone.


@pytest.fixture(scope="module")
def promoted(account: Account) -> list[str]:
    """A dataset with a live model; what SageMaker was asked to create for it."""
    before = len(creates(account))
    drop(account, TUNED.dataset, TUNED.settings, TUNED.number)
    account.until(lambda: stage(account, TUNED.dataset) is Stage.LIVE)
    return [asked.removeprefix("SageMaker.") for asked in creates(account)[before:]]


@pytest.fixture(scope="module")
def approved(account: Account) -> list[str]:
    """A model that a person approved; the functions that were woken by that."""
    drop(account, "asked", APPROVED.encode(), 20)
    account.until(lambda: stage(account, "asked") is Stage.AWAITING_APPROVAL)
    sagemaker = account.client("sagemaker")
    (package,) = sagemaker.list_model_packages(ModelPackageGroupName="sagerelay-asked")["ModelPackageSummaryList"]
    before = len(account.woken)
    sagemaker.update_model_package(ModelPackageArn=package["ModelPackageArn"], ModelApprovalStatus="Approved")
    account.until(lambda: stage(account, "asked") is Stage.LIVE)
    return account.woken[before:]


@pytest.fixture(scope="module")
def checked(account: Account, promoted: list[str]) -> int:
    """A check of a live model that a person asked for; how many jobs it began."""
    entry = {"Source": "sagerelay", "DetailType": "Check Requested", "Detail": json.dumps({"dataset": TUNED.dataset})}
    account.put(f"capture/sagerelay-{TUNED.dataset}/AllTraffic/2099/01/01/00/a.jsonl", b"{}")
    account.client("events").put_events(Entries=[entry])
    jobs = account.asked.count("SageMaker.CreateProcessingJob")
    account.until(lambda: "app.on_check_requested" in account.woken)
    return account.asked.count("SageMaker.CreateProcessingJob") - jobs


@pytest.fixture(scope="module")
def swept(account: Account) -> None:
    """A model that is live although every event after the upload was lost."""
    drop(account, "lost", APPROVED.replace("gate: {approval: manual}\n", "").encode(), 20)
    account.until(lambda: stage(account, "lost") is Stage.PREPARING)
    account.delivered_nowhere()
    assert account.sweep().kind == "response"
    assert stage(account, "lost") is Stage.TRAINING
    for _ in range(9):
        account.delivered_nowhere()
        account.sweep()


def test_an_upload_becomes_a_live_model(account: Account, promoted: list[str]) -> None:
    assert [operation for operation in promoted if "Training" not in operation][:8] == [
        "CreateProcessingJob",
        "CreateHyperParameterTuningJob",
        "CreateProcessingJob",  # packs what was trained with what encodes for it
        "CreateModel",
        "CreateEndpointConfig",
        "CreateEndpoint",
        "CreateProcessingJob",
        "CreateEndpointConfig",
    ]
    assert account.published
    assert set(account.woken) >= {
        f"app.{name}" for name in ("on_upload", "on_processing_job", "on_tuning_job", "on_training_job", "on_endpoint")
    }


def test_a_person_approves_a_model(approved: list[str]) -> None:
    assert "app.on_approval" in approved


def test_a_person_asks_for_a_check(checked: int) -> None:
    assert checked == 1


@pytest.mark.usefixtures("swept")
def test_the_sweep_finds_what_no_event_told(account: Account) -> None:
    assert stage(account, "lost") is Stage.LIVE
    metric = next(line for line in account.environment_of("app.sweep").lines if "SweepCompleted" in line)
    assert metric["SweepCompleted"] == [1.0]
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "SageRelay"


@pytest.mark.usefixtures("promoted", "approved", "checked", "swept")
def test_the_scenarios_wake_every_function_and_none_complains(account: Account) -> None:
    """They leave nothing out that the template holds."""
    assert set(account.woken) == set(account.functions)
    for handler in account.functions:
        assert all(line["level"] != "ERROR" for line in account.environment_of(handler).lines if "level" in line)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((400, "AccessDeniedException"), "ClientError"),
        # boto3 asks five times, and knows this error of DynamoDB's by name.
        pytest.param((500, "InternalServerError"), "InternalServerError", marks=pytest.mark.slow),
    ],
)
def test_what_aws_refuses_is_an_invocation_error_that_lambda_tries_again(
    account: Account, answer: tuple[int, str], error: str, tmp_path: Path
) -> None:
    account.delivered_nowhere()
    dataset = f"refused-{answer[0]}"
    account.put(f"datasets/{dataset}/train/data.csv", Figures(20).text())
    event = as_recorded(account.envelopes.get(timeout=120))
    (handler,) = account.matching(event)
    function = account.functions[handler]

    # In a process of its own, whose log may hold an error.
    with Environment(account.place, function, account.variables(function), tmp_path) as environment:
        with account.failing("DynamoDB_20120810.GetItem", *answer):
            outcome = environment.invoke(event)

        assert (outcome.kind, outcome.document["errorType"]) == ("error", error)
        assert answer[1] in outcome.document["errorMessage"]
        assert any("chalicelib" in frame for frame in outcome.document["stackTrace"])
        assert stage(account, dataset) is None
        assert environment.invoke(event).kind == "response"
    assert stage(account, dataset) is Stage.PREPARING


def test_a_missing_variable_is_an_error_that_names_it(account: Account, tmp_path: Path) -> None:
    function = account.functions["app.on_upload"]
    variables = {name: value for name, value in account.variables(function).items() if name != "SAGERELAY_TABLE"}

    with Environment(account.place, function, variables, tmp_path) as environment:
        outcome = environment.invoke(json.loads((RECORDED / "s3_eventbridge_object_created_doc.json").read_text()))

    assert (outcome.kind, outcome.document["errorType"]) == ("error", "DeploymentError")
    assert "SAGERELAY_TABLE" in outcome.document["errorMessage"]


def test_a_handler_that_is_not_there_is_told_at_once(account: Account, tmp_path: Path) -> None:
    function = Function("app.on_nothing", (), None, {}, 512, 60)

    with Environment(account.place, function, {}, tmp_path) as environment:
        outcome = environment.initialized()

    assert outcome is not None
    assert outcome.kind == "init/error"
    assert "on_nothing" in outcome.document["errorMessage"]


def test_a_cold_start_imports_no_boto3(account: Account, tmp_path: Path) -> None:
    function = account.functions["app.on_upload"]
    variables = account.variables(function)

    with Environment(account.place, function, variables, tmp_path, "-X", "importtime") as environment:
        assert environment.initialized() is None
        cold = imported(environment)
        environment.invoke(json.loads((RECORDED / "s3_eventbridge_object_created_doc.json").read_text()))
        warm = imported(environment)

    assert {"chalicelib", "chalice.app", "aws_lambda_powertools"} <= cold
    # powertools looks whether there is a botocore, by importing its empty package.
    assert [name for name in sorted(cold) if name.startswith(("boto3", "botocore.", "yaml", "pydantic"))] == []
    assert "boto3" in warm, "it is there to be imported when it is needed"


def imported(environment: Environment) -> set[str]:
    """The modules that were imported so far."""
    return {line.rpartition("|")[2].strip() for line in environment.errors.splitlines() if "import time:" in line}


def test_nothing_but_lambda_s_own_is_importable(account: Account) -> None:
    """What the tests above saw work would be worth little if the developer's packages were in reach."""
    for folder in (account.place.runtime, account.place.task_root):
        assert not {"moto", "pandas", "numpy", "sklearn", "sagemaker"} & {path.name for path in folder.iterdir()}
