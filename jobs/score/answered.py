"""What stands beside the user's columns in the result: the answer, how sure the model is, and what is odd.

Probabilities and numbers have nine digits, as the endpoint's; null where a row was not asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from jobs.schema import Schema
from jobs.score.marks import Mark, flags
from jobs.score.rows import Block

LOW, HIGH = "predicted low", "predicted high"
ID = "inference_id"
"""As a file of labels calls it."""


@dataclass(frozen=True)
class Names:
    """The names of the columns that are added, different from all of the user's."""

    predicted: str
    numbers: tuple[str, ...]
    """A class's probability each; or the ends of the interval, where the model has one."""
    flag: str
    reason: str
    ids: tuple[str, ...] = ()
    """The column of inference ids, where rows are captured."""

    @property
    def all(self) -> tuple[str, ...]:
        return (self.predicted, *self.numbers, self.flag, self.reason, *self.ids)


def names(schema: Schema, taken: Collection[str], *, with_interval: bool, with_ids: bool = False) -> Names:
    """Names that no column of the user's has.

    >>> _free("flag", {"flag", "flag 2"})
    'flag 3'
    """
    classes = schema["classes"]
    numbers = [f"p({name})" for name in classes] if classes is not None else [LOW, HIGH] if with_interval else []
    wanted = ("predicted", *numbers, "flag", "reason")
    predicted, *others, flag, reason = (_free(name, taken) for name in wanted)
    return Names(predicted, tuple(others), flag, reason, (_free(ID, taken),) if with_ids else ())


def _free(name: str, taken: Collection[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free


def columns(block: Block, schema: Schema, of: Names, marks: Sequence[Mark], *, as_text: bool) -> list[pa.Array]:
    """The added columns of a block, in the order of `Names.all` but for the ids. `as_text`: numbers as CSV has them."""
    flag, reason = flags(marks, block.rows)
    if block.answers is None:
        kinds = [pa.string() if as_text or schema["classes"] is not None else pa.float64()]
        kinds += [pa.string() if as_text else pa.float64()] * len(of.numbers)
        return [*(pa.nulls(block.height, kind) for kind in kinds), flag, reason]
    answers, classes = block.answers, schema["classes"]
    if classes is None or answers.labels is None:
        predicted = _numbers(answers.scores[:, 0], as_text=as_text)
        numbers = [] if answers.interval is None else list(answers.interval.T)
    else:
        predicted = pa.array(classes, pa.string()).take(pa.array(answers.labels))
        numbers = list(answers.scores.T)
    found = [predicted, *(_numbers(one, as_text=as_text) for one in numbers)]
    return [*(_in_place(one, block) for one in found), flag, reason]


def _numbers(values: npt.NDArray[np.float64], *, as_text: bool) -> pa.Array:
    if not as_text:
        return pa.array(values.astype(np.float64))
    return pa.array([f"{value:.9g}" for value in values.tolist()], pa.string())


def _in_place(asked: pa.Array, block: Block) -> pa.Array:
    """Null where a row was not asked."""
    if len(asked) == block.height:
        return asked
    places = np.cumsum(block.asked) - 1
    return asked.take(pa.array(places, mask=~block.asked))
