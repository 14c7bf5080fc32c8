"""Whatever the bytes: prepare reads a file or refuses it with a sentence, and nothing else."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from jobs.ground_truth.label_tables import read_table
from jobs.ground_truth.problems import Problems
from jobs.refusals import Refusal
from jobs.tables.codes import CODES
from jobs.tables.notes import Notes
from tests.prepare import tables
from tests.prepare.fuzzing import answered, spoiled
from tests.prepare.tables import text

SCHEMA: Any = {"task": "binary", "target": "churned", "classes": ["no", "yes"]}
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def _all_answered(seeds: range, folder: Path) -> Counter[str | None]:
    found: Counter[str | None] = Counter()
    for seed in seeds:
        try:
            found[answered(seed, folder)] += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error
    return found


def test_a_spoiled_file_is_read_or_refused(tmp_path: Path) -> None:
    found = _all_answered(range(25), tmp_path)
    assert {code for code in found if code} <= set(CODES)
    assert len(found) > 3


@pytest.mark.slow
def test_three_thousand_spoiled_files_are_read_or_refused(tmp_path: Path) -> None:
    found = _all_answered(range(1_000, 4_000), tmp_path)
    assert found[None] > 200
    assert len(found) > 12


@pytest.mark.parametrize("content", [",id,", ",id,\n", "id,", ",", ",,,\n", '"",id,""\n', ";id;\n", ",id,\n\n\n"])
@pytest.mark.parametrize("target", [None, "id"])
def test_a_header_and_nothing_else_is_refused(content: str, target: str | None, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"\[(header-only|one-column|no-header|empty-file)\]"):
        tables.judged(tmp_path, {"a.csv": content}, target=target)


@pytest.mark.parametrize(
    "content",
    [
        b"id,label\r1,yes\r2,no,\r3\n4,no\n",
        b"id,label\n1,yes\r2,no\n3,no,x\n",
        b'id,label\n"1\r",yes\n2\n3,"no\n',
        b"id,label\n1,y\res\n2,no,\r\n",
        b"id,label\r\r\n1,yes\r\r\n2\r\r\n",
    ],
)
def test_a_lone_carriage_return_in_ragged_labels_is_an_answer(content: bytes) -> None:
    problems = Problems()
    try:
        found = read_table(content, "a.csv", SCHEMA, problems, Notes())
    except Refusal as refused:
        assert refused.code in CODES  # noqa: PT017
    else:
        assert found.read >= len(found.values)


def test_spoiled_label_files_are_an_answer() -> None:
    for seed in range(300):
        data = spoiled(seed).replace(b"age", b"inference_id", 1)
        try:
            read_table(data, "a.csv", SCHEMA, Problems(), Notes())
        except Refusal:
            continue
        except Exception as error:
            raise AssertionError(f"seed {seed}") from error


def test_the_good_files_are_good(tmp_path: Path) -> None:
    assert tables.judged(tmp_path, {"a.csv": text()}).target.name == "churned"
