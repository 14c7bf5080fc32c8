"""What the jobs of release 0.1.0 left in S3: its model is served, compared with and monitored by today's jobs.

The files were written by that release's own jobs: `documents/` holds a prepared run (train.csv is what it was made
of), the numbers its encoder made of test.csv, and what a live model is monitored by.
"""

from __future__ import annotations

import csv
import json
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chalicelib.algorithms.xgboost.objectives import objective
from chalicelib.contract.metrics import Task
from chalicelib.mails.messages import about_run
from chalicelib.records.commands import Mail
from chalicelib.records.events import EvaluationRead, SchemaRead
from chalicelib.records.run import Problem, Stage
from chalicelib.relay import documents
from chalicelib.relay.deciding import decide
from jobs.capture import cut
from jobs.drift.check import check
from jobs.drift.traffic import Baseline, count
from jobs.encoding import Encoder
from jobs.prepare.pipeline import prepare
from jobs.profiles.profile import Reference
from tests.capture.capturing import SCHEMA
from tests.drift_job.made import asked, records, rows
from tests.evaluate.loopback import serving
from tests.evaluate.test_job import CANDIDATE, run_from_nothing
from tests.evaluate.test_job import LIVE as LIVE_ENDPOINT
from tests.evaluate.trained import train, write_files
from tests.records.states import GOLDEN
from tests.relay.builders import DEPLOYMENT, LIVE, NOW, run

OLD = GOLDEN / "0.1.0" / "documents"


def document(name: str) -> Any:
    return json.loads((OLD / name).read_text(encoding="utf-8"))


def encoder_json() -> str:
    with tarfile.open(OLD / "encoder.tar.gz") as archive:
        member = archive.extractfile("encoder.json")
        assert member
        return member.read().decode()


def test_an_old_encoder_makes_the_same_numbers_of_the_same_rows() -> None:
    encoder, expected = Encoder.from_json(encoder_json()), document("encoded.json")
    with (OLD / "test.csv").open(encoding="utf-8", newline="") as file:
        header, *table = csv.reader(file)

    found = encoder.encode_rows(header, [[cell or None for cell in row] for row in table])

    assert list(encoder.features) == expected["features"]
    np.testing.assert_array_equal(found, np.array(expected["rows"], dtype=np.float32))


def test_an_old_schema_is_read() -> None:
    read = documents.read_schema((OLD / "schema.json").read_bytes())

    assert isinstance(read, SchemaRead)
    assert (read.task, read.classes) == ("binary", ("no", "yes"))


@pytest.mark.parametrize("live", [None, "schema.json"])
def test_inputs_that_the_old_release_pinned_are_prepared(tmp_path: Path, live: str | None) -> None:
    """A run that it began may have to be prepared again, and its model is the live one of the next."""
    inputs = document("inputs.json")
    objects, settings = documents.read_inputs((OLD / "inputs.json").read_bytes())
    assert objects[0].key == inputs["objects"][0]["key"]
    assert settings["tuning"]["trials"] == 20

    prepare(inputs, [(objects[0].key, OLD / "train.csv")], document(live) if live else None, tmp_path / "prepared")

    schema = json.loads((tmp_path / "prepared" / "schema.json").read_text(encoding="utf-8"))
    old = document("schema.json")
    assert [schema[name] for name in ("task", "target", "classes")] == [
        old[name] for name in ("task", "target", "classes")
    ]
    assert schema["version"] == old["version"]


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_an_old_evaluation_is_judged_and_told(task: str) -> None:
    read = documents.read_evaluation((OLD / f"evaluation-{task}.json").read_bytes())
    assert isinstance(read, EvaluationRead)
    learned = Problem(
        Task(task), tuple(read.evaluation["classes"] or ()) or None, "application/x-parquet", {"read": 100}
    )
    evaluating = run(Stage.EVALUATING, problem=learned, objective=objective("auto", Task(task)), live=LIVE)

    judged = decide(evaluating, read, NOW).run

    assert judged.stage is Stage.PROMOTING
    assert judged.verdict
    assert "live model" in judged.verdict.reason
    told = about_run(Mail.PROMOTED, replace(judged, stage=Stage.LIVE), DEPLOYMENT)
    assert judged.verdict.reason[:30] in told.text


def monitored(**shifts: Any) -> dict[str, Any]:
    of = document("watched.json")
    columns = tuple(Reference.read(column) for column in of["baseline"]["columns"])
    live = Baseline(SCHEMA, columns, of["answers"], frozenset({"age"}))
    body = b"".join(records(rows(2000, 2, **shifts)))
    result: Any = check(asked(), count(cut([("f", body)]), live, asked().which, 1))
    return result


def test_an_old_models_traffic_is_compared_with_its_own_baseline() -> None:
    assert monitored()["state"] == "stable"
    drifted = monitored(older=10, new_plan=0.05)
    assert (drifted["state"], drifted["drifted"]) == ("drifted", ["age", "plan"])
    assert drifted["estimate"]["metrics"].keys() == monitored()["estimate"]["metrics"].keys()


def test_a_prepared_baseline_is_read() -> None:
    columns = [Reference.read(column) for column in document("baseline.json")["columns"]]

    assert {column.name for column in columns} == {"age", "plan", "member", "signed", "income"}


@pytest.mark.slow
def test_a_candidate_of_today_is_compared_with_a_live_model_of_the_old_release(tmp_path: Path) -> None:
    """By the whole job, with the schema and the answers that the old release left of its live model."""
    model = train("binary")
    arguments = write_files(model, tmp_path, live=True)
    (tmp_path / "live" / "schema.json").write_bytes((OLD / "evaluated-schema-binary.json").read_bytes())

    with serving({CANDIDATE: model, LIVE_ENDPOINT: train("binary", rounds=1, max_depth=1)}) as address:
        ended = run_from_nothing(arguments, address, tmp_path / "message")

    assert ended.returncode == 0, ended.output
    ours = json.loads((tmp_path / "output/evaluation.json").read_text(encoding="utf-8"))["sagerelay"]
    assert ours["live"]["unavailable"] is None
    assert ours["comparison"]["auc"]["difference"] > 0
    old = document("evaluation-binary.json")["sagerelay"]
    assert ours["metrics"]["auc"]["value"] == pytest.approx(old["metrics"]["auc"]["value"])
    assert ours["comparison"].keys() >= old["comparison"].keys()
