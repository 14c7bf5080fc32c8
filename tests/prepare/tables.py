"""Small tables to read: sixty rows that are in order, and the ways of spoiling them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from jobs.prepare.pipeline import Prepared, decide, prepare
from jobs.schema import Schema
from jobs.settings import Inputs, Settings

HEADER = ("age", "plan", "income", "churned")
SETTINGS: Settings = {
    "target": None,
    "task": "auto",
    "positive_class": None,
    "na_in_target": "auto",
    "split": {"how": "stratified", "column": None, "test": 0.15, "validation": 0.15, "seed": 7},
    "ignore": [],
    "columns": {},
    "file": {"delimiter": None, "encoding": None, "decimal": None, "header": None},
    "max_columns": 2000,
}
PLANS = ("basic", "plus", "pro")


def rows(count: int = 60) -> list[list[str]]:
    """Rows of an orderly table; the target depends on nothing one to one."""
    return [
        [
            str(20 + i * 7 % 41),
            PLANS[i * 5 // 7 % 3],
            f"{1000 + i * 37 % 901}.{i * 13 % 100:02d}",
            "yes" if i % 4 == 0 else "no",
        ]
        for i in range(count)
    ]


def text(table: Sequence[Sequence[str]] | None = None, header: Sequence[str] = HEADER, delimiter: str = ",") -> str:
    """A table as CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows() if table is None else table)
    return out.getvalue()


def column(place: int, change: Callable[[str, int], str], count: int = 60) -> list[list[str]]:
    """The orderly rows with one column changed: `change` gets the cell and its index."""
    table = rows(count)
    for i, row in enumerate(table):
        row[place] = change(row[place], i)
    return table


def added(name: str, cell: Callable[[int], str], count: int = 60) -> str:
    """The orderly table with one more column, first."""
    return text([[cell(i), *row] for i, row in enumerate(rows(count))], (name, *HEADER))


def added_rows(cells: Callable[[int], list[str]], count: int = 60) -> list[list[str]]:
    """The orderly rows with further cells before them."""
    return [[*cells(i), *row] for i, row in enumerate(rows(count))]


def spoiled(index: int, place: int, cell: str, count: int = 60) -> str:
    """The orderly table with one other cell."""
    table = rows(count)
    table[index][place] = cell
    return text(table)


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def settings(**changes: Any) -> Settings:
    return cast("Settings", {**SETTINGS, **changes})


def laid_down(folder: Path, files: Mapping[str, bytes | str]) -> list[tuple[str, Path]]:
    """The files on the disk under neutral names, with their keys: only the content may decide."""
    found = []
    for place, (key, content) in enumerate(files.items()):
        path = folder / f"{place:05d}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        found.append((key, path))
    return found


def judged(folder: Path, files: Mapping[str, bytes | str], **changes: Any) -> Prepared:
    """What is decided about the files."""
    return decide(settings(**changes), laid_down(folder, files))


def prepared(folder: Path, files: Mapping[str, bytes | str], live: Schema | None = None, **changes: Any) -> Path:
    """The whole of prepare; answers the folder written."""
    inputs: Inputs = {
        "version": 1,
        "run": "churn-1a2b3c4d",
        "dataset": "churn",
        "bucket": "b",
        "settings": settings(**changes),
    }
    output = folder / "prepared"
    prepare(inputs, laid_down(folder, files), live, output)
    return output


def schema(output: Path) -> Any:
    found: dict[str, Any] = json.loads((output / "schema.json").read_text(encoding="utf-8"))
    return found
