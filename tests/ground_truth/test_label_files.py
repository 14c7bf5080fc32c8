"""The same labels in every way people write them."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pandas as pd
import pytest

from tests.ground_truth import traffic
from tests.ground_truth.checking import accounted, odd_traffic, rows_of

SAME: list[tuple[str, str | bytes]] = [
    ("plain", "inference_id,label\nr1,{1}\nr2,{2}\n"),
    ("the target's name", "Inference_ID,Churned\nr1,{1}\nr2,{2}\n"),
    ("event ids, other columns, another order", "label,when,event_id\n{1},monday,r1\n{2},tuesday,r2\n"),
    ("semicolons and blanks", "id ; label\nr1; {1} \n r2 ;{2}\n"),
    ("tabs and upper case", "id\tlabel\nr1\t{1U}\nr2\t{2U}\n"),
    ("a mark", "\ufeffid,label\nr1,{1}\nr2,{2}\n"),
    ("quoted, windows line ends", '"id","label"\r\n"r1","{1}"\r\n"r2","{2}"\r\n'),
    ("a title and blank lines", "Labels of November\n\nid,label\n\nr1,{1}\n\nr2,{2}\n"),
    ("an unclosed quotation mark", 'id,label\nr1,"{1}\nr2,{2}\n'),
    ("ground truth", ('{{"groundTruthData":{{"data":"{1}","encoding":"CSV"}},"eventMetadata":{{"eventId":"r1"}}}}\n'
                     '{{"groundTruthData":{{"data":"{2}\\n"}},"eventMetadata":{{"eventId":"e2","inferenceId":"r2"}}}}\n')),
    ("objects", '{{"inference_id":"r1","label":"{1}"}}\n\n{{"id":"r2","churned":"{2}"}}'),
]  # fmt: skip


def spelled(content: str) -> str:
    first, second = traffic.truth("binary", 1), traffic.truth("binary", 2)
    for mark, word in (("{1}", first), ("{2}", second), ("{1U}", first.upper()), ("{2U}", second.upper())):
        content = content.replace(mark, word)
    return content.replace("{{", "{").replace("}}", "}")


@pytest.mark.parametrize("encode", ["utf-8", "utf-16", "gzip"])
@pytest.mark.parametrize(("name", "content"), SAME, ids=[case[0] for case in SAME])
def test_the_same_labels_however_they_are_written(name: str, content: str, encode: str, tmp_path: Path) -> None:
    text = spelled(content)
    data = gzip.compress(text.encode()) if encode == "gzip" else text.encode(encode)
    found = accounted(tmp_path, "binary", odd_traffic("binary"), {"l": data})
    assert found["coverage"]["matched"] == found["coverage"]["labels"] == 2
    assert [row["churned"] for row in rows_of(tmp_path / "labelled.csv")] == [
        traffic.truth("binary", 1), traffic.truth("binary", 2)
    ]  # fmt: skip


def test_parquet_and_pandas_floats_are_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"inference_id": ["r1", "r2", "r3"], "label": [1.0, 3.5, None]})
    frame.to_parquet(out := io.BytesIO())
    found = accounted(tmp_path, "regression", odd_traffic("regression"), {"l": out.getvalue()})
    assert found["coverage"]["matched"] == 2
    assert [row["churned"] for row in rows_of(tmp_path / "labelled.csv")] == ["1", "3.5"]


def test_decimal_commas_as_prepare_reads_them(tmp_path: Path) -> None:
    found = accounted(
        tmp_path, "regression", odd_traffic("regression"), {"l": "id;label\nr1;1,5\nr2;12,25\nr3;1.000,5\n"}
    )
    assert [float(row["churned"]) for row in rows_of(tmp_path / "labelled.csv")] == [1.5, 12.25, 1000.5]
    assert [problem["code"] for problem in found["problems"]] == ["without-answer"]  # of the odd traffic
