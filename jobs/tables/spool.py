"""Text of any size as UTF-8 on the disk, a piece at a time, for a reader that never holds all of it.

Only what every piece of a file shows by itself is read so: UTF-8, UTF-16 and UTF-32, an encoding that was named, gzip.
Whatever takes a look at all of a file (which code page it is, where a damaged one goes wrong) is a matter of
`decoding`, whose answers these are for all that is read here.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from jobs.refusals import Refusal
from jobs.tables.contents import Limits, refuse_foreign
from jobs.tables.decoding import marked, refuse_binary, wide

_PIECE = 1 << 23
_GZIP = b"\x1f\x8b"
_QUOTE, _LINE_END = ord('"'), ord("\n")


class NeedsAllError(Exception):
    """A file that can be read, or refused, only by whoever holds all of it."""


@dataclass(frozen=True)
class Spooled:
    """UTF-8 text, lines ended by newlines, and what it was before; `head` is its beginning."""

    path: Path
    encoding: str
    packed: bool
    head: bytes


def is_packed(path: Path) -> bool:
    """Whether a file is gzip, whatever it is called."""
    with path.open("rb") as file:
        return file.read(2) == _GZIP


def spooled(source: Path, target: Path, encoding: str | None, limits: Limits, file: str) -> Spooled:
    """The text of `source`, written to `target`; `encoding` is the one that was named. Raises NeedsAllError."""
    packed = is_packed(source)
    allowed = limits.unpacked
    if packed:
        allowed = min(allowed, max(limits.ratio_from, limits.ratio * source.stat().st_size))
    try:
        with cast("BinaryIO", gzip.open(source) if packed else source.open("rb")) as raw, target.open("wb") as out:
            first = raw.read(_PIECE)
            refuse_foreign(first, file)
            name, mark = _encoding(first, encoding, file)
            for piece in _with_newlines(_as_utf8(_pieces(first[mark:], raw), name)):
                out.write(piece)
                if out.tell() > allowed:
                    raise NeedsAllError("it is large")
    except (Refusal, LookupError, UnicodeError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise NeedsAllError(str(error)) from None
    with target.open("rb") as text:
        head = text.read(_PIECE)
    if not head or head.isspace():
        raise NeedsAllError("it is empty")
    return Spooled(target, name, packed, head)


def _pieces(first: bytes, raw: BinaryIO) -> Iterator[bytes]:
    yield first
    while piece := raw.read(_PIECE):
        yield piece


def _encoding(first: bytes, named: str | None, file: str) -> tuple[str, int]:
    """The encoding, and how many bytes of a mark stand before the text."""
    found = marked(first)
    mark = len(codecs.BOM_UTF8) if found == "utf-8-sig" else 0
    first = first[mark:]
    if name := (None if mark else found) or wide(first):
        return name, 0
    if b"\0" in first:
        raise NeedsAllError("it holds zero bytes")
    if named is None:
        refuse_binary(first, file)
    return named or "utf-8", mark


def _as_utf8(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    as_it_is = encoding == "utf-8"
    for piece in pieces:
        text = decoder.decode(piece)
        if as_it_is and b"\0" in piece:
            raise NeedsAllError("it holds zero bytes")
        yield piece if as_it_is else text.encode("utf-8")
    yield decoder.decode(b"", final=True).encode("utf-8")


def _with_newlines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Lines ended as Windows ends them are ended by newlines."""
    kept = last = b""
    for piece in pieces:
        piece = kept + piece  # noqa: PLW2901
        kept = b"\r" if piece.endswith(b"\r") else b""
        piece = piece.removesuffix(kept)  # noqa: PLW2901
        if b"\r" in piece:
            piece = piece.replace(b"\r\n", b"\n")  # noqa: PLW2901
            if b"\r" in piece:
                raise NeedsAllError("a carriage return stands alone")
        last = piece or last
        yield piece
    if kept or last.endswith(b"\x1a"):
        raise NeedsAllError("it ends oddly")


def whole_lines(path: Path) -> Iterator[bytes]:
    """The text in pieces of whole records, blank lines at its end left out. Raises NeedsAllError where a record is
    longer than a piece."""
    rest = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            rest += piece
            end = _end(rest)
            if end:
                following, rest = rest[end:], rest[:end]
                if rest.endswith(b"\n\n") and not following.strip(b"\n"):
                    following, rest = rest + following, b""  # perhaps the end of the file
                if rest:
                    yield rest
                rest = following
            elif len(rest) > 4 * _PIECE:
                raise NeedsAllError("a record is long")
    rest = rest.rstrip(b"\n") + b"\n" if rest.endswith(b"\n\n") else rest
    if rest.strip(b"\n"):
        yield rest


def _end(text: bytes) -> int:
    """Where the last record ends that is there as a whole; 0 where none is."""
    end = len(text)
    for _ in range(100):
        end = text.rfind(b"\n", 0, end) + 1
        if not end or not text.count(b'"', 0, end) % 2:
            return end
        end -= 1
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _LINE_END)
    marks = np.flatnonzero(np.frombuffer(text, np.uint8) == _QUOTE)
    outside = ends[np.searchsorted(marks, ends) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0
