"""How a column moves the answers: its direction and its shape, on held-out rows.

Of numbers by accumulated local effects (Apley and Zhu, 2020): each row is asked at both ends of the stretch that its
own number lies in, and the differences add up from stretch to stretch. So no row gets a number that is far from its
own, such as the years of service of somebody who is twenty. Words have no neighbours: there each row is asked with
every word, and the answers' means are held against each other (partial dependence).

What is told is what the model does with a column, all others as they are. It is no proof that changing the column would
change the outcome.

Work is bounded by answers and by the nodes that an answer walks through, as that of permutation.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jobs.documents.evaluation import Curve, Effect, Effects, Permutation
from jobs.encoding.text import lowered, numbers
from jobs.evaluate import shapes
from jobs.evaluate.permutation import Cells, Floats, Scorer
from jobs.evaluate.shapes import Telling
from jobs.metrics.confusion import FloatArray, IntArray
from jobs.schema import Column, Schema, classes_of, positive_of

MOST_COLUMNS, MOST_CLASSES, MOST_WORDS, STRETCHES = 6, 3, 8, 12
FEWEST_OF_A_WORD = 5
"""Rows: of a rarer word nothing is known, and it may be somebody's name."""
MOST_ROWS, FEWEST_ROWS = 400, 60
MOST_STEPS = 80_000_000
"""Nodes of trees that all answers together walk through: a third of a second."""
_NUMBERS, _WORDS = frozenset({"numeric"}), frozenset({"categorical", "boolean"})
_OUTSIDE = 0.01
"""Of the rows at either end: they are few, far apart, and would stretch the picture."""
_FLAT_POINTS, _FLAT_PART = 0.01, 0.02
"""Below which an effect is called flat: of a probability, and of the spread of the answers that are numbers."""


@dataclass(frozen=True)
class Asked:
    """A model, the rows that it is asked about, and what they are when they are encoded."""

    scorer: Scorer
    columns: Sequence[str]
    cells: Cells
    matrix: Floats

    def with_values(self, name: str, values: Sequence[str | None], of_row: IntArray, rows: IntArray) -> FloatArray:
        """The answers to some `rows`, where the column is one of `values` in each: that of the place `of_row`."""
        own = [place for place, made_of in enumerate(self.scorer.inputs) if made_of == (name,)]
        encoded = self.scorer.encode([name], [[value] for value in values])[:, own]
        dealt = self.matrix[rows]
        dealt[:, own] = encoded[of_row]
        return self.scorer.scores(dealt)

    def texts(self, name: str) -> list[str | None]:
        place = list(self.columns).index(name)
        return [row[place] for row in self.cells]


def strongest(found: Permutation | None, schema: Schema, scorer: Scorer) -> list[Column]:
    """The columns that are drawn: numbers and words, the costliest first, none that does no better than noise, and none
    that is part of a feature of two columns."""
    known = {column["name"]: column for column in schema["columns"]}
    alone = {name for made_of in scorer.inputs for name in made_of} - {
        name for made_of in scorer.inputs if len(made_of) > 1 for name in made_of
    }
    names = [one["column"] for one in (found["columns"] if found else []) if not one["noise"]]
    chosen = [known[name] for name in names if name in alone and known[name]["kind"] in _NUMBERS | _WORDS]
    return chosen[:MOST_COLUMNS]


