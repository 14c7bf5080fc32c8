"""Files that are read right: whatever their layout, the same numbers, words and dates come out of them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from jobs.prepare.pipeline import Prepared
from jobs.refusals import Refusal
from jobs.tables.contents import Limits, read_contents
from jobs.tables.notes import Notes
from tests.prepare import tables
from tests.prepare.tables import packed, text

GOOD = text()
HALVES = (text(tables.rows()[:30]), text([row[::-1] for row in tables.rows()[30:]], tables.HEADER[::-1]))


def values(judged: Prepared) -> dict[str, list[object]]:
    """Every column's cells as read, and the labels."""
    found: dict[str, list[object]] = {"labels": judged.target.labels.tolist()}
    for column in judged.columns:
        if column.numbers is not None:
            found[column.name] = column.numbers.tolist()
        elif column.words is not None:
            found[column.name] = column.words.text().to_pylist()
    return found


def parquet(content: str) -> bytes:
    out = io.BytesIO()
    pd.read_csv(io.StringIO(content)).to_parquet(out, index=False)
    return out.getvalue()


QUOTED = GOOD.replace("basic", '"ba,\nsic"').replace("plus", '"say ""plus"""')
RIGHT: dict[str, Mapping[str, bytes | str]] = {
    "gzip": {"a.csv.gz": packed(GOOD.encode())},
    "parquet": {"a.parquet": parquet(GOOD)},
    "gzipped-parquet": {"a.parquet.gz": packed(parquet(GOOD))},
    "byte-order-mark": {"a.csv": b"\xef\xbb\xbf" + GOOD.encode()},
    "utf-16": {"a.csv": GOOD.encode("utf-16")},
    "utf-16 without mark": {"a.csv": GOOD.encode("utf-16-le")},
    "utf-32": {"a.csv": GOOD.encode("utf-32")},
    "semicolon": {"a.csv": GOOD.replace(",", ";")},
    "tab": {"a.tsv": GOOD.replace(",", "\t")},
    "bar": {"a.csv": GOOD.replace(",", "|")},
    "separator line": {"a.csv": "sep=;\n" + GOOD.replace(",", ";")},
    "carriage returns": {"a.csv": GOOD.replace("\n", "\r")},
    "both line ends": {"a.csv": GOOD.replace("\n", "\r\n")},
    "mixed line ends": {"a.csv": GOOD.replace("\n", "\r\n", 20)},
    "blank lines": {"a.csv": GOOD.replace("\n", "\n\n")},
    "blank lines at both ends": {"a.csv": "\n\n" + GOOD + "\n\n\n"},
    "no line end": {"a.csv": GOOD.rstrip("\n")},
    "quotes everywhere": {
        "a.csv": "\n".join(",".join(f'"{c}"' for c in line.split(",")) for line in GOOD.splitlines())
    },
    "blanks around cells": {"a.csv": GOOD.replace(",", " , ")},
    "end mark of DOS": {"a.csv": GOOD + "\x1a"},
    "blanks before quotes": {
        "a.csv": "\n".join(", ".join(f'"{c}"' for c in line.split(",")) for line in GOOD.splitlines())
    },
    "column-order": {"a.csv": HALVES[0], "b.csv": HALVES[1]},
    "two formats": {"a.csv": HALVES[0], "b.parquet": parquet(HALVES[1])},
}


@pytest.mark.parametrize("name", RIGHT)
def test_is_read_like_the_plain_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    plain = tables.judged(tmp_path / "plain", {"a.csv": GOOD})
    judged = tables.judged(tmp_path, RIGHT[name])
    assert values(judged) == values(plain)
    assert judged.notes.warnings == plain.notes.warnings
    # Rows are dealt by their file: halves are dealt as halves.
    assert len(RIGHT[name]) > 1 or np.array_equal(judged.split.test, plain.split.test)


