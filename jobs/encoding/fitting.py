"""What scikit-learn learns from the training part, taken out of its estimators into plain data.

Few words become one-hot features, their rare ones together; many become the smoothed mean of the target (TargetEncoder,
cross-fitted for the training part). The estimators are given category codes, not words: a million strings need not be
compared to be counted. This module is never imported while serving.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.preprocessing import OneHotEncoder

from jobs.encoding.columns import Boolean, Numeric, Padding
from jobs.encoding.kinds import AnyEncoding
from jobs.encoding.moments import Date
from jobs.encoding.target_means import lumped, pooled_smoothing, target_means
from jobs.encoding.words import MISSING, OTHER, OneHot, TargetMean

if TYPE_CHECKING:
    from jobs.schema import Column, Schema

ONE_HOT_AT_MOST = 24
"""Distinct words of a column up to which each gets its own feature."""
RARE_SHARE = 0.002
RARE_AT_MOST = 20
_ENCODED = ("numeric", "boolean", "categorical", "date")

Codes = npt.NDArray[np.int32]


def fit_encodings(
    frame: Any, schema: "Schema", labels: npt.NDArray[Any]
) -> tuple[tuple[AnyEncoding, ...], dict[str, npt.NDArray[np.float64]]]:
    """The encodings in the schema's order, and the cross-fitted features of the target-mean columns, by column.

    Raises ValueError where the schema leaves no column to learn from.
    """
    columns = used_columns(schema)
    words = {column["name"]: codes_of(frame[column["name"]]) for column in columns if column["kind"] == "categorical"}
    many = [name for name, (known, _) in words.items() if len(known) > ONE_HOT_AT_MOST]
    means, cross_fitted = target_means({name: words[name] for name in many}, schema, labels)
    encodings = [means.get(column["name"]) or encoding_of(column, words.get(column["name"])) for column in columns]
    return _at_least_two_features(encodings), cross_fitted


def fit_target_means(
    frame: Any, schema: "Schema", labels: npt.NDArray[Any], rows: npt.NDArray[np.integer[Any]]
) -> tuple[dict[str, TargetMean], dict[str, npt.NDArray[np.float64]]]:
    """The target means of the columns of many words, fitted on the given rows alone: those of a fold.

    By column the encoding, which is for other rows, and the values for the given rows, (rows, outcomes), cross-fitted.
    Columns and outcomes are the same whatever rows are given: an outcome a class of the schema, the second alone of
    two. `labels` has one a row of `frame`. Empty where no column has many words.
    """
    categorical = [column["name"] for column in used_columns(schema) if column["kind"] == "categorical"]
    many = [name for name in categorical if len(codes_of(frame[name])[0]) > ONE_HOT_AT_MOST]
    classes, own = len(schema["classes"] or ()), labels[rows]
    means: dict[str, TargetMean] = {}
    values: dict[str, npt.NDArray[np.float64]] = {}
    for name in many:
        known, codes = lumped(*codes_of(frame[name].iloc[rows]))
        smooth = pooled_smoothing(codes, own, classes)
        fitted, crossed = target_means({name: (known, codes)}, schema, own, every_class=True, smooth=smooth)
        means |= fitted
        values |= crossed
    return means, values


def used_columns(schema: "Schema") -> list["Column"]:
    """The columns that are learned from. Raises ValueError where there are none."""
    columns = [column for column in schema["columns"] if column["used"] and column["kind"] in _ENCODED]
    if not columns:
        raise ValueError("no column is left to learn from: all are unused")
    return columns


def encoding_of(column: "Column", words: tuple[list[str], Codes] | None) -> AnyEncoding:
    """The encoding of a column that needs no target; `words` as `codes_of` gives them, of a categorical one."""
    name = column["name"]
    match column["kind"]:
        case "boolean":
            return Boolean(name, tuple(column.get("true_words") or ()), tuple(column.get("false_words") or ()))
        case "date":
            words_missing = tuple(column.get("missing_words") or ())
            return Date(name, column.get("date_format"), bool(column.get("has_time")), words_missing)
        case "categorical" if words is not None:
            return one_hot(name, *words)
        case _:
            return Numeric(name, tuple(column.get("missing_words") or ()))


def _at_least_two_features(encodings: list[AnyEncoding]) -> tuple[AnyEncoding, ...]:
    # The algorithm container guesses the delimiter of a CSV request: a lone "0.5" is split at its point, a lone "12"
    # refused.
    if sum(len(encoding.features) for encoding in encodings) == 1:
        encodings = [*encodings, Padding(encodings[0].column)]
    return tuple(encodings)


def codes_of(series: Any) -> tuple[list[str], Codes]:
    """The words that occur, and per row the place of its word; -1 is missing."""
    categories = series.astype("category").cat
    codes = categories.codes.to_numpy()
    used = np.bincount(codes.astype(np.intp) + 1, minlength=len(categories.categories) + 1)[1:] > 0
    places = np.append(np.cumsum(used) - 1, -1).astype(np.int32)  # code -1 looks up the last entry
    return [str(word) for word in categories.categories[used]], places[codes]


def one_hot(name: str, known: list[str], codes: Codes) -> OneHot:
    """A feature a word, and one for all that are rare."""
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
