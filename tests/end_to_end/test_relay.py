"""The whole relay on one laptop: a file in, a served model and a mail out. Nothing here is a fake."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.mailbox import Mail
from tests.end_to_end.conftest import User

pytestmark = pytest.mark.xdist_group("end_to_end")


@pytest.fixture(scope="module")
def wine(user: User, examples: Callable[[str], Path]) -> Mail:
    """The wine data, dropped with the AWS command line; gives the mail about it."""
    user.settles("wine", "cultivar")
    user.copies(examples("wine"), "datasets/wine/train/wine.csv")
    return user.waits_for_mail("wine")


def test_a_dropped_file_becomes_a_live_model_and_one_mail(user: User, wine: Mail) -> None:
    assert wine.attributes["kind"] == "promoted"
    assert re.fullmatch(r"wine: new model live, F1 \(macro\) (0\.9\d{3}|1\.0000)", wine.subject)
    for part in ("Accuracy", "95 % interval", "Confusion matrix:", "Best hyperparameters of 2 trials", "Report: s3://"):
        assert part in wine.body
    assert len(user.mails("wine")) == 1


def test_the_live_endpoint_answers_raw_rows_in_the_users_words(
    user: User, wine: Mail, examples: Callable[[str], Path]
) -> None:
    rows = list(csv.reader(io.StringIO(examples("wine").read_text())))
    target = rows[0].index("cultivar")
    truth = [row[target] for row in rows[1:]]
    raw = [[cell for column, cell in enumerate(row) if column != target] for row in rows[1:]]
    buffer = io.StringIO()
    csv.writer(buffer).writerows(raw)

    answer = user.cloud.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="sagerelay-wine", ContentType="text/csv", Body=buffer.getvalue()
    )

    lines = [line.split(",") for line in answer["Body"].read().decode().splitlines()]
    right = sum(line[0] == label for line, label in zip(lines, truth, strict=True))
    assert right / len(truth) > 0.9
    assert all(sum(map(float, line[1:])) == pytest.approx(1, abs=1e-4) for line in lines)


def test_everything_the_design_promises_lies_in_the_bucket(user: User, wine: Mail) -> None:
    run = wine.attributes["run"]
    evaluation = user.evaluation(run)
    trials = json.loads(user.reads(f"runs/{run}/tuning/trials.json"))
    report = user.reads(f"runs/{run}/evaluation/report.html").decode()

    assert evaluation["metrics"]["accuracy"]["value"] > 0.85
    assert [trial["status"] for trial in trials["trials"]] == ["Completed"] * 2
    assert trials["best"] in {trial["name"] for trial in trials["trials"]}
    assert '<strong class="promoted">Promoted.</strong>' in report
    assert not re.search(r"""(src|href)=["']https?:""", report)
    for name in ("schema.json", "statistics.json", "constraints.json", "encoder/model.tar.gz", "test/test.csv"):
        assert user.reads(f"runs/{run}/prepared/{name}")


def test_only_the_live_endpoint_is_left_and_the_registry_knows_the_model(user: User, wine: Mail) -> None:
    user.sees_no_endpoint("wine-")
    sagemaker = user.cloud.client("sagemaker")

    def registered() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = sagemaker.list_model_packages(ModelPackageGroupName="sagerelay-wine")[
            "ModelPackageSummaryList"
        ]
        return found

    user.waits_until(registered, "a registered model: it is registered after the mail is sent")
    (package,) = registered()
    described = sagemaker.describe_model_package(ModelPackageName=package["ModelPackageArn"])

    assert [name for name in user.endpoints() if "wine" in name] == ["sagerelay-wine"]
    assert described["ModelApprovalStatus"] == "Approved"
    assert described["ModelMetrics"]["ModelQuality"]["Statistics"]["S3Uri"].endswith("/evaluation.json")


def test_the_same_file_again_starts_nothing_and_more_data_is_compared_with_the_live_model(
    user: User, wine: Mail, examples: Callable[[str], Path]
) -> None:
    user.puts("datasets/wine/train/wine.csv", examples("wine").read_bytes())
    header, *rows = examples("wine").read_text().splitlines()
    user.puts("datasets/wine/train/more.csv", "\n".join([header, *rows[::3]]).encode())

    second = user.waits_for_mail("wine", after=1)

    assert len(user.run_ids("wine")) == 2
    assert second.attributes["kind"] in {"promoted", "rejected"}
    assert "live model" in second.body
    evaluation = user.evaluation(second.attributes["run"])
    assert evaluation["live"]["run"] == wine.attributes["run"]
    assert evaluation["comparison"]["f1_macro"]["low"] <= evaluation["comparison"]["f1_macro"]["high"]


def test_a_regression_goes_the_same_way_with_the_default_algorithm(user: User, examples: Callable[[str], Path]) -> None:
    user.puts("datasets/diabetes/relay.yaml", b"target: progression\ntuning: {trials: 2, parallel: 2}\n")
    user.puts("datasets/diabetes/train/diabetes.csv", examples("diabetes").read_bytes())

    mail = user.waits_for_mail("diabetes")

    assert mail.attributes["kind"] == "promoted"
    assert re.search(r"^R2 +0\.\d+ +", mail.body, re.MULTILINE)
    assert "Confusion matrix" not in mail.body
    assert re.search(r"^Ensemble +0\.\d+ +", mail.body, re.MULTILINE)
    assert "Best single trial of 2 (validation:rmse" in mail.body


def test_a_gate_that_is_not_met_rejects_and_leaves_no_endpoint(user: User, examples: Callable[[str], Path]) -> None:
    user.puts(
        "datasets/strict/relay.yaml",
        b"target: progression\ntuning: {enabled: false}\nhyperparameters: {num_round: 5}\ngate: {minimum: 0.99}\n",
    )
    user.puts("datasets/strict/train/diabetes.csv", examples("diabetes").read_bytes())

    mail = user.waits_for_mail("strict")

    assert mail.attributes["kind"] == "rejected"
    assert "does not meet the minimum of 0.99" in mail.body
    assert "Tuning was off" in mail.body
    user.sees_no_endpoint("strict")
