"""What an ensemble looks at: one row of features for all folds, in which each fold has target means of its own.

What does not look at the target (numbers, dates, words as flags, counts and pieces) is fitted once. Means of the target
must not know the rows that judge, so each fold has its own columns of them, behind the rest:

    columns that all folds share | means fitted in fold 1 | means fitted in fold 2 | ...

One encoder writes all of it, so a request is encoded once, and a fold's models look at the columns that are theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from jobs.encoding.encoder import Encoder
from jobs.encoding.kinds import AnyEncoding
from jobs.encoding.words import TargetMean

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Layout:
    """Which columns of the whole matrix belong to whom."""

    shared: int
    blocks: int
    means: tuple[int, ...]
    """Features of the target means of each word column, in one block."""

    @property
    def width(self) -> int:
        """All features."""
        return self.shared + self.blocks * sum(self.means)

    def of_block(self, block: int) -> Places:
        """The features that a fold's models look at, in their order: those that all share, then its own means."""
        own, start = [np.arange(self.shared)], self.shared
        for size in self.means:
            own.append(start + block * size + np.arange(size))
            start += self.blocks * size
        return np.concatenate(own)


def stacked(blocks: Sequence[Mapping[str, TargetMean]]) -> tuple[TargetMean, ...]:
    """For each word column one encoding that holds its means of all blocks, side by side.

    Raises ValueError where the blocks do not know the same columns.
    """
    names = list(blocks[0])
    if any(list(block) != names for block in blocks):
        raise ValueError("every fold needs target means of the same columns")
    return tuple(_stacked([block[name] for block in blocks]) for name in names)


def _stacked(means: Sequence[TargetMean]) -> TargetMean:
    words = list(dict.fromkeys(word for one in means for word in one.places))
    tables = [np.array(one.table, dtype=np.float32) for one in means]
    rows = [[one.places.get(word, one.unknown) for word in words] + [one.missing, one.unknown] for one in means]
    table = np.hstack([table[places] for table, places in zip(tables, rows, strict=True)])
    first = means[0]
    outcomes = tuple(f"{outcome}@{block}" for block, one in enumerate(means) for outcome in one.outcomes)
    return replace(
        first,
        places={word: place for place, word in enumerate(words)},
        missing=len(words),
        unknown=len(words) + 1,
        outcomes=outcomes if len(means) > 1 else first.outcomes,
        table=tuple(tuple(row) for row in table.tolist()),
    )


@dataclass(frozen=True)
class Features:
    """The encoder of all features, and whose they are. Means in it are those for rows that were not learned from."""

    encoder: Encoder
    layout: Layout

    def without(self, kinds: Collection[str]) -> Features:
        """The same but for these kinds, of which no mean is one."""
        encodings = [one for one in self.encoder.encodings if one.kind not in kinds]
        left = sum(len(one.features) for one in self.encoder.encodings if one.kind in kinds)
        return Features(Encoder(tuple(encodings)), replace(self.layout, shared=self.layout.shared - left))


def assembled(shared: Sequence[AnyEncoding], blocks: Sequence[Mapping[str, TargetMean]]) -> Features:
    """What all folds share, and each fold's means."""
    means = stacked(blocks) if blocks and blocks[0] else ()
    encoder = Encoder((*shared, *means))
    sizes = tuple(len(one.features) // len(blocks) for one in means)
    layout = Layout(sum(len(one.features) for one in shared), len(blocks), sizes)
    return Features(encoder, layout)
