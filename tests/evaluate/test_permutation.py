"""Permutation importance on data whose answer is known: what counts is above what does not, and noise is called so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xgboost

from jobs.evaluate.permutation import amount, chosen, permutation, shares
from tests.evaluate.contestants import Model, text, two

REAL, NOISE = ("strong", "middle", "weak"), ("n1", "n2", "n3", "n4")


def learned(names: tuple[str, ...], matrix: Any, actual: Any, task: str) -> Model:
    """A booster that overfits: deep trees on few rows, so that noise gets a good part of the gain."""
    objective = "reg:squarederror" if task == "regression" else "binary:logistic"
    booster = xgboost.train(
        {"objective": objective, "max_depth": 6, "eta": 0.2, "nthread": 1, "seed": 1},
        xgboost.DMatrix(matrix, actual, feature_names=list(names)), 60,
    )  # fmt: skip

    def answer(rows: Any) -> Any:
        found = booster.inplace_predict(rows, validate_features=False).astype(float)
        return found[:, None] if task == "regression" else two(found)

    model = Model(names, {"ensemble": answer})
    model.gain = booster.get_score(importance_type="total_gain")  # type: ignore[attr-defined]
    return model


def data(seed: int, task: str, rows: int = 4_000) -> tuple[Any, Any]:
    """Three columns of a few values that count, each less than the one before, and four of many that do not."""
    generator = np.random.default_rng(seed)
    real = generator.integers(0, 4, (rows, 3)).astype(float)
    matrix = np.column_stack([real, generator.normal(size=(rows, 4))])
    signal = (real - 1.5) @ np.array([1.0, 0.5, 0.25])
    if task == "regression":
        return matrix, signal + generator.normal(size=rows)
    return matrix, (generator.random(rows) < 1 / (1 + np.exp(-signal))).astype(np.int64)


@pytest.mark.parametrize("task", ["binary", "regression"])
def test_real_columns_stand_above_noise_and_noise_is_called_noise(task: str) -> None:
    names = (*REAL, *NOISE)
    matrix, actual = data(1, task)
    model = learned(names, matrix[:1500], actual[:1500], task)
    held, truth = matrix[1500:], actual[1500:]

    found = permutation(model, names, text(held), truth, task, 5)

    assert [entry["column"] for entry in found["columns"][:3]] == list(REAL)
    assert {entry["column"] for entry in found["columns"] if entry["noise"]} == set(NOISE)
    assert (found["noise"], found["rows"], found["repeats"]) == (4, 2500, 5)
    assert all(entry["low"] <= entry["value"] <= entry["high"] for entry in found["columns"])
    assert [column for column, _ in shares(found)] == list(REAL)
    gain = model.gain  # type: ignore[attr-defined]
    assert min(gain[name] for name in NOISE) > gain["weak"]  # by its gain each of them would stand above a real one


def test_it_calls_noise_what_is_noise_whatever_the_seed() -> None:
    called = []
    for seed in range(10):
        matrix, actual = data(seed, "binary", 2_000)
        model = learned((*REAL, *NOISE), matrix[:1000], actual[:1000], "binary")
        found = permutation(model, (*REAL, *NOISE), text(matrix[1000:]), actual[1000:], "binary", 3)
        called += [entry["noise"] for entry in found["columns"] if entry["column"] in NOISE]
        assert not any(entry["noise"] for entry in found["columns"] if entry["column"] in {"strong", "middle"})

    assert sum(called) >= len(called) - 1  # in 2.5 % of the tables any of them passes


def test_columns_that_say_the_same_stand_in_for_each_other() -> None:
    """As docs/model-quality.md says: both of a pair together cost less than the one column would alone."""
    generator = np.random.default_rng(3)
    one, other = generator.normal(size=(2, 3_000))
    twin = one + 0.05 * generator.normal(size=3_000)
    actual = (one + 0.5 * other + 0.3 * generator.normal(size=3_000) > 0).astype(np.int64)
    both, alone = np.column_stack([one, twin, other]), np.column_stack([one, other])

    pair = permutation(
        learned(("one", "twin", "other"), both[:1500], actual[:1500], "binary"),
        ("one", "twin", "other"), text(both[1500:]), actual[1500:], "binary", 5,
    )  # fmt: skip
    single = permutation(
        learned(("one", "other"), alone[:1500], actual[:1500], "binary"),
        ("one", "other"), text(alone[1500:]), actual[1500:], "binary", 5,
    )  # fmt: skip

    of_pair, of_single = ({entry["column"]: entry for entry in found["columns"]} for found in (pair, single))
    assert of_pair["one"]["value"] + of_pair["twin"]["value"] < of_single["one"]["value"]
    assert not of_pair["one"]["noise"]
    assert of_single["one"]["value"] > of_single["other"]["value"]


def test_a_feature_of_two_columns_moves_with_each_of_them() -> None:
    """Only the difference counts: shuffling either column breaks it, although neither alone is looked at."""
    generator = np.random.default_rng(4)
    begin, end = generator.normal(size=(2, 800))
    chance = 1 / (1 + np.exp(-3 * (end - begin)))
    actual = (generator.random(800) < chance).astype(np.int64)
    model = Model(
        ("begin", "end", "idle"), {"ensemble": lambda rows: two(1 / (1 + np.exp(-3.0 * rows[:, 3].astype(float))))},
        differences=(("end", "begin"),),
    )  # fmt: skip
    cells = text(np.column_stack([begin, end, generator.normal(size=800)]))

    found = {
        entry["column"]: entry for entry in permutation(model, model.columns, cells, actual, "binary", 3)["columns"]
    }

    assert found["begin"]["value"] == pytest.approx(found["end"]["value"], rel=0.2)
    assert found["begin"]["low"] > 0.1
    assert (found["idle"]["value"], found["idle"]["noise"]) == (0.0, True)


def test_the_rise_is_that_of_the_loss_by_hand() -> None:
    """A model that answers what the column says: shuffled, it is off by what two draws of the column differ."""
    cells, actual = text(np.arange(400.0)[:, None]), np.arange(400.0)
    model = Model(("x",), {"ensemble": lambda rows: rows[:, :1].astype(float)})

    (entry,) = permutation(model, ("x",), cells, actual, "regression", 5)["columns"]

    errors = [np.square(np.random.default_rng([repeat]).permutation(400) - actual) for repeat in range(5)]
    assert entry["value"] == pytest.approx(np.sqrt(np.mean(errors)))
    assert permutation(model, ("x",), cells, actual, "regression", 5)["columns"][0] == entry  # and so it stays


def test_many_classes_have_a_log_loss() -> None:
    generator = np.random.default_rng(5)
    actual = generator.integers(0, 3, 600)
    matrix = np.column_stack([actual, generator.normal(size=600)])
    model = Model(("told", "noise"), {"ensemble": lambda rows: np.eye(3)[rows[:, 0].astype(int)] * 0.85 + 0.05})

    found = permutation(model, model.columns, text(matrix), actual, "multiclass", 2)

    assert found["loss"] == "log_loss"
    assert found["value"] == pytest.approx(-np.log(0.9))
    assert [(entry["column"], entry["noise"]) for entry in found["columns"]] == [("told", False), ("noise", True)]


def test_work_is_bounded_by_rows_and_nodes() -> None:
    for rows, columns, nodes in ((10, 1, 1), (90_000, 20, 75_000), (90_000, 3_000, 75_000), (90_000, 10, 2_000_000)):
        found = amount(rows, columns, nodes)
        assert 1 <= found.repeats <= 20
        assert found.rows <= 200 or found.rows * found.repeats * columns * nodes <= 2_000_000_000
    assert list(chosen(5, 9)) == [0, 1, 2, 3, 4]
    assert len(set(chosen(9_000, 5_000).tolist())) == 5_000
    assert list(chosen(9_000, 50)) == list(chosen(9_000, 50))
