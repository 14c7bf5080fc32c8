"""Bytes to UTF-8 text without byte-order mark, lines ended by newlines wherever that is certain.

Order: byte-order mark, UTF-16 without one (recognised by where its zero bytes lie), the encoding set, UTF-8, and only
then Windows-1252 with a warning. A file that is UTF-8 in most places and not in others is refused: any reading of it
would garble one half.
"""

from __future__ import annotations

import codecs
import re

from jobs.prepare.notes import Notes, refusal

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = bytes([*range(9), 11, *range(14, 26), *range(27, 32), 127])
_SAMPLE = 1 << 18
_CONTROL_SHARE = 0.02


def to_utf8(data: bytes, encoding: str | None, file: str, notes: Notes) -> tuple[bytes, str]:
    """The text as UTF-8, and the name of the encoding it was in. Raises Refusal where it is no text."""
    text, found = _decoded(data, encoding, file, notes)
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n") if b"\n" in text else text.replace(b"\r", b"\n")
    text = text.removeprefix(codecs.BOM_UTF8).replace(b"\n" + codecs.BOM_UTF8, b"\n")  # files put together by cat
    if text.endswith(b"\x1a"):  # the end mark of DOS
        text = text[:-1]
    if not text or text.isspace():
        raise refusal("empty-file", f"{file}: the file holds nothing but blanks.")
    return text, found


def _decoded(data: bytes, encoding: str | None, file: str, notes: Notes) -> tuple[bytes, str]:
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if marked == "utf-8-sig":
        data, marked = data[3:], None
    wide = marked or _wide(data)
    if wide:
        return _by(data, wide, file), wide
    if b"\0" in data:
        _refuse_zero_bytes(data, file)
    if encoding:
        return _by(data, encoding, file), encoding
    if data.isascii():
        _refuse_binary(data, file)
        return data, "utf-8"
    try:
        codecs.utf_8_decode(data, "strict", True)  # noqa: FBT003  the function takes it by position only
    except UnicodeDecodeError as error:
        return _guessed(data, error.start, file, notes), "cp1252"
    _refuse_binary(data, file)
    return data, "utf-8"


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: mostly Latin text has a zero in every other byte, always the same one of the two."""
    sample = data[: _SAMPLE & ~1]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    if odd / half > 0.6 and even / half < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even / half > 0.6 and odd / half < 0.05 else None


def _by(data: bytes, encoding: str, file: str) -> bytes:
    try:
        return data.decode(encoding).encode("utf-8")
    except LookupError:
        raise refusal("undecodable", f'{file}: no encoding is called "{encoding}".') from None
    except UnicodeDecodeError as error:
        sentence = f"{file}: byte {error.start:,} is not {encoding}."
        raise refusal("undecodable", sentence) from None


def _guessed(data: bytes, position: int, file: str, notes: Notes) -> bytes:
    _refuse_binary(data, file)
    row = data.count(b"\n", 0, position) + 1
    repaired = data[:_SAMPLE].decode("utf-8", "replace")
    wrong = repaired.count("\ufffd")
    right = len(re.findall(r"[^\x00-\x7f\ufffd]", repaired))
    if right > wrong:
        sentence = f"{file}: row {row:,} is not UTF-8, though the text around it is: two encodings in one file."
        raise refusal("undecodable", sentence)
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    notes.warn(
        "encoding-guessed", f"{file}: row {row:,} is not UTF-8; the file was read as Windows-1252.", file=file, row=row
    )
    return text.encode("utf-8")


def _refuse_zero_bytes(data: bytes, file: str) -> None:
    _refuse_binary(data, file)
    row = data.count(b"\n", 0, data.index(0)) + 1
    raise refusal("nul-bytes", f"{file}: row {row:,} holds NUL bytes ({data.count(0):,} in all).")


def _refuse_binary(data: bytes, file: str) -> None:
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > _CONTROL_SHARE * len(sample) and controls - sample.count(0) > 0:
        raise refusal("binary-file", f"{file}: the content is binary, not text.")
