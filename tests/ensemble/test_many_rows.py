"""Many rows are learned from without being held, and what is learned is the same."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jobs.encoding.grams import NGrams
from jobs.encoding.in_pieces import encode_pieces
from jobs.encoding.typed_rows import write_typed
from jobs.ensemble import problem as problems
from jobs.ensemble.problem import Problem
from jobs.ensemble.rows import Whole, chosen, gathered, surveyed
from jobs.ensemble.training import Machine, Table, folds_of, problem_of
from jobs.train.table import read_table
from jobs.train.trial import judge
from tests.ensemble import tables
from tests.ensemble.test_training import TASKS, trained

SIZES = (70, 1, 150, 79)


def in_pieces(of: Table) -> Table:
    """The same rows, of which only the words are held."""
    words = [column["name"] for column in of.schema["columns"] if column["kind"] == "categorical"]

    def pieces() -> Iterator[Any]:
        start = 0
        for size in SIZES:
            yield of.frame.iloc[start : start + size]
            start += size

    return replace(of, frame=of.frame[words], pieces=pieces)


def coarse(task: str, how: str = "stratified") -> Table:
    """Numbers of few values, of which a summary in pieces loses nothing."""
    of = tables.table(task, rows=sum(SIZES), how=how)
    return replace(of, frame=of.frame.assign(size=of.frame["size"].round(-1), noise=of.frame["noise"].round(1)))


def test_pieces_are_encoded_as_the_whole_is() -> None:
    of = tables.table("multiclass", rows=sum(SIZES))
    problem = problem_of(of, folds_of(of, 7), Machine(7, 1))
    encoder, pieces = problem.features.encoder, in_pieces(of).pieces
    assert pieces is not None
    found = list(encode_pieces(encoder, pieces()))
    assert [len(one) for one in found] == list(SIZES)
    np.testing.assert_array_equal(np.concatenate(found), encoder.encode_frame(of.frame))


def test_a_piece_with_categories_of_its_own_is_looked_up_by_them() -> None:
    of = tables.table("binary", rows=40)
    encoder = problem_of(of, folds_of(of, 7), Machine(7, 1)).features.encoder
    other = of.frame.assign(plan=pd.Categorical(["pro", None] * 20, categories=["pro", "else"]))
    found = list(encode_pieces(encoder, [of.frame, other]))
    np.testing.assert_array_equal(found[1], encoder.encode_frame(other))


def test_words_are_taken_to_pieces_once_however_often_the_rows_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    of = tables.table("binary", rows=sum(SIZES))
    problem = problem_of(in_pieces(of), folds_of(of, 7), Machine(7, 1))
    first = list(problem.rows.pieces())
    looked_into = []
    monkeypatch.setattr(NGrams, "_found", lambda *given: looked_into.append(given))
    again = list(problem.rows.pieces())
    np.testing.assert_array_equal(np.concatenate(first), np.concatenate(again))
    assert not looked_into
    assert any(encoding.kind == "n-grams" for encoding in problem.features.encoder.encodings)


def test_any_gap_in_any_piece_is_found_and_only_the_wanted_rows_are_held() -> None:
    rows = Parts(3, 2, 4)
    rows.matrix[8, 1] = np.nan
    found, lacking = surveyed(rows, np.array([1, 3, 4]), 2)
    np.testing.assert_array_equal(found, rows.matrix[[1, 3, 4]])
    assert lacking.tolist() == [False, True]


class Parts:
    """Rows in pieces of given lengths, and how many were asked for."""

    def __init__(self, *sizes: int) -> None:
        self.matrix = np.arange(2.0 * sum(sizes), dtype=np.float32).reshape(-1, 2)
        self._ends = np.cumsum(sizes)
        self.asked = 0

    def pieces(self) -> Iterator[Any]:
        for piece in np.split(self.matrix, self._ends[:-1]):
            self.asked += 1
            yield piece


def test_rows_are_taken_out_of_the_pieces_that_hold_them() -> None:
    parts, wanted, columns = Parts(3, 2, 4, 5), np.array([1, 2, 5, 8]), np.array([1])
    np.testing.assert_array_equal(gathered(parts, wanted, columns), parts.matrix[np.ix_(wanted, columns)])
    assert parts.asked == 3
    assert [block for block, _ in chosen(parts, wanted, columns)] == [slice(0, 2), slice(2, 4)]
    assert [len(found) for _, found in chosen(Whole(parts.matrix), wanted, columns)] == [4]


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("how", ["stratified", "time"])
def test_the_same_rows_in_pieces_give_the_same_model(task: str, how: str) -> None:
    of = coarse(task, how)
    whole, pieces = trained(of), trained(in_pieces(of))
    assert pieces.encoder == whole.encoder
    np.testing.assert_allclose(pieces.built.margins, whole.built.margins, rtol=1e-6, atol=1e-9)
    assert pieces.built.document["sum"]["trees"]
    assert pieces.built.document["nodes"] == whole.built.document["nodes"]


def test_a_trial_is_judged_the_same() -> None:
    of, said = coarse("multiclass"), list[str]()
    asked = {"eta": "0.3", "max_depth": "3", "num_round": "20", "early_stopping_rounds": "0"}
    whole, pieces = (judge(one, asked, Machine(7, 1), said.append, aloud=True) for one in (of, in_pieces(of)))
    assert pieces == whole
    assert said[: len(said) // 2] == said[len(said) // 2 :]


def test_a_line_learns_from_a_sample_taught_the_means_of_its_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "_LINE_ROWS", 50)
    of = tables.table("binary", rows=sum(SIZES))
    machine = Machine(7, 1)
    whole, pieces = (problem_of(one, folds_of(one, 7), machine) for one in (of, in_pieces(of)))
    matrix, labels = pieces.sample(1)
    assert matrix.shape == (50, len(whole.features.layout.of_block(1)))
    of_whole, their_labels = whole.sample(1)
    np.testing.assert_array_equal(matrix, of_whole)
    np.testing.assert_array_equal(labels, their_labels)
    taught = whole.means[1]
    assert np.isin(matrix[:, whole.features.layout.shared :], taught).all()
    assert pieces.scaling == whole.scaling


def test_judging_rows_are_gathered_once() -> None:
    of = in_pieces(tables.table("binary", rows=sum(SIZES)))
    problem: Problem = problem_of(of, folds_of(of, 7), Machine(7, 1))
    assert problem.judged(0) is problem.judged(0)


@pytest.mark.parametrize("most", [299, 300])
def test_only_words_are_held_of_more_rows_than_are_few(tmp_path: Path, most: int) -> None:
    of = tables.table("binary")
    read = read_table(*written(of, tmp_path), of.schema, held_at_most=most)
    np.testing.assert_array_equal(read.labels, of.labels)
    assert read.train_rows == of.train_rows
    if read.pieces is None:
        assert most == len(of.labels)
        assert list(read.frame) == list(of.frame)
        return
    assert most < len(of.labels)
    assert list(read.frame) == ["plan", "city"]
    found = pd.concat(list(read.pieces()), ignore_index=True)
    pd.testing.assert_frame_equal(found, of.frame, check_categorical=False, check_dtype=False)
    pd.testing.assert_frame_equal(pd.concat(list(read.pieces()), ignore_index=True), found)


def written(of: Table, folder: Path) -> tuple[Path, Path]:
    """Both channels."""
    parts = {"train": slice(0, of.train_rows), "validation": slice(of.train_rows, len(of.labels))}
    for name, rows in parts.items():
        group = of.labels[rows], of.frame.iloc[rows]
        write_typed(folder / name / f"{name}.parquet", [group], of.schema)
    return folder / "train", folder / "validation"
