"""Scored rows as capture records: the watch counts them as traffic, for they are what the model is used for.

In AWS's own format, under the live model's own keys, marked with the custom attribute `sagerelay=score-<upload>`. Every
name in them follows from the check, so that an attempt that comes again writes the same objects. A file of a million
rows is not captured whole: blocks are taken evenly from all of it, no more than a check needs.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.schema import Schema
from jobs.score.answered import columns as answered_columns
from jobs.score.answered import names
from jobs.score.rows import Block

MOST_ROWS = 100_000
ROWS_A_RECORD = 500
MARK = "score"


@dataclass(frozen=True)
class Capturing:
    """Where the records of a file go, and what is said in each."""

    folder: Path
    upload: str
    began: datetime
    share: float
    """Of the rows, from 0 to 1: the endpoint's own capture percentage, as far as `MOST_ROWS` allows."""

    @classmethod
    def of(cls, folder: Path, upload: str, began: datetime, percentage: float, rows: int) -> Capturing:
        return cls(folder, upload, began, min(percentage / 100, MOST_ROWS / rows if rows else 1.0))

    @property
    def path(self) -> Path:
        """`yyyy/mm/dd/hh/mm-ss-mmm-<id>.jsonl`, as data capture names its files."""
        token = uuid.UUID(bytes=hashlib.sha256(self.upload.encode()).digest()[:16])
        return self.folder / f"{self.began:%Y/%m/%d/%H/%M-%S}-000-{token}.jsonl"

    def event(self, number: int) -> str:
        """The id of a record."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.upload}/{number}"))

    def record(self, number: int, request: str, answer: str) -> str:
        """One line of a capture file."""
        sides = {
            "endpointInput": _side("INPUT", request, "text/csv"),
            "endpointOutput": _side("OUTPUT", answer, "text/csv; charset=utf-8"),
        }
        about = {
            "eventId": self.event(number),
            "customAttributes": [f"sagerelay={MARK}-{self.upload}"],
            "inferenceTime": f"{self.began:%Y-%m-%dT%H:%M:%SZ}",
        }
        return json.dumps({"captureData": sides, "eventMetadata": about, "eventVersion": "0"}, ensure_ascii=False)


def _side(mode: str, text: str, media: str) -> dict[str, str]:
    return {"observedContentType": media, "mode": mode, "data": text, "encoding": "CSV"}


class Captured:
    """The capture file of a scored file; nothing is written where nothing is to be captured."""

    def __init__(self, capturing: Capturing, schema: Schema, columns: Sequence[str]) -> None:
        self.rows = 0
        self._capturing, self._schema, self._columns = capturing, schema, columns
        self._names = names(schema, (), with_interval=False)
        self._due, self._number = 0.0, 0

    @property
    def any(self) -> bool:
        """Whether rows are captured at all."""
        return bool(self._capturing.share)

    def add(self, block: Block, cells: dict[str, pa.Array]) -> pa.Array:
        """The rows of a block that were answered, as far as they are captured: the id of each row, by which a label
        finds it; null for the others. `cells` are those of the block, all of its rows."""
        ids: list[str | None] = [None] * block.height
        if block.answers is None or not self.any:
            return pa.array(ids, pa.string())
        kept = np.flatnonzero(block.asked)
        added = answered_columns(block, self._schema, self._names, (), as_text=True)
        answers = added[: 1 + len(self._schema["classes"] or ())]
        lines = []
        for start in self._taken(len(kept)):
            places = kept[start : start + ROWS_A_RECORD]
            lines.append(self._record(places, cells, answers))
            event = self._capturing.event(self._number)
            for order, place in enumerate(places.tolist(), start=1):
                ids[place] = f"{event}/{order}" if len(places) > 1 else event
        if lines:
            path = self._capturing.path
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines)
        return pa.array(ids, pa.string())

    def _taken(self, count: int) -> Iterator[int]:
        """Where the records begin that are captured, evenly over the whole file."""
        for start in range(0, count, ROWS_A_RECORD):
            self._due += self._capturing.share
            if self._due >= 1.0 - 1e-9:
                self._due -= 1.0
                yield start

    def _record(self, places: npt.NDArray[np.int64], cells: dict[str, pa.Array], answers: Sequence[pa.Array]) -> str:
        self._number += 1
        self.rows += len(places)
        chosen = pa.array(places)
        asked = [cells[name].take(chosen).fill_null("").to_pylist() for name in self._columns]
        said = [one.take(chosen).to_pylist() for one in answers]
        request = _csv([tuple(self._columns), *zip(*asked, strict=True)])
        return self._capturing.record(self._number, request, _csv(list(zip(*said, strict=True))))


def _csv(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
