"""Everything a check keeps of the traffic: counts by column, of the answers, and the account of the records.

Batches are counted and forgotten, so that the memory of a check is that of a few blocks whatever the traffic. Several
threads count into a `Traffic` of their own; `merged` is exact, so that the result does not depend on how the records
were divided among files, blocks or threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.capture import Batch, Block, Shape, Tally, Which, read_block
from jobs.documents.answers import Answers
from jobs.documents.baseline import Dependence
from jobs.encoding.text import parse_date
from jobs.performance_estimation import AnswerCounts
from jobs.performance_estimation import merged as answers_merged
from jobs.profiles import counts
from jobs.profiles.counts import Counts
from jobs.profiles.profile import Reference
from jobs.profiles.row_sample import RowSample
from jobs.profiles.row_sample import merged as samples_merged
from jobs.schema import Schema

Floats = npt.NDArray[np.float64]
THREADS = 2
PREDICTION = "prediction"
ANSWER = "answer: "
"""Before the name of a column of answers.json where it stands beside the features."""


@dataclass(frozen=True)
class Baseline:
    """What the live model knew: schema.json, the references of baseline.json, and answers.json.

    `integral`: the columns that constraints.json calls whole numbers. `importance`: each column's share of the model's
    gain, of evaluation.json; empty where it is not known. It is told beside a verdict and never decides one.
    `dependence`: what the training rows have to do with each other, None in a baseline of before.
    """

    schema: Schema
    features: tuple[Reference, ...]
    answers: Answers
    integral: frozenset[str] = frozenset()
    importance: Mapping[str, float] = field(default_factory=dict)
    dependence: Dependence | None = None

    def clock(self, batch: Batch) -> Callable[[npt.NDArray[np.int64]], Floats] | None:
        """What time a batch's rows are of, by the column that says so in training; else their capture time."""
        known = self.dependence.get("clock") if self.dependence else None
        if known is None:
            return None
        cells = batch.columns.get(known["column"])
        if cells is None:
            seconds = np.full(batch.rows, np.nan) if batch.seconds is None else batch.seconds
            return lambda places: seconds[places]
        entry = next(one for one in self.schema["columns"] if one["name"] == known["column"])
        pattern = entry.get("date_format")
        return lambda places: moments(cells.take(pa.array(places)).to_pylist(), pattern)

    @cached_property
    def shape(self) -> Shape:
        return Shape.of(self.schema)

    @cached_property
    def predictions(self) -> tuple[Reference, ...]:
        return tuple(Reference.read(column) for column in self.answers.get("columns") or ())


@dataclass
class Traffic:
    """What was counted so far. `fractional`: cells with a fraction in columns of whole numbers."""

    baseline: Baseline
    features: dict[str, Counts]
    predictions: dict[str, Counts]
    answers: AnswerCounts
    tally: Tally = field(default_factory=Tally)
    fractional: dict[str, int] = field(default_factory=dict)
    sample: RowSample | None = None

    @classmethod
    def none(cls, baseline: Baseline) -> Traffic:
        """No traffic yet."""
        read = {column.name for column in baseline.shape.read}
        features = [one for one in baseline.features if one.name in read]
        sample = None
        if baseline.dependence is not None:
            answers = [replace(one, name=ANSWER + one.name) for one in baseline.predictions]
            cells = [name for name in baseline.dependence["many_valued"] if name in read]
            sample = RowSample.none([*features, *answers], cells)
        return cls(
            baseline,
            {one.name: Counts.empty(one) for one in features},
            {one.name: Counts.empty(one) for one in baseline.predictions},
            AnswerCounts.empty(baseline.answers),
            sample=sample,
        )

    def add(self, batch: Batch) -> None:
        """Count the rows of a batch, in place."""
        self.tally += batch.tally
        if not batch.rows:
            return
        for name, counted in self.features.items():
            values = batch.columns[name]
            self.features[name] = counted.add(values)
            if name in self.baseline.integral and counted.reference.is_numeric:
                self.fractional[name] = self.fractional.get(name, 0) + _fractions(values)
        given = self._answered(batch)
        if self.sample is not None:
            named = {ANSWER + name: values for name, values in given.items()}
            clock = self.baseline.clock(batch)
            self.sample = self.sample.add(batch.rows, {**batch.columns, **named}, batch.seconds, clock)
        for name, counted in self.predictions.items():
            if name in given:
                self.predictions[name] = counted.add(given[name])

    def _answered(self, batch: Batch) -> dict[str, Any]:
        """Count the answers; what was given, by column of answers.json."""
        if batch.predicted is None:
            return {}
        self.answers.add(batch.predicted, batch.probabilities, batch.columns)
        given = {PREDICTION: batch.predicted}
        if batch.probabilities is not None:
            names = [f"p({name})" for name in self.baseline.shape.classes or ()]
            given |= dict(zip(names, np.ascontiguousarray(batch.probabilities.T), strict=True))
        return given


def moments(texts: Sequence[str | None], pattern: str | None) -> Floats:
    """Cells of dates as seconds since 1970, NaN where one is missing or cannot be read."""
    found = np.full(len(texts), np.nan)
    for place, text in enumerate(texts):
        try:
            moment = parse_date(text.strip(), pattern) if text else None
        except (ValueError, OverflowError):
            continue
        if moment is not None:
            found[place] = moment.replace(tzinfo=UTC).timestamp()
    return found


def _fractions(values: Any) -> int:
    with np.errstate(invalid="ignore"):
        return int(np.count_nonzero((values != np.floor(values)) & ~np.isnan(values)))


def merged(one: Traffic, other: Traffic) -> Traffic:
    """Both together; they must be of the same baseline."""
    return Traffic(
        one.baseline,
        {name: counts.merged(mine, other.features[name]) for name, mine in one.features.items()},
        {name: counts.merged(mine, other.predictions[name]) for name, mine in one.predictions.items()},
        answers_merged(one.answers, other.answers),
        one.tally + other.tally,
        {
            name: one.fractional.get(name, 0) + other.fractional.get(name, 0)
            for name in {*one.fractional, *other.fractional}
        },
        None if one.sample is None or other.sample is None else samples_merged(one.sample, other.sample),
    )


def count(blocks: Iterator[Block], baseline: Baseline, which: Which, threads: int = THREADS) -> Traffic:
    """All blocks counted by several threads, each taking the next when it is done with one."""
    lock = threading.Lock()

    def next_block() -> Block | None:
        with lock:
            return next(blocks, None)

    def work(_: int) -> Traffic:
        traffic = Traffic.none(baseline)
        while (block := next_block()) is not None:
            for batch in read_block(block, baseline.shape, which):
                traffic.add(batch)
        return traffic

    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(work, range(threads)))
    total = found[0]
    for one in found[1:]:
        total = merged(total, one)
    return total
