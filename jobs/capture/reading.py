"""A block of capture records as batches: columnar where it can be, halved where something surprises, and record by
record where the surprise sits.

One odd record in a block costs a few more columnar readings of smaller pieces, not the slow way for its thousand
neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jobs.capture.batch import Batch
from jobs.capture.blocks import SIZE, Block, cut
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
        yield from _read(block, 0, block.data, shape, which, identified=identified)


def _read(block: Block, first: int, data: bytes, shape: Shape, which: Which, *, identified: bool) -> Iterator[Batch]:
    """`data`: lines of the block, the first of them number `first`."""
    try:
        batches = list(read_columnar(block, first, data, shape, which, identified=identified))
    except Surprise:
        lines = data.split(b"\n")[:-1]
    else:
        yield from batches
        return
    if len(lines) <= FEW:
        yield from read_lines(block, enumerate(lines, first), shape, which, identified=identified)
        return
    half = len(lines) // 2
    for start, part in ((first, lines[:half]), (first + half, lines[half:])):
        piece = b"\n".join([*part, b""])
        yield from _read(block, start, piece, shape, which, identified=identified)
