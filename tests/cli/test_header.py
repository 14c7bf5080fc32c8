"""A wrong --target is answered from the header, and never where the job would have found the column."""

import gzip
from pathlib import Path
from typing import Any, cast

import pandas as pd
import pytest

from jobs.refusals import Refusal
from jobs.settings import Settings
from jobs.tables.notes import Notes
from jobs.tables.table import read_file
from local.cli import header
from local.cli.header import column_names, complaint
from local.cli.upload import HandoverError, upload

ROWS = "".join(f"{n},{n % 7}.5,{'ja' if n % 2 else 'nein'}\n" for n in range(60))
PLAIN = "id,größe,gekündigt\n" + ROWS
FILES: dict[str, tuple[str, bytes, dict[str, Any]]] = {
    "comma": ("a.csv", PLAIN.encode(), {}),
    "BOM": ("a.csv", PLAIN.encode("utf-8-sig"), {}),
    "Latin-1": ("a.csv", PLAIN.encode("latin-1"), {}),
    "encoding given": ("a.csv", PLAIN.encode("cp850"), {"file": {"encoding": "cp850"}}),
    "UTF-16": ("a.csv", PLAIN.encode("utf-16"), {}),
    "UTF-16 without a mark": ("a.csv", PLAIN.encode("utf-16-le"), {}),
    "semicolons": ("a.csv", PLAIN.replace(",", ";").encode(), {}),
    "tabs": ("a.tsv", PLAIN.replace(",", "\t").encode(), {}),
    "pipes": ("a.txt", PLAIN.replace(",", "|").encode(), {}),
    "sep=": ("a.csv", b"sep=;\n" + PLAIN.replace(",", ";").encode(), {}),
    "Windows' line ends": ("a.csv", PLAIN.replace("\n", "\r\n").encode(), {}),
    "old Mac's line ends": ("a.csv", PLAIN.replace("\n", "\r").encode(), {}),
    "blanks around names": ("a.csv", PLAIN.replace("größe,gekündigt", " größe , gekündigt ").encode(), {}),
    "quoted names": ("a.csv", PLAIN.replace("id,größe", '"id","größe\n(cm)"').encode(), {}),
    "a title above": ("a.csv", b"Report of May\n\n" + PLAIN.encode(), {}),
    "comments above": ("a.csv", b"# made by hand\n" + PLAIN.encode(), {}),
    "row names of R": ("a.csv", ("größe,gekündigt\n" + ROWS).encode(), {}),
    "a column without a name": ("a.csv", PLAIN.replace("id,", ",").encode(), {}),
    "no header": ("a.csv", ROWS.encode(), {"file": {"header": False}}),
    "gzip": ("a.csv.gz", gzip.compress(PLAIN.encode()), {}),
}


@pytest.mark.parametrize("kind", FILES)
def test_the_names_are_those_the_job_gives(kind: str, tmp_path: Path) -> None:
    name, data, settings = FILES[kind]
    (tmp_path / name).write_bytes(data)
    told = column_names(tmp_path / name, settings)
    read = read_file(tmp_path / name, name, cast("Settings", settings), Notes())
    assert told == list(read.columns)
    for column in read.columns:
        assert complaint(tmp_path / name, column, settings) is None
    assert "there is no column" in (complaint(tmp_path / name, "gekündigtt", settings) or "")


def test_parquet_s_names_and_its_index_may_be_the_target(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]}, index=pd.Index(["x", "y"], name="who"))
    frame.to_parquet(tmp_path / "a.parquet")
    assert column_names(tmp_path / "a.parquet", {}) == ["a", "b", "who"]
    assert complaint(tmp_path / "a.parquet", "aa", {}) == (
        f'{tmp_path / "a.parquet"}: there is no column "aa" (--target). Did you mean "a"?'
    )


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02\x03" * 100, b"PAR1 no more", b"\x1f\x8bno gzip", b"one\n1\n2\n"])
def test_a_file_that_the_job_refuses_is_the_job_s_to_answer(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(data)
    assert complaint(tmp_path / "a.csv", "churned", {}) is None
    with pytest.raises(Refusal):
        read_file(tmp_path / "a.csv", "a.csv", {}, Notes())


def test_a_large_file_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(header, "_MOST", 200)
    (tmp_path / "b.csv").write_bytes(b"id,size,churned\n" + ROWS.encode())
    assert "Did you mean" in (complaint(tmp_path / "b.csv", "churnd", {}) or "")
    # Which encoding it is the rest of the file decides.
    (tmp_path / "c.csv").write_bytes(PLAIN.encode("latin-1"))
    assert complaint(tmp_path / "c.csv", "gekündigtt", {}) is None


def test_the_command_line_refuses_it_at_once(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(PLAIN.replace("gekündigt", "churned" if name == "a.csv" else "Churned"))
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    with pytest.raises(
        HandoverError, match=r'a\.csv: there is no column "churnd" \(--target\)\. Did you mean "churned"'
    ):
        upload(files[:1], name="x", settings=None, target="churnd", trials=None)
    with pytest.raises(HandoverError, match=r'b\.csv: there is no column "churned" .* Did you mean "Churned"'):
        upload(files, name="x", settings=None, target="churned", trials=None)
    assert upload(files[:1], name="x", settings=None, target="churned", trials=None).dataset == "x"
