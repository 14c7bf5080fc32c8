"""Bytes to UTF-8 text without byte-order mark, lines ended by newlines wherever that is certain.

Order: byte-order mark, UTF-16 without one (recognised by where its zero bytes lie), the encoding set, UTF-8, and only
then the code page that its bytes show, with a warning that names it, or a refusal. A file that is UTF-8 in most places
and not in others is refused: any reading of it would garble one half.
"""

from __future__ import annotations

import codecs
import re

from jobs.tables.code_pages import code_page
from jobs.tables.notes import Notes, refusal

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES = {
    "cp1252": "Windows-1252", "cp1250": "Windows-1250 (cp1250)", "iso8859_2": "ISO 8859-2", "mac_roman": "Mac Roman",
    "cp850": "DOS Latin (cp850)", "cp437": "DOS (cp437)", "cp932": "Shift-JIS (cp932)", "euc_jp": "EUC-JP",
    "gb18030": "GBK (gb18030)", "big5": "Big5", "cp949": "EUC-KR (cp949)", "cp1251": "Windows-1251 (cp1251)",
    "koi8_r": "KOI8-R", "cp866": "DOS Cyrillic (cp866)", "cp1254": "Windows-1254 (cp1254)",
    "cp1253": "Windows-1253 (cp1253)", "cp1255": "Windows-1255 (cp1255)", "cp1256": "Windows-1256 (cp1256)",
}  # fmt: skip
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
    mark = marked(data)
    if mark == "utf-8-sig":
        data, mark = data[3:], None
    several = mark or wide(data)
    if several:
        return _by(data, several, file), several
    if b"\0" in data:
        _refuse_zero_bytes(data, file)
    if encoding:
        return _by(data, encoding, file), encoding
    if data.isascii():
        refuse_binary(data, file)
        return data, "utf-8"
    try:
        codecs.utf_8_decode(data, "strict", True)  # noqa: FBT003  the function takes it by position only
    except UnicodeDecodeError as error:
        return _recognised(data, error.start, file, notes)
    refuse_binary(data, file)
    return data, "utf-8"


def marked(data: bytes) -> str | None:
    """The encoding that a byte-order mark names."""
    return next((name for mark, name in _MARKS if data.startswith(mark)), None)


def wide(data: bytes) -> str | None:
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
    except UnicodeError as error:
        where = f"byte {error.start:,}" if isinstance(error, UnicodeDecodeError) else "the text"
        raise refusal("undecodable", f"{file}: {where} is not {encoding}.") from None


def _recognised(data: bytes, position: int, file: str, notes: Notes) -> tuple[bytes, str]:
    refuse_binary(data, file)
    row = data.count(b"\n", 0, position) + 1
    repaired = data[:_SAMPLE].decode("utf-8", "replace")
    wrong = repaired.count("\ufffd")
    right = len(re.findall(r"[^\x00-\x7f\ufffd]", repaired))
    if right > wrong:
        sentence = f"{file}: row {row:,} is not UTF-8, though the text around it is: two encodings in one file."
        raise refusal("undecodable", sentence)
    found = code_page(data)
    where = f"{file}: row {row:,} is not UTF-8"
    if found is None:
        raise refusal("undecodable", f"{where}, and its bytes do not tell beyond doubt which encoding it is.")
    try:
        text = data.decode(found).encode("utf-8")
    except UnicodeDecodeError as error:
        other = data.count(b"\n", 0, error.start) + 1
        name = _NAMES.get(found, found)
        raise refusal("undecodable", f"{where}, and row {other:,} is not {name}, which the rest looks like.") from None
    sentence = f"{where}; the file was read as {_NAMES.get(found, found)}."
    notes.warn("encoding-guessed", sentence, file=file, row=row)
    return text, found


def _refuse_zero_bytes(data: bytes, file: str) -> None:
    refuse_binary(data, file)
    row = data.count(b"\n", 0, data.index(0)) + 1
    raise refusal("nul-bytes", f"{file}: row {row:,} holds NUL bytes ({data.count(0):,} in all).")


def refuse_binary(data: bytes, file: str) -> None:
    """Refuse what is no text, by its beginning."""
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > _CONTROL_SHARE * len(sample) and controls - sample.count(0) > 0:
        raise refusal("binary-file", f"{file}: the content is binary, not text.")
