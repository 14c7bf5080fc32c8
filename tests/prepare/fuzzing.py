"""Files as accidents make them: small good tables, cut, doubled, swapped and sprinkled with what files break on.

Everything follows from the seed. `answered` says what came of one file: None where it was read, else the code of the
refusal. Anything else that is raised is a bug.
"""

from __future__ import annotations

import gzip
import io
import random
from pathlib import Path

import pandas as pd

from jobs.refusals import Refusal
from tests.prepare import tables
from tests.prepare.tables import text

_PIECES = (
    b",", b";", b"\t", b"|", b'"', b'""', b"'", b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b"#", b"# note", b"=",
    b"\\N", b"NA", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xe9", b"\xc3", b"\x81\x8d", b"\xed\xa0\x80", b"\x1a",
    b" ", b"-", b"1e999", b"inf", b"0", b"007", b"1,5", b"(3)", b"12 kg", b"2024-02-30", b"0000-00-00", b"Total",
    b"sep=;\n", b"<html>", b"{", b"[[", b"\xe2\x88\x92", b"9" * 40, b"e\xcc\x81", b"\xf0\x9f\x98\x80", b"yes",
    b"true", b"%", b"$", b"nan", b"\x00\x00",
)  # fmt: skip


def _frame() -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text()))


def _parquet() -> bytes:
    out = io.BytesIO()
    _frame().assign(tags=pd.Series([["a"]] * 60), at=pd.date_range("2024-01-01", periods=60)).to_parquet(out)
    return out.getvalue()


GOOD = (
    text().encode(),
    text(delimiter=";").replace(".", ",").encode(),
    text(delimiter="\t").encode("utf-16"),
    text(header=("née", "plan", "größe", "churned")).encode("cp1252"),
    "\n".join(f'"{line}"' if i % 9 == 0 else line for i, line in enumerate(text().splitlines())).encode(),
    b",id,\n",
    text(delimiter="|").replace("\n", "\r").encode(),
    _frame().to_json(orient="records", lines=True).encode(),
    gzip.compress(text().encode(), mtime=0),
    _parquet(),
)


def spoiled(seed: int) -> bytes:
    """The file of a seed."""
    rng = random.Random(seed)
    data = bytearray(rng.choice(GOOD))
    for _ in range(rng.choice((1, 1, 2, 3, 8, 40))):
        place, length = rng.randrange(len(data) + 1), rng.choice((1, 1, 2, 5, 30, 400))
        match rng.randrange(6):
            case 0:
                data[place:place] = rng.choice(_PIECES)
            case 1:
                data[place : place + length] = b""
            case 2:
                data[place : place + length] = rng.choice(_PIECES)
            case 3:
                data[place:place] = data[place : place + length] * rng.choice((1, 2, 20))
            case 4 if data:
                data[min(place, len(data) - 1)] = rng.randrange(256)
            case _:
                column = rng.choice(_PIECES)
                data = bytearray(
                    bytes(data).replace(
                        rng.choice((b"basic", b"yes", b",20", b",", b"\n")), column, rng.choice((1, 7, -1))
                    )
                )
    return bytes(data[:200_000])


def answered(seed: int, folder: Path) -> str | None:
    """What prepare makes of the file of a seed."""
    rng = random.Random(-seed)
    target = rng.choice(("churned", "churned", None, "id"))
    try:
        tables.prepared(folder, {"datasets/a/train/a.csv": spoiled(seed)}, target=target)
    except Refusal as refused:
        return refused.code
    return None
