"""Cells of a test file that are no number, no date, no yes or no: one slip refuses no file, a whole column does."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from jobs.encoding import Encoder
from jobs.evaluate.uploaded_rows import Uploaded, read_uploaded
from jobs.refusals import Refusal
from jobs.tables.notes import Notes
from tests.prepare import tables

HEADER = ("day", "member", "late", *tables.HEADER)


def rows(count: int = 90) -> list[list[str]]:
    return tables.added_rows(
        lambda i: [f"{1 + i % 28:02}.0{1 + i % 9}.2024", ("ja", "nein")[i % 2], f"{i % 24:02}:30"], count
    )


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    return tables.prepared(tmp_path, {"a.csv": tables.text(rows(), HEADER)}, target="churned")


def read(folder: Path, prepared: Path, table: list[list[str]], **options: Any) -> tuple[Uploaded, Notes]:
    notes, file = Notes(), folder / "test.csv"
    file.write_text(tables.text(table, HEADER, **options), encoding="utf-8")
    return read_uploaded([("t.csv", file)], tables.schema(prepared), tables.SETTINGS, notes), notes


def encoder(prepared: Path) -> Encoder:
    with tarfile.open(prepared / "encoder" / "model.tar.gz") as archive:
        member = archive.extractfile("encoder.json")
        assert member is not None
        return Encoder.from_json(json.dumps(json.load(member)))


SLIPS = {
    0: ["soon", "2024-13-77", "31.02.2024", "n. n.", "0000-00-00", "31.12.9999", "05.03.24"],
    1: ["vielleicht", "yes", "2", "?", "JA ", "true"],
    2: ["noon", "25:00", "7", "--"],
    3: ["forty", "12a", "<5", "NA"],
}


@pytest.mark.parametrize(("place", "slip"), [(place, slip) for place, slips in SLIPS.items() for slip in slips])
def test_a_slip_is_missing_and_told_and_the_endpoint_takes_the_rest(
    place: int, slip: str, prepared: Path, tmp_path: Path
) -> None:
    table = rows()
    table[4][place] = slip

    uploaded, notes = read(tmp_path, prepared, table)

    names = uploaded.cells.column_names
    cells = [list(row) for row in zip(*(uploaded.cells[name].to_pylist() for name in names), strict=True)]
    encoder(prepared).encode_rows(names, cells)  # raises for a cell that cannot be read
    assert len(uploaded.places) == len(table)
    told = [w for w in notes.warnings if w.code == "stray-words"]
    assert bool(told) == (cells[4][place] is None and slip not in ("?", "--", "NA"))
    for warned in told:
        assert (warned.column, warned.row, warned.file) == (HEADER[place], 6, "t.csv")


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_column_of_nothing_else_is_refused(place: int, prepared: Path, tmp_path: Path) -> None:
    table = [[*row[:place], "" if i < 3 else "whatever", *row[place + 1 :]] for i, row in enumerate(rows())]

    with pytest.raises(
        Refusal, match=rf't.csv: column "{HEADER[place]}", row 5: a cell like "aaaaaaaa" is no'
    ) as refused:
        read(tmp_path, prepared, table)

    assert refused.value.code == "test-kind-changed"


@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_an_empty_column_is_missing(place: int, prepared: Path, tmp_path: Path) -> None:
    table = [[*row[:place], "", *row[place + 1 :]] for row in rows()]

    uploaded, notes = read(tmp_path, prepared, table)

    assert uploaded.cells[HEADER[place]].null_count == len(table)
    assert "stray-words" not in {w.code for w in notes.warnings}
