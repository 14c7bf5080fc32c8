"""The live model on uploaded test data: the whole job against a really trained model and a real S3 interface."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pandas as pd
import pytest
from moto.server import ThreadedMotoServer
from sklearn import metrics as oracle

from jobs.evaluate.uploaded import evaluate_uploaded
from tests.evaluate.loopback import serving
from tests.evaluate.trained import Trained, train, write_files

BUCKET, LIVE = "relay", "sagerelay-clinic"
KEY = "datasets/clinic/test/feb.csv"
ACCESS = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", **ACCESS)
    client.create_bucket(Bucket=BUCKET)
    yield client
    client.close()
    server.stop()


@pytest.fixture(scope="module")
def model() -> Trained:
    return train("binary")


def promotion(task: str = "binary", value: float = 0.9) -> dict[str, Any]:
    from tests.quality.traffic import evaluation

    return {"sagerelay": evaluation(task, value=value)}


def evaluated(
    s3: Any, folder: Path, model: Trained, files: dict[str, str | bytes], *, at_promotion: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The job run to its end: the `sagerelay` block of evaluation.json."""
    write_files(model, folder)
    objects = []
    for key, content in files.items():
        body = content if isinstance(content, bytes) else content.encode()
        etag = s3.put_object(Bucket=BUCKET, Key=key, Body=body)["ETag"].strip('"')
        objects.append({"key": key, "size": len(body), "etag": etag, "version_id": None})
    context = json.loads((folder / "context/context.json").read_text())
    context |= {"endpoint": LIVE, "live": None}
    context["uploaded"] = {"check": "clinic-test-4", "bucket": BUCKET, "objects": objects}
    (folder / "context/context.json").write_text(json.dumps(context))
    (folder / "evaluation.json").write_text(json.dumps(at_promotion or promotion(model.schema["task"])))
    paths = argparse.Namespace(
        context=folder / "context/context.json", prepared=folder / "prepared", model=folder / "model",
        evaluation=folder / "evaluation.json", output=folder / "output",
    )  # fmt: skip
    with serving({LIVE: model}) as address:
        runtime = boto3.client("sagemaker-runtime", endpoint_url=address, **ACCESS)
        evaluate_uploaded(paths, runtime, s3)
        runtime.close()
    found: dict[str, Any] = json.loads((folder / "output/evaluation.json").read_text())["sagerelay"]
    return found


def text(frame: pd.DataFrame, **options: Any) -> str:
    out = io.StringIO()
    frame.to_csv(out, index=False, **options)
    return out.getvalue()


def predictions(folder: Path) -> list[dict[str, str]]:
    with (folder / "output/predictions/predictions.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def codes(found: dict[str, Any]) -> set[str]:
    return {warning["code"] for warning in found["warnings"]}


def test_measures_the_live_model_on_the_users_rows(s3: Any, model: Trained, tmp_path: Path) -> None:
    found = evaluated(s3, tmp_path, model, {KEY: text(model.test)})
    actual = model.test["target"].tolist()
    rows = predictions(tmp_path)
    assert [row["actual"] for row in rows] == actual
    accuracy = oracle.accuracy_score(actual, [row["predicted"] for row in rows])
    block = found["at_promotion"]["metrics"]["accuracy"]
    assert found["metrics"]["accuracy"]["value"] == pytest.approx(accuracy)
    assert block["value"] == pytest.approx(accuracy)
    assert block["difference"] == pytest.approx(accuracy - 0.9)
    assert block["difference_low"] < block["difference"] < block["difference_high"]
    assert found["live"] is None
    assert found["comparison"] is None
    assert found["uploaded"]["rows"] == {
        "read": len(actual), "unlabelled": 0, "unknown_class": 0, "evaluated": len(actual)
    }  # fmt: skip
    assert "the 0.900 of the evaluation at promotion" in found["at_promotion"]["sentence"]
    assert not codes(found) & {"decimal-commas", "test-columns-ignored"}  # those of the training data are not repeated
    page = (tmp_path / "output/report.html").read_text()
    assert "the live model on uploaded test data" in page
    assert "Metrics, against the evaluation at promotion" in page
    assert KEY in page
