"""What a model's answers owe to each column: how much its loss on held-out rows rises when the column is shuffled.

The gain of a tree's splits is counted on the rows it was grown on, so pure noise gets a share of it, and a column of
many values a larger one. Here the model is asked about rows it never saw: a column that tells nothing costs nothing
when its cells are dealt out anew, whatever the trees made of it. The rise is taken row by row and resampled over the
rows; where its interval, which is one for all columns together, reaches 0, the column does no better than noise.

The raw column is shuffled, and with it all features made of it. Columns that say the same stand in for each other: each
of them costs little alone, whatever both are worth together (docs/model-quality.md).

Work is bounded by rows and by the nodes an answer walks through, never by a clock: the same data gives the same
figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from jobs.documents.evaluation import Permutation, PermutedColumn
from jobs.metrics.confusion import FloatArray, IntArray
from jobs.metrics.row_losses import Loss, rises

MOST_ROWS, FEWEST_ROWS, REPEATS = 5_000, 200, 20
MOST_ANSWERS = 250_000
MOST_STEPS = 2_000_000_000
"""Nodes of trees that all answers together walk through: ten to twenty seconds."""

Cells = Sequence[Sequence[str | None]]
Floats = npt.NDArray[np.float32]


class Scorer(Protocol):
    """A model in this process: rows of text cells, as the endpoint takes them, to what it answers."""

    @property
    def inputs(self) -> Sequence[tuple[str, ...]]:
        """Of each column of the matrix, the raw columns it is made of."""

    @property
    def nodes(self) -> int:
        """About how many nodes of trees an answer walks through."""

    def encode(self, columns: Sequence[str], rows: Cells) -> Floats:
        """(rows, features); a raw column that is not among `columns` is missing. UnreadableCellError, a ValueError."""

    def scores(self, matrix: Floats) -> FloatArray:
        """Probabilities (rows, classes), or numbers (rows, 1)."""


@dataclass(frozen=True)
class Amount:
    """How many rows are looked at, and how often each column is shuffled."""

    rows: int
    repeats: int


def amount(rows: int, columns: int, nodes: int) -> Amount:
    """As much as the bounds allow, first of rows, then of repeats.

    >>> amount(240, 20, 3_000), amount(90_000, 20, 3_000), amount(90_000, 20, 50_000)
    (Amount(rows=240, repeats=20), Amount(rows=5000, repeats=2), Amount(rows=2000, repeats=1))
    """
    answers = min(MOST_ANSWERS, MOST_STEPS // max(nodes, 1))
    kept = min(rows, MOST_ROWS, max(FEWEST_ROWS, answers // max(columns, 1)))
    return Amount(kept, int(np.clip(answers // (kept * max(columns, 1)), 1, REPEATS)))


def chosen(rows: int, most: int, *, seed: int = 0) -> IntArray:
    """Places of `most` of so many rows, ascending; all of them where there are no more."""
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def permutation(
    scorer: Scorer, columns: Sequence[str], cells: Cells, actual: FloatArray | IntArray, task: str, repeats: int
) -> Permutation:
    """The key `permutation_importance` of evaluation.json.

    Args:
        columns: the names of the cells of a row.
        cells: held-out rows.
        actual: (rows,) what is true of them, as places of the classes or as numbers.
    """
    loss, matrix = Loss.of(task), scorer.encode(columns, cells)
    base = loss.rows(actual, scorer.scores(matrix))
    names = sorted({name for made_of in scorer.inputs for name in made_of}, key=list(columns).index)
    shuffled = np.empty((len(names), len(base)))
    for place, name in enumerate(names):
        dealt = np.concatenate(list(_dealt(scorer, matrix, columns, cells, name, repeats)))
        asked = np.split(scorer.scores(dealt), repeats)  # in one call, because each has its price
        shuffled[place] = np.mean([loss.rows(actual, scores) for scores in asked], axis=0)
    entries: list[PermutedColumn] = [
        {"column": name, "value": rise.value, "low": rise.low, "high": rise.high, "noise": rise.low <= 0, "gain": None}
        for name, rise in zip(names, rises(loss, base, shuffled), strict=True)
    ]
    return {
        "loss": loss.name,
        "value": loss.over(base),
        "rows": len(base),
        "repeats": repeats,
        "noise": sum(entry["noise"] for entry in entries),
        "columns": sorted(entries, key=lambda entry: (entry["noise"], -entry["value"], entry["column"])),
    }


def _dealt(
    scorer: Scorer, matrix: Floats, columns: Sequence[str], cells: Cells, name: str, repeats: int
) -> Iterator[Floats]:
    """The matrix with a raw column dealt out anew, so many times; every column in the same orders.

    Features of that column alone move as they are. What is made of several columns is made again, of those alone.
    """
    own = [place for place, made_of in enumerate(scorer.inputs) if made_of == (name,)]
    shared = [place for place, made_of in enumerate(scorer.inputs) if name in made_of and len(made_of) > 1]
    involved = sorted({column for place in shared for column in scorer.inputs[place]}, key=list(columns).index)
    at = [list(columns).index(column) for column in involved]
    for repeat in range(repeats):
        order, dealt = np.random.default_rng([repeat]).permutation(len(matrix)), matrix.copy()
        dealt[:, own] = matrix[order[:, None], own]
        if shared:
            rows = [
                [cells[other if column == name else row][place] for column, place in zip(involved, at, strict=True)]
                for row, other in enumerate(order.tolist())
            ]
            dealt[:, shared] = scorer.encode(involved, rows)[:, shared]
        yield dealt


def shares(found: Permutation) -> list[tuple[str, float]]:
    """Each column's share of what all that do better than noise cost together, largest first.

    >>> told = [{"column": "a", "value": 3.0, "noise": False}, {"column": "b", "value": 2.0, "noise": True}]
    >>> shares({"columns": told})
    [('a', 1.0)]
    """
    told = [(entry["column"], entry["value"]) for entry in found["columns"] if not entry["noise"]]
    total = sum(value for _, value in told) or 1.0
    return [(column, value / total) for column, value in told]
