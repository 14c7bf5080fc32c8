"""Held-out rows, changed in one known way each."""

from __future__ import annotations

import statistics
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.drill.scenarios import NEW_WORD, Answers, Plan, Scenario, Skipped, plan
from ops.live import Column
from tests.ops.world import COLUMNS, held_out, rows

HEADER = ("id", "age", "income", "plan")


def made(scenario: Scenario, count: int = 300, seed: int = 7, **changes: object) -> Plan:
    planned = plan(scenario, held_out(**changes), rows=count, fewest=1, seed=seed)
    assert isinstance(planned, Plan), planned
    return planned


def column(planned: Plan, name: str) -> list[str]:
    return [row[planned.header.index(name)] for row in planned.rows]


def originals() -> dict[str, tuple[str, ...]]:
    return {row[0]: row[:-1] for row in rows()}


def test_stable_rows_are_held_out_rows_each_at_most_once_without_their_answer() -> None:
    planned = made(Scenario.STABLE)
    assert planned.header == HEADER
    assert len(planned.rows) == len(set(planned.rows)) == 300
    assert all(originals()[row[0]] == row for row in planned.rows)
    assert (planned.named, planned.others, planned.answers) == (frozenset(), False, Answers.STAY)
    assert not planned.is_drift


def test_never_more_rows_than_were_held_out() -> None:
    assert len(made(Scenario.STABLE, count=10_000).rows) == len(rows())


def test_a_numeric_column_is_shifted_by_a_standard_deviation_and_nothing_else_is_changed() -> None:
    planned = made(Scenario.SHIFTED)
    before = originals()
    spread = statistics.pstdev(float(row[2]) for row in rows() if row[2])
    for row in planned.rows:
        old = before[row[0]]
        assert (row[0], row[1], row[3]) == (old[0], old[1], old[3])
        assert (row[2] == "") == (old[2] == "")
        if row[2]:
            assert float(row[2]) == pytest.approx(float(old[2]) + spread)
    assert planned.named == {"income"}  # it matters most to the model


def test_whole_numbers_stay_whole() -> None:
    planned = made(Scenario.SHIFTED, importance={"age": 1.0})
    assert planned.named == {"age"}
    assert all(cell.isdigit() for cell in column(planned, "age"))


def test_a_new_category_is_none_of_the_old() -> None:
    planned = made(Scenario.NEW_CATEGORY, count=400)
    counts = Counter(column(planned, "plan"))
    assert counts.keys() == {"basic", "plus", NEW_WORD}
    assert 0.13 < counts[NEW_WORD] / 400 < 0.27
    knows = replace(COLUMNS[3], categories=frozenset({NEW_WORD}))
    again = made(Scenario.NEW_CATEGORY, columns=(*COLUMNS[:3], knows, COLUMNS[4]))
    assert f"{NEW_WORD}-again" in column(again, "plan")


def test_values_go_missing() -> None:
    cells = column(made(Scenario.MISSING, count=400), "income")
    assert 0.23 < cells.count("") / 400 < 0.41


def test_a_label_shift_takes_mostly_rows_of_a_rarer_class() -> None:
    planned = made(Scenario.LABEL_SHIFT, count=150)
    answers = {row[0]: row[-1] for row in rows()}
    share = Counter(answers[row[0]] for row in planned.rows)
    assert share["yes"] / len(planned.rows) == pytest.approx(0.9, abs=0.02)
    assert (planned.named, planned.others, planned.answers) == (frozenset(), True, Answers.MUST_MOVE)


def test_a_label_shift_of_numbers_takes_the_upper_half() -> None:
    columns = (*COLUMNS[:2], replace(COLUMNS[2], kind="target", used=False), *COLUMNS[3:])
    planned = made(Scenario.LABEL_SHIFT, columns=columns, target="income", task="regression")
    middle = statistics.median(float(row[2] or 0) for row in rows())
    incomes = {row[0]: float(row[2] or 0) for row in rows()}
    assert all(incomes[row[0]] >= middle for row in planned.rows)
    assert planned.header == ("id", "age", "plan", "churned")


@pytest.mark.parametrize(
    ("scenario", "changes", "reason"),
    [
        (Scenario.STABLE, {"unlike_training": "the held-out rows are the newest ones"}, "no stable traffic"),
        (Scenario.SHIFTED, {"columns": tuple(replace(one, kind="categorical") for one in COLUMNS)}, "no numeric"),
        (Scenario.NEW_CATEGORY, {"columns": tuple(replace(one, kind="numeric") for one in COLUMNS)}, "no categorical"),
        (Scenario.MISSING, {"columns": tuple(replace(one, used=False) for one in COLUMNS)}, "missing already"),
        (Scenario.LABEL_SHIFT, {"rows": tuple((*row[:-1], "no") for row in rows())}, "of one class"),
        (Scenario.LABEL_SHIFT, {"weak": "the model hardly tells the classes apart"}, "answers stay where they are"),
    ],
)
def test_what_the_data_cannot_show_is_skipped_with_the_reason(
    scenario: Scenario, changes: dict[str, object], reason: str
) -> None:
    planned = plan(scenario, held_out(**changes), rows=300, fewest=1, seed=7)
    assert isinstance(planned, Skipped)
    assert reason in planned.reason


