"""What the live model says of some rows: from its own archive, through its endpoint, or by a batch transform.

An archive that is served as it is holds all that its container has, and this job runs in the same image: the answers
are the endpoint's to the last digit, and a test compares them. A pipeline's algorithm runs in an image of its own, so
its endpoint is asked. Either way a row that the model refuses is named, so that the others can be asked without it.

Where no endpoint serves a pipeline, a batch transform asks its containers: one job writes what they are to be asked
(`ToTransform`), and another, which reads the same file, finds the same requests answered (`FromTransform`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.encoding.text import UnreadableCellError
from jobs.ensemble.model import Ensemble
from jobs.evaluate.answers import classifications, regressions
from jobs.evaluate.endpoint import Answer, EndpointError, RuntimeClient, ask
from jobs.evaluate.live import request_columns
from jobs.evaluate.transformed import outputs
from jobs.schema import Schema, classes_of
from jobs.tables.bodies import FIRST_ROW, Body, bodies, body_name

Cells = Mapping[str, pa.Array]
Floats = npt.NDArray[np.float64]
_ROW = re.compile(r"\brow (\d+)\b:?\s*")


@dataclass(frozen=True)
class Answers:
    """Of each row: `scores` are probabilities (rows, classes), or numbers (rows, 1); `labels` the places of the
    classes, None for numbers; `interval` (rows, 2), where the model has one."""

    scores: Floats
    labels: npt.NDArray[np.int64] | None = None
    interval: Floats | None = None


class RowRefusedError(Exception):
    """The model cannot read a row: `place` counts those it was asked about from 0; `words` say why."""

    def __init__(self, place: int, words: str) -> None:
        super().__init__(f"row {place + 1} of those asked: {words}")
        self.place = place
        self.words = words


class Predictor(Protocol):
    """Whom rows are asked of."""

    def answers(self, cells: Cells) -> Answers:
        """Of one row or more. Raises RowRefusedError."""
        ...


@dataclass(frozen=True)
class FromArchive:
    """The model in this process."""

    model: Ensemble

    def answers(self, cells: Cells) -> Answers:
        model = self.model
        wanted = model.input_columns
        try:
            matrix = model.encode_columns({name: cells[name].to_pylist() for name in wanted}, _rows(cells))
        except UnreadableCellError as error:
            raise RowRefusedError(error.row - 1, _without_row(str(error))) from None
        scores = model.scores(matrix)
        if model.classes is None:
            return Answers(scores, interval=model.interval_around(scores))
        return Answers(scores, labels=model.labels(scores))


@dataclass(frozen=True)
class FromEndpoint:
    """The model behind its endpoint."""

    client: RuntimeClient
    endpoint: str
    schema: Schema

    def answers(self, cells: Cells) -> Answers:
        try:
            found = list(ask(self.client, self.endpoint, _requests(self.schema, cells)))
        except EndpointError as failure:
            if failure.refused is None:
                raise
            words = _sentence(failure.words)
            row = _ROW.search(words)
            place = failure.refused.first - FIRST_ROW + (int(row[1]) - 1 if row else 0)
            raise RowRefusedError(min(place, _rows(cells) - 1), _without_row(words)) from None
        return _answered(self.schema, found)


@dataclass
class ToTransform:
    """Nobody yet: each request becomes a file of `folder`, in the order in which they will be looked for."""

    folder: Path
    schema: Schema
    requests: int = 0

    def answers(self, cells: Cells) -> Answers:
        """Of no meaning: whoever asks has no use for them."""
        for body in _requests(self.schema, cells):
            (self.folder / body_name(self.requests)).write_text(body.text, encoding="utf-8")
            self.requests += 1
        return Answers(np.zeros((_rows(cells), 1)))


@dataclass
class FromTransform:
    """What a batch transform left below `folder`."""

    folder: Path
    schema: Schema
    requests: int = 0

    @cached_property
    def _files(self) -> dict[str, Path]:
        return outputs(self.folder)

    def answers(self, cells: Cells) -> Answers:
        """Raises EndpointError where a request has no answer."""
        found = []
        for body in _requests(self.schema, cells):
            path = self._files.get(body_name(self.requests))
            if path is None:
                raise EndpointError(f"The batch transform left no answer to request {self.requests + 1:,} of test.csv.")
            found.append(Answer(body, path.read_text(encoding="utf-8"), 1))
            self.requests += 1
        return _answered(self.schema, found)


def _requests(schema: Schema, cells: Cells) -> Iterator[Body]:
    """The rows as an endpoint takes them."""
    columns = request_columns(schema)
    width = 1 + len(classes_of(schema))
    return bodies(columns, _as_rows(columns, cells), "the file", numbers_per_row=width)


def _answered(schema: Schema, found: Sequence[Answer]) -> Answers:
    """What a model's containers said."""
    if schema["task"] == "regression":
        return Answers(regressions(found)[:, None])
    classes = classes_of(schema)
    labels, scores = classifications(found, classes, classes)
    return Answers(scores, labels=labels)


def _rows(cells: Cells) -> int:
    return len(next(iter(cells.values())))


def _as_rows(columns: Sequence[str], cells: Cells) -> zip[tuple[str, ...]]:
    return zip(*(cells[name].fill_null("").to_pylist() for name in columns), strict=True)


def _without_row(words: str) -> str:
    return _ROW.sub("", " ".join(words.split()), count=1)[:300]


def _sentence(words: str) -> str:
    """What the endpoint said, out of its JSON; docs/formats.md, "The endpoint"."""
    try:
        return str(json.loads(words)["error"])
    except (ValueError, KeyError, TypeError):
        return words
