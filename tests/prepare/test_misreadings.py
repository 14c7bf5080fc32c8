"""Files that were once read wrongly without a word: each is read right, told or refused."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jobs.refusals import Refusal
from tests.prepare import tables
from tests.prepare.tables import text

GOOD = text()


@pytest.mark.parametrize("cell", ["(5", "5)", "(-5)", "-5-", "- -5"])
def test_a_sign_too_many_is_no_number(cell: str, tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": tables.spoiled(9, 0, cell)})
    age = judged.columns[0]
    assert age.numbers is not None
    assert np.isnan(age.numbers[9])
    assert any(w.code == "stray-words" and w.row == 11 for w in judged.notes.warnings)


def test_numbers_of_parquet_are_no_text(tmp_path: Path) -> None:
    frame = pd.read_csv(io.StringIO(GOOD)).assign(
        ratio=[1.234 + i for i in range(60)], note=[f"{i},5" for i in range(60)]
    )
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    judged = tables.judged(tmp_path, {"a.parquet": out.getvalue()}, target="churned")
    ratio = next(column for column in judged.columns if column.name == "ratio")
    assert ratio.numbers is not None
    assert ratio.numbers[:2].tolist() == [1.234, 2.234]


@pytest.mark.parametrize("change", [{"ignore": ["fee"]}, {"columns": {"fee": "categorical"}}])
@pytest.mark.parametrize("cells", [("1%", "2", "3"), ("1,5", "2.5", "3"), ("2024-01-01", "1/2/2024", "3")])
def test_what_is_wrong_with_a_column_set_aside_does_not_matter(
    cells: tuple[str, ...], change: dict[str, Any], tmp_path: Path
) -> None:
    content = tables.added("fee", lambda i: cells[i % 3])
    judged = tables.judged(tmp_path, {"a.csv": content}, **change)
    assert (judged.columns[0].kind, judged.columns[0].used) == ("categorical", "columns" in change)


def test_an_ignored_column_may_order_the_split(tmp_path: Path) -> None:
    content = tables.added("t", lambda i: f"2024-01-{1 + i % 28:02d}")
    judged = tables.judged(tmp_path, {"a.csv": content}, ignore=["t"], split={"how": "time", "column": "t"})
    assert not judged.columns[0].used
    assert judged.split.how == "time"


def test_an_ignored_column_is_not_taken_for_the_target(tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": GOOD}, ignore=["churned"])
    assert judged.target.name == "income"


def test_two_words_that_both_mean_yes_are_categories(tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": tables.added("axis", lambda i: ("x", "y", "")[i % 3])})
    assert judged.columns[0].kind == "categorical"


def test_plus_and_minus_are_classes(tmp_path: Path) -> None:
    table = tables.column(3, lambda cell, _: "+" if cell == "yes" else "-")
    judged = tables.judged(tmp_path, {"a.csv": text(table)})
    assert judged.target.classes == ("-", "+")


@pytest.mark.parametrize("first", ["{0}", "n{0}"])
def test_a_delimiter_too_many_in_the_rows_shifts_no_names(first: str, tmp_path: Path) -> None:
    table = [[first.format(i + 1), *r] for i, r in enumerate(tables.rows())]
    content = text(table, ("who", *tables.HEADER))
    head, *body = content.splitlines()
    judged = tables.judged(tmp_path, {"a.csv": "\n".join([head, *(line + "," for line in body)])}, target="churned")
    assert [column.kind for column in judged.columns] == ["identifier", "numeric", "categorical", "numeric"]
    assert judged.target.classes == ("no", "yes")


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("columns", [1, 2])
def test_decimal_commas_are_no_delimiters(delimiter: str, columns: int, tmp_path: Path) -> None:
    table = [[*(f"{i % 7},{i % 10}" for _ in range(columns)), r[3]] for i, r in enumerate(tables.rows())]
    header = (*(f"x{i}" for i in range(columns)), "churned")
    content = "\n".join(delimiter.join(row) for row in [header, *table])
    judged = tables.judged(tmp_path, {"a.csv": content})
    numbers = judged.columns[0].numbers
    assert numbers is not None
    assert numbers.tolist() == [i % 7 + i % 10 / 10 for i in range(60)]


@pytest.mark.parametrize("cell", ["NA", "2O", "?"])
def test_one_odd_cell_makes_no_header_of_a_row(cell: str, tmp_path: Path) -> None:
    body = text(tables.added_rows(lambda i: [str(i % 5), str(i % 7)])).split("\n", 1)[1]
    with pytest.raises(Refusal, match="no-header"):
        tables.judged(tmp_path, {"a.csv": f"1,2,{cell},pro,5.5,yes\n" + body})


def test_positions_may_be_names(tmp_path: Path) -> None:
    table = [[r[0], str(i % 9), r[2], str(i % 4 // 3)] for i, r in enumerate(tables.rows())]
    judged = tables.judged(tmp_path, {"a.csv": text(table, ("0", "1", "2", "label"))})
    assert [column.name for column in judged.columns] == ["0", "1", "2"]


def test_files_put_together_with_their_marks(tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": (b"\xef\xbb\xbf" + GOOD.encode()) * 2})
    assert judged.table.height == 120
    assert next(iter(judged.table.series)) == "age"


@pytest.mark.parametrize(
    "name", ["customerid", "Kundennummer", "Unnamed: 0", "__index_level_0__", "order_id", "CustomerNumber"]
)
def test_identifiers_are_known_by_name(name: str, tmp_path: Path) -> None:
    numbers = random.Random(1).sample(range(10**6), 60)
    judged = tables.judged(tmp_path, {"a.csv": tables.added(name, lambda i: str(numbers[i]))})
    assert judged.columns[0].kind == "identifier"


@pytest.mark.parametrize("cell", ["{}", "C{}"])
def test_a_key_that_rows_share_is_still_a_key(cell: str, tmp_path: Path) -> None:
    content = tables.added("customer_id", lambda i: cell.format(i * 7919 % 100), 300)
    judged = tables.judged(tmp_path, {"a.csv": content})
    assert (judged.columns[0].kind, judged.columns[0].used) == ("identifier", False)


def test_a_copy_of_a_number_with_slips_is_a_leak(tmp_path: Path) -> None:
    table = [[*r, r[2] if i % 100 else "0.5"] for i, r in enumerate(tables.rows(300))]
    judged = tables.judged(tmp_path, {"a.csv": text(table, (*tables.HEADER, "copy"))}, target="income")
    assert next(column for column in judged.columns if column.name == "copy").kind == "leak"


@pytest.mark.parametrize("footer", ["Итого,,62000.5,", "合計,,62000.5,", "Count,60,,", "4800,Total,6200.5,"])
def test_totals_by_other_names(footer: str, tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": GOOD + footer + "\n"})
    assert judged.table.height == 60


def test_a_row_below_the_total_hides_it_not(tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": GOOD + "Total,,62000.5,\nprinted,2024-05-01,,\n"})
    assert judged.table.height == 60


def test_whole_numbers_as_words_are_the_same_in_all_files(tmp_path: Path) -> None:
    files = {
        "a.csv": tables.added("zone", lambda i: str(i % 4)),
        "b.csv": tables.added("zone", lambda i: f"{i % 4}.0" if i % 7 else ""),
    }
    judged = tables.judged(tmp_path, files, columns={"zone": "categorical"})
    assert set(judged.columns[0].facts["categories"]) == {"0", "1", "2", "3"}


def test_line_ends_inside_cells_are_the_same_in_parquet_and_in_requests(tmp_path: Path) -> None:
    frame = pd.read_csv(io.StringIO(GOOD)).assign(place=["a\r\nb", "c"] * 30)
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    judged = tables.judged(tmp_path, {"a.parquet": out.getvalue()}, target="churned")
    assert set(judged.columns[-1].facts["categories"]) == {"a\nb", "c"}


def test_classes_of_many_figures_stay_apart(tmp_path: Path) -> None:
    table = tables.column(3, lambda _, i: str(9007199254740992 + i % 3))
    judged = tables.judged(tmp_path, {"a.csv": text(table)}, target="churned")
    assert judged.target.counts == (20, 20, 20)
