"""How columns move answers, on models whose answers are known formulas; and the shapes and sentences of curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from jobs.evaluate.effects import effects, strongest
from jobs.evaluate.shapes import Shape, Telling, of_numbers, of_words, shape

COLUMNS = ("hours", "twin", "job", "begun", "ended")
JOBS = ("clerk", "farm", "office")


@dataclass
class Formula:
    """A model of two numbers, a word and two dates (of which a feature is made), which answers by a formula."""

    answer: Callable[[Any], Any]
    nodes: int = 1_000
    asked: int = 0

    @property
    def inputs(self) -> Sequence[tuple[str, ...]]:
        return [("hours",), ("twin",), *[("job",)] * len(JOBS), ("begun", "ended")]

    def encode(self, columns: Sequence[str], rows: Any) -> Any:
        cells = [dict(zip(columns, row, strict=True)) for row in rows]
        numbers = [
            [float((row.get(name) or "nan").replace("NA", "nan")) for name in ("hours", "twin")] for row in cells
        ]
        flags = [[float(row.get("job") == word) for word in JOBS] for row in cells]
        return np.column_stack([numbers, flags, np.zeros(len(cells))]).astype(np.float32)

    def scores(self, matrix: Any) -> Any:
        self.asked += len(matrix)
        return self.answer(matrix.astype(float))


def schema(classes: list[str] | None, positive: str | None = None) -> Any:
    kinds = dict(zip(COLUMNS, ("numeric", "numeric", "categorical", "date", "date"), strict=True))
    columns = [{"name": name, "kind": kind, "used": True} for name, kind in kinds.items()]
    return {"target": "pay", "classes": classes, "columns": columns, "positive_class": positive,
            "task": "regression" if classes is None else "binary" if len(classes) == 2 else "multiclass"}  # fmt: skip


def rows(count: int = 400) -> list[list[str | None]]:
    """Hours from 0 to 100, and twins of them; a few hours are missing."""
    draw = np.random.default_rng(1)
    hours = draw.integers(0, 101, count)
    found: list[list[str | None]] = [
        [str(one), str(one + draw.integers(-2, 3)), JOBS[draw.integers(0, 3)], "", ""] for one in hours
    ]
    for row in found[::20]:
        row[0] = "NA"
    return found


def two(positive: Any) -> Any:
    return np.column_stack([1 - positive, positive])


def told(model: Formula, known: Any, names: Sequence[str] = ("hours", "job")) -> dict[str, Any]:
    chosen = [one for one in known["columns"] if one["name"] in names]
    found = effects(model, COLUMNS, rows(), chosen, known, explained=True)
    return {one["column"]: one for one in found["columns"]}


def test_an_effect_is_that_of_the_column_alone_and_not_of_its_twin() -> None:
    """Partial dependence of numbers would ask of hours that no such twin has; here each row stays near its own."""
    model = Formula(lambda x: (3 * np.nan_to_num(x[:, 0]) - np.nan_to_num(x[:, 1]) + 20 * x[:, 4])[:, None])
    found = told(model, schema(None), ("hours", "twin", "job"))
    for name, slope in (("hours", 3), ("twin", -1)):
        curve = found[name]["curves"][0]
        at = np.array(found[name]["at"])
        np.testing.assert_allclose(np.diff(curve["values"]), slope * np.diff(at), rtol=1e-4)
        assert curve["direction"] == ("rises" if slope > 0 else "falls")
        assert sum(found[name]["shares"]) == pytest.approx(1)
    moved = dict(zip(found["job"]["at"], found["job"]["curves"][0]["values"], strict=True))
    assert moved["office"] - moved["farm"] == pytest.approx(20)
    assert moved["farm"] == pytest.approx(moved["clerk"])
    assert found["hours"]["sentence"].startswith("As hours rises, pay becomes higher: by up to 2")


def test_of_two_classes_the_positive_one_is_told_wherever_it_stands() -> None:
    def answer(x: Any) -> Any:
        return two(np.clip(np.nan_to_num(x[:, 0], nan=50), 30, 50) / 100)

    for classes in (["no", "yes"], ["yes", "no"]):
        found = told(Formula(answer), schema(classes, "yes"))["hours"]
        (curve,) = found["curves"]
        assert (curve["name"], curve["direction"]) == ("yes", "rises" if classes[1] == "yes" else "falls")
        assert curve["range"] == pytest.approx(0.2)
        assert f'"yes" becomes {"likelier" if classes[1] == "yes" else "less likely"}' in found["sentence"]


def test_of_many_classes_those_that_are_answered_most_are_told_and_the_sentence_is_of_the_most_moved() -> None:
    def answer(x: Any) -> Any:
        hours = np.nan_to_num(x[:, 0], nan=50) / 100
        return np.column_stack([0.5 * hours, 0.9 - 0.8 * hours, np.full(len(x), 0.01), 0.09 + 0.3 * hours])

    found = told(Formula(answer), schema(["a", "b", "rare", "c"]))["hours"]
    assert [(one["name"], one["direction"]) for one in found["curves"]] == [
        ("b", "falls"),
        ("a", "rises"),
        ("c", "rises"),
    ]
    assert '"b" becomes less likely' in found["sentence"]


def test_what_does_nothing_is_flat_and_what_is_always_the_same_is_not_told() -> None:
    found = told(Formula(lambda x: two(np.full(len(x), 0.4))), schema(["no", "yes"], "yes"))
    assert found["hours"]["curves"][0]["direction"] == "flat"
    assert found["job"]["sentence"].startswith("Nearly flat")
    known, same = schema(None), [["7", "1", "farm", "", ""]] * 30
    none = effects(Formula(lambda x: x[:, :1] * 0), COLUMNS, same, known["columns"][:3], known, explained=False)
    assert (none["columns"], none["explained"]) == ([], False)


def test_words_of_few_rows_are_nobody_s_to_be_told() -> None:
    known, cells = schema(None), rows()
    for place, row in enumerate(cells[:40]):
        row[2] = f"somebody {place // 4}"
    found = effects(Formula(lambda x: x[:, 2:3]), COLUMNS, cells, [known["columns"][2]], known, explained=True)
    assert set(found["columns"][0]["at"]) == set(JOBS)
    assert f"the {len(JOBS)} most frequent words of job" in found["columns"][0]["sentence"]
    names = [[row[0], row[1], f"somebody {place}", "", ""] for place, row in enumerate(cells)]
    none = effects(Formula(lambda x: x[:, 2:3]), COLUMNS, names, [known["columns"][2]], known, explained=True)
    assert none["columns"] == []


def test_numbers_and_words_that_are_better_than_noise_are_drawn_and_the_work_is_bounded() -> None:
    model = Formula(lambda x: x[:, :1])
    columns = [{"column": name, "noise": name == "twin"} for name in ("begun", "job", "hours", "twin")]
    costs: Any = {"columns": columns}
    found = strongest(costs, schema(None), model)
    assert [one["name"] for one in found] == ["job", "hours"]
    assert strongest(None, schema(None), model) == []
    told(model, schema(None))
    assert model.asked <= 400 * (1 + 2 * 2)


LINE, BEND = [0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.1, 0.0, 0.0]


@pytest.mark.parametrize(
    ("values", "direction", "turn"),
    [
        (LINE, "rises", None),
        (LINE[::-1], "falls", None),
        ([0, 3, 2.5, 4, 4], "rises", None),
        ([4, 1, 0, 2, 5], "valley", 2),
        ([0, 2, 4, 4.2, 1], "peak", 3),
        ([0, 4, 0, 4, 0], "varies", None),
        ([0, 0.005, 0, 0.002, 0], "flat", None),
        ([1, 1, 1, 1, 1], "flat", None),
    ],
)
def test_the_shape_of_a_curve(values: list[float], direction: str, turn: int | None) -> None:
    found = shape(LINE, values, 0.01)
    assert (found.direction, found.turn) == (direction, turn)
    assert found.range == max(values) - min(values)
    again = shape([one * 1000 + 7 for one in LINE], values, 0.01)
    assert again == found


def test_where_most_happens_is_said_only_where_it_is_not_everywhere() -> None:
    assert shape(LINE, LINE, 0.1) == Shape("rises", 4.0)
    steep = shape(LINE, [0.0, 0.1, 0.9, 1.0, 1.0], 0.1)
    assert (steep.start, steep.end) == (1, 2)
    assert of_numbers(steep, LINE, [], Telling("age", "yes", "y")).endswith("most of that between 1 and 2.")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([4, 1, 0, 2, 5], "Where age is about 2, pay is lowest: 4.000 less than at 0, 5.000 less than at 4."),
        ([0, 2, 4, 2, 1], "Where age is about 2, pay is highest: 4.000 more than at 0, 3.000 more than at 4."),
        ([0, 4, 0, 4, 0], "With age the answer goes up and down, by up to 4.000."),
        ([0.0] * 5, "Nearly flat: with age between 0 and 4, the answer moves by 0."),
    ],
)
def test_other_shapes_have_sentences_of_their_own(values: list[float], sentence: str) -> None:
    assert of_numbers(shape(LINE, values, 0.01), LINE, values, Telling("age", None, "pay")) == sentence


def test_a_user_s_words_are_cut_and_cannot_turn_a_sentence_around() -> None:
    said = of_words(["x" * 90, "\u202ey"], [0.0, 1.0], 0.01, Telling("c" * 90, None, "t"), all_words=False)
    assert len(said) < 220
    assert "\u202e" not in said
    assert said.startswith("Of the 2 most frequent words of c")
