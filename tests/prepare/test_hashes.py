"""Lines that begin with #: rows where they have the header's number of cells, comments where they have not."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobs.prepare.pipeline import Prepared
from tests.prepare import tables
from tests.prepare.tables import text

TAGS = ("#sale", "new", "used")
HEADER = ("tag", "x", "label")
ROWS = [[TAGS[i % 3], f"{i * 7 % 41}.5", ("yes", "no")[i * 5 // 7 % 2]] for i in range(120)]


def read(content: str, tmp_path: Path, **changes: object) -> tuple[Prepared, list[str]]:
    judged = tables.judged(tmp_path, {"a.csv": content}, **changes)
    return judged, [warning.sentence for warning in judged.notes.warnings if warning.code == "comment-lines"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoted", [False, True])
def test_a_row_is_a_row_whatever_it_begins_with(delimiter: str, quoted: bool, tmp_path: Path) -> None:  # noqa: FBT001
    content = text(ROWS, HEADER, delimiter)
    if quoted:
        content = content.replace("#sale", '"#sale"')
    judged, told = read(content, tmp_path)
    assert not told
    assert judged.table.height == 120
    assert judged.columns[0].facts["categories"] == ["#sale", "new", "used"]


@pytest.mark.parametrize("share", [2, 3, 40])
@pytest.mark.parametrize(
    "comment", ["# checked by Ann", "# checked, twice", "#", "# a note,,", "# one, two, three, four"]
)
def test_comments_among_rows_are_left_out(comment: str, share: int, tmp_path: Path) -> None:
    rows = [[tag if i % share else "plain", *rest] for i, (tag, *rest) in enumerate(ROWS)]
    rows = [[tag.lstrip("#"), *rest] for tag, *rest in rows] if comment.count(",") in {1, 3} else rows
    lines = text(rows, HEADER).splitlines()
    content = "\n".join([*lines[:50], comment, *lines[50:]]) + "\n"
    judged, told = read(content, tmp_path)
    assert len(told) == 1
    assert "row 51" in told[0]
    assert judged.table.height == 120
    assert judged.table.place(60)[1] == 63


def test_every_row_may_begin_with_a_hash(tmp_path: Path) -> None:
    rows = [[f"#{tag.lstrip('#')}", *rest] for tag, *rest in ROWS]
    for header in (HEADER, ("#tag", "x", "label")):
        for delimiter in ",;":
            judged, told = read(text(rows, header, delimiter), tmp_path)
            assert not told
            assert judged.table.height == 120
            assert [column.name for column in judged.columns] == [header[0], "x"]


@pytest.mark.parametrize("above", [
    ["# exported by a tool"], ["# exported, 2024, by Ann"], ["#", "# one, two, three"], ["# a,b", "# c,d,e", "#"],
])  # fmt: skip
def test_comments_above_the_header_are_comments_whatever_their_width(above: list[str], tmp_path: Path) -> None:
    judged, _ = read("\n".join([*above, text(ROWS, HEADER)]), tmp_path)
    assert [column.name for column in judged.columns] == ["tag", "x"]
    assert judged.table.height == 120
    assert judged.table.place(0)[1] == len(above) + 2


def test_a_header_may_begin_with_a_hash(tmp_path: Path) -> None:
    judged, told = read(text(ROWS, ("#tag", "x", "label")), tmp_path)
    assert not told
    assert [column.name for column in judged.columns] == ["#tag", "x"]
    words = [[tag, f"w{i % 4}", label] for i, (tag, _, label) in enumerate(ROWS)]
    judged, _ = read(text(words, ("#tag", "x", "label")), tmp_path)
    assert [column.name for column in judged.columns] == ["#tag", "x"]


def test_a_long_file_of_such_rows_keeps_its_row_numbers(tmp_path: Path) -> None:
    rows = ROWS * 20
    lines = text(rows, HEADER).splitlines()
    lines.insert(2_001, "# the second half")
    judged, told = read("\n".join(lines), tmp_path)
    assert "1 line " in told[0]
    assert judged.table.height == 2_400
    assert judged.table.place(2_000)[1] == 2_003
