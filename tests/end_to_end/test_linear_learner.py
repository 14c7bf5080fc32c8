"""`algorithm: linear-learner` from upload to mail on a laptop: tuned, served by three containers, asked by files."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.end_to_end import tables
from tests.end_to_end.conftest import User

pytestmark = pytest.mark.xdist_group("end_to_end")

DATASET = "straight"
SETTINGS = """
algorithm: linear-learner
target: churned
tuning: {objective: auc, trials: 2, parallel: 2, ranges: {learning_rate: {min: 0.01, max: 0.1}}}
endpoint: {mode: realtime}
"""


@pytest.fixture(scope="module")
def run(user: User) -> str:
    """The run that a file has begun, at its end; its mail has come."""
    user.puts(f"datasets/{DATASET}/relay.yaml", SETTINGS.encode())
    user.puts(f"datasets/{DATASET}/train/jan.csv", tables.text(tables.rows(count=400)).encode())
    mail = user.waits_for_mail(DATASET)
    assert mail.attributes["kind"] == "promoted", mail.body
    user.waits_until(lambda: not user.stands(DATASET).active, "a rest")
    return mail.attributes["run"]


def test_the_mail_says_what_it_was_tuned_for(user: User, run: str) -> None:
    body = user.mails(DATASET)[0].body

    assert "Best hyperparameters of 2 trials (validation:roc_auc_score " in body
    assert "learning_rate" in body
    assert "What matters most: " in body


def test_it_is_judged_and_its_columns_are_weighed_through_the_endpoint(user: User, run: str) -> None:
    evaluation = user.evaluation(run)

    assert evaluation["metrics"]["auc"]["value"] > 0.9
    worth = [one["column"] for one in evaluation["permutation_importance"]["columns"] if not one["noise"]]
    assert set(worth) == {"age", "income"}
    assert all("becomes likelier" in one["sentence"] for one in evaluation["effects"]["columns"])
    assert "importance-unavailable" not in [one["code"] for one in evaluation["warnings"]]


def test_three_containers_answer_rows_and_files_alike(user: User, run: str) -> None:
    model = user.cloud.client("sagemaker").describe_model(ModelName=f"{run}-model")
    assert [one["ContainerHostname"] for one in model["Containers"]] == ["encoder", "algorithm", "decoder"]
    assert model["Containers"][1]["Image"].endswith("/linear-learner:1")
    yes, no, gap = user.asks(DATASET, "Bonn,60,1900\nKöln,20,1000\n,,\n")
    assert [answer.split(",")[0] for answer in (yes, no)] == ["yes", "no"]
    assert sum(map(float, gap.split(",")[1:])) == pytest.approx(1)

    rows = tables.rows(first=400, count=40)
    user.puts(f"datasets/{DATASET}/score/new.csv", tables.text([row[:-1] for row in rows], tables.HEADER[:-1]).encode())
    user.waits_until(lambda: user.mails(DATASET)[-1].attributes["kind"] == "scored", "a file that is answered")
    (key,) = user.keys(f"predictions/{DATASET}/")
    found: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(user.reads(key).decode("utf-8-sig"))))
    assert sum(answer["predicted"] == row[-1] for answer, row in zip(found, rows, strict=True)) > 0.85 * len(rows)


def test_the_log_of_its_training_says_that_it_is_only_like_it(user: User, run: str) -> None:
    logs = user.cloud.client("logs")
    group, prefix = "/aws/sagemaker/TrainingJobs", f"{run}-train-1"
    (stream,) = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=prefix)["logStreams"]
    read = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)
    said = "\n".join(event["message"] for event in read["events"])
    assert "This is not SageMaker's linear-learner" in said
    assert "#quality_metric: host=algo-1, validation roc_auc_score <score>=" in said


def _table(target: str, count: int) -> str:
    """How large a house is follows from its age, what it costs from age and income."""
    found = []
    for _, age, income, _ in tables.rows(count=count):
        size = "small" if int(age) < 34 else "middling" if int(age) < 47 else "large"
        price = f"{1000 + 20 * int(age) + 3 * float(income):.2f}"
        found.append([age, income, size if target == "size" else price])
    return tables.text(found, ("age", "income", target))


@pytest.mark.slow
@pytest.mark.parametrize(("target", "metric", "least"), [("size", "accuracy", 0.6), ("price", "r2", 0.95)])
def test_several_classes_and_numbers_come_to_be_live_and_are_retrained(
    user: User, target: str, metric: str, least: float
) -> None:
    settings = f"algorithm: linear-learner\ntarget: {target}\ntuning: {{enabled: false}}\ngate: {{max_loss: 0.5}}\n"
    dataset = f"straight-{target}"
    user.puts(f"datasets/{dataset}/relay.yaml", settings.encode())
    user.puts(f"datasets/{dataset}/train/jan.csv", _table(target, 400).encode())
    mail = user.waits_for_mail(dataset)
    assert mail.attributes["kind"] == "promoted", mail.body
    assert user.evaluation(mail.attributes["run"])["metrics"][metric]["value"] > least
    user.waits_until(lambda: not user.stands(dataset).active, "a rest")
    (answer,) = user.asks(dataset, "60,1900\n")
    assert answer.startswith("large,") if target == "size" else abs(float(answer) - 7900) < 200

    user.puts(f"datasets/{dataset}/train/feb.csv", _table(target, 500).encode())
    again = user.waits_for_mail(dataset, after=1)
    told = user.evaluation(again.attributes["run"])
    assert told["live"]["run"] == mail.attributes["run"]
    assert told["comparison"]
    assert told["on_traffic"]["rows"] == 1, told["on_traffic"]["sentence"]
