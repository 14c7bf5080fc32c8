"""From records to a verdict: what is found, what is not called drift, and what does not matter."""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.capture import cut
from jobs.drift.check import check
from jobs.drift.traffic import Traffic, count
from jobs.drift.trust import qualified
from jobs.drift.violations import violations
from jobs.drift.window import Window
from jobs.refusals import Refusal
from tests.capture.capturing import record
from tests.drift_job.made import CONSTRAINTS, Rows, asked, baseline, known, records, rows


@cache
def live() -> Any:
    return known(baseline())


def traffic(lines: list[bytes], window: Window | None = None, files: int = 1, threads: int = 1) -> Traffic:
    parts = [(f"f{number}", b"".join(lines[number::files])) for number in range(files)]
    return count(cut(part for part in parts if part[1]), live(), (window or asked()).which, threads)


def checked(made: Rows, **changes: Any) -> Any:
    return check(asked(**changes), traffic(records(made)))


def test_the_same_traffic_is_stable() -> None:
    document = checked(rows(2000, 2))
    assert (document["state"], document["drifted"], document["share_drifted"]) == ("stable", [], 0.0)
    assert {one["name"] for one in document["features"]} == {"age", "plan", "member", "signed"}
    assert {one["name"] for one in document["predictions"]} == {"prediction", "p(no)", "p(yes)"}
    assert document["estimate"]["loss"] == "none"
    assert document["window"] | {"from": None, "to": None} == {
        "from": None,
        "to": None,
        "rows": 2000,
        "records": 2000,
        "files": 1,
        "left_out": {"evaluation": 0, "earlier-model": 0, "drill": 0},
    }
    assert document["window"]["from"] == document["window"]["to"] == "2026-11-21T10:00:00Z"


def test_what_moved_is_named_worst_first() -> None:
    document = checked(rows(2000, 2, older=10, new_plan=0.05))
    assert document["state"] == "drifted"
    assert document["drifted"] == ["age", "plan"]
    assert document["share_drifted"] == 0.5
    worst = document["features"][0]
    assert (worst["name"], worst["verdict"], worst["aspect"]) == ("age", "drifted", "distribution")
    assert worst["score"] >= worst["threshold"]
    assert worst["p_value"] < document["thresholds"]["p_value"]
    assert document["features"][1]["aspect"] == "unseen"


def test_an_estimate_far_outside_of_training_says_that_it_is_not_to_be_relied_on() -> None:
    far, near = (checked(rows(2000, 2, older=years)) for years in (90, 10))
    assert far["estimate"]["loss"] in {"none", "possible"}
    assert 'Do not rely on it here: many values of "age" (' in far["estimate"]["sentence"]
    assert "Do not rely" not in near["estimate"]["sentence"]
    age: Any = next(one for one in far["features"] if one["name"] == "age")
    estimate: Any = {"loss": "certain", "sentence": "It is worse."}
    assert qualified(estimate, [age]) == estimate, "a loss that is seen stands"
    estimate["loss"] = "none"
    ignored: Any = age | {"importance": 0.0}
    assert qualified(estimate, [ignored]) == estimate, "the model does not look at it"
    many: Any = [age | {"name": f"a{number}"} for number in range(5)]
    several = qualified(estimate, many)["sentence"]
    assert several.count("%") == 3
    assert " and 2 more lie outside" in several


def test_answers_alone_are_drift_and_can_hurt() -> None:
    document = checked(rows(2000, 3, unsure=True))
    assert (document["state"], document["drifted"]) == ("drifted", [])
    assert any(one["verdict"] == "drifted" for one in document["predictions"])
    assert document["estimate"]["loss"] == "certain"
    drifted = [one["name"] for one in document["predictions"] if one["verdict"] == "drifted"]
    assert document["history"][-1]["answers"] == drifted != []


def test_all_tests_of_a_check_share_its_significance() -> None:
    limits = checked(rows(500, 2))["thresholds"]
    assert limits["tests"] >= 7
    assert limits["p_value"] == pytest.approx(0.01 / limits["tests"])


def test_too_few_rows_are_no_verdict() -> None:
    document = checked(rows(99, 2, older=30))
    assert document["state"] == "not-enough-traffic"
    assert (document["features"], document["drifted"], document["share_drifted"]) == ([], [], None)
    assert document["window"]["rows"] == 99
    assert document["estimate"]["undefined"]
    assert checked(rows(99, 2), settings={"min_rows": 50})["state"] == "stable"


def test_no_traffic_at_all_is_not_enough() -> None:
    assert check(asked(), traffic([]))["state"] == "not-enough-traffic"
    evaluated = traffic(records(rows(300, 2), attributes=["sagerelay=evaluation"]))
    document = check(asked(), evaluated)
    assert (document["state"], document["window"]["left_out"]["evaluation"]) == ("not-enough-traffic", 300)


