"""Which column is taken for the target where none is set, and whether its numbers are amounts or classes."""

# ruff: noqa: E501  one case, one line

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jobs.prepare.amounts import judge
from jobs.prepare.choice import find_target
from jobs.prepare.identifiers import counts_rows
from jobs.prepare.pipeline import Prepared, decide
from jobs.refusals import Refusal
from jobs.tables.notes import Notes
from tests.prepare import tables
from tests.prepare.tables import text
from tests.prepare.titanic import passengers

COLORS = ("red", "blue", "green")
Row = Callable[[int], list[str]]


def behind(names: tuple[str, ...], cells: Row, count: int = 120) -> str:
    """The orderly table with further columns behind its last."""
    return text([[*row, *cells(i)] for i, row in enumerate(tables.rows(count))], (*tables.HEADER[:3], "left", *names))


def told(judged: Prepared, code: str) -> str:
    return " ".join(warned.sentence for warned in judged.notes.warnings if warned.code == code)


NO_TARGETS: dict[str, tuple[tuple[str, ...], Row]] = {
    "pandas' index": (("__index_level_0__",), lambda i: [str(i * 3 + i % 2)]),
    "an index of a file": (("Unnamed: 0",), lambda i: [str(i % 50)]),
    "a running number": (("n",), lambda i: [str(i)]),
    "a running number with gaps": (("n",), lambda i: [str(i + i // 3)]),
    "an identifier by name": (("customer_id",), lambda i: [str(i * 7919 % 10_007)]),
    "an identifier few rows share": (("order_id",), lambda i: [str(i % 4)]),
    "an identifier of words": (("who",), lambda i: [f"c-{i:x}-{i * 7919:x}"]),
    "a date": (("when",), lambda i: [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}"]),
    "the same date in every row": (("at",), lambda _: ["2024-03-05 10:00:00"]),
    "a time of day": (("at",), lambda i: [f"{i % 24}:{i % 60:02d}"]),
    "a year": (("year",), lambda i: [str(1990 + i % 30)]),
    "a month": (("order_month",), lambda i: [str(1 + i % 12)]),
    "parts of a date": (("Year", "Month", "Day", "Hour"), lambda i: [str(2020 + i // 300), str(1 + i // 30 % 9), str(1 + i % 28), str(i % 24)]),
    "a week beside its year": (("yr", "week"), lambda i: [str(2000 + i // 52), str(1 + i % 52)]),
    "seconds since 1970": (("timestamp",), lambda i: [str(1_700_000_000 + i * 7919 % 100_003)]),
    "milliseconds since 1970": (("createdAt",), lambda i: [str(1_700_000_000_000 + i * 7919 % 100_003)]),
    "free text": (("remark",), lambda i: [f"the customer said {i} times that it was fine"]),
    "a one-hot column": (tuple(f"color_{c}" for c in COLORS), lambda i: [str(int(i % 3 == n)) for n in range(3)]),
    "one-hot without the first": (("port_Q", "port_S"), lambda i: [str(int(i % 3 == n)) for n in range(2)]),
    "one-hot of truths": (("a=x", "a=y"), lambda i: [str(i % 3 == 0), str(i % 3 != 0)]),
    "several of them": (("when", "id", "Unnamed: 0"), lambda i: [f"{1 + i % 28}.12.2024", str(i), str(i)]),
    "more words than classes": (("city",), lambda i: [f"city {i % 101}"]),
}  # fmt: skip


@pytest.mark.parametrize("what", NO_TARGETS)
def test_what_is_no_target_is_not_assumed_to_be_one(what: str, tmp_path: Path) -> None:
    names, cells = NO_TARGETS[what]
    judged = tables.judged(tmp_path, {"a.csv": behind(names, cells, 400)})
    assert judged.target.name == "left"
    warned = next(w for w in judged.notes.warnings if w.code == "target-assumed")
    assert warned.first
    assert '"left"' in warned.sentence
    assert f'"{names[-1]}"' in warned.sentence
    assert warned.sentence.endswith("Set target in relay.yaml to be sure.")


@pytest.mark.parametrize(
    ("names", "cells"),
    [
        (("is_new", "is_old"), lambda i: [str(int(i % 3 == 0)), str(int(i % 2))]),
        (("has_garden",), lambda i: [str(i % 2)]),
        (("risk_class",), lambda i: [str(i % 3)]),
        (("amount",), lambda i: [str(1000 + i * 7919 % 997)]),
        (("arrival_month", "days"), lambda i: [str(1 + i % 12), str(1 + i % 28)]),
        (("day",), lambda i: [str(1 + i % 28)]),
        (("response_time",), lambda i: [str(100 + i * 7919 % 997)]),
    ],
)
def test_what_may_be_a_target_is_taken(names: tuple[str, ...], cells: Row, tmp_path: Path) -> None:
    assert tables.judged(tmp_path, {"a.csv": behind(names, cells)}).target.name == names[-1]


def test_where_nothing_could_be_the_target_it_is_asked_for(tmp_path: Path) -> None:
    content = text([[str(i), f"2024-01-{1 + i % 28:02d}", f"x{i}"] for i in range(90)], ("id", "day", "who"))
    with pytest.raises(Refusal, match=r"^\[target-unclear\] a.csv: .*\"who\" names.*\"day\" is a date.*Set target in"):
        tables.judged(tmp_path, {"a.csv": content})


def test_a_typical_name_is_nearer_than_the_last_column() -> None:
    notes = Notes()
    assert find_target(["Id", "Survived", "Port"], None, "a.csv", notes) == "Survived"
    assert [w.code for w in notes.warnings] == ["target-assumed"]
    assert find_target(["Default Payment next month", "z"], None, "a.csv", notes) == "Default Payment next month"


def test_the_live_target_stays_the_target() -> None:
    notes = Notes()
    assert find_target(["a", "b", "survived"], None, "a.csv", notes, live="b") == "b"
    assert "as for the live model" in notes.warnings[0].sentence
    assert find_target(["a", "b"], None, "a.csv", Notes(), live="gone") == "b"
    assert find_target(["a", "b"], "a", "a.csv", Notes(), live="b") == "a"


@pytest.mark.parametrize(
    ("cell", "task", "code", "says"),
    [
        (lambda i: str(100 + 5 * (i % 12)), "regression", "numbers-as-amounts", "12 whole numbers in steps of 5 were"),
        (lambda i: str((100, 105, 115)[i % 3]), "regression", "numbers-as-amounts", "3 whole numbers in steps of 5"),
        (lambda i: str(1 + 2 * (i % 4)), "regression", "numbers-as-amounts", "4 whole numbers in steps of 2"),
        (lambda i: str(2000 + 50 * (i % 21)), "regression", "numbers-as-amounts", "21 whole numbers were taken"),
        (lambda i: "9" if i < 3 else str(i % 4), "regression", "numbers-as-amounts", "in fewer than 5 rows"),
        (lambda i: str(i % 3), "multiclass", "numbers-as-classes", "3 whole numbers were taken for classes; set task: regression if they are amounts."),
        (lambda i: str(1 + i % 5), "multiclass", "numbers-as-classes", "5 whole numbers were taken for classes; set task: regression if they are amounts."),
        (lambda i: str(i % 3 - 1), "multiclass", "numbers-as-classes", "3 whole numbers"),
        (lambda i: f"{i % 3}.0", "multiclass", "numbers-as-classes", "3 whole numbers"),
        (lambda i: str(i % 2 * 100), "binary", "numbers-as-classes", "2 whole numbers"),
        (lambda i: str(i % 2), "binary", "", ""),
        (lambda i: str(1 + i % 2), "binary", "", ""),
        (lambda i: str(1 - i % 2 * 2), "binary", "", ""),
        (lambda i: f"{i}.5", "regression", "", ""),
        (lambda i: str(i * 7), "regression", "", ""),
        (lambda i: f"0{1 + i % 3}", "multiclass", "", ""),
        (lambda i: "abc"[i % 3], "multiclass", "", ""),
    ],
)  # fmt: skip
def test_amounts_and_classes(cell: Callable[[int], str], task: str, code: str, says: str, tmp_path: Path) -> None:
    content = text(tables.column(3, lambda _, i: cell(i), 240))
    judged = tables.judged(tmp_path, {"a.csv": content}, target="churned")
    assert judged.target.task == task
    assert {w.code for w in judged.notes.warnings} & {"numbers-as-amounts", "numbers-as-classes"} == ({code} - {""})
    assert says in told(judged, code)


@pytest.mark.parametrize("task", ["regression", "multiclass"])
def test_a_task_that_is_set_is_not_questioned(task: str, tmp_path: Path) -> None:
    content = text(tables.column(3, lambda _, i: str(100 + 5 * (i % 4))))
    judged = tables.judged(tmp_path, {"a.csv": content}, target="churned", task=task)
    assert judged.target.task == task
    assert not [w for w in judged.notes.warnings if w.code.startswith("numbers-as")]


def test_a_slip_among_zeros_and_ones_makes_no_amounts(tmp_path: Path) -> None:
    content = text(tables.column(3, lambda _, i: "9" if i in (40, 50) else str(i % 2), 600))
    judged = tables.judged(tmp_path, {"a.csv": content}, target="churned")
    assert (judged.target.task, judged.target.classes) == ("binary", ("0", "1"))
    assert 'like "9" (2); 2 such rows were left out (the first is in a.csv, row 42)' in told(judged, "class-left-out")


def test_a_rare_class_of_a_large_file_is_left_out(tmp_path: Path) -> None:
    content = text(tables.column(3, lambda c, i: {30: "maybe", 400: "perhaps"}.get(i, c), 600))
    judged = tables.judged(tmp_path, {"a.csv": content}, target="churned")
    assert judged.target.classes == ("no", "yes")
    assert judged.target.counts == (449, 149)
    assert int(judged.target.labelled.sum()) == 598 == sum(map(len, (judged.split.train, judged.split.validation, judged.split.test)))  # fmt: skip
    assert np.isnan(judged.target.labels[[30, 400]]).all()


@pytest.mark.parametrize(("rows", "rare"), [(300, "yes"), (60, "maybe")])
def test_a_rare_class_that_matters_is_refused(rows: int, rare: str, tmp_path: Path) -> None:
    others = "n" if rare == "yes" else "ny"
    content = text(tables.column(3, lambda _, i: rare if i < 2 else others[i % len(others)], rows))
    with pytest.raises(Refusal, match=r"^\[class-too-small\]"):
        tables.judged(tmp_path, {"a.csv": content}, target="churned")


LIVE: Any = {"target": "churned", "columns": []}


@pytest.mark.parametrize(
    ("cell", "before", "after"),
    [
        (lambda i: str(i % 5), "regression", "regression"),
        (lambda i: str(100 + 5 * (i % 4)), "multiclass", "multiclass"),
        (lambda i: str(i % 30), "multiclass", "multiclass"),
        (lambda i: f"{i}.5", "multiclass", "regression"),  # another question, refused where schemas are compared
        (lambda i: "abc"[i % 3], "regression", "multiclass"),
    ],
)
def test_the_task_of_the_live_model_stays(cell: Callable[[int], str], before: str, after: str, tmp_path: Path) -> None:
    files = tables.laid_down(tmp_path, {"a.csv": text(tables.column(3, lambda _, i: cell(i), 240))})
    judged = decide(tables.settings(target="churned"), files, live=LIVE | {"task": before})
    assert judged.target.task == after


@pytest.mark.parametrize("target", ["Survived", None])
def test_the_passengers_list_is_taken(target: str | None, tmp_path: Path) -> None:
    output = tables.prepared(tmp_path, {"titanic.csv": passengers()}, target=target)
    schema = tables.schema(output)
    assert (schema["target"], schema["task"], schema["classes"]) == ("Survived", "binary", ["0", "1"])
    kinds = {column["name"]: column["kind"] for column in schema["columns"]}
    assert (kinds["Ticket"], kinds["PassengerId"]) == ("text", "identifier")
    assert {name for name in kinds if kinds[name] in ("numeric", "categorical", "boolean")} >= {"Pclass", "Sex", "Age", "SibSp", "Parch", "Fare", "Embarked"}  # fmt: skip
    assert bool([w for w in schema["warnings"] if w["first"] and "Survived" in w["sentence"]]) == (target is None)
    assert any(w["column"] == "Ticket" and w["row"] for w in schema["warnings"])


def parts(*ranges: range) -> list[np.ndarray[Any, np.dtype[np.float64]]]:
    return [np.array(list(numbers), dtype=np.float64) for numbers in ranges]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (parts(range(1, 101), range(201, 301)), True),
        (parts(range(100_001, 100_101), range(1, 101)), True),
        (parts(range(1, 101), range(1, 101)), True),
        (parts(range(100, 0, -1)), True),
        (parts(range(10, 1010, 10)), False),
        (parts(range(100), range(50, 0, -1)), False),
        (parts(*(range(i, i + 1) for i in range(100))), False),
        ([np.array(sorted(random.Random(1).sample(range(1_000), 400)), dtype=np.float64)], True),
        ([np.array([3.0, 1.0, 2.0, 5.0] * 10)], False),
        ([np.array([1.0, np.nan, 3.0] * 10)], False),
    ],
)
def test_a_running_number_is_known_by_its_steps(files: Any, *, expected: bool) -> None:
    assert counts_rows(files) == expected


@pytest.mark.parametrize(("name", "first"), [("year", 1700), ("Year", 1960), ("order_year", 1901), ("jahr", 1950)])
def test_years_are_no_running_number(name: str, first: int, tmp_path: Path) -> None:
    content = text([[str(first + i), str(i * 7919 % 997)] for i in range(90)], (name, "spots"))
    judged = tables.judged(tmp_path, {"a.csv": content}, target="spots")
    assert [(column.kind, column.used) for column in judged.columns] == [("numeric", True)]
    assert f"{{how: time, column: {name}}}" in told(judged, "time-order")


@pytest.mark.parametrize(("name", "first"), [("year", 1), ("year_id", 1900), ("n", 1900)])
def test_what_is_no_year_is_a_running_number(name: str, first: int, tmp_path: Path) -> None:
    content = tables.added(name, lambda i: str(first + i), 90)
    assert tables.judged(tmp_path, {"a.csv": content}, target="churned").columns[0].kind == "identifier"


def test_a_running_number_stays_one_when_files_with_a_gap_are_added(tmp_path: Path) -> None:
    def numbered(start: int) -> str:
        return tables.added("n", lambda i: str(start + i))

    (tmp_path / "old").mkdir()
    first = tables.prepared(tmp_path / "old", {"a.csv": numbered(1)}, target="churned")
    live = tables.schema(first)
    files = {"a.csv": numbered(1), "b.csv": numbered(90_001), "c.csv": numbered(500)}
    (tmp_path / "new").mkdir()
    later = tables.schema(tables.prepared(tmp_path / "new", files, live, target="churned"))
    assert later["columns"][0]["kind"] == "identifier"
    shuffled = random.Random(1).sample(range(9_000), 60)
    traffic = {"a.csv": numbered(1), "t.csv": tables.added("n", lambda i: str(shuffled[i]))}
    (tmp_path / "traffic").mkdir()
    again = tables.schema(tables.prepared(tmp_path / "traffic", traffic, live, target="churned"))
    assert again["columns"][0]["kind"] == "identifier"
    (tmp_path / "set").mkdir()
    kept = tables.prepared(tmp_path / "set", traffic, live, target="churned", columns={"n": "numeric"})
    assert tables.schema(kept)["columns"][0]["used"]


@pytest.mark.parametrize("seed", range(20))
def test_of_any_whole_numbers_something_is_learned(seed: int) -> None:
    """Whatever the numbers, no class of amounts is too small, and no number is lost: it is a class or an amount."""
    chance = random.Random(seed)
    numbers = np.array([chance.randrange(chance.choice((2, 3, 9, 30))) * chance.choice((1, 1, 1, 5)) for _ in range(300)], float)  # fmt: skip
    found = judge(numbers)
    values, counts = np.unique(numbers, return_counts=True)
    if not found.are_amounts and len(values) > 2 and values.tolist()[:2] != [0, 1]:
        assert counts.min() >= 5
    assert found.values == len(values)


def test_pandas_one_hot_columns_are_no_targets(tmp_path: Path) -> None:
    frame = pd.DataFrame({"age": range(300), "bought": [i % 4 == 0 for i in range(300)], "plan": ["a", "b", "c"] * 100})
    for drop_first in (False, True):
        content = pd.get_dummies(frame, columns=["plan"], drop_first=drop_first).to_csv(index=False)
        assert tables.judged(tmp_path, {"a.csv": content}).target.name == "bought"