@pytest.mark.parametrize(
    ("changes", "rows_sent", "sure"),
    [
        ({}, 300, True),  # how well it separates nobody knows
        ({"separation": 0.9}, 100, True),
        ({"separation": 0.3}, 100, False),
        ({"separation": 0.3, "rows": rows(6000)}, 2000, True),
        ({"separation": 0.2, "task": "regression", "target": "income"}, 100, False),
        ({"separation": 0.9, "task": "regression", "target": "income"}, 100, True),
        ({"separation": 0.0}, 300, False),
    ],
)
def test_a_label_shift_must_be_seen_only_where_the_model_can_show_it(
    changes: dict[str, object], rows_sent: int, *, sure: bool
) -> None:
    planned = plan(Scenario.LABEL_SHIFT, held_out(**changes), rows=rows_sent, fewest=1, seed=7)
    assert isinstance(planned, Plan)
    assert planned.answers is (Answers.MUST_MOVE if sure else Answers.MAY_MOVE)
    assert (planned.doubt is None) is sure
    if planned.doubt:
        assert planned.doubt.startswith("the model separates too little for ")


def test_fewer_rows_than_a_check_needs_are_not_sent() -> None:
    few = plan(Scenario.STABLE, held_out(rows=rows(27)), rows=300, fewest=100, seed=7)
    assert isinstance(few, Skipped)
    assert few.reason.startswith("a check needs 100 rows, and the model has 27 held-out rows; more data")
    asked = plan(Scenario.STABLE, held_out(), rows=50, fewest=100, seed=7)
    assert isinstance(asked, Skipped)
    assert asked.reason == "a check needs 100 rows, and at most 50 are asked for"


def test_a_label_shift_draws_rows_again_rather_than_be_too_small_for_a_check() -> None:
    rare = tuple((*row[:-1], "yes" if number < 20 else "no") for number, row in enumerate(rows()))
    planned = plan(Scenario.LABEL_SHIFT, held_out(rows=rare), rows=300, fewest=100, seed=7)
    assert isinstance(planned, Plan)
    assert len(planned.rows) == 100
    again = Counter(planned.rows)
    assert sum(count for row, count in again.items() if int(row[0][1:]) < 20) == 90


def test_rows_that_differ_from_the_training_part_anyway_may_have_others_named() -> None:
    assert made(Scenario.SHIFTED, unlike_training="split by time").others


def test_a_mostly_missing_and_a_constant_column_are_not_chosen() -> None:
    columns = (*COLUMNS[:3], Column("note", "numeric", used=True), Column("one", "numeric", used=True), COLUMNS[4])
    table = tuple((*row[:3], "" if number % 3 else "5", "1", row[4]) for number, row in enumerate(rows()))
    planned = made(Scenario.SHIFTED, columns=columns, rows=table, importance={"note": 0.6, "one": 0.3, "age": 0.1})
    assert planned.named == {"age"}


@given(
    scenario=st.sampled_from([one for one in Scenario if one is not Scenario.SEASONAL]),
    count=st.integers(1, 500),
    seed=st.integers(),
)
def test_a_seed_gives_the_same_rows_whatever_is_asked(scenario: Scenario, count: int, seed: int) -> None:
    planned = plan(scenario, held_out(), rows=count, fewest=1, seed=seed)
    assert planned == plan(scenario, held_out(), rows=count, fewest=1, seed=seed)
    assert isinstance(planned, Plan)
    assert 0 < len(planned.rows) <= count
    assert {len(row) for row in planned.rows} == {len(planned.header)}


@pytest.mark.parametrize(
    ("scenario", "aspect", "name"),
    [
        (Scenario.SHIFTED, "distribution", "income"),
        (Scenario.NEW_CATEGORY, "unseen", "plan"),
        (Scenario.MISSING, "missing", "income"),
    ],
)
def test_what_the_training_period_went_through_itself_may_be_no_news(
    scenario: Scenario, aspect: str, name: str
) -> None:
    assert made(scenario).doubt is None
    assert made(scenario, reached={name: {aspect: 0.1}}).doubt is None
    doubted = made(scenario, reached={name: {aspect: 0.4}})
    assert "no news" in (doubted.doubt or "")
    assert doubted.named == {name}


def test_answers_are_held_against_what_the_middle_feature_reaches() -> None:
    assert made(Scenario.LABEL_SHIFT, reached={"income": {"distribution": 0.02}}).answers is Answers.MUST_MOVE
    far = {"income": {"distribution": 0.5}, "age": {"distribution": 0.3}, "plan": {}}
    assert "no news" in (made(Scenario.LABEL_SHIFT, reached=far).doubt or "")