def rows_asked(columns: int, nodes: int) -> int:
    """How many rows are asked about, at two answers a row and column.

    >>> rows_asked(6, 1_000), rows_asked(6, 24_000), rows_asked(6, 2_000_000)
    (400, 277, 60)
    """
    return int(np.clip(MOST_STEPS // max(1, 2 * columns * nodes), FEWEST_ROWS, MOST_ROWS))


def effects(
    scorer: Scorer, columns: Sequence[str], cells: Cells, chosen: Sequence[Column], schema: Schema, *, explained: bool
) -> Effects:
    """The key `effects` of evaluation.json: of the `chosen` columns, on held-out rows of `cells`."""
    matrix = scorer.encode(columns, cells)
    asked = Asked(scorer, columns, cells, matrix)
    base = scorer.scores(matrix)
    outcomes = drawn(base, schema)
    flat = _FLAT_POINTS if schema["classes"] else _FLAT_PART * float(base[:, 0].std())
    found = [_effect(asked, one, outcomes, flat, schema["target"]) for one in chosen]
    mean = {name or schema["target"]: float(base[:, place].mean()) for place, name in outcomes.items()}
    return {"mean": mean, "explained": explained, "columns": [one for one in found if one is not None]}


def drawn(base: FloatArray, schema: Schema) -> dict[int, str | None]:
    """The outcomes that are told, by their place among the scores: the positive class, of more than two the three that
    are answered with the most probability, or the number."""
    classes = classes_of(schema)
    if not classes:
        return {0: None}
    if len(classes) == 2:
        positive = positive_of(schema)
        return {(1 if positive is None else positive): classes[1 if positive is None else positive]}
    order = np.argsort(-base.mean(axis=0), kind="stable")[:MOST_CLASSES]
    return {int(place): classes[place] for place in order}


def _effect(asked: Asked, column: Column, outcomes: dict[int, str | None], flat: float, target: str) -> Effect | None:
    of = _of_numbers if column["kind"] in _NUMBERS else _of_words
    return of(asked, column, outcomes, flat, target)


def _of_numbers(
    asked: Asked, column: Column, outcomes: dict[int, str | None], flat: float, target: str
) -> Effect | None:
    name, texts = column["name"], asked.texts(column["name"])
    read = numbers(name, texts, lowered(tuple(column.get("missing_words") or ())))
    values = np.where(np.isfinite(read), read, np.nan)
    edges, words = _edges(values, texts)
    if len(edges) < 2:
        return None
    rows = np.flatnonzero((values >= edges[0]) & (values <= edges[-1]))
    stretch = np.clip(np.searchsorted(edges, values[rows], side="left") - 1, 0, None)
    both = asked.with_values(name, words, np.concatenate([stretch, stretch + 1]), np.concatenate([rows, rows]))
    lower, upper = np.split(both, 2)
    counts, at = np.bincount(stretch, minlength=len(edges) - 1), edges.tolist()
    curves: list[Curve] = []
    for place, outcome in outcomes.items():
        moved = np.bincount(stretch, upper[:, place] - lower[:, place], minlength=len(counts))
        curve = np.concatenate([[0.0], np.cumsum(moved / np.maximum(counts, 1))])
        curve -= np.average((curve[1:] + curve[:-1]) / 2, weights=counts)
        shape = shapes.shape(at, curve.tolist(), flat)
        curves.append({"name": outcome, "values": curve.tolist(), "direction": shape.direction, "range": shape.range})
    most = _most_moved(curves)
    shape = shapes.shape(at, most["values"], flat)
    return {
        "column": name,
        "kind": column["kind"],
        "method": "accumulated",
        "at": at,
        "shares": (counts / max(1, counts.sum())).tolist(),
        "rows": len(rows),
        "curves": curves,
        "sentence": shapes.of_numbers(shape, at, most["values"], Telling(name, most["name"], target)),
    }


def _most_moved(curves: Sequence[Curve]) -> Curve:
    """That of the outcome of which the sentence is."""
    return max(curves, key=lambda one: one["range"])


def _edges(values: FloatArray, texts: Sequence[str | None]) -> tuple[FloatArray, list[str | None]]:
    """Where stretches of about as many rows meet, each a number of a row, ascending; and how that row writes it."""
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return np.zeros(0), []
    order = known[np.argsort(values[known], kind="stable")]
    ranks = np.linspace(_OUTSIDE, 1 - _OUTSIDE, STRETCHES + 1) * (len(order) - 1)
    picked = order[np.round(ranks).astype(np.int64)]
    edges, first = np.unique(values[picked], return_index=True)
    return edges, [texts[picked[place]] for place in first]


def _of_words(asked: Asked, column: Column, outcomes: dict[int, str | None], flat: float, target: str) -> Effect | None:
    name = column["name"]
    texts = [text if text and text.strip() else None for text in asked.texts(name)]
    frequent = Counter(texts)
    counted = [(word, count) for word, count in frequent.most_common(MOST_WORDS) if count >= FEWEST_OF_A_WORD]
    if len(counted) < 2:
        return None
    words = [word for word, _ in counted]
    rows = np.linspace(0, len(texts) - 1, max(1, 2 * len(texts) // len(words))).astype(np.int64)
    every = np.repeat(np.arange(len(words)), len(rows))
    said = asked.with_values(name, words, every, np.tile(rows, len(words))).reshape(len(words), len(rows), -1)
    shares = np.array([count for _, count in counted]) / len(texts)
    curves: list[Curve] = []
    for place, outcome in outcomes.items():
        means = said[:, :, place].mean(axis=1)
        means = means - np.average(means, weights=shares)
        curves.append({"name": outcome, "values": means.tolist(), "range": float(means.max() - means.min())})
    most, is_all = _most_moved(curves), len(frequent) == len(words)
    return {
        "column": name,
        "kind": column["kind"],
        "method": "partial dependence",
        "at": words,
        "shares": shares.tolist(),
        "rows": len(rows),
        "curves": curves,
        "sentence": shapes.of_words(words, most["values"], flat, Telling(name, most["name"], target), all_words=is_all),
    }
