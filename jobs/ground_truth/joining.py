"""Labels to the captured rows they belong to, by id, while the traffic streams past.

Only rows with a label are kept, and of an id that comes twice only the first (it is left out in the end: nobody knows
which of the requests is meant), so memory is bounded by the labels whatever the traffic. The result is in the order of
the labels' ids: the order of the capture files leaves no trace.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.capture import Batch, Tally
from jobs.ground_truth.labels import Labels
from jobs.ground_truth.problems import Problems

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Joined:
    """The rows that have a label, one entry each, in the order of the ids.

    `label` is the place in the labels; `actual` and `predicted` are positions in the classes or numbers, `predicted`
    NaN where the request was captured without a readable answer; `probability` (rows, classes) or None in regression;
    `seconds` since 1970, NaN where unknown; `cells` the raw columns.
    """

    label: Codes
    actual: Floats
    predicted: Floats
    probability: Floats | None
    seconds: Floats
    cells: pa.Table
    tally: Tally

    @property
    def rows(self) -> int:
        return len(self.label)

    def by_live_model(self, promoted: float) -> npt.NDArray[np.bool_]:
        """Rows that the live model answered: not before `promoted` (seconds since 1970); those without a time count,
        as they do in a drift check."""
        return ~np.isnan(self.predicted) & ~(self.seconds < promoted)


class Join:
    """The rows found so far. Feed it batches of a raw shape, identified; then `finished`."""

    def __init__(self, labels: Labels, columns: list[str], classes: int | None) -> None:
        """`columns`: of a request, in order; `classes`: how many, None for regression."""
        self._labels = labels
        self._columns = columns
        self._classes = classes
        self._ids = labels.ids
        self._seen = np.zeros(len(labels), np.int64)
        self._tally = Tally()
        self._parts: list[Joined] = []

    def add(self, batch: Batch) -> None:
        """Keep what has a label."""
        self._tally += batch.tally
        if not batch.rows or batch.identified is None or not len(self._labels):
            return
        found = pc.index_in(batch.identified.ids, value_set=self._ids)
        rows = np.flatnonzero(found.is_valid().to_numpy(zero_copy_only=False))
        if not len(rows):
            return
        places = found.drop_null().to_numpy().astype(np.int64)
        fresh = self._seen[places] == 0
        np.add.at(self._seen, places, 1)
        _, first = np.unique(places, return_index=True)
        kept = np.zeros(len(places), np.bool_)
        kept[first] = True
        kept &= fresh
        if kept.any():
            self._parts.append(self._part(batch, rows[kept], places[kept]))

    def _part(self, batch: Batch, rows: Codes, places: Codes) -> Joined:
        taken = pa.array(rows)
        cells = {name: batch.columns[name].take(taken).cast(pa.string()) for name in self._columns}
        probability = None
        if self._classes is not None:
            probability = np.full((len(rows), self._classes), np.nan)
            if batch.probabilities is not None:
                probability = np.clip(batch.probabilities[rows], 0.0, 1.0)
        predicted = _predicted(batch.predicted, rows)
        if probability is not None:
            predicted[np.isnan(probability).any(axis=1)] = np.nan
        assert batch.identified is not None  # noqa: S101  asked by the caller, for the type checker
        seconds = batch.identified.seconds[rows]
        return Joined(places, self._labels.values[places], predicted, probability, seconds, pa.table(cells), Tally())

    def finished(self, problems: Problems) -> Joined:
        """All rows with a label that is theirs alone; labels without a row and with several are counted."""
        for code, mask in (("unknown-id", self._seen == 0), ("ambiguous-id", self._seen > 1)):
            if mask.any():
                problems.count(code, int(mask.sum()), self._labels.place(int(np.argmax(mask))))
        joined = self._together()
        alone = np.flatnonzero(self._seen[joined.label] == 1)
        joined = _take(joined, alone[np.argsort(joined.label[alone], kind="stable")])
        silent = np.isnan(joined.predicted)
        if silent.any():
            first = self._labels.place(int(joined.label[int(np.argmax(silent))]))
            problems.count("no-answer", int(silent.sum()), first)
        return joined

    def _together(self) -> Joined:
        def arrays(name: str, empty: Any) -> Any:
            return np.concatenate([empty, *(getattr(part, name) for part in self._parts)])

        nothing = np.zeros(0)
        empty_table = pa.table({name: pa.array([], pa.string()) for name in self._columns})
        return Joined(
            arrays("label", np.zeros(0, np.int64)),
            arrays("actual", nothing),
            arrays("predicted", nothing),
            None if self._classes is None else arrays("probability", np.zeros((0, self._classes))),
            arrays("seconds", nothing),
            pa.concat_tables([empty_table, *(part.cells for part in self._parts)]).combine_chunks(),
            self._tally,
        )


def _predicted(answers: Any, rows: Codes) -> Floats:
    """Positions in the classes, or numbers; NaN where there is no answer."""
    if answers is None:
        return np.full(len(rows), np.nan)
    if isinstance(answers, np.ndarray):
        return answers[rows].astype(np.float64)
    codes = answers.indices.take(pa.array(rows)).cast(pa.float64()).fill_null(np.nan)
    values: Floats = codes.to_numpy(zero_copy_only=False)
    return values.copy()


def _take(joined: Joined, rows: Codes) -> Joined:
    return Joined(
        joined.label[rows],
        joined.actual[rows],
        joined.predicted[rows],
        None if joined.probability is None else joined.probability[rows],
        joined.seconds[rows],
        joined.cells.take(pa.array(rows)),
        joined.tally,
    )
