"""The smoothed means of the target by word, as scikit-learn's TargetEncoder fits them, taken out into plain data."""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import TargetEncoder

from jobs.encoding.words import TargetMean

if TYPE_CHECKING:
    from jobs.schema import Schema

_FOLDS = 5
_SEED = 7
_SMOOTHEST = 1e4
WORDS_AT_MOST = 20_000
"""Words of a column that have a mean of their own where folds each have theirs: the archive holds all of them."""

Codes = npt.NDArray[np.int32]


def lumped(known: list[str], codes: Codes) -> tuple[list[str], Codes]:
    """The words without the rarest of very many, which share a place behind the others."""
    counts = np.bincount(codes[codes >= 0], minlength=len(known))
    kept = np.ones(len(known), dtype=bool)
    kept[np.argsort(-counts, kind="stable")[WORDS_AT_MOST:]] = False
    places = np.where(kept, np.cumsum(kept) - 1, kept.sum())
    return [known[place] for place in np.flatnonzero(kept)], np.append(places, -1).astype(np.int32)[codes]


def pooled_smoothing(codes: Codes, labels: npt.NDArray[Any], classes: int) -> float:
    """How many rows the overall mean is worth beside a word's own: labels' variance within words over that between.

    From all words together (analysis of variance), because a rare word cannot know its own: of a word that occurs
    once, scikit-learn's "auto" takes the row's label for its mean.

    >>> round(pooled_smoothing(np.array([0, 0, 1, 1]), np.array([1.0, 3.0, 9.0, 11.0]), 0), 3)
    0.065
    """
    outcomes = np.eye(classes)[labels.astype(np.int64)] if classes else labels.astype(np.float64)[:, None]
    places = codes.astype(np.int64) + 1
    counts = np.bincount(places)
    own = counts[places] > 0
    words, rows = int((counts > 0).sum()), len(labels)
    means = np.stack([np.bincount(places, one) for one in outcomes.T], axis=1) / np.maximum(counts, 1)[:, None]
    within = float(((outcomes - means[places])[own] ** 2).sum()) / max(1, rows - words)
    between = float((counts[:, None] * (means - outcomes.mean(axis=0)) ** 2).sum()) / max(1, words - 1)
    each = (rows - float((counts**2).sum()) / rows) / max(1, words - 1)
    spread = (between - within) / each if each > 0 else 0.0
    return min(within / spread, _SMOOTHEST) if spread > 0 else _SMOOTHEST


def target_means(
    words: dict[str, tuple[list[str], Codes]],
    schema: "Schema",
    labels: npt.NDArray[Any],
    *,
    every_class: bool = False,
    smooth: float | str = "auto",
) -> tuple[dict[str, TargetMean], dict[str, npt.NDArray[np.float64]]]:
    """What each word has to do with the target: for rows that were not fitted on, and for those that were.

    `words`: by column, its words and the place of each row's (-1 missing, behind the last one those that share a
    mean, and with an unknown word). Answers by column the encoding, and the cross-fitted values of the rows,
    (rows, outcomes): a row's own label is not in its value. `every_class`: an outcome also for a class without a row;
    `smooth`: rows that the overall mean is worth.
    """
    if not words:
        return {}, {}
    targets = {"regression": "continuous"}.get(schema["task"], schema["task"])
    every_class = every_class and targets != "continuous"
    if every_class:
        targets = "binary" if len(np.unique(labels)) <= 2 else "multiclass"
    folds = _folds(targets, labels)
    fitted = TargetEncoder(target_type=targets, smooth=smooth, cv=folds, shuffle=True, random_state=_SEED)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")  # a class with one training row
        encoded = fitted.fit_transform(np.column_stack([codes for _, codes in words.values()]), labels)
    outcomes = _every_outcome(schema) if every_class else _outcomes(targets, schema, fitted.classes_)
    overall = np.atleast_1d(fitted.target_mean_)
    width = len(overall)
    means, cross_fitted = {}, {}
    for place, (name, (known, _)) in enumerate(words.items()):
        block = slice(place * width, (place + 1) * width)
        table, values = np.vstack([np.column_stack([*fitted.encodings_[block]]), overall]), encoded[:, block]
        if every_class:
            count = len(schema["classes"] or ())
            table, values = (_of_every_class(one, fitted.classes_, count) for one in (table, values))
        means[name] = _target_mean(name, known, fitted.categories_[place].tolist(), outcomes, table)
        cross_fitted[name] = values
    return means, cross_fitted


def _target_mean(
    name: str, known: list[str], seen: list[int], outcomes: tuple[str, ...], table: npt.NDArray[np.float64]
) -> TargetMean:
    row = {code: place for place, code in enumerate(seen)}
    unknown = row.get(len(known), len(table) - 1)
    return TargetMean(
        column=name,
        places={word: row[code] for code, word in enumerate(known)},
        missing=row.get(-1, unknown),
        unknown=unknown,
        outcomes=outcomes,
        table=tuple(tuple(values) for values in table.astype(np.float32).tolist()),
    )


def _folds(targets: str, labels: npt.NDArray[Any]) -> int:
    if targets == "continuous":
        return min(_FOLDS, len(labels))
    rarest = int(np.unique(labels, return_counts=True)[1].min())
    return max(2, min(_FOLDS, rarest))


def _outcomes(targets: str, schema: "Schema", classes: npt.NDArray[Any] | None) -> tuple[str, ...]:
    if targets == "continuous" or classes is None:
        return (schema["target"],)
    words = schema["classes"] or []
    names = [words[int(label)] for label in classes]
    return (names[1],) if targets == "binary" else tuple(names)


def _every_outcome(schema: "Schema") -> tuple[str, ...]:
    words = tuple(schema["classes"] or ())
    return words[1:] if schema["task"] == "binary" else words


def _of_every_class(values: npt.NDArray[np.float64], present: npt.NDArray[Any], count: int) -> npt.NDArray[np.float64]:
    """Means by class from those of the classes that are there, of which two have the later's alone."""
    if len(present) > values.shape[1] or len(present) == 1:
        values = np.column_stack([1 - values, values])[:, : len(present)]
    spread = np.zeros((len(values), count))
    spread[:, present.astype(np.int64)] = values
    return spread[:, 1:] if count == 2 else spread
