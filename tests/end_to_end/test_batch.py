"""A dataset without an endpoint: judged by batch transforms, asked by files, watched all the same; there and back."""

from __future__ import annotations

import csv
import io

import pytest

from local.mailbox import Mail
from tests.end_to_end import tables
from tests.end_to_end.conftest import User

pytestmark = [pytest.mark.xdist_group("end_to_end"), pytest.mark.slow]

DATASET = "files"
SETTINGS = "tuning: {{enabled: false}}\ntarget: churned\ngate: {{max_loss: 0.5}}\nendpoint: {{mode: {mode}}}\n"


PIPELINE = (
    "algorithm: linear-learner\ntuning: {enabled: false}\ntarget: churned\ngate: {max_loss: 0.5}\n"
    "endpoint: {mode: batch}\n"
)


def test_a_pipeline_without_endpoint_answers_files_by_a_batch_transform(user: User) -> None:
    user.puts("datasets/piped/relay.yaml", PIPELINE.encode())
    user.puts("datasets/piped/train/jan.csv", tables.text().encode())
    assert user.waits_for_mail("piped").attributes["kind"] == "promoted"
    user.waits_until(lambda: not user.stands("piped").active, "a rest")
    rows = tables.rows()
    user.puts("datasets/piped/score/new.csv", tables.text([row[:-1] for row in rows], tables.HEADER[:-1]).encode())
    user.waits_until(lambda: user.mails("piped")[-1].attributes["kind"] == "scored", "a file that is answered")
    user.puts("datasets/piped/score/known.csv", tables.text().encode())
    user.waits_until(lambda: len(user.mails("piped")) == 3, "the same rows with their target")

    keys = {key.rpartition("/")[2]: key for key in user.keys("predictions/piped/")}
    new, known = (
        list(csv.DictReader(io.StringIO(user.reads(keys[name]).decode("utf-8-sig"))))
        for name in ("new.csv", "known.csv")
    )
    assert [row["predicted"] for row in new] == [row["predicted"] for row in known]
    right = sum(answer["predicted"] == row[-1] for answer, row in zip(new, rows, strict=True))
    assert right > 0.9 * tables.ROWS
    measured = user.mails("piped")[-1].body
    assert "The file holds the target" in measured
    assert len(user.keys("capture/sagerelay-piped/")) == 1  # of new.csv: rows whose target is known are a test
    asked = user.cloud.client("sagemaker").list_transform_jobs(NameContains="piped-score-")["TransformJobSummaries"]
    assert [one["TransformJobStatus"] for one in asked] == ["Completed", "Completed"]
    assert not [name for name in user.endpoints() if "piped" in name]


def promoted(user: User, mode: str, file: str) -> Mail:
    """The mail about a model that is trained on one file more, in this mode."""
    before = len(user.mails(DATASET))
    user.puts(f"datasets/{DATASET}/relay.yaml", SETTINGS.format(mode=mode).encode())
    user.puts(f"datasets/{DATASET}/train/{file}.csv", tables.text().encode())
    user.waits_until(lambda: len(user.mails(DATASET)) > before, f"a model in mode {mode}")
    user.waits_until(lambda: not user.stands(DATASET).active, "a rest")
    mail = user.mails(DATASET)[-1]
    assert mail.attributes["kind"] == "promoted", mail.body
    return mail


def compared_with(user: User, mail: Mail) -> dict[str, object]:
    live = user.evaluation(mail.attributes["run"])["live"]
    assert live["unavailable"] is None
    assert live["metrics"]["auc"]["value"] is not None
    found: dict[str, object] = live
    return found


def test_no_endpoint_then_one_and_none_again(user: User) -> None:
    first = promoted(user, "batch", "jan")
    assert "without an endpoint" in first.body
    assert "nothing bills by the hour" in first.body
    assert not [name for name in user.endpoints() if DATASET in name]
    asked = user.cloud.client("sagemaker").list_transform_jobs(NameContains=f"{DATASET}-")["TransformJobSummaries"]
    assert [one["TransformJobStatus"] for one in asked] == ["Completed"]

    user.puts(
        f"datasets/{DATASET}/score/new.csv",
        tables.text([row[:-1] for row in tables.rows()], tables.HEADER[:-1]).encode(),
    )
    user.waits_until(lambda: user.mails(DATASET)[-1].attributes["kind"] == "scored", "a file that is answered")
    (result,) = user.keys(f"predictions/{DATASET}/")
    rows = list(csv.DictReader(io.StringIO(user.reads(result).decode("utf-8-sig"))))
    assert len(rows) == tables.ROWS
    assert {row["predicted"] for row in rows} == {"yes", "no"}
    assert len(user.keys(f"capture/sagerelay-{DATASET}/")) == 1

    user.puts(f"datasets/{DATASET}/test/known.csv", tables.text().encode())
    user.waits_until(lambda: user.mails(DATASET)[-1].attributes["kind"] == "tested", "a test of a model without one")

    second = promoted(user, "realtime", "feb")
    assert user.status_of(f"sagerelay-{DATASET}") == "InService"
    assert compared_with(user, second)["run"] == first.attributes["run"]
    third = promoted(user, "batch", "mar")
    assert "was deleted" in third.body
    user.sees_no_endpoint(DATASET)
    assert compared_with(user, third)["run"] == second.attributes["run"]
    live = user.stands(DATASET).live
    assert live is not None
    assert (live.run, live.endpoint, live.mode) == (third.attributes["run"], f"sagerelay-{DATASET}", "batch")
