"""A file in test/ as the job meets it: laid into a real S3 interface, asked of a really trained model."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pandas as pd

from jobs.evaluate.uploaded import evaluate_uploaded
from tests.evaluate.loopback import serving
from tests.evaluate.trained import Trained, write_files
from tests.ground_truth import traffic

BUCKET, LIVE = "relay", "sagerelay-clinic"
KEY = "datasets/clinic/test/feb.csv"
ACCESS = {"region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test"}


def promotion(task: str = "binary", value: float = 0.9) -> dict[str, Any]:
    return {"sagerelay": traffic.evaluation(task, value=value)}


def evaluated(
    s3: Any,
    folder: Path,
    model: Trained,
    files: Mapping[str, str | bytes],
    *,
    at_promotion: dict[str, Any] | None = None,
    trained_rows: str | None = None,
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
    context["uploaded"] = {"check": "clinic-test-4", "bucket": BUCKET, "objects": objects, "trained_rows": trained_rows}
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
