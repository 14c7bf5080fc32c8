"""The names of a data file's columns, read as the job will read them, before any cloud is started.

A mistyped --target is the commonest mistake there is, and its answer must not take a run. The job's own reading is
asked, so that both agree; where only the job can know (a file it refuses, a header whose encoding the rest of a large
file decides), nothing is said here and the answer comes by mail.
"""

import gzip
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jobs.prepare.choice import did_you_mean
from jobs.refusals import Refusal, shown
from jobs.tables.decoding import to_utf8
from jobs.tables.dialect import find_dialect
from jobs.tables.notes import Notes

_MOST = 1 << 25  # bytes of a file that are read for its header
_COLUMNS = 1 << 20


def column_names(path: Path, settings: Mapping[str, Any]) -> list[str] | None:
    """The columns, by the names the job gives them; None where it is not for us to say."""
    try:
        written = _written_names(path, settings.get("file") or {})
    except (Refusal, OSError, EOFError, ValueError, TypeError, AttributeError):  # whatever it is, the job will say it
        return None
    return None if written is None else [name.strip() or f"column {place}" for place, name in enumerate(written, 1)]


def complaint(path: Path, target: str, settings: Mapping[str, Any]) -> str | None:
    """What is wrong with --target, with the nearest name; None when nothing is, or nobody can tell yet."""
    names = column_names(path, settings)
    if names is None or _plain(target) in {_plain(name) for name in names}:
        return None
    return f"{path}: there is no column {shown(target)} (--target).{did_you_mean(names, target)}"


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())


def _written_names(path: Path, layout: Any) -> Sequence[str] | None:
    with path.open("rb") as file:
        mark = file.read(4)
    if mark == b"PAR1":
        import pyarrow.parquet as pq

        return list(pq.read_schema(path).names)
    with gzip.open(path) if mark.startswith(b"\x1f\x8b") else path.open("rb") as file:
        data = file.read(_MOST + 1)
    is_whole = len(data) <= _MOST
    text, _ = to_utf8(data if is_whole else data[: _MOST // 4 * 4], layout.get("encoding"), str(path), Notes())
    names = find_dialect(text, layout, _COLUMNS, str(path)).names
    is_known = is_whole or layout.get("encoding") or all(name.isascii() for name in names)
    return names if is_known else None
