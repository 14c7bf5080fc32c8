"""Labels, joined with the traffic they belong to, measured against the evaluation at promotion: the job without AWS."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from jobs.ground_truth.check import UnreadableTrafficError
from tests.ground_truth import traffic
from tests.ground_truth.checking import GOOD, accounted, checked, odd_traffic, rows_of


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_accuracy_on_real_traffic_is_that_of_the_rows(task: str, tmp_path: Path) -> None:
    captures = {"a": traffic.captured(task, 2000, accuracy=0.7)}
    found = checked(tmp_path, task, captures, {"l": traffic.labels(task, 1500)}, settings={"metric": "accuracy"})
    right = np.random.default_rng(1).random(2000)[:1500] < 0.7
    block = found["metrics"]["accuracy"]
    assert block["value"] == pytest.approx(right.mean())
    assert block["difference"] == pytest.approx(right.mean() - 0.9)
    assert block["difference_low"] < block["difference"] < block["difference_high"] < 0
    assert found["state"] == "fell"
    assert found["metric"] == "accuracy"
    assert found["coverage"] | {"labels": 1500, "matched": 1500, "captured": 2000} == found["coverage"]
    assert found["coverage"]["share_of_traffic"] == pytest.approx(0.75)
    assert sum(map(sum, found["confusion_matrix"])) == 1500
    assert np.trace(found["confusion_matrix"]) == right.sum()
    assert found["window"] == {"from": traffic.SINCE, "to": traffic.SINCE}
    assert found["problems"] == []
    assert found["history"][-1]["metrics"]["accuracy"] == block["value"]


def test_regression_and_its_smaller_is_better(tmp_path: Path) -> None:
    captures = {"a": traffic.captured("regression", 400, accuracy=0.5)}
    promotion = traffic.evaluation("regression", value=0.5, reach=0.1)
    found = checked(
        tmp_path, "regression", captures, {"l": traffic.labels("regression", 400)},
        promotion=promotion, settings={"metric": "mae"},
    )  # fmt: skip
    assert found["state"] == "fell"
    assert found["metrics"]["mae"]["value"] == pytest.approx(1.5, abs=0.2)
    assert "above the 0.500" in found["sentence"]
    assert found["confusion_matrix"] is None
    assert found["classes"] is None


def test_rows_of_one_request_have_ids_of_their_own(tmp_path: Path) -> None:
    answers = [traffic.answer("binary", n, right=True) for n in range(3)]
    captures = {"a": traffic.record([traffic.row(n) for n in range(3)], answers, event="e1", inference="batch") + "\n"}
    truths = [traffic.truth("binary", n) for n in range(3)]
    by_table = accounted(
        tmp_path, "binary", captures, {"l": f"id,label\nbatch/3,{truths[2]}\nbatch/1,{truths[0]}\nbatch,no\n"}
    )
    assert by_table["coverage"]["matched"] == 2
    assert by_table["coverage"]["unknown"] == 1
    record = {"groundTruthData": {"data": "\n".join(truths)}, "eventMetadata": {"inferenceId": "batch"}}
    by_record = checked(tmp_path, "binary", captures, {"l": json.dumps(record)})
    assert by_record["coverage"]["matched"] == 3
    assert [row["customer"] for row in rows_of(tmp_path / "labelled.csv")] == ["c000000", "c000001", "c000002"]
    assert np.trace(by_record["confusion_matrix"]) == 3


def test_an_event_id_serves_where_no_inference_id_was_given(tmp_path: Path) -> None:
    captures = {"a": traffic.record([traffic.row(1)], [traffic.answer("binary", 1, right=True)], event="e-77") + "\n"}
    assert accounted(tmp_path, "binary", captures, {"l": "event_id,label\ne-77,yes\n"})["coverage"]["matched"] == 1


def test_labelled_rows_are_the_requests_with_their_labels_whatever_model_answered(tmp_path: Path) -> None:
    captures = {
        "new": traffic.captured("binary", 30, accuracy=1.0),
        "old": traffic.captured("binary", 40, accuracy=0.0, at=traffic.BEFORE).replace('"r', '"old'),
    }
    labels = traffic.labels("binary", 30) + "".join(f"old{n},{traffic.truth('binary', n)}\n" for n in range(40))
    found = checked(tmp_path, "binary", captures, {"l": labels}, settings={"metric": "accuracy", "min_labels": 30})
    rows = rows_of(tmp_path / "labelled.csv")
    assert list(rows[0]) == ["age", "plan", "churned", "customer"]
    assert len(rows) == found["labelled"]["rows"] == 70
    assert found["coverage"]["of_live_model"] == 30
    assert found["metrics"]["accuracy"]["value"] == 1.0  # what the earlier model said is not the live one's fault
    by_customer = {row["customer"]: row for row in rows}
    for n in range(30):
        assert by_customer[f"c{n:06d}"]["age"] == str(20 + n % 50)
        assert by_customer[f"c{n:06d}"]["churned"] == traffic.truth("binary", n)


def test_evaluations_and_drills_are_no_traffic(tmp_path: Path) -> None:
    found = accounted(tmp_path, "binary", odd_traffic("binary"), {"l": "id,label\nours,yes\nr1,no\n"})
    assert found["coverage"]["unknown"] == 1
    assert found["coverage"]["captured"] == 23


def test_any_order_and_partition_of_the_files_gives_the_same(tmp_path: Path) -> None:
    lines = (traffic.captured("multiclass", 300, accuracy=0.6) + odd_traffic("multiclass")["b"]).splitlines()
    written = [*traffic.labels("multiclass", 250).splitlines()[1:], "r5,low", "r6,high", "twice,low", "gone,mid"]
    documents, tables = [], []
    for seed in range(3):
        chance = np.random.default_rng(seed)
        captures = {f"c{part}": "" for part in range(1 + 3 * seed)}
        for line in chance.permutation(lines):
            captures[f"c{chance.integers(len(captures))}"] += f"{line}\n"
        labels = {f"l{part}": "id,label\n" for part in range(1 + seed)}
        for line in chance.permutation(written):
            labels[f"l{chance.integers(len(labels))}"] += f"{line}\n"
        found = checked(tmp_path, "multiclass", captures, labels, settings={"min_labels": 30})
        del found["problems"]  # their first places follow the files
        documents.append(found)
        tables.append((tmp_path / "labelled.csv").read_bytes())
    assert documents[1:] == documents[:-1]
    assert tables[1:] == tables[:-1]


def test_traffic_that_cannot_be_read_at_all_is_a_failure_not_an_unknown_id(tmp_path: Path) -> None:
    with pytest.raises(UnreadableTrafficError, match="no captured record can be read"):
        accounted(tmp_path, "binary", {"a": "not json\n" * 9}, {"l": GOOD})


def test_some_bad_records_are_told_and_the_others_count(tmp_path: Path) -> None:
    captures = odd_traffic("binary") | {"c": '{"captureData": {"endpointInput"'}
    found = accounted(tmp_path, "binary", captures, {"l": GOOD})
    (problem,) = [one for one in found["problems"] if one["code"] == "truncated"]
    assert (problem["labels"], problem["records"]) == (0, 1)
    assert found["coverage"]["matched"] == 1


def test_the_history_goes_on_and_a_repeated_check_takes_its_own_place(tmp_path: Path) -> None:
    before = {"check": "churn-quality-2", "at": "2026-11-21T10:00:00Z", "state": "kept", "matched": 4, "metrics": {}}
    previous = {"history": [*([before] * 250), {**before, "check": "churn-quality-3"}]}
    found = checked(tmp_path, "binary", odd_traffic("binary"), {"l": GOOD}, previous=previous)
    assert len(found["history"]) == 200
    assert [entry["check"] for entry in found["history"][-2:]] == ["churn-quality-2", "churn-quality-3"]
    assert found["history"][-1]["matched"] == 1
