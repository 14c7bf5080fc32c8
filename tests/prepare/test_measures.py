"""One unit behind every number of a column is taken off; ranks, hours, two units and codes are words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.prepare import tables
from tests.prepare.tables import added


@pytest.mark.parametrize(
    ("cell", "first"),
    [
        ("{0}1,000 mi.", 101_000), ("{0} kg", 10), ("{0}kg", 10), ("{0}.5 km/h", 10.5), ("-{0} °C", -10),
        ("{0} years", 10),
        ("{0} m²", 10), ("{0} mg/dL", 10), ("{0} sq. ft.", 10), ("{0} µm", 10),
    ],
)  # fmt: skip
def test_a_unit_is_taken_off(cell: str, first: float, tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": added("size", lambda i: cell.format(10 + i * 7 % 41))})
    assert judged.columns[0].kind == "numeric"
    assert judged.columns[0].numbers is not None
    assert judged.columns[0].numbers[0] == first
    told = [warning for warning in judged.notes.warnings if warning.code == "measures"]
    assert [(warning.column, warning.row) for warning in told] == [("size", 2)]


def test_gaps_and_plurals_do_not_matter(tmp_path: Path) -> None:
    cells = ("1 day", "2 days", "", "NA", "7 days")
    judged = tables.judged(tmp_path, {"a.csv": added("waited", lambda i: cells[i % 5])})
    assert judged.columns[0].kind == "numeric"
    assert judged.columns[0].missing == 24


@pytest.mark.parametrize("cells", [
    ("1st", "2nd", "3rd"), ("5th", "6th", "7th"), ("5 kg", "500 g"), ("3 pm", "4 pm"), ("1 May", "2 May"),
    ("5'11\"", "6'1\""),
    ("A1", "B2"), ("12A", "13B"), ("Q1 2024", "Q2 2024"),
])  # fmt: skip
def test_what_is_no_amount_stays_words(cells: tuple[str, ...], tmp_path: Path) -> None:
    content = added("size", lambda i: cells[i % len(cells)].replace('"', "''"))
    judged = tables.judged(tmp_path, {"a.csv": content})
    assert judged.columns[0].kind != "numeric"
    assert not [warning for warning in judged.notes.warnings if warning.code == "measures"]
