"""Typed columns for the libraries that want them: numbers, dates as numbers, words as categories.

As somebody would write it who knows the library: nothing is learned but which words there are, and missing stays
missing. Columns get plain names, because LightGBM refuses some.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

Frame = pd.DataFrame
_MOSTLY = 0.95
_PARTS: dict[str, Callable[["pd.Series[pd.Timestamp]"], "pd.Series[float]"]] = {
    "days": lambda dates: (dates - pd.Timestamp(2000, 1, 1)).dt.total_seconds() / 86_400,
    "weekday": lambda dates: dates.dt.dayofweek.astype(float),
    "hour": lambda dates: dates.dt.hour + dates.dt.minute / 60,
    "month": lambda dates: dates.dt.month.astype(float),
}


@dataclass(frozen=True)
class Columns:
    """What was learned of the training rows: the kinds, and the words of each column of words."""

    numbers: tuple[str, ...]
    dates: tuple[str, ...]
    words: dict[str, "pd.Index[str]"]

    @classmethod
    def of(cls, frame: Frame) -> "Columns":
        names = [str(name) for name in frame.columns]
        numbers = [name for name in names if pd.api.types.is_numeric_dtype(frame[name])]
        others = [name for name in names if name not in numbers]
        dates = [name for name in others if as_dates(frame[name]).notna().sum() > _MOSTLY * frame[name].notna().sum()]
        words = {name: pd.Index(sorted(set(frame[name].dropna().astype(str)))) for name in others if name not in dates}
        return cls(tuple(numbers), tuple(dates), words)

    def typed(self, frame: Frame) -> Frame:
        """The same columns for every frame; a word that was not learned is missing."""
        made: dict[str, pd.Series[Any]] = {}
        for place, name in enumerate(frame.columns):
            if name in self.numbers:
                made[f"c{place}"] = pd.to_numeric(frame[name], errors="coerce").astype(float)
            elif name in self.dates:
                dates = as_dates(frame[name])
                made |= {f"c{place}_{part}": compute(dates) for part, compute in _PARTS.items()}
            else:
                text = frame[name].where(frame[name].isna(), frame[name].astype(str))
                made[f"c{place}"] = pd.Series(pd.Categorical(text, categories=self.words[name]), index=frame.index)
        return pd.DataFrame(made)


def as_dates(column: "pd.Series[Any]") -> "pd.Series[pd.Timestamp]":
    return pd.to_datetime(column, errors="coerce", format="mixed")


def word_columns(frame: Frame) -> list[str]:
    return [str(name) for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)]
