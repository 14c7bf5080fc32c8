"""Capture files cut into blocks of whole lines, and the way back from a line of a block to its file.

Many small files share a block, a large file fills many: the cost of a block is that of its bytes, whatever the files
are like. Gzip is unpacked as it comes. A line beyond any request's size is cut, so that a file without line ends (some
other program's) cannot fill the memory; what is left of it does not parse and is counted.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jobs.capture.tally import Place, Tally

SIZE = 4 << 20
LONGEST_LINE = 64 << 20
_GZIP, _MARK = b"\x1f\x8b", b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Block:
    """`lines` whole lines of one or more files. `spans`: (first line in the block, file, its number there), ascending.

    Lines of a block are counted from 0, those of a file from 1.
    """

    data: bytes
    lines: int
    spans: tuple[tuple[int, str, int], ...]
    tally: Tally = field(default_factory=Tally)

    def place(self, line: int, detail: str = "") -> Place:
        first, file, number = self.spans[bisect_right(self.spans, line, key=lambda span: span[0]) - 1]
        return Place(file, number + line - first, detail)


@dataclass(frozen=True)
class Lines:
    """`count` lines of a block, the first of them number `first`; `data` holds them with their line ends."""

    first: int
    count: int
    data: bytes

    def numbered(self) -> Iterator[tuple[int, bytes]]:
        """Each line with its number in the block."""
        return enumerate(self.data.split(b"\n")[:-1], self.first)

    def halves(self) -> tuple[Lines, Lines]:
        """The lines in two parts, at least one in each of two or more."""
        lines, half = self.data.split(b"\n")[:-1], self.count // 2
        first, second = (b"\n".join([*part, b""]) for part in (lines[:half], lines[half:]))
        return Lines(self.first, half, first), Lines(self.first + half, self.count - half, second)


def cut(parts: Iterable[tuple[str, bytes]], size: int = SIZE) -> Iterator[Block]:
    """Blocks of at least `size` bytes (the last one: what is left) of files given as (name, next bytes of it).

    The parts of a file follow each other; a file without any bytes is given as (name, b"").
    """
    cutter = _Cutter(size)
    for file, part in parts:
        if file != cutter.file:
            yield from cutter.end_file()
            cutter.begin_file(file)
        yield from cutter.take(part)
    yield from cutter.end_file()
    yield from cutter.flush()


class _Cutter:
    """The block under way, and how far its last file has been read."""

    def __init__(self, size: int) -> None:
        self.file: str | None = None
        self._size = size
        self._tail = b""
        self._begin_block()

    def begin_file(self, file: str) -> None:
        self.file, self._number, self._read = file, 1, 0
        self._unpack: _Gunzip | None = None
        self._spans.append((self._lines, file, 1))

    def take(self, part: bytes) -> Iterator[Block]:
        if not self._read and not self._tail:
            part = self._opened(part)
        self._read += len(part)
        pieces = [part] if self._unpack is None else self._unpack(part)
        for piece in pieces:
            yield from self._add(piece)

    def end_file(self) -> Iterator[Block]:
        if self.file is None:
            return
        if self._tail:
            yield from self._add(b"\n")
        if self._unpack is not None and self._unpack.damaged:
            self._tally += Tally.of_trouble("damaged-gzip", Place(self.file))
        if not self._read:
            self._tally += Tally.of_trouble("empty-file", Place(self.file))
        self.file = None

    def flush(self) -> Iterator[Block]:
        data = b"".join(self._pieces)
        if data or self._tally != Tally():
            yield Block(data, self._lines, tuple(self._spans), self._tally)
        self._begin_block()

    def _begin_block(self) -> None:
        self._pieces: list[bytes | memoryview] = []
        self._held, self._lines, self._tally = 0, 0, Tally()
        self._spans = [] if self.file is None else [(0, self.file, self._number)]

    def _opened(self, part: bytes) -> bytes:
        """The first bytes of a file say whether it is packed or begins with a mark."""
        if part.startswith(_GZIP):
            self._unpack = _Gunzip()
        return part

    def _add(self, piece: bytes) -> Iterator[Block]:
        if self._number == 1 and not self._tail and piece.startswith(_MARK) and self.file is not None:
            piece = piece[len(_MARK) :]
            self._tally += Tally.of_trouble("byte-order-mark", Place(self.file, 1))
        end = piece.rfind(b"\n") + 1
        if not end:
            self._tail = (self._tail + piece)[:LONGEST_LINE]
            return
        self._pieces += [self._tail, memoryview(piece)[:end]]
        self._held += len(self._tail) + end
        self._tail = piece[end:]
        count = piece.count(b"\n", 0, end)
        self._lines += count
        self._number += count
        if self._held >= self._size:
            yield from self.flush()


class _Gunzip:
    """Unpacks gzip of one or more members, at most `SIZE` bytes at a time; `damaged` when it ended badly."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)
        self._failed = False

    @property
    def damaged(self) -> bool:
        return self._failed or not self._stream.eof

    def __call__(self, part: bytes) -> Iterator[bytes]:
        while part and not self._failed:
            if self._stream.eof:
                self._stream = zlib.decompressobj(wbits=31)
            try:
                piece = self._stream.decompress(part, SIZE)
            except zlib.error:
                self._failed = True
                return
            part = self._stream.unconsumed_tail or self._stream.unused_data
            if piece:
                yield piece
