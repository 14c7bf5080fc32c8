"""A request's body as rows of text cells: CSV with or without a header, JSON lines, JSON.

It must not guess: an unknown column name, a missing column in a header or a row of another length is refused with its
place, since a shifted column would still be answered, wrongly. Cells stay text; what they mean is the encoder's matter.
The csv and json modules do the work: pandas would cost more than the prediction.
"""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.encoding.text import composed

Cells = Sequence[str | None]
_LONGEST = 2_000
JSON_LINES = ("application/jsonlines", "application/x-jsonlines", "application/json-lines", "application/x-ndjson")


class Refused(ValueError):  # noqa: N818 - what happened to the request, not a fault of ours
    """A request that cannot be answered: an HTTP `status` and a sentence that names row and column."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        # A name in it may be of half characters, which no answer can hold, or as long as the body.
        super().__init__(sentence[:_LONGEST].encode("utf-8", "replace").decode())
        self.status = status


@dataclass(frozen=True)
class Table:
    """Rows of cells below column names; a row has a cell a column."""

    columns: list[str]
    rows: Sequence[Cells]


def read_table(data: str | bytes, content_type: str, columns: list[str], target: str) -> Table:
    """The rows of a request. `columns`: the schema's, in order, without the target. Raises `Refused`."""
    media = content_type.partition(";")[0].strip().lower()
    if media == "text/csv":
        table = _csv_table(_text(data), columns, target)
    elif media in JSON_LINES:
        table = Table(columns, _json_rows(_parsed_lines(_text(data)), columns, target))
    elif media == "application/json":
        table = Table(columns, _json_rows(_instances(_parsed(_text(data), "the body")), columns, target))
    else:
        raise Refused(
            f"content type {media!r} is not supported: send text/csv, application/jsonlines or application/json", 415
        )
    if not table.rows:
        raise Refused("the request holds no rows")
    return table


def _text(data: str | bytes) -> str:
    if isinstance(data, str):
        return composed(data.removeprefix("\ufeff"))
    try:
        return composed(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        before = data[: error.start]
        cell = data[before.rfind(b"\n") + 1 : error.start].count(b",") + 1
        row = before.count(b"\n") + 1
        raise Refused(f"line {row}, cell {cell}: byte {error.start} of the body is not UTF-8") from None


def _csv_table(text: str, columns: list[str], target: str) -> Table:
    lines = _lines(text.strip("\r\n"))
    if not lines or not text.strip():
        return Table(columns, [])
    if _is_header(lines[0], columns, target):
        header = _checked_header([name.strip() for name in lines[0]], columns, target)
        return Table(header, _of_width(lines[1:], header, target))
    return Table(columns, _of_width(lines, columns, target))


def _lines(text: str) -> list[list[str]]:
    text = text.replace("\r\n", "\n")
    if '"' not in text and "\r" not in text:
        return [
            line.split(",") for line in text.split("\n")
        ]  # half the time of the csv module, where nothing is quoted
    try:
        return list(csv.reader(io.StringIO(text, newline=""), skipinitialspace=True))
    except csv.Error as error:
        raise Refused(f"the body cannot be read as CSV: {error}") from None


def _is_header(line: list[str], columns: list[str], target: str) -> bool:
    known = {*columns, target}
    names = sum(name.strip() in known for name in line)
    return names == len(line) or (names > 1 and names * 2 > len(line))


def _checked_header(header: list[str], columns: list[str], target: str) -> list[str]:
    known = {*columns, target}
    for name in header:
        if name not in known:
            raise Refused(
                f'the header names a column "{name}" that the model does not know; it knows {_listed(columns)}'
            )
        if header.count(name) > 1:
            raise Refused(f'the header names the column "{name}" twice')
    missing = [name for name in columns if name not in header]
    if missing:
        raise Refused(
            f"the header lacks {_listed(missing)}; give every column, with empty cells where there is no value"
        )
    return header


def _of_width(lines: list[list[str]], columns: list[str], target: str) -> Sequence[Cells]:
    width = len(columns)
    for number, line in enumerate(lines, start=1):
        if len(line) == width:
            continue
        if not line and width == 1:
            line.append("")
            continue
        hint = f' (leave out the answer, "{target}")' if len(line) == width + 1 and target not in columns else ""
        raise Refused(f"row {number}: has {len(line)} cells; {width} are expected{hint}: {_listed(columns)}")
    return lines


def _parsed(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise Refused(f"{what} is not JSON: {error}") from None
    except RecursionError:
        raise Refused(f"{what} is not JSON that can be read: its brackets are nested too deep") from None


def _parsed_lines(text: str) -> list[Any]:
    lines = [line for line in text.split("\n") if line.strip()]
    return [_parsed(line, f"row {number}:") for number, line in enumerate(lines, start=1)]


def _instances(document: Any) -> list[Any]:
    if isinstance(document, dict) and isinstance(document.get("instances"), list):
        document = document["instances"]
    return document if isinstance(document, list) else [document]


def _json_rows(rows: Iterable[Any], columns: list[str], target: str) -> list[Cells]:
    known = {*columns, target}
    return [_json_row(number, row, columns, known) for number, row in enumerate(rows, start=1)]


def _json_row(number: int, row: Any, columns: list[str], known: set[str]) -> Cells:
    if isinstance(row, list) and len(row) == len(columns):
        row = dict(zip(columns, row, strict=True))
    if not isinstance(row, dict):
        raise Refused(f"row {number}: should be an object by column name, such as {{{json.dumps(columns[0])}: ...}}")
    if not row.keys() <= known:
        row = {composed(name): value for name, value in row.items()}  # what stood in JSON as escapes
    if not row.keys() <= known:
        unknown = sorted(row.keys() - known)
        raise Refused(f'row {number}: there is no column "{unknown[0]}"; the model knows {_listed(columns)}')
    return [_cell(number, name, row.get(name)) for name in columns]


def _cell(number: int, column: str, value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return composed(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    raise Refused(f'row {number}: column "{column}" should hold a text, a number, true, false or null')


def _listed(names: list[str], most: int = 12) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
