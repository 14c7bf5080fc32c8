"""Sentences about a file read well whatever they count, and say what became of the cells they are about."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.prepare import tables

_ONE_OF_MANY = re.compile(r"(?<![\d,.])1 (?:\w+ )?(?:rows|cells|lines|words|classes|values|others|columns)\b")
Table = list[list[str]]


def changed(place: int, cell: str, *at: int) -> Table:
    return tables.column(place, lambda old, i: cell if i in at else old, 120)


def dated(cell: str, *at: int) -> str:
    return tables.added("day", lambda i: cell if i in at else f"2024-{1 + i * 5 % 12:02d}-{1 + i * 11 % 28:02d}", 120)


CASES: dict[str, Callable[..., str]] = {
    "stray-words": lambda *at: tables.text(changed(2, "forty", *at)),
    "numbers-as-words": lambda *at: tables.added("block", lambda i: "12a" if i in at else str(i % 40), 120),
    "unlabelled-rows": lambda *at: tables.text(changed(3, "", *at)),
    "dates-out-of-range": lambda *at: dated("9999-12-31", *at),
    "mixed-dates": lambda *at: dated("31.12.2024", *at),
    "duplicate-rows": lambda *at: tables.text([*tables.rows(120), *(tables.rows()[i] for i in at)]),
    "blank-rows": lambda *at: tables.text([[""] * 4 if i in at else row for i, row in enumerate(tables.rows(120))]),
    "repeated-header": lambda *at: tables.text(
        [list(tables.HEADER) if i in at else row for i, row in enumerate(tables.rows(120))]
    ),
    "comment-lines": lambda *at: "".join(f"# {i}\n" for i in at) + tables.text(tables.rows(120)),
    "preamble": lambda *at: "".join(f"Title {i}\n" for i in at) + tables.text(tables.rows(120)),
    "class-left-out": lambda *at: tables.text(changed(3, "maybe", *at) + tables.rows(400)),
}  # fmt: skip


@pytest.mark.parametrize("code", CASES)
@pytest.mark.parametrize("at", [(7,), (7, 11, 40)], ids=["one", "three"])
def test_one_is_not_told_as_many(code: str, at: tuple[int, ...], tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": CASES[code](*at)}, target="churned")

    told = [warned.sentence for warned in judged.notes.warnings if warned.code == code]
    assert told or code == "numbers-as-words"
    for sentence in told:
        assert not _ONE_OF_MANY.search(sentence), sentence
        assert len(at) == 1 or re.search(r"\b3 ", sentence), sentence


@pytest.mark.parametrize("code", ["stray-words", "dates-out-of-range", "mixed-dates"])
def test_what_became_of_odd_cells_is_said(code: str, tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": CASES[code](7)}, target="churned")

    assert "read as missing" in next(warned.sentence for warned in judged.notes.warnings if warned.code == code)
