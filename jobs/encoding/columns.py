"""How one raw column becomes one or more features: five kinds of encoding, each plain data with two ways in.

`fill_series` takes the typed column of a training table (vectorised, codes instead of words), `fill_texts` the cells
of a request. Both end in the same arithmetic, so that a model is asked what it was taught; a property test holds them
together. Nothing is fitted here (see fitting.py) and pandas is never imported: its objects are only asked for their
arrays.

Missing stays missing (NaN) in numbers, yes/no and dates: XGBoost learns a direction for it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, ClassVar, Protocol

import numpy as np
import numpy.typing as npt

from jobs.encoding.date_forms import is_clock, names_day
from jobs.encoding.text import composed, dates, is_missing, lowered, numbers, truths

Floats = npt.NDArray[np.float32]
Moments = npt.NDArray[np.datetime64]
OTHER = "(other)"
MISSING = "(missing)"
_DAY, _MONTH, _CLOCK = ("year", "month", "day", "weekday", "days"), ("year", "month", "days"), ("seconds",)


class Encoding(Protocol):
    """One raw column's way into the matrix; `out` is the column's own slice, float32, (rows, len(features))."""

    kind: ClassVar[str]

    @property
    def column(self) -> str: ...
    @property
    def features(self) -> tuple[str, ...]: ...
    def fill_series(self, series: Any, out: Floats) -> None: ...
    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None: ...


@dataclass(frozen=True)
class Numeric:
    """The number itself. `missing_words` are missing, too: what the training rows hold where nothing was measured."""

    kind: ClassVar[str] = "numeric"
    column: str
    missing_words: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        return (self.column,)

    def fill_series(self, series: Any, out: Floats) -> None:
        _store(series.to_numpy(dtype=np.float64, na_value=np.nan), out)

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:
        _store(numbers(self.column, texts, lowered(self.missing_words)), out)


@dataclass(frozen=True)
class Padding:
    """Always 0: company for a lone feature (see fitting.py for why it must not stand alone)."""

    kind: ClassVar[str] = "padding"
    column: str

    @property
    def features(self) -> tuple[str, ...]:
        return (f"{self.column}=(padding)",)

    def fill_series(self, series: Any, out: Floats) -> None:  # noqa: ARG002
        out[:] = 0

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:  # noqa: ARG002
        out[:] = 0


@dataclass(frozen=True)
class Boolean:
    """1 for yes, 0 for no."""

    kind: ClassVar[str] = "boolean"
    column: str
    true_words: tuple[str, ...]
    false_words: tuple[str, ...]

    @property
    def features(self) -> tuple[str, ...]:
        return (self.column,)

    @cached_property
    def _words(self) -> dict[str, float]:
        words = dict.fromkeys((word.strip().casefold() for word in self.false_words), 0.0)
        return words | dict.fromkeys((word.strip().casefold() for word in self.true_words), 1.0)

    def fill_series(self, series: Any, out: Floats) -> None:
        _store(series.to_numpy(dtype=np.float64, na_value=np.nan), out)

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:
        out[:, 0] = truths(self.column, texts, self._words)


@dataclass(frozen=True)
class Date:
    """Year, month, day, weekday (Monday 0), days since 1970-01-01, and the hour where the column has one.

    Of months and quarters year, month and days; of times of day the seconds since midnight.
    """

    kind: ClassVar[str] = "date"
    column: str
    date_format: str | None = None
    has_time: bool = False
    missing_words: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(f"{self.column}.{part}" for part in self._parts)

    @cached_property
    def _parts(self) -> tuple[str, ...]:
        if is_clock(self.date_format):
            return _CLOCK
        return (*(_DAY if names_day(self.date_format) else _MONTH), *(["hour"] if self.has_time else []))

    def fill_series(self, series: Any, out: Floats) -> None:
        self._fill(series.to_numpy(dtype="datetime64[ns]"), out)

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:
        self._fill(dates(self.column, texts, self.date_format, lowered(self.missing_words)), out)

    def _fill(self, moments: npt.NDArray[np.datetime64], out: Floats) -> None:
        days = moments.astype("datetime64[D]")
        months = days.astype("datetime64[M]")
        for place, part in enumerate(self._parts):
            out[:, place] = self._part(part, moments, days, months)
        out[np.isnat(moments)] = np.nan

    @staticmethod
    def _part(part: str, moments: Moments, days: Moments, months: Moments) -> Any:
        match part:
            case "year":
                return months.astype(np.int64) // 12 + 1970
            case "month":
                return months.astype(np.int64) % 12 + 1
            case "day":
                return (days - months.astype("datetime64[D]")).astype(np.int64) + 1
            case "weekday":
                return (days.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
            case "days":
                return days.astype(np.int64)
            case "hour":
                return (moments.astype("datetime64[h]") - days.astype("datetime64[h]")).astype(np.int64)
            case _:  # seconds
                return (moments.astype("datetime64[s]") - days.astype("datetime64[s]")).astype(np.int64)


@dataclass(frozen=True)
class Categorical:
    """What both encodings of words share: a word's place in a table, known or not.

    `places` maps a word to its row of the table, `missing` and `unknown` are the rows of an empty cell and of a word
    that the training part did not hold.
    """

    column: str
    places: dict[str, int] = field(repr=False)
    missing: int
    unknown: int

    def place(self, text: str | None) -> int:
        """The row of the table for one cell.

        >>> Categorical("plan", {"basic": 0}, missing=1, unknown=2).place(" basic ")
        0
        """
        if text is None:
            return self.missing
        found = self.places.get(text)
        if found is None:
            found = self.places.get(composed(text.strip()))
        if found is None:
            return self.missing if is_missing(text) else self.unknown
        return found

    def places_of_texts(self, texts: Sequence[str | None]) -> npt.NDArray[np.int32]:
        """One table row a cell; each word is looked up once."""
        known = {text: self.place(text) for text in dict.fromkeys(texts)}
        return np.array([known[text] for text in texts], dtype=np.int32)

    def places_of_series(self, series: Any) -> npt.NDArray[np.int32]:
        """One table row a cell of a pandas column, by its codes; NaN has code -1, which is the lookup's last entry."""
        categories = series.astype("category").cat
        lookup = [self.place(str(word)) for word in categories.categories]
        places: npt.NDArray[np.int32] = np.array([*lookup, self.missing], dtype=np.int32)[categories.codes.to_numpy()]
        return places


