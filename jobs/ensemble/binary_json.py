"""XGBoost's binary JSON (UBJSON), read and written with its arrays as numpy's, big-endian as they stand there.

Ten thousand trees as text are a hundred megabytes, and many times that as Python's objects; here an array of a tree is
a piece of the bytes that are there anyway. Only what XGBoost writes is known.
"""

from __future__ import annotations

import struct
from typing import Any, Final

import numpy as np

_NUMBERS: Final = {"i": ">b", "U": ">B", "I": ">h", "l": ">i", "L": ">q", "d": ">f", "D": ">d"}
"""A number's mark, and its form for `struct`; `L` is a length, too."""
_ARRAYS: Final = {"i": ">i1", "U": ">u1", "I": ">i2", "l": ">i4", "L": ">i8", "d": ">f4", "D": ">f8"}
_MARKS: Final = {np.dtype(form): mark for mark, form in _ARRAYS.items()}
_CONSTANTS: Final[dict[str, Any]] = {"Z": None, "T": True, "F": False}


def read(content: bytes) -> Any:
    """Objects, lists, texts and numbers as `json` gives them, arrays of numbers as numpy's. They share `content`.

    Raises ValueError for what XGBoost does not write.
    """
    return _Reader(content).value()


def write(document: Any) -> bytes:
    """What `read` reads."""
    parts: list[bytes] = []
    _write(document, parts)
    return b"".join(parts)


class _Reader:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def value(self) -> Any:
        return self._of(self._mark())

    def _of(self, mark: str) -> Any:
        if mark == "{":
            return self._object()
        if mark == "[":
            return self._array()
        if mark == "S":
            return self._text()
        if mark in _CONSTANTS:
            return _CONSTANTS[mark]
        return self._number(mark)

    def _mark(self) -> str:
        self._at += 1
        return chr(self._content[self._at - 1])

    def _next(self) -> str:
        return chr(self._content[self._at])

    def _number(self, mark: str) -> Any:
        if mark not in _NUMBERS:
            raise ValueError(f"XGBoost's models have no {mark!r} where byte {self._at} has one")
        (value,) = struct.unpack_from(_NUMBERS[mark], self._content, self._at)
        self._at += struct.calcsize(_NUMBERS[mark])
        return value

    def _text(self) -> str:
        length = self._number(self._mark())
        self._at += length
        return self._content[self._at - length : self._at].decode()

    def _object(self) -> dict[str, Any]:
        found = {}
        while self._next() != "}":
            name = self._text()
            found[name] = self.value()
        self._at += 1
        return found

    def _array(self) -> Any:
        if self._next() == "$":
            self._at += 1
            form = np.dtype(_ARRAYS[self._mark()])
            count = self._count()
            found = np.frombuffer(self._content, form, count, self._at)
            self._at += found.nbytes
            return found
        if self._next() == "#":
            return [self.value() for _ in range(self._count())]
        values = []
        while self._next() != "]":
            values.append(self.value())
        self._at += 1
        return values

    def _count(self) -> int:
        if self._mark() != "#":
            raise ValueError(f"XGBoost's models have no array like the one at byte {self._at}")
        return int(self._number(self._mark()))


def _write(value: Any, parts: list[bytes]) -> None:
    if isinstance(value, dict):
        parts.append(b"{")
        for name, one in value.items():
            parts.append(_text(name))
            _write(one, parts)
        parts.append(b"}")
    elif isinstance(value, np.ndarray):
        form = value.dtype.newbyteorder(">")
        parts.append(b"[$" + _MARKS[form].encode() + b"#" + _length(len(value)) + value.astype(form).tobytes())
    elif isinstance(value, list):
        parts.append(b"[#" + _length(len(value)))
        for one in value:
            _write(one, parts)
    elif isinstance(value, str):
        parts.append(b"S" + _text(value))
    elif value is None or isinstance(value, bool):
        parts.append({None: b"Z", True: b"T", False: b"F"}[value])
    elif isinstance(value, int):
        parts.append(_length(value))
    else:
        parts.append(b"d" + struct.pack(">f", value))


def _text(value: str) -> bytes:
    encoded = value.encode()
    return _length(len(encoded)) + encoded


def _length(value: int) -> bytes:
    return b"L" + struct.pack(">q", value)
