"""The trained model in this process, beside the endpoint that serves it, for what the endpoint is not asked: what the
model would say of rows whose cells are shuffled, and what other models would have said.

A model of the pipeline is its encoder's archive and the algorithm's; one that is served as it is holds both and its
contestants. Nothing that cannot be read here stops the
evaluation: its figures come from the endpoint.
"""

from __future__ import annotations

import json
import os
import tarfile
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.algorithms import BUILT_IN, ImportanceError, Registry, Trained
from jobs.documents.answers import ErrorModel
from jobs.documents.evaluation import Effects, Leaderboard, Permutation
from jobs.encoding import Encoder
from jobs.ensemble.model import DOCUMENT, Ensemble
from jobs.error_estimation.model import DOCUMENT as ERRORS
from jobs.evaluate.answers import UnreadableAnswerError
from jobs.evaluate.effects import effects, rows_asked, strongest
from jobs.evaluate.endpoint import EndpointError
from jobs.evaluate.evaluation import Inside
from jobs.evaluate.leaderboard import MOST_ROWS, Board, leaderboard
from jobs.evaluate.live import request_columns
from jobs.evaluate.permutation import Cells, Floats, Scorer, amount, chosen, permutation
from jobs.metrics.catalogue import CATALOGUE, Catalogue
from jobs.metrics.confusion import FloatArray, IntArray
from jobs.metrics.predictions import Predictions
from jobs.own_code.laid import FOLDER, TOLD
from jobs.refusals import Warned
from jobs.schema import Schema
from jobs.tables.bodies import read_cells

_WHAT = "What the columns are worth on held-out rows"
LARGEST = 4 << 30
"""Bytes of an ensemble: a damaged or evil archive may unpack to more than the machine has."""
UNREADABLE = (ImportanceError, LookupError, TypeError, ValueError, OSError, EOFError, zlib.error, tarfile.TarError)
"""What a damaged archive, or documents that are not as they should be, end in."""


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


def is_served_as_it_is(archive: Path) -> bool:
    """Whether an archive holds an ensemble, and is no part of a pipeline; never one that code of a user's has made."""
    with tarfile.open(archive) as tar:
        names = {Path(one.name).as_posix() for one in tar}
    return DOCUMENT in names and f"{FOLDER}/{TOLD}" not in names


def unpacked(archive: Path, folder: Path) -> None:
    """All of an archive but the code that serves it. Raises what UNREADABLE names."""
    with tarfile.open(archive) as tar:
        kept = [one for one in tar if one.isfile() and not Path(one.name).as_posix().startswith("code/")]
        if sum(one.size for one in kept) > LARGEST:
            raise ValueError(f"{archive.name} holds more than {LARGEST >> 30} GiB")
        tar.extractall(folder, members=kept, filter="data")


def one_container(archive: Path, folder: Path) -> Ensemble:
    """The ensemble of `archive`, for which `folder` has to stay. Raises what UNREADABLE names."""
    unpacked(archive, folder)
    return Ensemble.read(folder)


def error_sizes(folder: Path) -> ErrorModel | None:
    """What a regression's training learned of its errors, of an unpacked artifact; one of old has none."""
    path = folder / ERRORS
    if not path.exists():
        return None
    found: ErrorModel = json.loads(path.read_text(encoding="utf-8"))["model"]
    return found


@dataclass(frozen=True)
class HeldOut:
    """The test rows as a file, what the endpoint said of them, and what decides at the gate."""

    test: Path
    schema: Schema
    answered: Predictions
    metric: str
    catalogue: Catalogue = CATALOGUE

    @property
    def columns(self) -> list[str]:
        return request_columns(self.schema)

    def cells(self, places: IntArray) -> Cells:
        return read_cells(self.test, self.columns, places)


def permuted(scorer: Scorer, held_out: HeldOut) -> Permutation:
    """What the columns are worth on the held-out rows, or on some of them."""
    answered = held_out.answered
    bounds = amount(answered.rows, len({name for made_of in scorer.inputs for name in made_of}), scorer.nodes)
    places = chosen(answered.rows, bounds.rows)
    actual, cells = answered.actual[places], held_out.cells(places)
    return permutation(scorer, held_out.columns, cells, actual, answered.task, bounds.repeats)


def moved(scorer: Scorer, held_out: HeldOut, found: Permutation, *, explained: bool) -> Effects | None:
    """How the columns that count move the answers, on some of the held-out rows; None where none is to be drawn."""
    of = strongest(found, held_out.schema, scorer)
    if not of:
        return None
    places = chosen(held_out.answered.rows, rows_asked(len(of), scorer.nodes))
    return effects(scorer, held_out.columns, held_out.cells(places), of, held_out.schema, explained=explained)


def ranked(board: Board, held_out: HeldOut) -> Leaderboard | None:
    """The model beside simpler ones on the held-out rows, or on some of them; None where it kept none of them."""
    if not board.contestants:
        return None
    places = chosen(held_out.answered.rows, MOST_ROWS)
    return leaderboard(
        board,
        held_out.columns,
        held_out.cells(places),
        held_out.answered.take(places),
        held_out.schema["classes"],
        held_out.metric,
        catalogue=held_out.catalogue,
    )


def inside(
    archive: Path,
    encoder: Path | None,
    held_out: HeldOut,
    offered: Registry = BUILT_IN,
    outside: Scorer | None = None,
) -> tuple[Inside, list[Warned]]:
    """What the model's archive tells; a sentence instead where it cannot be read.

    `outside`: the model through its endpoint, which is asked where an algorithm leaves nothing that can be asked here.
    """
    try:
        if is_served_as_it_is(archive):
            with tempfile.TemporaryDirectory() as folder:
                one = one_container(archive, Path(folder))
                decided, errors = one.document["decision"], error_sizes(Path(folder))
                one.use(os.cpu_count() or 1)  # shuffled rows are asked about by the ten thousand
                shuffled = permuted(one, held_out)
                drawn = moved(one, held_out, shuffled, explained=one.rows_explained > 0)
                one.use(1)  # what answers are timed with
                return Inside(shuffled, ranked(one, held_out), decided, errors, drawn), []
        if encoder is None:
            return Inside(), []
        try:
            made: Scorer = pipeline(archive, encoder, held_out.schema, offered)
        except ImportanceError:
            if outside is None:
                raise
            made = outside
        shuffled = permuted(made, held_out)
        return Inside(shuffled, effects=moved(made, held_out, shuffled, explained=False)), []
    except (*UNREADABLE, EndpointError, UnreadableAnswerError) as failure:
        return Inside(), [Warned("importance-unavailable", f"{_WHAT} cannot be told: {failure}")]
