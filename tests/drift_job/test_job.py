"""The job from its arguments to its files, with S3 handed in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from jobs.drift.__main__ import _parsed, check_traffic
from jobs.refusals import run
from tests.drift_job.made import Bucket, lay_out, records, rows

FILES = {"capture/a.jsonl": b"".join(records(rows(400, 2, older=20))), "capture/b.jsonl": b""}


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the job leaves its sentence."""
    path = tmp_path / "message"
    monkeypatch.setenv("SAGERELAY_MESSAGE_FILE", str(path))
    return path


def ends(
    folder: Path, bucket: Bucket, files: Mapping[str, bytes] = FILES, *, more: Sequence[str] = (), **changes: Any
) -> int:
    arguments = [*lay_out(folder, files, **changes), *more]
    return run(lambda: check_traffic(_parsed(arguments), bucket))


def test_a_check_leaves_its_three_files(tmp_path: Path, said: Path) -> None:
    assert ends(tmp_path, Bucket(FILES)) == 0
    document = json.loads((tmp_path / "out" / "drift.json").read_text())
    assert (document["version"], document["state"], document["drifted"]) == (1, "drifted", ["age"])
    assert document["window"]["files"] == 2
    assert [problem["code"] for problem in document["problems"]] == ["empty-file"]
    found = json.loads((tmp_path / "out" / "constraint_violations.json").read_text())
    assert "age" in {one["feature_name"] for one in found["violations"]}
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<html" in page
    assert "age" in page
    assert not said.exists()


def test_history_comes_from_the_check_before(tmp_path: Path) -> None:
    assert ends(tmp_path, Bucket(FILES), check="churn-drift-1") == 0
    (tmp_path / "out" / "drift.json").rename(tmp_path / "previous.json")
    assert ends(tmp_path, Bucket(FILES)) == 0
    document = json.loads((tmp_path / "out" / "drift.json").read_text())
    assert [entry["check"] for entry in document["history"]] == ["churn-drift-1", "churn-drift-2"]


def test_the_importance_of_the_columns_comes_from_the_evaluation(tmp_path: Path) -> None:
    shares = [{"column": "age", "gain": 0.7}, {"column": "plan", "gain": 0.3}]
    (tmp_path / "evaluation.json").write_text(json.dumps({"sagerelay": {"importance": shares}}))
    assert ends(tmp_path, Bucket(FILES), more=["--evaluation", str(tmp_path / "evaluation.json")]) == 0
    document = json.loads((tmp_path / "out" / "drift.json").read_text())
    found = {one["name"]: one["importance"] for one in document["features"]}
    assert found == {"age": 0.7, "plan": 0.3, "member": 0.0, "signed": 0.0}
    assert {one["importance"] for one in document["predictions"]} == {None}
    assert "70.0 % of the model's gain" in (tmp_path / "out" / "report.html").read_text()


@pytest.mark.parametrize("kept", ["{}", '{"sagerelay": {"importance": []}}', None])
def test_an_evaluation_without_importance_leaves_it_unknown(kept: str | None, tmp_path: Path) -> None:
    if kept is not None:
        (tmp_path / "evaluation.json").write_text(kept)
    assert ends(tmp_path, Bucket(FILES), more=["--evaluation", str(tmp_path / "evaluation.json")]) == 0
    document = json.loads((tmp_path / "out" / "drift.json").read_text())
    assert {one["importance"] for one in document["features"]} == {None}


def test_few_rows_still_make_a_page(tmp_path: Path) -> None:
    files = {"capture/a.jsonl": b"".join(records(rows(7, 2)))}
    assert ends(tmp_path, Bucket(files), files) == 0
    assert json.loads((tmp_path / "out" / "drift.json").read_text())["state"] == "not-enough-traffic"
    assert "7 rows" in (tmp_path / "out" / "report.html").read_text()


def refused(code: str, status: int) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetObject")


@pytest.mark.parametrize(
    ("code", "status", "told"), [("NoSuchKey", 404, "capture-changed"), ("AccessDenied", 403, "capture-unreadable")]
)
def test_a_read_that_failed_is_a_failure(code: str, status: int, told: str, tmp_path: Path, said: Path) -> None:
    bucket = Bucket(FILES, {"capture/a.jsonl": refused(code, status)})
    assert ends(tmp_path, bucket) == 2
    assert said.read_text().startswith(f"[{told}] capture/a.jsonl")
    assert not (tmp_path / "out").exists()


def test_nothing_readable_is_a_failure(tmp_path: Path, said: Path) -> None:
    files = {"capture/a.jsonl": b"\x00 binary\n" * 300}
    assert ends(tmp_path, Bucket(files), files) == 2
    assert said.read_text().startswith("[unreadable-traffic] Nothing of the captured traffic")
    assert not (tmp_path / "out").exists()


def test_a_model_made_before_monitoring_is_told(tmp_path: Path, said: Path) -> None:
    arguments = lay_out(tmp_path, FILES)
    (tmp_path / "baseline.json").unlink()
    assert run(lambda: check_traffic(_parsed(arguments), Bucket(FILES))) == 2
    assert "[baseline]" in said.read_text()


def test_a_model_without_kept_answers_is_checked_without_them(tmp_path: Path) -> None:
    arguments = lay_out(tmp_path, FILES)
    (tmp_path / "answers.json").unlink()
    assert run(lambda: check_traffic(_parsed(arguments), Bucket(FILES))) == 0
    document = json.loads((tmp_path / "out" / "drift.json").read_text())
    assert (document["drifted"], document["predictions"]) == (["age"], [])
    assert document["estimate"]["undefined"]


@pytest.mark.parametrize("changes", [{"live": {"run": "r"}}, {"live": {"run": "r", "promoted": "yesterday"}}])
def test_a_window_that_is_none_is_told(changes: dict[str, Any], tmp_path: Path, said: Path) -> None:
    assert ends(tmp_path, Bucket(FILES), **changes) == 2
    assert said.read_text().startswith("[window] window.json")
