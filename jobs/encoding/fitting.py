"""What scikit-learn learns from the training part, taken out of its estimators into plain data.

Few words become one-hot features, their rare ones together; many become the smoothed mean of the target (TargetEncoder,
cross-fitted for the training part). The estimators are given category codes, not words: a million strings need not be
compared to be counted. This module is never imported while serving.
"""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import OneHotEncoder, TargetEncoder

from jobs.encoding.columns import (
    MISSING,
    OTHER,
    Boolean,
    Date,
    Encoding,
    Numeric,
    OneHot,
    Padding,
    TargetMean,
)

if TYPE_CHECKING:
    from jobs.schema import Column, Schema

ONE_HOT_AT_MOST = 24
"""Distinct words of a column up to which each gets its own feature."""
RARE_SHARE = 0.002
RARE_AT_MOST = 20
_FOLDS = 5
_SEED = 7
_ENCODED = ("numeric", "boolean", "categorical", "date")

Codes = npt.NDArray[np.int32]


def fit_encodings(
    frame: Any, schema: "Schema", labels: npt.NDArray[Any]
) -> tuple[tuple[Encoding, ...], dict[str, npt.NDArray[np.float64]]]:
    """The encodings in the schema's order, and the cross-fitted features of the target-mean columns, by column.

    Raises ValueError where the schema leaves no column to learn from.
    """
    columns = [column for column in schema["columns"] if column["used"] and column["kind"] in _ENCODED]
    if not columns:
        raise ValueError("no column is left to learn from: all are unused")
    words = {column["name"]: _codes(frame[column["name"]]) for column in columns if column["kind"] == "categorical"}
    many = [name for name, (known, _) in words.items() if len(known) > ONE_HOT_AT_MOST]
    means, cross_fitted = _target_means({name: words[name] for name in many}, schema, labels)
    encodings = [means.get(column["name"]) or _encoding(column, words.get(column["name"])) for column in columns]
    return _at_least_two_features(encodings), cross_fitted


def _encoding(column: "Column", words: tuple[list[str], Codes] | None) -> Encoding:
    name = column["name"]
    match column["kind"]:
        case "boolean":
            return Boolean(name, tuple(column.get("true_words") or ()), tuple(column.get("false_words") or ()))
        case "date":
            words_missing = tuple(column.get("missing_words") or ())
            return Date(name, column.get("date_format"), bool(column.get("has_time")), words_missing)
        case "categorical" if words is not None:
            return _one_hot(name, *words)
        case _:
            return Numeric(name, tuple(column.get("missing_words") or ()))


def _at_least_two_features(encodings: list[Encoding]) -> tuple[Encoding, ...]:
    # The algorithm container guesses the delimiter of a CSV request: a lone "0.5" is split at its point, a lone "12"
    # refused.
    if sum(len(encoding.features) for encoding in encodings) == 1:
        encodings = [*encodings, Padding(encodings[0].column)]
    return tuple(encodings)


def _codes(series: Any) -> tuple[list[str], Codes]:
    """The words that occur, and per row the place of its word; -1 is missing."""
    categories = series.astype("category").cat
    codes = categories.codes.to_numpy()
    used = np.bincount(codes.astype(np.intp) + 1, minlength=len(categories.categories) + 1)[1:] > 0
    places = np.append(np.cumsum(used) - 1, -1).astype(np.int32)  # code -1 looks up the last entry
    return [str(word) for word in categories.categories[used]], places[codes]


def _one_hot(name: str, known: list[str], codes: Codes) -> OneHot:
    rare = max(2, min(RARE_AT_MOST, int(len(codes) * RARE_SHARE)))
    fitted = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=rare, dtype=np.float32)
    fitted.fit(codes.reshape(-1, 1))
    seen: list[int] = fitted.categories_[0].tolist()
    infrequent = fitted.infrequent_categories_[0]
    lumped: set[int] = set() if infrequent is None else set(infrequent.tolist())
    own = [code for code in seen if code not in lumped]
    feature = {code: place for place, code in enumerate(own)}
    other = len(own) if lumped else -1
    words = [MISSING if code < 0 else known[code] for code in own] + [OTHER] * bool(lumped)
    return OneHot(
        column=name,
        places={word: feature.get(code, other) for code, word in enumerate(known)},
        missing=feature.get(-1, other),
        unknown=other,
        words=tuple(words),
    )


def _target_means(
    words: dict[str, tuple[list[str], Codes]], schema: "Schema", labels: npt.NDArray[Any]
) -> tuple[dict[str, TargetMean], dict[str, npt.NDArray[np.float64]]]:
    if not words:
        return {}, {}
    targets = {"regression": "continuous"}.get(schema["task"], schema["task"])
    fitted = TargetEncoder(target_type=targets, cv=_folds(targets, labels), shuffle=True, random_state=_SEED)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class")  # a class with one training row
        encoded = fitted.fit_transform(np.column_stack([codes for _, codes in words.values()]), labels)
    outcomes = _outcomes(targets, schema, fitted.classes_)
    width = len(outcomes)
    overall = np.atleast_1d(fitted.target_mean_)
    means, cross_fitted = {}, {}
    for place, (name, (known, _)) in enumerate(words.items()):
        block = slice(place * width, (place + 1) * width)
        table = np.column_stack([*fitted.encodings_[block]])
        means[name] = _target_mean(
            name, known, fitted.categories_[place].tolist(), outcomes, np.vstack([table, overall])
        )
        cross_fitted[name] = encoded[:, block]
    return means, cross_fitted


def _target_mean(
    name: str, known: list[str], seen: list[int], outcomes: tuple[str, ...], table: npt.NDArray[np.float64]
) -> TargetMean:
    row = {code: place for place, code in enumerate(seen)}
    unknown = len(table) - 1
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
