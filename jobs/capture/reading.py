"""A block of capture records as batches: columnar where it can be, halved where something surprises, and record by
record where the surprise sits.

One odd record in a block costs a few more columnar readings of smaller pieces, not the slow way for its thousand
neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jobs.capture.batch import Batch
from jobs.capture.blocks import SIZE, Block, Lines, cut
from jobs.capture.careful import read_lines
from jobs.capture.columnar import read_columnar
from jobs.capture.payloads import Surprise
from jobs.capture.records import Which
from jobs.capture.shape import Shape

FEW = 32
"""Lines that are read one by one rather than halved again."""


def read(
    parts: Iterable[tuple[str, bytes]], shape: Shape, which: Which, *, identified: bool = False, size: int = SIZE
) -> Iterator[Batch]:
    """Batches of files given as (name, next bytes of it); the sum of their tallies is the account of all.

    `identified`: with ids and times of the rows. Memory is bounded by a few blocks of `size` bytes.
    """
    for block in cut(parts, size):
        yield from read_block(block, shape, which, identified=identified)


def read_block(block: Block, shape: Shape, which: Which, *, identified: bool = False) -> Iterator[Batch]:
    """The batches of one block."""
    yield Batch(0, tally=block.tally)
    if block.data:
        yield from _read(block, Lines(0, block.lines, block.data), shape, which, identified=identified)


def _read(block: Block, lines: Lines, shape: Shape, which: Which, *, identified: bool) -> Iterator[Batch]:
    try:
        batches = list(read_columnar(block, lines, shape, which, identified=identified))
    except Surprise:
        pass
    else:
        yield from batches
        return
    if lines.count <= FEW:
        yield from read_lines(block, lines.numbered(), shape, which, identified=identified)
        return
    for half in lines.halves():
        yield from _read(block, half, shape, which, identified=identified)
