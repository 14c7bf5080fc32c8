"""A file in pieces is read as it is read as a whole: the same cells, marks, answers, facts and warnings."""

from __future__ import annotations

import gzip
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jobs.profiles.profile import Reference
from jobs.score import pieces
from jobs.score.piecewise import in_pieces
from jobs.score.reading import Scored, read_to_score
from jobs.tables import spool
from jobs.tables.notes import Notes
from tests.score.models import TARGET, Live, table, text

ROWS = 60
HEADER, *CELLS = table("binary", ROWS, 9)
AT = {name: place for place, name in enumerate(HEADER)}
KEY = "datasets/clinic/score/feb.csv"


def changed(delimiter: str = ",", *, target: bool = False, **columns: Any) -> str:
    """The rows with some columns written in another way; a function makes a cell of the old one and its row."""
    rows = [[*row] for row in CELLS]
    for name, write in columns.items():
        for place, row in enumerate(rows):
            row[AT[name]] = write(row[AT[name]], place)
    width = len(HEADER) if target else len(HEADER) - 1
    return text([row[:width] for row in [HEADER, *rows]], delimiter)


def comma(cell: str, _: int) -> str:
    return cell.replace(".", ",")


def some(word: str, every: int = 9) -> Any:
    return lambda cell, place: word if place % every == 4 else cell


PLAIN = {
    "as it is": changed(),
    "with the target": changed(target=True),
    "targets missing": changed(target=True, sick=some("n/a")),
    "odd targets": changed(target=True, sick=some("none")),
    "gaps": changed(age=some(""), ward=some(""), paid=some("NA")),
    "decimal commas": changed(";", paid=comma),
    "amounts": changed(";", paid=lambda cell, _: f"{float(cell):,.2f}".translate({44: 46, 46: 44}) + " €"),
    "thousands": changed(";", paid=lambda _, place: f"{1 + place % 9}.{100 + place}"),
    "no numbers": changed(age=some("old"), paid=some("n.a.")),
    "unclear": changed("\t", paid=lambda _, place: f"{1 + place % 9},{100 + place}"),
    "words": changed(ward=some("elsewhere", 11), member=some("perhaps"), admitted=some("soon", 20)),
    "signs": changed(ward=lambda _, place: "+" if place == 50 else "-"),
    "infinite": changed(paid=some("1e300"), age=some("inf", 31)),
    "far": changed(age=lambda cell, place: "-900" if place == 3 else "900" if place == 40 else cell),
    "quoted": changed(ward=some("a\nb, c")),
    "a mark": "﻿" + changed(),
    "Windows": changed().replace("\n", "\r\n"),
    "other columns": "\n".join(f"{line},{place},x" for place, line in enumerate(changed().splitlines())),
    "empty at the end": changed() + "\n\n\n",
    "one row": "\n".join(changed().splitlines()[:2]),
    "pointed": changed(age=lambda cell, _: f"{cell}.0", patient=lambda _, place: str(place)),
}


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "ROWS", 7)
    monkeypatch.setattr(spool, "_PIECE", 400)


def both(live: Live, folder: Path, body: bytes, key: str = KEY) -> tuple[Scored | None, Scored, Notes, Notes]:
    path, told, whole_told = folder / "body", Notes(), Notes()
    path.write_bytes(body)
    references = {one["name"]: Reference.read(one) for one in live.baseline["columns"]}
    piecewise = in_pieces(path, key, live.schema, {}, references, folder, told)
    return piecewise, read_to_score(path, key, live.schema, {}, references, whole_told), told, whole_told


def laid_together(scored: Scored) -> dict[str, Any]:
    """All that is known of the rows, as one piece would say it."""
    parts = list(scored)
    start, marks = 0, dict[tuple[Any, ...], list[int]]()
    for part in parts:
        for mark in part.marks:
            rows = marks.setdefault((mark.column, mark.sentence, mark.told, mark.unread, mark.rank), [])
            rows += [start + int(place) for place in np.flatnonzero(mark.rows)]
        start += part.height
    return {
        "own": [
            [cell for part in parts for cell in part.own.columns[at].to_pylist()] for at in range(len(scored.names))
        ],
        "rows": [part.own.row(at) for part in parts for at in range(part.height)],
        "cells": {name: [cell for part in parts for cell in part.cells[name].to_pylist()] for name in parts[0].cells},
        "marks": {key: rows for key, rows in marks.items() if rows},
        "actual": [] if parts[0].actual is None else [str(one) for part in parts for one in part.actual.tolist()],  # type: ignore[union-attr]
        "about": (scored.names, scored.height, scored.facts, scored.labelled),
    }


@pytest.mark.parametrize("name", PLAIN)
def test_in_pieces_it_is_what_it_is_as_a_whole(name: str, live: Live, tmp_path: Path) -> None:
    piecewise, whole, told, whole_told = both(live, tmp_path, PLAIN[name].encode())
    assert piecewise is not None
    assert laid_together(piecewise) == laid_together(whole)
    assert told.warnings == whole_told.warnings


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "gzip"])
def test_other_encodings_are_read_in_pieces_too(encoding: str, live: Live, tmp_path: Path) -> None:
    body = gzip.compress(changed().encode()) if encoding == "gzip" else changed().encode(encoding)
    piecewise, whole, told, whole_told = both(live, tmp_path, body)
    assert piecewise is not None
    assert laid_together(piecewise) == laid_together(whole)
    assert told.warnings == whole_told.warnings


def test_parquet_is_read_in_pieces_too(live: Live, tmp_path: Path) -> None:
    frame = pd.DataFrame(CELLS, columns=HEADER).drop(columns=TARGET).astype({"age": "float32", "paid": "float64"})
    frame.loc[5, "age"] = np.nan
    frame["ward"] = frame["ward"].astype("category")
    out = io.BytesIO()
    frame.to_parquet(out, index=False, row_group_size=11)
    piecewise, whole, told, whole_told = both(live, tmp_path, out.getvalue(), KEY.replace("csv", "parquet"))
    assert piecewise is not None
    assert laid_together(piecewise) == laid_together(whole)
    assert told.warnings == whole_told.warnings


LINES = changed().splitlines()
WHOLE = {
    "a gap": [*LINES[:30], "", *LINES[30:]],
    "a row of another width": [*LINES[:30], "a,b", *LINES[30:]],
    "a total": [*LINES, f"Total,{ROWS * 50},,,,"],
    "the header again": [*LINES[:30], LINES[0], *LINES[30:]],
    "titles": ["Patients of 2025", "", *LINES],
    "comments": [LINES[0], "# exported by hand", *LINES[1:]],
    "a forgotten quotation mark": [*LINES[:30], LINES[30].replace("p-", '"p-'), *LINES[31:]],
}


@pytest.mark.parametrize("name", WHOLE)
def test_what_only_the_whole_can_tell_is_left_to_it(name: str, live: Live, tmp_path: Path) -> None:
    told, path = Notes(), tmp_path / "body"
    path.write_text("\n".join(WHOLE[name]))
    assert in_pieces(path, KEY, live.schema, {}, {}, tmp_path, told) is None
    assert told.warnings == [], "the other reading tells it all"