def test_line_breaks_and_delimiters_in_quotes_belong_to_the_cell(tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": QUOTED})
    plan = next(column for column in judged.columns if column.name == "plan")
    assert set(plan.facts["categories"]) == {"ba,\nsic", 'say "plus"', "pro"}


def test_two_forgotten_quotes_swallow_nothing(tmp_path: Path) -> None:
    content = GOOD.replace(",plus,", ',"plus,', 2)
    with pytest.raises(Refusal, match="broken-quotes"):
        tables.judged(tmp_path, {"a.csv": content})


def test_inches_are_no_quotes(tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": GOOD.replace("basic", '5" pipe')})
    assert '5" pipe' in next(c for c in judged.columns if c.name == "plan").facts["categories"]


def test_errors_of_a_spreadsheet_are_missing_cells_and_no_comments(tmp_path: Path) -> None:
    errors = ("#N/A", "#DIV/0!", "#REF!", "#VALUE!", "#NUM!", "#NAME?", "#NULL!")
    table = tables.column(0, lambda cell, i: errors[i] if i < len(errors) else cell)
    judged = tables.judged(tmp_path, {"a.csv": text(table)})
    assert judged.table.height == 60
    assert judged.columns[0].missing == len(errors)


def test_words_that_begin_with_a_hash_are_words(tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": tables.added("ticket", lambda i: f"#{i % 7}")})
    assert judged.table.height == 60
    assert judged.columns[0].kind == "categorical"


def test_a_comment_late_in_a_long_file_is_left_out(tmp_path: Path) -> None:
    lines = text(tables.rows(2_000)).splitlines()
    lines.insert(1_500, "# checked up to here")
    judged = tables.judged(tmp_path, {"a.csv": "\n".join(lines)})
    assert judged.table.height == 2_000
    assert any(w.code == "comment-lines" and w.row == 1_501 for w in judged.notes.warnings)


def test_a_name_that_begins_with_a_hash_is_a_name(tmp_path: Path) -> None:
    for content in (
        text(header=("#age", "plan", "income", "churned")),
        "\n# a note\n" + text(header=("#age", *tables.HEADER[1:])),
    ):
        judged = tables.judged(tmp_path, {"a.csv": content})
        assert next(iter(judged.table.series)) == "#age"
        assert judged.table.height == 60


def test_names_are_data(tmp_path: Path) -> None:
    names = ("<script>alert(1)</script>", "plan [EUR]\n(net)", "{{ income }}", "churned")
    output = tables.prepared(tmp_path, {"../../etc/passwd.csv": text(header=names)})
    assert [column["name"] for column in tables.schema(output)["columns"]] == list(names)
    raw = pd.read_csv(output / "test" / "test.csv")
    assert list(raw.columns) == list(names)


@pytest.mark.parametrize(
    ("cells", "delimiter", "expected"),
    [
        (("1.234,5", "7,25"), ";", (1234.5, 7.25)),
        (("1,234.5", "7.25"), ";", (1234.5, 7.25)),
        (("1 234,5", "7,25"), ";", (1234.5, 7.25)),
        (("1'234.5", "7.25"), ",", (1234.5, 7.25)),
        (("(1,234.50)", "7.25"), ",", (-1234.5, 7.25)),
        (("−3,5", "1e3"), ";", (-3.5, 1000.0)),
        (("€ 1.234", "€ 7,5"), ";", (1234.0, 7.5)),
        (("12,5 %", "7,5 %"), ";", (12.5, 7.5)),
        (("1,234,567", "2"), ",", (1234567.0, 2.0)),
        (("+5", ".5"), ",", (5.0, 0.5)),
        (("1,234.50-", "7.25"), ",", (-1234.5, 7.25)),
        (("1.234,50- €", "7,25 €"), ";", (-1234.5, 7.25)),
        (("$(1,234.50)", "$7.25"), ",", (-1234.5, 7.25)),
        (("%12", "7.25%"), ",", (12.0, 7.25)),
        (("₹12,34,567.50", "₹1,00,000"), ",", (1234567.5, 100000.0)),
    ],
)
def test_numbers_are_read_as_they_are_meant(
    cells: tuple[str, str], delimiter: str, expected: tuple[float, float], tmp_path: Path
) -> None:
    table = tables.column(2, lambda _, i: cells[i % 3 % 2])
    judged = tables.judged(tmp_path, {"a.csv": text(table, delimiter=delimiter)})
    income = next(column for column in judged.columns if column.name == "income")
    assert income.numbers is not None
    assert income.numbers[:2].tolist() == list(expected)


def test_thousands_with_points_in_a_file_of_decimal_commas(tmp_path: Path) -> None:
    table = [[f"{1 + i % 9}.{i * 7 % 1000:03d}", r[1], f"{i},5", r[3]] for i, r in enumerate(tables.rows())]
    judged = tables.judged(tmp_path, {"a.csv": text(table, delimiter=";")})
    age = judged.columns[0]
    assert age.numbers is not None
    assert age.numbers[:2].tolist() == [1000.0, 2007.0]


def test_files_keep_their_own_decimal_mark(tmp_path: Path) -> None:
    german = [[r[0], r[1], r[2].replace(".", ","), r[3]] for r in tables.rows()]
    judged = tables.judged(tmp_path, {"a.csv": GOOD, "b.csv": text(german, delimiter=";")})
    income = next(column for column in judged.columns if column.name == "income")
    assert income.numbers is not None
    assert np.array_equal(income.numbers[:60], income.numbers[60:])
    assert [part.facts["decimal"] for part in judged.table.files] == [".", ","]


def test_classes_written_as_numbers_are_the_same_in_all_files(tmp_path: Path) -> None:
    whole = text([[*r[:3], str(int(r[3] == "yes"))] for r in tables.rows()])
    pointed = text([[*r[:3], f"{int(r[3] == 'yes')}.0"] for r in tables.rows()])
    judged = tables.judged(tmp_path, {"a.csv": whole, "b.csv": pointed}, positive_class="1.0")
    assert judged.target.classes == ("0", "1")
    assert judged.target.positive_class == "1"
    assert judged.target.counts == (90, 30)


def test_leading_zeros_stay(tmp_path: Path) -> None:
    content = text([[f"{i % 9:03d}", *r] for i, r in enumerate(tables.rows())], ("shop", *tables.HEADER))
    raw = pd.read_csv(tables.prepared(tmp_path, {"a.csv": content}) / "test" / "test.csv", dtype=str)
    assert raw["shop"].str.len().eq(3).all()


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("2024-03-{:02d}", "%Y-%m-%d"),
        ("{:02d}.03.2024", "%d.%m.%Y"),
        ("03/{:02d}/2024", "%m/%d/%Y"),
        ("{:02d}/03/2024", "%d/%m/%Y"),
        ("2024-03-{:02d}T12:30:00Z", "%Y-%m-%dT%H:%M:%S%z"),
        ("2024-03-{:02d} 12:30", "%Y-%m-%d %H:%M"),
        ("{:02d} Mar 2024", "%d %b %Y"),
        ("March {:02d}, 2024", "%B %d, %Y"),
        ("24-03-{:02d}", "%y-%m-%d"),
        ("{:02d}-03-24", "%d-%m-%y"),
        ("2024-03-{:02d}T12:30Z", "%Y-%m-%dT%H:%M%z"),
        ("2024-03-{:02d} 12:30:00 UTC", "%Y-%m-%d %H:%M:%S UTC"),
    ],
)
def test_dates_are_read_by_one_format(cell: str, form: str, tmp_path: Path) -> None:
    content = tables.added("when", lambda i: f'"{cell.format(1 + i % 28)}"').replace('"""', '"')
    judged = tables.judged(tmp_path, {"a.csv": content})
    when = judged.columns[0]
    assert (when.kind, when.facts["date_format"]) == ("date", form)
    assert when.moments is not None
    assert str(when.moments[4])[:10] == "2024-03-05"


def test_dates_without_marks_are_dates_under_a_name_that_says_so(tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": tables.added("date", lambda i: f"202403{1 + i % 28:02d}")})
    assert judged.columns[0].facts["date_format"] == "%Y%m%d"
    judged = tables.judged(tmp_path, {"a.csv": tables.added("amount", lambda i: f"202403{1 + i % 28:02d}")})
    assert judged.columns[0].kind == "numeric"


def test_figures_that_are_no_numbers_stay_words(tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": tables.added("host", lambda i: f"192.168.{i % 3}.{100 + i % 8}")})
    assert judged.columns[0].kind == "categorical"


def test_years_may_be_names(tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": text(header=("2019", "plan", "2020", "churned"))})
    assert list(judged.table.series) == ["2019", "plan", "2020", "churned"]
    assert judged.table.height == 60


def test_rows_of_r_have_names(tmp_path: Path) -> None:
    content = text([[str(i + 1), *row] for i, row in enumerate(tables.rows())])
    judged = tables.judged(tmp_path, {"a.csv": content})
    assert [column.kind for column in judged.columns] == ["identifier", "numeric", "categorical", "numeric"]


def test_a_row_too_wide_is_no_row_name(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="ragged-rows"):
        tables.judged(tmp_path, {"a.csv": text([[str(i % 9), *row] for i, row in enumerate(tables.rows())])})


def test_a_comma_late_in_a_long_file_is_found(tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": tables.spoiled(4_000, 2, "1234,5", 5_000)})
    income = judged.columns[2]
    assert (income.kind, income.missing) == ("numeric", 1)
    assert [w.row for w in judged.notes.warnings if w.code == "stray-words"] == [4_002]


def test_a_comma_late_makes_no_commas_of_another_columns_points(tmp_path: Path) -> None:
    table = [[*row, f"{1 + i % 9}.{i % 1000:03d}"] for i, row in enumerate(tables.rows(5_000))]
    table[4_000][2] = "1234,5"
    judged = tables.judged(tmp_path, {"a.csv": text(table, (*tables.HEADER, "grams"))}, target="churned")
    grams = judged.columns[-1].numbers
    assert grams is not None
    assert grams[1] == 2.001


def test_no_header_is_read_where_the_settings_say_so(tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": GOOD.split("\n", 1)[1]}, file={"header": False})
    assert list(judged.table.series) == ["column 1", "column 2", "column 3", "column 4"]
    assert judged.table.height == 60
    assert judged.table.place(0) == ("a.csv", 1)


def test_unpacking_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(packed(b"0," * 500_000))
    with pytest.raises(Refusal, match="decompression-bomb"):
        read_contents(path, "a.csv.gz", Notes(), Limits(ratio_from=100_000))
    with pytest.raises(Refusal, match="file-too-large"):
        read_contents(path, "a.csv.gz", Notes(), Limits(unpacked=200_000))
    path.write_text(GOOD * 100)
    with pytest.raises(Refusal, match="file-too-large"):
        read_contents(path, "a.csv", Notes(), Limits(unpacked=1_000))


def test_the_careful_way_reads_what_the_fast_one_reads(tmp_path: Path) -> None:
    """One comment line sends the whole file the careful way."""
    (tmp_path / "plain").mkdir()
    table = tables.rows(300)
    plain = tables.judged(tmp_path / "plain", {"a.csv": text(table)})
    careful = tables.judged(tmp_path, {"a.csv": text(table).replace("\n", "\n# a note\n", 1)})
    assert values(careful) == values(plain)
    assert careful.table.place(0) == ("a.csv", 3)
