"""Decisions on plain values: target, task, split, the live model's schema."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.prepare import split
from jobs.prepare.choice import find_target
from jobs.prepare.live import compare
from jobs.refusals import Refusal
from jobs.tables.notes import Notes
from tests.prepare import tables


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["a", "Label", "b"], "Label"),
        (["y", "a", "target"], "target"),
        (["a", "b", "c"], "c"),
        (["Class", "z"], "Class"),
    ],
)
def test_the_target_is_found_by_name_or_last(names: list[str], found: str) -> None:
    notes = Notes()
    assert find_target(names, None, "a.csv", notes) == found
    assert bool(notes.warnings) == (found == "c")


@pytest.mark.parametrize(
    ("cells", "task"),
    [
        (lambda i: "yes" if i % 3 else "no", "binary"),
        (lambda i: str(i % 2), "binary"),
        (lambda i: f"{i % 2}.0", "binary"),
        (lambda i: "abc"[i % 3], "multiclass"),
        (lambda i: str(i % 5), "multiclass"),
        (str, "regression"),
        (lambda i: f"{i % 8}.5", "regression"),
        (lambda i: f"{i % 2}.5", "binary"),
    ],
)
def test_the_task_follows_from_the_target(cells: Any, task: str, tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": tables.text(tables.column(3, lambda _, i: cells(i)))}, target="churned")
    assert judged.target.task == task
    assert (judged.split.how == "random") == (task == "regression")


@pytest.mark.parametrize(
    ("words", "wanted", "positive"),
    [
        (("no", "yes"), None, "yes"),
        (("good", "bad"), None, "bad"),  # the rarer
        (("good", "bad"), "good", "good"),
        (("false", "TRUE"), None, "TRUE"),
    ],
)
def test_the_positive_class(words: tuple[str, str], wanted: str | None, positive: str, tmp_path: Path) -> None:
    table = tables.column(3, lambda _, i: words[i % 4 == 0])
    judged = tables.judged(tmp_path, {"a.csv": tables.text(table)}, target="churned", positive_class=wanted)
    assert judged.target.positive_class == positive
    assert judged.target.classes is not None
    assert judged.target.classes[1] == positive


@given(st.lists(st.integers(0, 4), min_size=25, max_size=300), st.integers(0, 9))
def test_every_class_is_in_every_part(classes: list[int], seed: int) -> None:
    whole = np.array(classes + [0, 1, 2, 3, 4] * 5)
    drawn = split.lots([("datasets/a/train/a.csv", len(whole))], seed)
    parts = split.stratified(whole, 0.15, 0.15, drawn)
    for index in range(5):
        assert set(parts[whole == index]) == {split.TRAIN, split.VALIDATION, split.TEST}
    assert np.array_equal(parts, split.stratified(whole, 0.15, 0.15, drawn))
    assert not np.array_equal(drawn, split.lots([("datasets/a/train/a.csv", len(whole))], seed + 1))


@pytest.mark.parametrize("how", ["stratified", "random"])
@pytest.mark.parametrize("names", [("a.csv", "b.csv"), ("b.csv", "a.csv"), ("b.csv", "b.csv")])
def test_what_tested_the_live_model_tests_the_next_one(how: str, names: tuple[str, str], tmp_path: Path) -> None:
    """A file behind the old one, one before it, and the old one longer: no fresh deal, in which the live model would be
    asked about rows that it learned from."""
    every = tables.rows(1_500)
    old, new = every[:1_200], every[1_200:]
    then = {names[0]: tables.text(old)}
    now = dict(sorted({**then, names[1]: tables.text(every if names[0] == names[1] else new)}.items()))
    settings: Any = {"target": "churned", "split": {"how": how}}
    before, after = (tables.judged(tmp_path, files, **settings).split for files in (then, now))
    behind = len(new) if names[1] < names[0] else 0

    of_old = {place - behind for place in after.test.tolist() if behind <= place < behind + len(old)}
    assert len(of_old) > 150
    learned = of_old & {*before.train.tolist()}
    chosen_by = of_old & {*before.validation.tolist()}
    assert len(learned) == 0
    assert len(chosen_by) < 20  # the border between test and validation moves a little


@given(st.lists(st.floats(-10, 10), min_size=20, max_size=200))
def test_the_latest_rows_test(moments: list[float]) -> None:
    times = np.array([*moments, -99.0, 98.0, 99.0])
    parts = split.by_time(times, 0.15, 0.15)
    order = [times[parts == part] for part in (split.TRAIN, split.VALIDATION, split.TEST)]
    assert all(a.max() < b.min() for a, b in itertools.pairwise(order) if len(a) and len(b))
    assert len(order[2])


@given(st.lists(st.integers(0, 30), min_size=30, max_size=200), st.integers(0, 3))
def test_groups_are_never_split(groups: list[int], seed: int) -> None:
    whole = np.array([*groups, 31, 32, 33])
    parts = split.by_group(whole, None, 0.15, 0.15, seed)
    assert all(len(set(parts[whole == group])) == 1 for group in set(whole.tolist()))
    assert set(parts) == {split.TRAIN, split.VALIDATION, split.TEST}


def test_a_split_by_group_sets_its_column_aside(tmp_path: Path) -> None:
    content = tables.added("who", lambda i: f"p{i % 9}")
    judged = tables.judged(tmp_path, {"a.csv": content}, split={"how": "group", "column": "who"})
    who = judged.columns[0]
    assert not who.used
    assert who.words is not None
    test, train = set(who.words.codes[judged.split.test]), set(who.words.codes[judged.split.train])
    assert not test & train


def test_settings_win_over_inference(tmp_path: Path) -> None:
    content = tables.added("customer_id", lambda i: str(9000 + i * 7))
    judged = tables.judged(
        tmp_path, {"a.csv": content}, columns={"customer_id": "numeric", "age": "categorical"}, ignore=["plan"]
    )
    kinds = {column.name: (column.kind, column.used) for column in judged.columns}
    assert kinds == {
        "customer_id": ("numeric", True),
        "age": ("categorical", True),
        "plan": ("categorical", False),
        "income": ("numeric", True),
    }


SCHEMA: Any = {
    "run": "churn-1", "task": "binary", "target": "churned", "classes": ["no", "yes"],
    "files": [{"key": "train/jan.csv"}, {"key": "train/feb.csv"}],
    "columns": [
        {"name": "age", "kind": "numeric"},
        {"name": "plan", "kind": "categorical"},
        {"name": "churned", "kind": "target"},
    ],
}  # fmt: skip


def test_the_same_schema_says_nothing() -> None:
    notes = Notes()
    compare(SCHEMA, SCHEMA, notes)
    assert notes.warnings == []


@pytest.mark.parametrize("change", [{"target": "left"}, {"task": "multiclass"}])
def test_another_question_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(Refusal, match=r"^\[schema-changed\] train/jan.csv and 1 more: the (target|task) is"):
        compare(SCHEMA | change, SCHEMA, Notes())


def test_what_callers_will_notice_is_told() -> None:
    columns = [{"name": "age", "kind": "categorical"}, {"name": "tariff", "kind": "numeric"}]
    notes = Notes()
    compare(SCHEMA | {"columns": columns, "classes": ["no", "perhaps"]}, SCHEMA, notes)
    told = {warned.code: warned.sentence for warned in notes.warnings}
    assert '"plan"' in told["live-columns-gone"]
    assert '"tariff"' in told["live-columns-new"]
    assert "categorical now and was numeric" in told["live-kind-changed"]
    assert '"perhaps"' in told["live-classes-changed"]
    assert '"yes"' in told["live-classes-changed"]


def test_many_warnings_of_one_code_are_summed_up() -> None:
    notes = Notes()
    for i in range(500):
        notes.warn("empty-column", f"Column {i} is empty.", column=str(i))
    assert len(notes.warnings) == 11
    assert "490 further" in notes.warnings[-1].sentence
