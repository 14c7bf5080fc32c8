"""What is no table is called by its name, with what to do."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import sqlite3
import tarfile
import zipfile
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import feather, orc

from jobs.refusals import Refusal
from tests.prepare import tables
from tests.prepare.tables import text

GOOD = text()
FRAME = pd.read_csv(io.StringIO(GOOD))


def tar(form: int, mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, format=form) as archive:  # type: ignore[call-overload]
        member = tarfile.TarInfo("jan.csv")
        member.size = len(GOOD)
        archive.addfile(member, io.BytesIO(GOOD.encode()))
    return out.getvalue()


def old_tar() -> bytes:
    data = bytearray(tar(tarfile.USTAR_FORMAT))
    data[257:265] = bytes(8)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    return bytes(data)


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, GOOD)
    return out.getvalue()


def arrow(version: int) -> bytes:
    out = io.BytesIO()
    feather.write_feather(FRAME, out, version=version)
    return out.getvalue()


def orc_file() -> bytes:
    out = io.BytesIO()
    orc.write_table(pa.Table.from_pandas(FRAME), out)
    return out.getvalue()


def stata(version: Literal[114, 117, 118, 119]) -> bytes:
    out = io.BytesIO()
    FRAME.to_stata(out, version=version, write_index=False)
    return out.getvalue()


def numpy_file() -> bytes:
    out = io.BytesIO()
    np.save(out, np.arange(40))
    return out.getvalue()


def database(folder: Path) -> bytes:
    with sqlite3.connect(folder / "a.db") as connection:
        connection.execute("create table a (b)")
    connection.close()
    return (folder / "a.db").read_bytes()


SPSS = b"$FL2@(#) SPSS DATA FILE MS Windows 27.0.1.0".ljust(64) + b"\x02\0\0\0\x04\0\0\0" + bytes(200)
FOREIGN: dict[str, tuple[bytes | str, str]] = {
    "tar": (tar(tarfile.GNU_FORMAT), "a tar archive"),
    "tar pax": (tar(tarfile.PAX_FORMAT), "a tar archive"),
    "tar before ustar": (old_tar(), "a tar archive"),
    "tar.gz": (tar(tarfile.GNU_FORMAT, "w:gz"), "a tar archive"),
    "tar.bz2": (tar(tarfile.GNU_FORMAT, "w:bz2"), "bzip2"),
    "zip": (zipped("jan.csv"), "a zip archive"),
    "xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), ".xlsx"),
    "spss": (SPSS, "SPSS"),
    "feather 1": (arrow(1), "Feather file"),
    "feather 2": (arrow(2), "Arrow file"),
    "orc": (orc_file(), "ORC"),
    "stata 118": (stata(118), "Stata"),
    "stata 114": (stata(114), "Stata"),
    "pickle": (pickle.dumps(FRAME), "pickle"),
    "numpy": (numpy_file(), "NumPy"),
    "bz2": (bz2.compress(GOOD.encode()), "bzip2"),
    "xz": (lzma.compress(GOOD.encode()), "xz"),
    "json lines": (FRAME.to_json(orient="records", lines=True), "JSON"),
    "json lines with a mark": ("\ufeff" + FRAME.to_json(orient="records", lines=True), "JSON"),
    "json": (FRAME.to_json(orient="records"), "JSON"),
    "json with a mark": ("\ufeff" + FRAME.to_json(orient="columns"), "JSON"),
    "page": ("\ufeff" + FRAME.to_html(), "web page"),
    "r": (b"RDX3\nX\n\0\0\0\x03\0\4\2\1", "an R file"),
    "sas": (bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011"), "SAS"),
}


@pytest.mark.parametrize("kind", list(FOREIGN))
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_a_foreign_file_is_called_by_its_name(kind: str, packed: bool, tmp_path: Path) -> None:  # noqa: FBT001
    content, name = FOREIGN[kind]
    data = content.encode() if isinstance(content, str) else content
    if packed:
        data, name = gzip.compress(data), "compressed twice" if kind == "tar.gz" else name
    with pytest.raises(Refusal, match=r"\[wrong-format\]") as refused:
        tables.judged(tmp_path, {"a.csv": data})
    assert name in refused.value.sentence
    assert "Save the table as CSV" in refused.value.sentence


def test_a_database_is_called_so(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"wrong-format.*SQLite"):
        tables.judged(tmp_path, {"a.csv": database(tmp_path)})


@pytest.mark.parametrize("name", ["BM", "RDX", "RIFF", "ORC", "SEQ", "CDF\x01"[:3], "FEA1", "$FL2", "MATLAB", "ARROW1"])
def test_a_column_may_be_called_as_a_format_begins(name: str, tmp_path: Path) -> None:
    judged = tables.judged(tmp_path, {"a.csv": text(header=(name, "plan", "income", "churned"))}, target="churned")
    assert judged.columns[0].name == name
