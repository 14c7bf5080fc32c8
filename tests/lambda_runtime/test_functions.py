"""The deployment zip under Lambda's real runtime client: every function, with recorded envelopes, and what it does.

The functions are those of the packaged template, the rules are its rules, and the processes hold what Lambda's hold.
Only the other side is ours: the Runtime API, and AWS on the loopback address with jobs whose results are canned.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalicelib.aws.store import Store
from chalicelib.run import Stage
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


@pytest.mark.parametrize("file", sorted(RECORDED.glob("*.json")), ids=lambda file: file.stem)
def test_somebody_elses_recorded_event_is_answered_logged_and_changes_nothing(account: Account, file: Path) -> None:
    event = json.loads(file.read_text())
    before = len(creates(account))

    for handler in account.matching(event):
        environment = account.environment_of(handler)
        known = len(environment.lines)
        outcome = account.invoke(handler, event)

        assert outcome.kind == "response"
        (line,) = environment.lines[known:]
        assert line["message"] == "ignored"
        assert line["function_request_id"] == outcome.request_id
        assert line["reason"]
    assert len(creates(account)) == before


def test_an_upload_becomes_a_live_model(account: Account) -> None:
    drop(account, TUNED.dataset, TUNED.settings, TUNED.number)

    account.until(lambda: account.published)

    assert stage(account, TUNED.dataset) is Stage.LIVE
    assert [asked.removeprefix("SageMaker.") for asked in creates(account) if "Training" not in asked][:7] == [
        "CreateProcessingJob",
        "CreateHyperParameterTuningJob",
        "CreateModel",
        "CreateEndpointConfig",
        "CreateEndpoint",
        "CreateProcessingJob",
        "CreateEndpointConfig",
    ]
    assert set(account.woken) >= {
        f"app.{name}" for name in ("on_upload", "on_processing_job", "on_tuning_job", "on_training_job", "on_endpoint")
    }


def test_a_person_approves_a_model(account: Account) -> None:
    drop(account, "asked", APPROVED.encode(), 20)
    account.until(lambda: stage(account, "asked") is Stage.AWAITING_APPROVAL)
    sagemaker = account.client("sagemaker")
    (package,) = sagemaker.list_model_packages(ModelPackageGroupName="sagerelay-asked")["ModelPackageSummaryList"]

    sagemaker.update_model_package(ModelPackageArn=package["ModelPackageArn"], ModelApprovalStatus="Approved")
    account.until(lambda: stage(account, "asked") is Stage.LIVE)

    assert "app.on_approval" in account.woken


def test_a_person_asks_for_a_check(account: Account) -> None:
    entry = {"Source": "sagerelay", "DetailType": "Check Requested", "Detail": json.dumps({"dataset": TUNED.dataset})}
    account.client("s3").put_object(
        Bucket=stack.BUCKET, Key=f"capture/sagerelay-{TUNED.dataset}/AllTraffic/2099/01/01/00/a.jsonl", Body=b"{}"
    )
    account.client("events").put_events(Entries=[entry])
    jobs = account.asked.count("SageMaker.CreateProcessingJob")

    account.until(lambda: "app.on_check_requested" in account.woken)

    assert account.asked.count("SageMaker.CreateProcessingJob") == jobs + 1


def test_the_sweep_finds_what_no_event_told(account: Account) -> None:
    drop(account, "lost", APPROVED.replace("gate: {approval: manual}\n", "").encode(), 20)
    account.until(lambda: stage(account, "lost") is Stage.PREPARING)
    account.delivered_nowhere()

    outcome = account.sweep()

    assert outcome.kind == "response"
    assert stage(account, "lost") is Stage.TRAINING
    (metric,) = [line for line in account.environment_of("app.sweep").lines if "SweepCompleted" in line]
    assert metric["SweepCompleted"] == [1.0]
    assert metric["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "SageRelay"
    for _ in range(9):
        account.delivered_nowhere()
        account.sweep()
    assert stage(account, "lost") is Stage.LIVE


def test_every_function_was_woken(account: Account) -> None:
    """The tests above leave nothing out that the template holds."""
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
    account: Account, answer: tuple[int, str], error: str
) -> None:
    account.delivered_nowhere()
    dataset = f"refused-{answer[0]}"
    account.put(f"datasets/{dataset}/train/data.csv", Figures(20).text())
    event = as_recorded(account.envelopes.get(timeout=5))
    (handler,) = account.matching(event)

    with account.failing("DynamoDB_20120810.GetItem", *answer):
        outcome = account.invoke(handler, event)

    assert (outcome.kind, outcome.document["errorType"]) == ("error", error)
    assert answer[1] in outcome.document["errorMessage"]
    assert any("chalicelib" in frame for frame in outcome.document["stackTrace"])
    assert stage(account, dataset) is None
    assert account.invoke(handler, event).kind == "response"
    assert stage(account, dataset) is Stage.PREPARING


def test_a_missing_variable_is_an_error_that_names_it(account: Account, tmp_path: Path) -> None:
    function = account.functions["app.on_upload"]
    variables = {name: value for name, value in account.variables(function).items() if name != "SAGERELAY_TABLE"}

    with Environment(account.place, function, variables, tmp_path) as environment:
        outcome = environment.invoke(json.loads((RECORDED / "s3_eventbridge_object_created_doc.json").read_text()))

    assert (outcome.kind, outcome.document["errorType"]) == ("error", "DeploymentError")
    assert "SAGERELAY_TABLE" in outcome.document["errorMessage"]


def test_a_handler_that_is_not_there_is_told_at_once(account: Account, tmp_path: Path) -> None:
    function = Function("app.on_nothing", None, None, {}, 512, 60)

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
