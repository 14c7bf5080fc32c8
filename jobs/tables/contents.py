"""What a file is, by its bytes and never by its name; and its text, unpacked within bounds.

People rename files. A .csv may be Parquet or gzip, a .gz may be plain text, and a web page saved as .csv is still a
web page. What is no table is refused by the name of what it is. Unpacking is bounded in size and in ratio, since a
few megabytes of gzip can hold gigabytes of nothing.
"""

from __future__ import annotations

import codecs
import gzip
import io
import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path

from jobs.tables.notes import Notes, refusal

_CHUNK = 1 << 22
_GZIP = b"\x1f\x8b"
_PARQUET, _ENCRYPTED_PARQUET = b"PAR1", b"PARE"
_FOREIGN = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "an image (PNG)"),
    (b"\xff\xd8\xff", "an image (JPEG)"),
    (b"GIF8", "an image (GIF)"),
    (b"BZh", "bzip2-compressed"),
    (b"\xfd7zXZ", "xz-compressed"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"ARROW1", "an Arrow file (Feather version 2)"),
    (b"FEA1", "a Feather file (version 1)"),
    (b"$FL2", "an SPSS file (.sav)"),
    (b"$FL3", "an SPSS file (.zsav)"),
    (b"<stata_dta>", "a Stata file (.dta)"),
    (b"HEADER RECORD*******LIBRARY HEADER RECORD", "a SAS transport file (.xpt)"),
    (b"\0" * 12 + b"\xc2\xea\x81\x60\xb3\x14\x11\xcf\xbd\x92\x08\x00", "a SAS file (.sas7bdat)"),
    (b"RDX", "an R file (.RData)"),
    (b"X\n\0\0\0", "an R file (.rds)"),
    (b"\x93NUMPY", "a NumPy file (.npy)"),
    (b"MATLAB 5.0 MAT-file", "a MATLAB file (.mat)"),
    (b"CDF\x01", "a NetCDF file"),
    (b"CDF\x02", "a NetCDF file"),
    (b"SEQ\x06", "a Hadoop sequence file"),
    (b"RIFF", "a sound, image or film (RIFF)"),
    (b"II*\0", "an image (TIFF)"),
    (b"MM\0*", "an image (TIFF)"),
    (b"BM", "an image (BMP)"),
    (b"\x04\x22\x4d\x18", "LZ4-compressed"),
    (b"\xff\x06\0\0sNaPpY", "Snappy-compressed"),
    (b"\x7fELF", "a program"),
    (b"%!PS", "a PostScript document"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"{\\rtf", "a text document (RTF)"),
)
_ALSO_WORDS = (b"BM", b"RDX", b"RIFF", b"ORC", b"FEA1", b"$FL", b"SEQ", b"CDF", b"GIF8", b"Rar!", b"ARROW1", b"MATLAB")
"""What is text as well: then a binary file has zero bytes near its beginning."""
_WORKBOOKS = (
    (b"xl/", "an Excel workbook (.xlsx)"),
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet (.ods)"),
)
_MARKUP = re.compile(rb"\s*(<!doctype html|<html|<\?xml|<table|<head|<body)", re.IGNORECASE)
_PICKLE = re.compile(rb"\x80[\x02-\x05]")
_DTA = re.compile(rb"[\x69-\x73\x75-\x77][\x01\x02]\x01\0")
_JSON = re.compile(rb"\s*(\{\s*[\"}]|\[\s*[\[{\"\]])")


