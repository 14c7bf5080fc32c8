"""What people get wrong in label files: counted or told with its place, and fatal only where nothing is left."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from jobs.refusals import Refusal
from jobs.tables.codes import CODES, LABELS, Outcome
from tests.ground_truth.checking import GOOD, TABLE, accounted, odd_traffic

BAD: list[tuple[str, str, int, str | bytes, str]] = [
    # code, task, labels counted, the file's content, what the sentence names
    ("no-id", "binary", 1, f"{TABLE}r1,no\n,yes\n", "in l.csv, row 3."),
    ("empty-label", "binary", 2, f"{TABLE}r1,no\nr2,\nr3,n/a\n", "l.csv, row 3"),
    ("unknown-class", "binary", 1, f"{TABLE}r1,no\nr2,maybe\n", 'l.csv, row 3 (a word like "aaaaa")'),
    ("not-a-number", "regression", 1, f"{TABLE}r1,3\nr2,4\nr3,about 5\n", 'l.csv, row 4 (a word like "aaaaa 9")'),
    ("ragged-label", "binary", 1, f"{TABLE}r1,no\nr2,yes,7,8\nr3,yes\nr4,no\nr5,no\nr6,yes\n", "l.csv, row 3"),
    ("unknown-id", "binary", 2, f"{TABLE}r1,no\nx8,yes\nx9,yes\n", "in l.csv, row 3."),
    ("duplicate-label", "binary", 2, f"{TABLE}r1,no\nr2,yes\nr1, NO \nr1,no\n", "in l.csv, row 4."),
    ("conflicting-labels", "binary", 2, f"{TABLE}r1,no\nr2,yes\nr1,yes\n",
     'in l.csv, row 4 (the other in l.csv, row 2). '),
    ("ambiguous-id", "binary", 1, f"{TABLE}r1,no\ntwice,yes\n", "in l.csv, row 3."),
    ("no-answer", "binary", 1, f"{TABLE}r1,no\nmute,yes\n", "in l.csv, row 3."),
    ("broken-line", "binary", 1,
     '{"groundTruthData": {"data": "no"}, "eventMetadata": {"eventId": "r1"}}\n{"groundTruthDa', "l.csv, line 2"),
    ("foreign-line", "binary", 2,
     '{"groundTruthData": {"data": "no"}, "eventMetadata": {"eventId": "r1"}}\n{"a": "b"}\n[1]\n', "l.csv, line 2"),
    ("foreign-line", "binary", 3,
     '{"groundTruthData": {"data": "no"}, "eventMetadata": {"eventId": "r1"}}\n'
     + "".join(f'{{"groundTruthData": {{"data": "no"}}, "eventMetadata": {odd}}}\n' for odd in ("null", "[]", '"e"')),
     "l.csv, line 2"),
    ("broken-line", "binary", 2,
     '{"id": "r1", "label": "no"}\n{"id": "r2", "label": "\\ud800"}\n{"id": "\\udfff", "label": "no"}\n',
     "l.csv, line 2"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "task", "count", "content", "says"), BAD, ids=[f"{case[0]} {place}" for place, case in enumerate(BAD)]
)
def test_what_cannot_be_used_is_counted_with_its_place(
    code: str, task: str, count: int, content: str | bytes, says: str, tmp_path: Path
) -> None:
    found = accounted(tmp_path, task, odd_traffic(task), {"l.csv": content})
    (problem,) = [one for one in found["problems"] if one["code"] == code]
    assert problem["labels"] == count
    assert says in problem["sentence"]
    assert problem["sentence"].endswith(CODES[code].do)
    assert found["coverage"]["matched"] >= 1


def test_every_counted_code_has_a_case() -> None:
    assert {case[0] for case in BAD} == {row.code for row in LABELS if row.outcome is Outcome.COUNTED}


FILES: list[tuple[str, str | bytes]] = [
    ("empty-file", ""),
    ("empty-file", " \n\n"),
    ("header-only", TABLE),
    ("label-columns", "customer,churned_on\nc1,2026-01-01\n"),
    ("label-columns", "id,remark\nr1,yes\n"),
    ("one-column", "r1\nr2\n"),
    ("binary-file", bytes(range(1, 32)) * 40),
    ("nul-bytes", f"{TABLE}r1,no\n\0\0r2,yes\n" + "r3,yes\n" * 50),
    ("wrong-format", b"PK\x03\x04" + b"xl/" * 20),
    ("wrong-format", b"%PDF-1.7 and so on"),
    ("truncated-gzip", gzip.compress(GOOD.encode() * 50)[:-12]),
    ("broken-parquet", b"PAR1 is how it begins"),
]


@pytest.mark.parametrize(("code", "content"), FILES, ids=[f"{case[0]} {place}" for place, case in enumerate(FILES)])
def test_a_file_that_cannot_be_read_is_told_and_the_others_count(
    code: str, content: str | bytes, tmp_path: Path
) -> None:
    found = accounted(tmp_path, "binary", odd_traffic("binary"), {"bad": content, "good": GOOD})
    (problem,) = [one for one in found["problems"] if one["code"] == code]
    assert problem["labels"] == 0
    assert problem["sentence"].startswith("bad")
    assert found["coverage"]["matched"] == 1


@pytest.mark.parametrize(("code", "content"), FILES, ids=[f"{case[0]} {place}" for place, case in enumerate(FILES)])
def test_nothing_usable_at_all_is_refused_with_the_cause(code: str, content: str | bytes, tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        accounted(tmp_path, "binary", odd_traffic("binary"), {"bad": content})
    assert refused.value.code == "no-usable-labels"
    assert "bad" in refused.value.sentence
    assert len(str(refused.value)) < 1000


def test_only_labels_of_no_use_are_a_refusal_too(tmp_path: Path) -> None:
    with pytest.raises(
        Refusal, match=r'naming no class of the live model; the first is in l, row 2 \(a word like "aaaaa"\)'
    ):
        accounted(tmp_path, "binary", odd_traffic("binary"), {"l": f"{TABLE}r1,maybe\nr2,perhaps\n"})
