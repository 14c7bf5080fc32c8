"""The trained model in this process, beside the endpoint that serves it, for what the endpoint is not asked: what the
model would say of rows whose cells are shuffled, and what other models would have said.

A model of the pipeline is its encoder's archive and the algorithm's. Nothing that cannot be read here stops the
evaluation: its figures come from the endpoint.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.algorithms import BUILT_IN, ImportanceError, Registry, Trained
from jobs.documents.evaluation import Permutation
from jobs.encoding import Encoder
from jobs.evaluate.evaluation import Inside
from jobs.evaluate.live import request_columns
from jobs.evaluate.permutation import Cells, Floats, Scorer, amount, chosen, permutation
from jobs.evaluate.rows import read_cells
from jobs.metrics.confusion import FloatArray
from jobs.metrics.predictions import Predictions
from jobs.refusals import Warned
from jobs.schema import Schema

UNREADABLE = (ImportanceError, LookupError, OSError, ValueError, zlib.error, tarfile.TarError)


@dataclass(frozen=True)
class Pipeline:
    """An encoder and what the algorithm trained on its rows, as `jobs.evaluate.permutation.Scorer`."""

    encoder: Encoder
    trained: Trained

    @property
    def inputs(self) -> Sequence[tuple[str, ...]]:
        return self.encoder.inputs

    @property
    def nodes(self) -> int:
        return self.trained.nodes

    def encode(self, columns: Sequence[str], rows: Cells) -> Floats:
        return self.encoder.encode_rows(columns, rows)

    def scores(self, matrix: Floats) -> FloatArray:
        return self.trained.scores(matrix)


def pipeline(archive: Path, encoder: Path, schema: Schema, offered: Registry = BUILT_IN) -> Pipeline:
    """The model of a training's `archive` and of the encoder's. Raises what UNREADABLE names."""
    with tarfile.open(encoder) as tar:
        member = tar.extractfile("encoder.json")
        if member is None:
            raise ValueError(f"{encoder.name} holds no encoder.json")
        return Pipeline(Encoder.from_json(member.read().decode()), offered.of(schema).trained(archive))


def permuted(scorer: Scorer, test: Path, schema: Schema, answered: Predictions) -> Permutation:
    """What the columns are worth on the rows of `test` (a test.csv), of which `answered` holds the truth."""
    columns = request_columns(schema)
    used = {name for made_of in scorer.inputs for name in made_of}
    bounds = amount(answered.rows, len(used), scorer.nodes)
    places = chosen(answered.rows, bounds.rows)
    cells = read_cells(test, columns, places)
    return permutation(scorer, columns, cells, answered.actual[places], answered.task, bounds.repeats)


def inside(
    archive: Path, encoder: Path | None, test: Path, schema: Schema, answered: Predictions, offered: Registry = BUILT_IN
) -> tuple[Inside, list[Warned]]:
    """What the model's archive tells; a sentence instead where it cannot be read."""
    if encoder is None:
        return Inside(), []
    try:
        return Inside(permuted(pipeline(archive, encoder, schema, offered), test, schema, answered)), []
    except UNREADABLE as failure:
        return Inside(), [unknown("What the columns are worth on held-out rows", failure)]


def unknown(what: str, failure: Exception) -> Warned:
    """That something of the model cannot be told, and why."""
    return Warned("importance-unavailable", f"{what} cannot be told: {failure}")