def test_traffic_that_cannot_be_read_is_a_failure_and_never_stable() -> None:
    with pytest.raises(Refusal, match=r"unreadable-traffic.*Nothing .* could be read.*f0 line 1"):
        check(asked(), traffic([b"garbage\n"] * 500))


def test_where_most_cannot_be_read_it_is_not_said_that_there_was_too_little() -> None:
    evaluated = records(rows(300, 2), attributes=["sagerelay=evaluation"])
    with pytest.raises(Refusal, match="Nothing of the captured traffic could be read"):
        check(asked(), traffic([*evaluated, *[record("1,2\n")] * 200]))
    with pytest.raises(Refusal, match="Only 20 of 220 records of the captured traffic could be read"):
        check(asked(), traffic([*records(rows(20, 2)), *[record("1,2\n")] * 200]))
    few = check(asked(), traffic([*evaluated, *records(rows(20, 2)), *[record("1,2\n")] * 20]))
    assert (few["state"], few["problems"][0]["records"]) == ("not-enough-traffic", 20)


def test_broken_records_beside_good_ones_are_told() -> None:
    document = check(asked(), traffic([*records(rows(500, 2)), b'{"captureData": \n', record("1,2\n")]))
    assert document["state"] == "stable"
    assert [(one["code"], one["records"]) for one in document["problems"]] == [("truncated", 1), ("fewer-columns", 1)]


def test_a_drill_counts_only_its_own() -> None:
    mine = records(rows(300, 2, older=30), attributes=["sagerelay=drill-d1"])
    window = asked(drill="d1")
    document = check(window, traffic([*mine, *records(rows(900, 2))], window))
    assert (document["drill"], document["window"]["rows"], document["drifted"]) == ("d1", 300, ["age"])
    assert document["window"]["left_out"]["other-traffic"] == 900


def test_history_is_kept_oldest_first_and_a_repeated_check_once() -> None:
    first = check(asked(check="churn-drift-1"), traffic(records(rows(500, 2))))
    second = check(asked(), traffic(records(rows(500, 2, older=20))), first)
    again = check(asked(), traffic(records(rows(500, 2, older=20))), second)
    assert [entry["check"] for entry in again["history"]] == ["churn-drift-1", "churn-drift-2"]
    entry = again["history"][-1]
    assert (entry["state"], entry["rows"], entry["drifted"]) == ("drifted", 500, ["age"])
    assert entry["answers"] == []
    assert entry["scores"]["age"] > 0.3
    assert 0 < entry["estimated"]["auc"] < 1
    long: Any = {"history": [{"check": f"c{number}"} for number in range(400)]}
    assert len(check(asked(), traffic([]), long)["history"]) == 200


def test_everything_is_plain_json() -> None:
    document = checked(rows(500, 2, older=3))
    assert json.loads(json.dumps(document, allow_nan=False)) == document


@settings(max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(1, 7), st.sampled_from([1, 2]))
def test_the_division_into_files_changes_nothing(chance: Random, files: int, threads: int) -> None:
    lines = [*MIXED]
    chance.shuffle(lines)
    parted = check(asked(), traffic(lines, files=files, threads=threads))
    assert without_sentences(parted) == whole()


ODD = [b"garbage\n", record("1,2\n"), record(encoding="BASE64"), record(time=None), record(answer=None)]
MIXED = [*records(rows(120, 4, older=5, new_plan=0.1), per=1), *records(rows(150, 5), per=50), *ODD]


@cache
def whole() -> Any:
    return without_sentences(check(asked(), traffic(MIXED)))


def without_sentences(document: Any) -> Any:
    """Its problems without their words, which name a place in a file."""
    return {**document, "problems": [{**problem, "sentence": ""} for problem in document["problems"]]}


def test_constraints_are_held_against_the_traffic_as_model_monitor_does() -> None:
    made = rows(500, 2, older=20, new_plan=0.1)
    made["age"][:50] += 0.5
    lines = [*records(made), *[record(",basic,Yes,2026-01-02,\n")] * 50, record("1,2\n"), record("1,2,3,4,5,6,7\n")]
    counted = traffic([*lines, record("many,basic,Yes,2026-01-02,\n")])
    document = check(asked(), counted)
    found = violations(CONSTRAINTS, counted, document["features"])
    kinds = {(one["feature_name"], one["constraint_check_type"]) for one in found["violations"]}
    assert kinds == {
        ("Missing columns", "missing_column_check"),
        ("Extra columns", "extra_column_check"),
        ("age", "data_type_check"),
        ("age", "completeness_check"),
        ("plan", "categorical_values_check"),
        ("age", "baseline_drift_check"),
        ("plan", "baseline_drift_check"),
    }
    assert {*found["violations"][0]} == {"feature_name", "constraint_check_type", "description"}


def test_traffic_like_the_training_data_violates_nothing() -> None:
    counted = traffic(records(rows(2000, 1)))
    document = check(asked(), counted)
    assert violations(CONSTRAINTS | {"features": CONSTRAINTS["features"][1:]}, counted, document["features"]) == {
        "version": 0.0,
        "violations": [],
    }
