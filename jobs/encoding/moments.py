"""The encodings of dates: their parts, the time of day, and the time from one to another; see columns.py."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from jobs.encoding.columns import Floats
from jobs.encoding.date_forms import is_clock, names_day
from jobs.encoding.text import dates, lowered

Moments = npt.NDArray[np.datetime64]
_DAY, _MONTH, _CLOCK = ("year", "month", "day", "weekday", "days"), ("year", "month", "days"), ("seconds",)
_HOUR = 3_600_000_000
_WHOLE_DAY = 24 * _HOUR
"""Microseconds, the finest that both ways in hold."""


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
class Clock:
    """The time of day of a date that has one: hours since midnight, with their minutes and seconds as a fraction."""

    kind: ClassVar[str] = "clock"
    column: str
    date_format: str | None = None
    missing_words: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        return (f"{self.column}.time",)

    def fill_series(self, series: Any, out: Floats) -> None:
        self._fill(series.to_numpy(dtype="datetime64[ns]"), out)

    def fill_texts(self, texts: Sequence[str | None], out: Floats) -> None:
        self._fill(dates(self.column, texts, self.date_format, lowered(self.missing_words)), out)

    @staticmethod
    def _fill(moments: Moments, out: Floats) -> None:
        since_midnight = moments.astype("datetime64[us]") - moments.astype("datetime64[D]")
        _store_time(since_midnight, _HOUR, out)


@dataclass(frozen=True)
class Elapsed:
    """Days from one date to another, with a fraction where they have times; negative where the other is earlier.

    Missing where either is. The only encoding of two raw columns: `other` is the second one.
    """

    kind: ClassVar[str] = "elapsed"
    column: str
    other: str
    date_format: str | None = None
    other_format: str | None = None
    missing_words: tuple[str, ...] = ()
    other_missing_words: tuple[str, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        return (f"{self.column}.until.{self.other}",)

    def fill_two_series(self, series: Any, others: Any, out: Floats) -> None:
        self._fill(series.to_numpy(dtype="datetime64[ns]"), others.to_numpy(dtype="datetime64[ns]"), out)

    def fill_two_texts(self, texts: Sequence[str | None], others: Sequence[str | None], out: Floats) -> None:
        begun = dates(self.column, texts, self.date_format, lowered(self.missing_words))
        ended = dates(self.other, others, self.other_format, lowered(self.other_missing_words))
        self._fill(begun, ended, out)

    @staticmethod
    def _fill(begun: Moments, ended: Moments, out: Floats) -> None:
        _store_time(ended.astype("datetime64[us]") - begun.astype("datetime64[us]"), _WHOLE_DAY, out)


def _store_time(lengths: npt.NDArray[np.timedelta64], unit: int, out: Floats) -> None:
    out[:, 0] = lengths.astype(np.int64) / unit
    out[np.isnat(lengths)] = np.nan
