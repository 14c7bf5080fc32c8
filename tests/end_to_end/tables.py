"""A small table that can be learned from, and the ways in which people hand it in."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

HEADER = ("city", "age", "income", "churned")
CITIES = ("Köln", "Münster", "Bonn")
ROWS = 240


def rows(first: int = 0, count: int = ROWS) -> list[list[str]]:
    """Whether somebody churned follows from age and income together, and from neither alone. Some 37,000 differ."""
    found = []
    for i in range(first, first + count):
        age, income = 20 + i * 7 % 41, 1000 + i * 37 % 901
        churned = "yes" if age * 20 + income > 2350 else "no"
        found.append([CITIES[i * 5 // 7 % 3], str(age), f"{income}.{i * 13 % 100:02d}", churned])
    return found


def text(table: Sequence[Sequence[str]] | None = None, header: Sequence[str] = HEADER, delimiter: str = ",") -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows() if table is None else table)
    return out.getvalue()


def spreadsheet_export() -> bytes:
    """What a spreadsheet writes in a country of decimal commas: UTF-16, semicolons."""
    table = [[city, age, income.replace(".", ","), churned] for city, age, income, churned in rows()]
    return text(table, delimiter=";").encode("utf-16")


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def parquet(names: Sequence[str], words: dict[str, str]) -> bytes:
    """The table as Parquet under other names, the classes as other words."""
    city, age, income, churned = zip(*rows(), strict=True)
    columns = [list(city), [int(x) for x in age], [float(x) for x in income], [words[x] for x in churned]]
    buffer = io.BytesIO()
    pq.write_table(pa.table(dict(zip(names, columns, strict=True))), buffer)
    return buffer.getvalue()


def workbook() -> bytes:
    """The beginning of what a spreadsheet program saves: a zip archive of XML."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    return buffer.getvalue()