@dataclass(frozen=True)
class OneHot(Categorical):
    """One feature a frequent word, one for the rare ones together, one for missing (the last two if training saw any).

    A row of the table is the index of the feature that is 1; -1 is none of them.
    """

    kind: ClassVar[str] = "one-hot"
    words: tuple[str, ...]

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(f"{self.column}={word}" for word in self.words)

    def fill_series(self, series: Any, out: Floats) -> None:
        self._fill(self.places_of_series(series), out)

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:
        self._fill(self.places_of_texts(texts), out)

    def _fill(self, places: npt.NDArray[np.int32], out: Floats) -> None:
        for feature in range(len(self.words)):
            out[:, feature] = places == feature


@dataclass(frozen=True)
class TargetMean(Categorical):
    """The smoothed mean of the target for the word: one feature, or one a class in a multiclass problem.

    `table` has a row a word, (rows, len(outcomes)); an unknown word gets the mean over all.
    """

    kind: ClassVar[str] = "target-mean"
    outcomes: tuple[str, ...]
    table: tuple[tuple[float, ...], ...] = field(repr=False)

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(f"{self.column}~{outcome}" for outcome in self.outcomes)

    @cached_property
    def _table(self) -> Floats:
        return np.array(self.table, dtype=np.float32)

    def fill_series(self, series: Any, out: Floats) -> None:
        out[:] = self._table[self.places_of_series(series)]

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:
        out[:] = self._table[self.places_of_texts(texts)]


_KINDS: dict[str, type[Any]] = {kind.kind: kind for kind in (Numeric, Padding, Boolean, Date, OneHot, TargetMean)}


def to_document(encoding: Encoding) -> dict[str, Any]:
    """The encoding as JSON-ready data."""
    return {"kind": encoding.kind, **asdict(encoding)}  # type: ignore[call-overload]


def from_document(document: dict[str, Any]) -> Encoding:
    """The encoding that `to_document` wrote.

    >>> from_document(to_document(Numeric("age")))
    Numeric(column='age', missing_words=())
    """
    values = {key: _frozen(value) for key, value in document.items() if key != "kind"}
    encoding: Encoding = _KINDS[document["kind"]](**values)
    return encoding


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _store(values: npt.NDArray[np.float64], out: Floats) -> None:
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # beyond float32 becomes infinite here, and missing in the next line
        out[:, 0] = values
    out[~np.isfinite(out)] = np.nan
