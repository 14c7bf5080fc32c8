"""A model that answers through its endpoint alone, asked about rows whose cells are shuffled.

An image that is closed leaves an archive that nobody else can read. Its endpoint takes rows of text, and so the matrix
here is one of codes: each column's cells by their number among all that were met. Rows are dealt out in codes, and
written out again to be asked.

A request costs thousands of times what an answer in this process does: so such a model is asked far less.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from jobs.evaluate.answers import classifications, regressions
from jobs.evaluate.endpoint import RuntimeClient, ask
from jobs.evaluate.live import request_columns
from jobs.evaluate.permutation import Cells, Floats
from jobs.metrics.confusion import FloatArray
from jobs.schema import Schema
from jobs.tables.bodies import bodies

AS_DEAR_AS = 400_000
"""Nodes of trees: with these, permutation.py asks about 5,000 rows in all."""
Ask = Callable[[Sequence[str], Sequence[Sequence[str]]], FloatArray]
"""Names of cells and rows of them to probabilities (rows, classes), or numbers (rows, 1)."""


class ThroughEndpoint:
    """As `jobs.evaluate.permutation.Scorer`. Columns that the model does not use have no part in it."""

    nodes = AS_DEAR_AS

    def __init__(self, schema: Schema, asked: Ask) -> None:
        used = {column["name"] for column in schema["columns"] if column["used"]}
        self._columns = request_columns(schema)
        self._asked = asked
        self.inputs = [(name,) if name in used else () for name in self._columns]
        self._words: list[list[str]] = [[""] for _ in self._columns]
        self._codes: list[dict[str, int]] = [{"": 0} for _ in self._columns]

    def encode(self, columns: Sequence[str], rows: Cells) -> Floats:
        """(rows, columns of a request): codes; a column that is not among `columns` is empty."""
        matrix = np.zeros((len(rows), len(self._columns)), np.float32)
        for place, name in enumerate(self._columns):
            if name in columns:
                cell = list(columns).index(name)
                matrix[:, place] = [self._code(place, row[cell] or "") for row in rows]
        return matrix

    def _code(self, place: int, word: str) -> int:
        known = self._codes[place]
        if word not in known:
            known[word] = len(self._words[place])
            self._words[place].append(word)
        return known[word]

    def scores(self, matrix: Floats) -> FloatArray:
        """Raises EndpointError and UnreadableAnswerError."""
        codes = matrix.astype(np.int64).tolist()
        rows = [[words[code] for words, code in zip(self._words, row, strict=True)] for row in codes]
        return self._asked(self._columns, rows)


def asker(client: RuntimeClient, endpoint: str, schema: Schema) -> Ask:
    """Asks an endpoint whose schema it is."""
    classes = schema["classes"]

    def asked(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> FloatArray:
        parts = bodies(columns, rows, "the shuffled rows", numbers_per_row=1 + len(classes or ()))
        answers = list(ask(client, endpoint, parts))
        if classes is None:
            return regressions(answers)[:, None]
        _, probability = classifications(answers, classes, classes)
        return probability

    return asked