@dataclass(frozen=True)
class Limits:
    """Bounds on what one file may be, in bytes; `ratio` counts from `ratio_from` unpacked bytes on."""

    unpacked: int = 4 << 30
    ratio: int = 200
    ratio_from: int = 256 << 20
    memory_share: float = 0.25

    @property
    def text(self) -> int:
        """The most text that is read: what fits in memory several times over (as bytes, as strings, as numbers)."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        return min(self.unpacked, int(memory * self.memory_share))


@dataclass(frozen=True)
class Contents:
    """The bytes of one table: `format` csv or parquet, `compression` gzip or None."""

    data: bytes
    format: str
    compression: str | None


def read_contents(path: Path, file: str, notes: Notes, limits: Limits | None = None) -> Contents:
    """The table in `path`, which messages call `file`. Raises Refusal for what is no table or too large."""
    data, packed = read_bytes(path, file, limits)
    refuse_foreign(data, file)
    if data.startswith(_ENCRYPTED_PARQUET) and data.endswith(_ENCRYPTED_PARQUET):
        raise refusal("broken-parquet", f"{file}: the Parquet file is encrypted.")
    found = Contents(data, "parquet" if data.startswith(_PARQUET) else "csv", "gzip" if packed else None)
    compare_with_name(found, file, notes)
    return found


def read_bytes(path: Path, file: str, limits: Limits | None = None) -> tuple[bytes, bool]:
    """What is in `path`, unpacked, and whether it was packed. Raises Refusal where it is nothing or too much."""
    limits = limits or Limits()
    size = path.stat().st_size
    if size == 0:
        raise refusal("empty-file", f"{file}: the file is empty (0 bytes).")
    if size > limits.text:
        raise _too_large(file, size, limits)
    data = path.read_bytes()
    packed = data.startswith(_GZIP)
    if packed:
        data = _unpacked(data, file, limits)
        if not data:
            raise refusal("empty-file", f"{file}: the gzip file holds nothing.")
    return data, packed


def _too_large(file: str, size: int, limits: Limits) -> Exception:
    sentence = f"{file}: {size / 1e9:,.1f} GB of text; this job can read {limits.text / 1e9:,.1f} GB."
    return refusal("file-too-large", sentence)


def _unpacked(data: bytes, file: str, limits: Limits) -> bytes:
    out = io.BytesIO()
    try:
        with gzip.open(io.BytesIO(data)) as packed:
            while chunk := packed.read(_CHUNK):
                out.write(chunk)
                if out.tell() > limits.ratio_from and out.tell() > limits.ratio * len(data):
                    sentence = f"{file}: {len(data):,} bytes of gzip unpack to more than {out.tell():,}."
                    raise refusal("decompression-bomb", sentence)
                if out.tell() > limits.text:
                    raise _too_large(file, out.tell(), limits)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        sentence = f"{file}: the gzip file ends too early or is damaged, after {out.tell():,} bytes ({error})."
        raise refusal("truncated-gzip", sentence) from None
    return out.getvalue()


def refuse_foreign(data: bytes, file: str) -> None:
    """Refuse what is another kind of file, by its first bytes."""
    what = _foreign(data)
    if what:
        raise refusal("wrong-format", f"{file}: the file is {what}, not a table in CSV or Parquet.")


def _foreign(data: bytes) -> str | None:
    what = next((name for magic, name in _FOREIGN if data.startswith(magic)), None)
    head = data[:1024]
    if what and data.startswith(b"PK"):
        return next((name for mark, name in _WORKBOOKS if mark in data[:65536]), what)
    if what and data.startswith(_ALSO_WORDS) and b"\0" not in head:
        return None  # a column may be called so
    if what:
        return what
    if data[257:262] == b"ustar" or _is_old_tar(data):
        return "a tar archive"
    if _PICKLE.match(data) and b"\0" not in data[:2] and b"." in data[-2:]:
        return "a Python pickle"
    if _DTA.match(data):
        return "a Stata file (.dta)"
    if data.startswith(_GZIP):
        return "compressed twice"
    text = data[3:1027] if data.startswith(codecs.BOM_UTF8) else head
    if _MARKUP.match(text):
        return "a web page or XML document"
    return "JSON" if _JSON.match(text) else None


def _is_old_tar(data: bytes) -> bool:
    """Archives from before ustar: no mark, but the header's own checksum."""
    header = data[:512]
    written = header[148:156].strip(b" \0")
    if len(header) < 512 or not written or not re.fullmatch(rb"[0-7]+", written):
        return False
    return sum(header[:148]) + 8 * 32 + sum(header[156:]) == int(written, 8)


def compare_with_name(found: Contents, file: str, notes: Notes) -> None:
    name = file.lower()
    named_gzip = name.endswith((".gz", ".gzip"))
    stem = name.rsplit(".", 1)[0] if named_gzip else name
    said = (
        "parquet" if stem.endswith((".parquet", ".pq")) else "csv" if stem.endswith((".csv", ".tsv", ".txt")) else None
    )
    if (said is not None and said != found.format) or (
        (named_gzip or said == "csv") and named_gzip != bool(found.compression)
    ):
        what = f"{'gzip-compressed ' if found.compression else ''}{'Parquet' if found.format == 'parquet' else 'CSV'}"
        notes.warn("named-otherwise", f"{file}: the content is {what}, whatever the name says.", file=file)
