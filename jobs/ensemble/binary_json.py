"""XGBoost's binary JSON (UBJSON), read and written with its arrays as numpy's, big-endian as they stand there.

Ten thousand trees as text are a hundred megabytes, and many times that as Python's objects; here an array of a tree is
a piece of the bytes that are there anyway. Only what XGBoost writes is known. Most of a model are short objects of such
arrays, so these are read and written where they stand, without a call for each part.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Any, Final

import numpy as np

_NUMBERS: Final = {
    ord(mark): struct.Struct(form)
    for mark, form in {"i": ">b", "U": ">B", "I": ">h", "l": ">i", "L": ">q", "d": ">f", "D": ">d"}.items()
}
"""By a number's mark; `L` is a length, too."""
_FORMS: Final = {"i": ">i1", "U": ">u1", "I": ">i2", "l": ">i4", "L": ">i8", "d": ">f4", "D": ">f8"}
_ARRAYS: Final = {ord(mark): np.dtype(form) for mark, form in _FORMS.items()}
_MARKS: Final = {kind: mark for mark, form in _FORMS.items() for kind in (np.dtype(form), np.dtype(form[1:]))}
_CONSTANTS: Final[dict[int, Any]] = {ord("Z"): None, ord("T"): True, ord("F"): False}
_OBJECT, _OBJECT_END, _ARRAY, _ARRAY_END, _TEXT, _LENGTH, _TYPED, _COUNTED = b"{}[]SL$#"


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
        mark = self._content[self._at]
        self._at += 1
        if mark == _OBJECT:
            return self._object()
        if mark == _ARRAY:
            return self._array()
        if mark == _TEXT:
            return self._text()
        if mark in _CONSTANTS:
            return _CONSTANTS[mark]
        return self._number(mark)

    def _number(self, mark: int) -> Any:
        if mark not in _NUMBERS:
            raise ValueError(f"XGBoost's models have no {chr(mark)!r} where byte {self._at} has one")
        form = _NUMBERS[mark]
        (value,) = form.unpack_from(self._content, self._at)
        self._at += form.size
        return value

    def _length(self) -> int:
        """Of a text or an array, with its mark."""
        start = self._at + 1
        if self._content[self._at] == _LENGTH:
            self._at = start + 8
            return int.from_bytes(self._content[start : self._at], "big", signed=True)
        self._at = start
        return int(self._number(self._content[start - 1]))

    def _text(self) -> str:
        length = self._length()
        self._at += length
        return _decoded(self._content[self._at - length : self._at])

    def _object(self) -> dict[str, Any]:
        found = {}
        while self._content[self._at] != _OBJECT_END:
            name = self._text()
            found[name] = self.value()
        self._at += 1
        return found

    def _array(self) -> Any:
        first = self._content[self._at]
        if first == _TYPED:
            form = _ARRAYS[self._content[self._at + 1]]
            self._at += 2
            count = self._count()
            found = np.frombuffer(self._content, form, count, self._at)
            self._at += count * form.itemsize
            return found
        if first == _COUNTED:
            return [self.value() for _ in range(self._count())]
        values = []
        while self._content[self._at] != _ARRAY_END:
            values.append(self.value())
        self._at += 1
        return values

    def _count(self) -> int:
        if self._content[self._at] != _COUNTED:
            raise ValueError(f"XGBoost's models have no array like the one at byte {self._at}")
        self._at += 1
        return self._length()


@lru_cache(maxsize=1024)
def _decoded(text: bytes) -> str:
    """The same few names stand in every tree."""
    return text.decode()


def _write(value: Any, parts: list[bytes]) -> None:
    if isinstance(value, np.ndarray):
        form = value.dtype
        parts.append(b"[$" + _MARKS[form].encode() + b"#" + _length(len(value)))
        parts.append(value.astype(form.newbyteorder(">"), copy=False).tobytes())
    elif isinstance(value, dict):
        parts.append(b"{")
        for name, one in value.items():
            parts.append(_text(name))
            _write(one, parts)
        parts.append(b"}")
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


@lru_cache(maxsize=1024)
def _text(value: str) -> bytes:
    encoded = value.encode()
    return _length(len(encoded)) + encoded


def _length(value: int) -> bytes:
    return b"L" + value.to_bytes(8, "big", signed=True)
