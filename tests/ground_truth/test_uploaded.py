"""The live model on uploaded test data: the whole job against a really trained model and a real S3 interface."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from botocore.exceptions import ClientError
from sklearn import metrics as oracle

from jobs.evaluate.endpoint import EndpointError, ask
from jobs.evaluate.uploaded import refused_row
from jobs.evaluate.uploaded_rows import Uploaded
from jobs.refusals import Refusal
from jobs.tables.bodies import Body
from jobs.tables.codes import CODES, TESTS
from tests.evaluate.trained import Trained, train
from tests.ground_truth.uploads import KEY, codes, evaluated, predictions, promotion, text


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
    assert "the 0.9000 of the evaluation at promotion" in found["at_promotion"]["sentence"]
    assert not codes(found) & {"decimal-commas", "test-columns-ignored"}  # those of the training data are not repeated
    page = (tmp_path / "output/report.html").read_text()
    assert "the live model on uploaded test data" in page
    assert "Metrics, against the evaluation at promotion" in page
    assert KEY in page


def test_the_threshold_is_told_as_at_promotion(s3: Any, model: Trained, tmp_path: Path) -> None:
    then, sides = promotion(), {"at": {"f1": 0.6}, "at_half": {"f1": 0.5}}
    then["sagerelay"]["decision"] = {"optimize": "f1", "threshold": 0.31, **sides}

    found = evaluated(s3, tmp_path, model, {KEY: text(model.test[:60])}, at_promotion=then)

    assert found["decision"] == then["sagerelay"]["decision"]
    assert "from a probability of 0.31 on" in (tmp_path / "output/report.html").read_text()


def test_columns_find_their_places_by_name_and_foreign_ones_are_told(s3: Any, model: Trained, tmp_path: Path) -> None:
    shuffled = model.test[sorted(model.test.columns, reverse=True)].assign(remark="1,5 or so", price="3 €")
    half = len(shuffled) // 2
    files = {
        "datasets/clinic/test/a.csv.gz": gzip.compress(text(shuffled[:half], sep=";").encode("utf-16")),
        "datasets/clinic/test/b.parquet": shuffled[half:].to_parquet(index=False),
    }
    found = evaluated(s3, tmp_path, model, files)
    assert [row["actual"] for row in predictions(tmp_path)] == model.test["target"].tolist()
    asked = pd.read_csv(tmp_path / "output/test.csv")
    assert list(asked.columns) == [column["name"] for column in model.schema["columns"]]
    assert asked["mean_area"].tolist() == pytest.approx(model.test["mean_area"].tolist())
    assert asked["ward"].tolist() == model.test["ward"].tolist()
    assert "test-columns-ignored" in codes(found)
    assert [entry["rows"] for entry in found["uploaded"]["files"]] == [half, len(shuffled) - half]


def test_labels_are_read_as_people_write_them_and_unknown_classes_left_out(
    s3: Any, model: Trained, tmp_path: Path
) -> None:
    frame = model.test.copy()
    frame["target"] = frame["target"].str.upper()
    frame.iloc[0, -1] = None
    frame.iloc[1:4, -1] = "doubtful"
    found = evaluated(s3, tmp_path, model, {KEY: text(frame)})
    assert [row["actual"] for row in predictions(tmp_path)] == model.test["target"].tolist()[4:]
    assert found["uploaded"]["rows"] == {
        "read": len(frame), "unlabelled": 1, "unknown_class": 3, "evaluated": len(frame) - 4
    }  # fmt: skip
    (warning,) = [one for one in found["warnings"] if one["code"] == "test-classes-unknown"]
    assert 'words like "aaaaaaaa"' in warning["sentence"]
    assert "the first is row 3" in warning["sentence"]
    assert "unlabelled-rows" in codes(found)


def test_a_regression_model_on_decimal_commas(s3: Any, tmp_path: Path) -> None:
    regression = train("regression")
    found = evaluated(
        s3, tmp_path, regression, {KEY: text(regression.test, sep=";", decimal=",")},
        at_promotion=promotion("regression", 0.4),
    )  # fmt: skip
    actual = [float(row["actual"]) for row in predictions(tmp_path)]
    assert actual == pytest.approx(regression.test["target"].tolist())
    assert found["at_promotion"]["metric"] == "r2"
    assert "Residuals" in (tmp_path / "output/report.html").read_text()


def test_an_unused_column_may_be_absent(s3: Any, tmp_path: Path) -> None:
    model = train("binary")
    next(column for column in model.schema["columns"] if column["name"] == "ward")["used"] = False
    found = evaluated(s3, tmp_path, model, {KEY: text(model.test.drop(columns="ward"))})
    assert "test-columns-absent" in codes(found)
    assert found["rows"] == len(model.test)


def refused_frames(frame: pd.DataFrame) -> list[tuple[str, pd.DataFrame, str]]:
    return [
        ("test-columns-missing", frame.drop(columns=["mean_area", "ward"]), 'no column "ward", "mean_area"'),
        ("test-target-missing", frame.drop(columns="target"), 'no column "target", which the live model predicts'),
        ("test-target-unreadable", frame.assign(target="maybe"), 'one of "benign", "malignant" in none of'),
        ("test-target-unreadable", frame.assign(target=None), "is empty in all"),
        (
            "test-kind-changed",
            frame.assign(mean_area="large"),
            'column "mean_area", row 2: a cell like "aaaaa" is no number',
        ),
        ("header-only", frame[:0], "no row below it"),
    ]


@pytest.mark.parametrize("place", range(6))
def test_what_the_model_cannot_be_evaluated_on_is_refused(place: int, s3: Any, model: Trained, tmp_path: Path) -> None:
    code, frame, says = refused_frames(model.test)[place]
    with pytest.raises(Refusal) as refused:
        evaluated(s3, tmp_path, model, {KEY: text(frame)})
    assert refused.value.code == code, refused.value
    assert says in refused.value.sentence
    assert refused.value.sentence.startswith((KEY, f'"{KEY}"'))
    assert refused.value.sentence.endswith(CODES[code].do)
    assert not (tmp_path / "output/evaluation.json").exists()


def test_a_row_that_the_endpoint_refuses_is_named_as_in_the_users_file() -> None:
    cells = pa.table({"age": ["1"] * 8})
    uploaded = Uploaded(cells, [("a.csv", 2), ("a.csv", 3), *(("b.csv", 5 + n) for n in range(6))], {}, [])
    answer = {
        "Error": {"Code": "ModelError", "Message": ""}, "OriginalStatusCode": 400,
        "OriginalMessage": '{"error": "row 2: column \\"day\\" should hold a date, but holds a cell like \\"aaaa\\""}',
    }  # fmt: skip
    failure = _failure(ClientError(answer, "InvokeEndpoint"))
    found = refused_row(failure, uploaded)
    assert isinstance(found, Refusal)
    assert found.code == "test-row-refused"
    assert 'b.csv, row 6: the live endpoint refuses it: column "day" should hold a date' in found.sentence
    assert refused_row(EndpointError("throttled"), uploaded) is None


def _failure(error: ClientError) -> EndpointError:
    class Refusing:
        def invoke_endpoint(self, **_request: Any) -> Any:
            raise error

    with pytest.raises(EndpointError) as failed:
        list(ask(Refusing(), "live", [Body(first=4, rows=6, text="age\n1\n")]))
    return failed.value


def test_every_code_of_a_test_file_is_tried_here() -> None:
    sources = [Path(__file__), Path(__file__).with_name("test_trained_rows.py")]
    source = "".join(path.read_text(encoding="utf-8") for path in sources)
    assert [row.code for row in TESTS if f'"{row.code}"' not in source] == []


@pytest.mark.parametrize("rows", [1, 3])
def test_a_few_rows_of_one_class_say_what_cannot_be_told(rows: int, s3: Any, model: Trained, tmp_path: Path) -> None:
    frame = model.test[model.test["target"] == "benign"][:rows]
    found = evaluated(s3, tmp_path, model, {KEY: text(frame)})
    assert found["rows"] == rows
    assert found["metrics"]["auc"]["value"] is None
    assert (
        f"cannot be compared with the evaluation at promotion: All {rows} test rows"
        in found["at_promotion"]["sentence"]
    )
    assert "small-test-set" in codes(found)


def test_names_of_files_and_columns_are_inert_in_the_page(s3: Any, model: Trained, tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>"
    evaluated(s3, tmp_path, model, {f"datasets/clinic/test/{hostile}.csv": text(model.test.assign(**{hostile: 1}))})
    page = (tmp_path / "output/report.html").read_text()
    assert hostile not in page
    assert "&lt;script&gt;alert(1)" in page
