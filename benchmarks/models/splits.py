"""A set's pairs of training and test rows, as two CSV files, made from seeds: whoever is measured reads the same.

Three quarters train; classes keep their shares. `GIVEN` is the pair that came with a folder's data. A draw has 200
training rows and many test rows: what most people's first file is like.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.models.sets import REGRESSION, DataSet

GIVEN = -1
TEST_SHARE = 0.25
FEW, TESTED = 200, 5_000
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pair:
    """`few`: a draw of 200 rows. `classes`: all words of the target, in the order of the answers' columns."""

    of: DataSet
    number: int
    train: Path
    test: Path
    classes: tuple[str, ...]
    few: bool = False

    @property
    def truth(self) -> npt.NDArray[Any]:
        """Of the test rows: the class's place, or the number."""
        column = pd.read_csv(self.test, usecols=[self.of.target], dtype=str, keep_default_na=False)[self.of.target]
        if not self.classes:
            return column.astype(float).to_numpy()
        places = {word: place for place, word in enumerate(self.classes)}
        return np.array([places[word] for word in column], dtype=np.int64)


def pair(of: DataSet, number: int, folder: Path, *, few: bool = False) -> Pair:
    """The pair of this number, written to `folder`."""
    frame = of.read()
    target = typed(frame[of.target])
    frame, target = frame[target.notna()], target[target.notna()]
    if few:
        train, test = draw(target, number)
    elif number == GIVEN:
        train, test = as_given(of, len(target))
    else:
        train, test = parted(target, number, stratified=of.task != REGRESSION)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / "train.csv", folder / "test.csv"]
    for path, rows in zip(paths, (train, test), strict=True):
        frame.iloc[rows].to_csv(path, index=False)
    classes = () if of.task == REGRESSION else tuple(sorted(set(frame[of.target].astype(str))))
    return Pair(of, number, paths[0], paths[1], classes, few)


def typed(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """Numbers where all that is written are numbers; empty cells are missing."""
    words = column.astype(str).str.strip()
    present = column.notna() & (words != "")
    numbers = pd.to_numeric(words.where(present), errors="coerce")
    return numbers if bool((numbers.notna() == present).all()) else words.where(present)


def parted(target: "pd.Series[Any]", seed: int, *, stratified: bool) -> tuple[Rows, Rows]:
    """Three quarters and one quarter of all rows."""
    from sklearn.model_selection import train_test_split  # takes a second to import

    train, test = train_test_split(
        np.arange(len(target)), test_size=TEST_SHARE, random_state=seed, stratify=target if stratified else None
    )
    return train, test


def draw(target: "pd.Series[Any]", seed: int) -> tuple[Rows, Rows]:
    """200 rows, and up to 5,000 others."""
    from sklearn.model_selection import train_test_split

    tested = min(TESTED, len(target) - FEW)
    train, test = train_test_split(
        np.arange(len(target)), train_size=FEW, test_size=tested, random_state=seed, stratify=target
    )
    return train, test


def as_given(of: DataSet, rows: int) -> tuple[Rows, Rows]:
    if of.given is None:
        raise LookupError(f"{of.name} came in one piece; only a folder's sets have a given pair")
    return np.arange(of.given), np.arange(of.given, rows)
