"""A model in this process, as the evaluation meets one: numbers and words by hand, boosters really trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Score = Callable[[Any], Any]


@dataclass(frozen=True)
class Entrant:
    name: str
    title: str
    seconds: float | None = 1.5


@dataclass(frozen=True)
class Part:
    title: str
    weight: float


@dataclass
class Model:
    """Numeric columns as they are, and of each pair the difference; `answers` by contestant."""

    columns: tuple[str, ...]
    answers: dict[str, Score]
    differences: tuple[tuple[str, str], ...] = ()
    threshold: float = 0.5
    positive: int = 1
    nodes: int = 1
    contestants: Sequence[Entrant] = field(default_factory=tuple)
    shares: Sequence[Part] = (Part("best trial", 0.75), Part("linear model", 0.25))

    @property
    def inputs(self) -> list[tuple[str, ...]]:
        return [*((name,) for name in self.columns), *self.differences]

    def encode(self, columns: Sequence[str], rows: Sequence[Sequence[str | None]]) -> Any:
        cells = {name: [row[place] for row in rows] for place, name in enumerate(columns)}
        nothing = [None] * len(rows)
        found = {
            name: np.array([float(cell) if cell else np.nan for cell in cells.get(name, nothing)])
            for name in self.columns
        }
        made = [found[one] - found[other] for one, other in self.differences]
        return np.column_stack([*found.values(), *made]).astype(np.float32)

    def scores(self, matrix: Any) -> Any:
        return self.answers["ensemble"](matrix)

    def contestant_scores(self, name: str, matrix: Any) -> Any:
        return self.answers[name](matrix)

    def labels(self, scores: Any) -> Any:
        return np.where(scores[:, self.positive] >= self.threshold, self.positive, 1 - self.positive)


def text(matrix: Any) -> list[list[str]]:
    """Numbers as the cells of test.csv."""
    return [[repr(float(value)) for value in row] for row in matrix]


def two(chance: Any) -> Any:
    """The probabilities of both classes."""
    return np.column_stack([1.0 - chance, chance])
