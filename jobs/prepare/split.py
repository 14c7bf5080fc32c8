"""Which rows train, which choose among models, and which test: decided before anything is fitted, repeatable by seed.

Stratified: every class in every part, in proportion. Random: for regression. Time: the latest rows test, the ones
before them validate, as in life. Group: all rows of a group in one part, so that nobody is tested on whom it learned.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from jobs.refusals import shown
from jobs.tables.notes import refusal

TRAIN, VALIDATION, TEST = 0, 1, 2
_TRIES = 40

Parts = npt.NDArray[np.int8]
Codes = npt.NDArray[np.int64]
Lots = npt.NDArray[np.float64]


def lots(files: Sequence[tuple[str, int]], seed: int) -> Lots:
    """A number a row, by which it is dealt to a part; `files`: key and rows of each, in the table's order.

    A row keeps its number when files are added before or behind its own, and when its own grows at the end. So what
    tested the live model goes on testing, and that model is hardly ever asked about rows that it learned from.
    """
    drawn = [np.random.default_rng([seed, zlib.crc32(_stem(key))]).random(rows) for key, rows in files]
    return np.concatenate(drawn)


def _stem(key: str) -> bytes:
    """The file's name without its format: the same rows packed or as Parquet are dealt alike.

    >>> _stem("datasets/churn/train/2024.01.csv.gz")
    b'2024.01'
    """
    name = key.rpartition("/")[2].removesuffix(".gz")
    return (name.rpartition(".")[0] or name).encode("utf-8", "replace")


def stratified(classes: Codes, test: float, validation: float, drawn: Lots) -> Parts:
    """A part a row; at least one row of each class in validation and test, the most of it in train."""
    parts = np.zeros(len(classes), dtype=np.int8)
    order = np.argsort(drawn, kind="stable")
    shuffled = classes[order].astype(np.int16)  # at most a hundred classes; short integers are sorted by counting
    by_class = order[np.argsort(shuffled, kind="stable")]
    for rows in np.split(by_class, np.cumsum(np.bincount(shuffled))[:-1]):
        if not len(rows):
            continue
        tested = max(1, round(len(rows) * test))
        validated = max(1, round(len(rows) * validation))
        parts[rows[:tested]] = TEST
        parts[rows[tested : tested + validated]] = VALIDATION
    return parts


def at_random(rows: int, test: float, validation: float, drawn: Lots) -> Parts:
    """A part a row, without regard to anything."""
    return stratified(np.zeros(rows, dtype=np.int64), test, validation, drawn)


def by_time(moments: npt.NDArray[np.float64], test: float, validation: float) -> Parts:
    """A part a row; `moments` ascend with time, NaN counts as earliest. Rows of one moment stay together."""
    filled = np.where(np.isnan(moments), -np.inf, moments)
    ordered = np.sort(filled)
    tested = ordered[len(ordered) - max(1, round(len(ordered) * test))]
    validated = ordered[len(ordered) - max(2, round(len(ordered) * (test + validation)))]
    parts = np.zeros(len(filled), dtype=np.int8)
    parts[filled >= validated] = VALIDATION
    parts[filled >= tested] = TEST
    return parts


def by_group(groups: Codes, classes: Codes | None, test: float, validation: float, seed: int) -> Parts:
    """A part a row, never two for one group; of forty shuffles the one that comes nearest to the shares wanted."""
    _, groups = np.unique(groups, return_inverse=True)
    count = int(groups.max()) + 1 if len(groups) else 0
    if count < 3:
        raise refusal("split-impossible", f"The split by group needs at least 3 groups, there are {count}.")
    kinds = classes if classes is not None else np.zeros(len(groups), dtype=np.int64)
    width = int(kinds.max()) + 1
    table = np.bincount(groups * width + kinds, minlength=count * width).reshape(count, width)
    rng = np.random.default_rng(seed)
    tries = [_assigned(table, rng.permutation(count), test, validation) for _ in range(_TRIES)]
    best = min(tries, key=lambda parts: _distance(table, parts, test, validation))
    return best[groups]


def _assigned(table: npt.NDArray[np.int64], order: Codes, test: float, validation: float) -> Parts:
    rows = table.sum(axis=1)[order]
    middle = (np.cumsum(rows) - rows / 2) / rows.sum()
    parts = np.where(middle < test, TEST, np.where(middle < test + validation, VALIDATION, TRAIN)).astype(np.int8)
    parts[0] = TEST
    if not (parts == VALIDATION).any():
        parts[1] = VALIDATION
    if not (parts == TRAIN).any():
        parts[-1] = TRAIN
    assigned = np.empty_like(parts)
    assigned[order] = parts
    return assigned


def _distance(table: npt.NDArray[np.int64], parts: Parts, test: float, validation: float) -> float:
    wanted = {TRAIN: 1 - test - validation, VALIDATION: validation, TEST: test}
    shares = [table[parts == part].sum(axis=0) / np.maximum(1, table.sum(axis=0)) - wanted[part] for part in wanted]
    return float(np.square(shares).sum())


def check_classes(parts: Parts, classes: Codes, names: tuple[str, ...]) -> list[str]:
    """The classes that validation or test lacks. Raises Refusal where the training part lacks one."""
    absent = []
    for index, name in enumerate(names):
        rows = np.bincount(parts[classes == index], minlength=3)
        if not rows[TRAIN]:
            raise refusal("split-impossible", f"The split leaves no row of the class {shown(name)} to train on.")
        if not rows[VALIDATION] or not rows[TEST]:
            absent.append(name)
    return absent
