"""Model Monitor's ground truth records, a JSON object a line, to ids and labels.

`groundTruthData.data` holds the label, or a line (or a list) of labels where the request held several rows; those get
the ids `<id>/1`, `<id>/2`, … . Plain objects with the column names of a label table are read too, since people write
JSON by those names. A line that is cut off costs that line.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa

from jobs.capture.records import is_text
from jobs.encoding.text import composed
from jobs.ground_truth.entries import Entries, Source, usable
from jobs.ground_truth.label_tables import ID_NAMES, LABEL_NAMES
from jobs.ground_truth.problems import Problems
from jobs.schema import Schema
from jobs.tables.decoding import to_utf8
from jobs.tables.grid import Grid
from jobs.tables.notes import Notes


def is_ground_truth(data: bytes) -> bool:
    """Whether a label file is JSON lines: told by its content, as everywhere."""
    head = data[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return head.startswith((b"{", b"["))


def read_ground_truth(data: bytes, file: str, schema: Schema, problems: Problems, notes: Notes) -> Entries:
    """The usable labels of one file. Raises Refusal where it is no text."""
    text, _ = to_utf8(data, None, file, notes)
    ids: list[str | None] = []
    words: list[str | None] = []
    lines: list[int] = []
    spoiled: dict[str, list[int]] = {"broken-line": [], "foreign-line": []}
    for line, written in enumerate(text.decode("utf-8", "replace").split("\n"), start=1):
        if not written.strip():
            continue
        try:
            labelled = list(_labels(json.loads(written), schema["target"]))
        except (TypeError, KeyError):
            spoiled["foreign-line"].append(line)
            continue
        except (ValueError, RecursionError):  # also what is no JSON, no base64, or a number of ten thousand digits
            spoiled["broken-line"].append(line)
            continue
        if not all(is_text(text) for pair in labelled for text in pair if text is not None):
            spoiled["broken-line"].append(line)
            continue
        for name, word in labelled:
            ids.append(name)
            words.append(word)
            lines.append(line)
    for code, places in spoiled.items():
        if places:
            problems.count(code, len(places), f"{file}, line {places[0]:,}")
    grid = Grid(
        ("id", "label"),
        tuple(pa.chunked_array([pa.array(column, pa.string())]) for column in (ids, words)),
        rows=np.array(lines, np.int64),
    )
    found = usable(grid, (0, 1), Source(file, "line", ""), schema, problems, notes)
    return replace(found, read=found.read + sum(len(places) for places in spoiled.values()))


def _labels(record: Any, target: str) -> Iterator[tuple[str | None, str | None]]:
    """Ids and label words of one record. KeyError or TypeError where it is something else."""
    if not isinstance(record, dict):
        raise TypeError("no object")
    if "groundTruthData" not in record:
        names = {composed(str(name).strip()).casefold(): value for name, value in record.items()}
        label = next(names[name] for name in _label_names(target, names))
        yield _id(next((names[name] for name in ID_NAMES if names.get(name) is not None), None)), _word(label)
        return
    metadata = record["eventMetadata"]
    if not isinstance(metadata, dict):
        raise TypeError("no object")
    name = _id(metadata.get("inferenceId") or metadata.get("eventId"))
    values = _values(record["groundTruthData"])
    if len(values) == 1:
        yield name, values[0]
        return
    for place, value in enumerate(values, start=1):
        yield None if name is None else f"{name}/{place}", value


def _label_names(target: str, names: dict[str, Any]) -> list[str]:
    wanted = (LABEL_NAMES[0], composed(target.strip()).casefold(), *LABEL_NAMES[1:])
    found = [name for name in wanted if name in names]
    if not found:
        raise KeyError(target)
    return found


def _values(truth: dict[str, Any]) -> list[str | None]:
    data = truth["data"]
    if truth.get("encoding") == "BASE64":
        try:
            data = base64.b64decode(data, validate=True).decode("utf-8-sig")
        except (binascii.Error, UnicodeDecodeError):
            raise ValueError("no base64") from None
    if isinstance(data, str) and truth.get("encoding") == "JSON":
        with contextlib.suppress(ValueError):  # a bare word, as the JSON of people often is
            data = json.loads(data)
    if isinstance(data, str):
        return [line.strip().strip('"') for line in data.strip().splitlines()] or [None]
    if isinstance(data, list):
        return [_word(value) for value in data]
    return [_word(data)]


def _id(value: Any) -> str | None:
    return str(value) if isinstance(value, str | int) and str(value).strip() else None


def _word(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    raise TypeError("a label is a word or a number")
