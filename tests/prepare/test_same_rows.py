"""The same file under two names, exports that hold earlier ones, and rows that a model was trained on."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from jobs.profiles import trained_rows
from tests.prepare import tables


def files(*parts: range) -> dict[str, str]:
    every = [[f"{i * 37 % 1009}.5", *row] for i, row in enumerate(tables.rows(400))]
    return {
        f"{name}.csv": tables.text([every[i] for i in part], ("x", *tables.HEADER))
        for name, part in zip("abcdef", parts, strict=False)
    }


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ((range(100), range(100)), ["a.csv holds all 100 rows of b.csv and no other."]),
        ((range(100), range(99, -1, -1)), ["a.csv holds all 100 rows of b.csv and no other."]),
        ((range(100), range(250)), ["b.csv holds all 100 rows of a.csv, beside 150 others."]),
        ((range(100), range(100, 300), range(100)), ["a.csv holds all 100 rows of c.csv and no other."]),
        ((range(100), range(100, 300)), []),
        ((range(100), range(50, 200)), []),
    ],
)
def test_files_that_others_hold_are_named(parts: tuple[range, ...], told: list[str], tmp_path: Path) -> None:
    warned = tables.judged(tmp_path, files(*parts)).notes.warnings

    found = [one for one in warned if one.code == "same-file"]
    assert [one.sentence.partition(" Remove")[0] for one in found] == told
    assert all(one.first for one in found)


def test_gzip_and_another_order_of_columns_hide_nothing(tmp_path: Path) -> None:
    rows = [[*row, f"{i * 37 % 1009}.5"] for i, row in enumerate(tables.rows(100))]
    turned = tables.text(rows, (*tables.HEADER, "x")).encode()

    judged = tables.judged(tmp_path, {**files(range(100)), "b.csv.gz": tables.packed(turned)}, target="churned")

    assert "same-file" in {one.code for one in judged.notes.warnings}


def test_rows_that_are_equal_by_nature_are_no_copies(tmp_path: Path) -> None:
    def few(count: int, seed: int) -> str:
        rng = np.random.default_rng(seed)
        return tables.text([[f"{a}", "xyz"[b], "noyes"[2 * c : 2 + 3 * c]] for a, b, c in rng.integers(0, (9, 3, 2), (count, 3))], ("a", "b", "churned"))  # fmt: skip  # noqa: E501

    judged = tables.judged(tmp_path, {"a.csv": few(60, 1), "b.csv": few(5_000, 2)})

    assert "same-file" not in {one.code for one in judged.notes.warnings}


def columns(rows: int, seed: int) -> list[pa.Array]:
    rng = np.random.default_rng(seed)
    return [pa.array(rng.normal(size=rows)), pa.array([f"w{i}" for i in rng.integers(0, 9, rows)])]


def test_a_cell_counts_by_what_it_says() -> None:
    whole, text, mixed = pa.array([1, 2, None]), pa.array(["1", "2.0", None]), pa.array([1.0, 2.0, float("nan")])

    hashes = [trained_rows.row_hashes([one]).tolist() for one in (whole, text, mixed, text.dictionary_encode())]

    assert hashes[0] == hashes[1] == hashes[2] == hashes[3]
    assert len(set(hashes[0])) == 3
    assert trained_rows.row_hashes([pa.array([-0.0])]) == trained_rows.row_hashes([pa.array(["0"])])
    assert trained_rows.row_hashes([pa.array(["a"]), pa.array(["b"])]) != trained_rows.row_hashes(
        [pa.array(["b"]), pa.array(["a"])]
    )


def test_the_hashes_are_the_same_in_every_release() -> None:
    found = trained_rows.row_hashes([pa.array([1.5, None]), pa.array(["pro", "é"])])

    assert found.tolist() == [14460406419702246003, 15178411545790154039]


@pytest.mark.parametrize("most", [1 << 22, 500])
def test_rows_trained_on_are_counted(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trained_rows, "MOST", most)
    old, new = trained_rows.row_hashes(columns(4_000, 1)), trained_rows.row_hashes(columns(1_000, 2))
    file, about = trained_rows.written(old, new[:300])
    assert len(file) < 8 * min(most, 4_000) + 300

    found = trained_rows.overlap(np.concatenate([old[:1_000], new]), file, json.loads(json.dumps(about)))

    assert found.rows == 2_000
    assert found.trained == pytest.approx(1_000, abs=0 if most > 4_000 else 250)
    assert trained_rows.is_telling(found, about)
    fresh = trained_rows.overlap(new, file, about)
    assert (fresh.trained, trained_rows.is_telling(fresh, about)) == (0, False)


def test_rows_equal_by_chance_are_not_told() -> None:
    rng = np.random.default_rng(1)

    def some(rows: int) -> trained_rows.Hashes:
        return trained_rows.row_hashes([pa.array(rng.integers(0, 40, rows)), pa.array(rng.integers(0, 40, rows))])

    old, held_out = some(1_000), some(200)
    file, about = trained_rows.written(old, held_out)
    assert about["held_out_found"] > 50

    assert not trained_rows.is_telling(trained_rows.overlap(some(500), file, about), about)
    assert trained_rows.is_telling(trained_rows.overlap(old[:500], file, about), about)


def test_a_million_rows_are_eight_megabytes() -> None:
    hashes = np.random.default_rng(1).integers(0, 2**64, 1_000_000, dtype=np.uint64)

    file, about = trained_rows.written(hashes, hashes[:10])

    assert len(file) < 8_100_000
    assert about["one_in"] == 1
