"""baseline.json as prepare writes it: the used columns of the training part, or of the captured rows in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from jobs.prepare.pipeline import prepare
from jobs.prepare.reference import ENOUGH_TRAFFIC
from jobs.profiles.counts import Counts
from jobs.profiles.profile import Reference
from jobs.settings import Inputs, PinnedObject
from tests.prepare import tables

NAMES = ("age", "plan", "member", "signup", "always", "churned")
UPLOADED, CAPTURED = "datasets/churn/train/a.csv", "monitoring/churn/x-quality-1/labelled.csv"


def rows(count: int, plan: str | None = None) -> list[list[str]]:
    return [
        [
            "" if i % 11 == 0 else str(i * 7 % 41),
            plan or tables.PLANS[i * 5 // 7 % 3],
            ("Yes", "YES", "no")[i % 3],
            f"2024-0{1 + i % 9}-1{i % 10}",
            "one",
            "yes" if i % 4 == 0 else "no",
        ]
        for i in range(count)
    ]


def baseline(folder: Path, captured: int) -> dict[str, Any]:
    files = {
        UPLOADED: tables.text(rows(400), NAMES),
        CAPTURED: tables.text(rows(captured, "max"), NAMES),
    }
    objects: list[PinnedObject] = [{"key": UPLOADED, "origin": "upload"}, {"key": CAPTURED, "origin": "traffic"}]
    inputs: Inputs = {"version": 1, "run": "churn-1a2b3c4d", "dataset": "churn", "objects": objects}
    prepare({**inputs, "settings": tables.settings()}, tables.laid_down(folder, files), None, folder / "prepared")
    found: dict[str, Any] = json.loads((folder / "prepared" / "baseline.json").read_text(encoding="utf-8"))
    return found


def test_it_holds_the_used_columns_and_no_target(tmp_path: Path) -> None:
    found = baseline(tmp_path, 1)
    assert (found["version"], found["run"], found["of"]) == (1, "churn-1a2b3c4d", "training")
    schema = tables.schema(tmp_path / "prepared")
    used = {column["name"]: column["kind"] for column in schema["columns"] if column["used"]}
    assert {column["name"]: column["kind"] for column in found["columns"]} == used
    assert {"always", "churned"} & set(used) == set()
    assert found["rows"] == schema["rows"]["train"]
    assert {Reference.read(column).rows for column in found["columns"]} == {found["rows"]}


def test_yes_and_no_have_one_spelling_each_the_schemas_first(tmp_path: Path) -> None:
    found = baseline(tmp_path, 1)
    member = next(column for column in found["columns"] if column["name"] == "member")
    entry = next(column for column in tables.schema(tmp_path / "prepared")["columns"] if column["name"] == "member")
    assert set(member["values"]) == {entry["true_words"][0], entry["false_words"][0]} == {"YES", "no"}


@pytest.mark.parametrize(
    ("captured", "of"),
    [(ENOUGH_TRAFFIC // 2, "training"), (2 * ENOUGH_TRAFFIC, "traffic")],
    ids=["too few captured rows", "enough captured rows"],
)
def test_captured_rows_are_the_baseline_where_there_are_enough(tmp_path: Path, captured: int, of: str) -> None:
    found = baseline(tmp_path, captured)
    plan = next(column for column in found["columns"] if column["name"] == "plan")
    assert found["of"] == of
    assert set(plan["values"]) == ({"max"} if of == "traffic" else {"max", *tables.PLANS})
    if of == "traffic":
        assert found["rows"] >= ENOUGH_TRAFFIC
        assert found["rows"] < tables.schema(tmp_path / "prepared")["rows"]["train"]


def test_the_test_part_counted_as_traffic_holds_nothing_unseen_in_its_words(tmp_path: Path) -> None:
    found = baseline(tmp_path, 300)
    test = pd.read_csv(tmp_path / "prepared" / "test" / "test.csv")
    references = {column["name"]: Reference.read(column) for column in found["columns"]}
    plan = Counts.empty(references["plan"]).add(test["plan"])
    age = Counts.empty(references["age"]).add(test["age"])
    assert (plan.unseen, plan.rows, plan.missing) == (0, len(test), int(test["plan"].isna().sum()))
    assert (age.unseen, age.missing) == (0, int(test["age"].isna().sum()))


def test_captured_rows_with_other_columns_are_left_out_and_told(tmp_path: Path) -> None:
    newer = [["x", *row] for row in rows(400)]
    files = {
        UPLOADED: tables.text(newer, ["segment", *NAMES]),
        CAPTURED: tables.text(rows(700, "max"), NAMES),
    }
    objects: list[PinnedObject] = [{"key": UPLOADED, "origin": "upload"}, {"key": CAPTURED, "origin": "traffic"}]
    inputs: Inputs = {"version": 1, "run": "churn-1a2b3c4d", "dataset": "churn", "objects": objects}
    prepare({**inputs, "settings": tables.settings()}, tables.laid_down(tmp_path, files), None, tmp_path / "prepared")
    schema = tables.schema(tmp_path / "prepared")
    assert schema["rows"]["read"] == 400
    (told,) = [warned for warned in schema["warnings"] if warned["code"] == "traffic-left-out"]
    assert "700 rows" in told["sentence"]


def by_day(count: int, *, shuffled: bool) -> list[list[str]]:
    """Rows of 40 days in their order or in none; `level` climbs with them."""
    made = rows(count)
    for place, row in enumerate(made):
        row[0] = f"{place + place * 7 % 41}"
        row[3] = f"2024-{1 + place * 40 // count // 28:02d}-{1 + place * 40 // count % 28:02d}"
    return [made[place * 389 % count] for place in range(count)] if shuffled else made


@pytest.mark.parametrize("shuffled", [False, True], ids=["in order of time", "shuffled"])
def test_what_blocks_reach_is_kept_where_the_rows_are_in_order_of_time(tmp_path: Path, *, shuffled: bool) -> None:
    files = {UPLOADED: tables.text(by_day(1_000, shuffled=shuffled), NAMES)}
    objects: list[PinnedObject] = [{"key": UPLOADED, "origin": "upload"}]
    inputs: Inputs = {"version": 1, "run": "churn-1a2b3c4d", "dataset": "churn", "objects": objects}
    prepare({**inputs, "settings": tables.settings()}, tables.laid_down(tmp_path, files), None, tmp_path / "prepared")
    found = json.loads((tmp_path / "prepared" / "baseline.json").read_text(encoding="utf-8"))["dependence"]
    assert (found["version"], found["order"]) == (1, None if shuffled else ["signup"])
    assert [one["rows"] for one in found["reach"]] == ([] if shuffled else [125])
    assert found["many_valued"] == ["age"]
    assert (found["clock"] or {}).get("column") == (None if shuffled else "signup")
    for one in found["reach"]:
        assert one["blocks"] == 5
        assert one["columns"]["age"]["distribution"][2] > 0.2
