"""Of two files that differ the newer one is named: what was right before it is the reference."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from jobs.prepare.pipeline import decide
from jobs.refusals import Refusal
from tests.prepare import tables
from tests.prepare.tables import HEADER, text

OLD, NEW = text(), text(header=("age", "tariff", "income", "churned"))


def told(folder: Path, files: dict[str, str], ages: dict[str, int], live: Any = None) -> str:
    laid = tables.laid_down(folder, files)
    for key, path in laid:
        os.utime(path, (ages[key], ages[key]))
    with pytest.raises(Refusal, match="columns-differ") as refused:
        decide(tables.settings(target="churned"), laid, live=live)
    return refused.value.sentence


@pytest.mark.parametrize("names", [("a.csv", "z.csv"), ("z.csv", "a.csv")])
def test_the_older_file_is_the_reference(names: tuple[str, str], tmp_path: Path) -> None:
    old, new = names
    files = dict(sorted({old: OLD, new: NEW}.items()))  # as S3 lists them
    sentence = told(tmp_path, files, {old: 1_000, new: 2_000})
    assert sentence.startswith(
        f'{new}: lacks "plan" and has "tariff" in addition, compared with {old}, the older file.'
    )


@pytest.mark.parametrize("names", [("a.csv", "z.csv"), ("z.csv", "a.csv")])
def test_the_live_model_is_the_reference_where_there_is_one(names: tuple[str, str], tmp_path: Path) -> None:
    right, wrong = names
    (tmp_path / "live").mkdir()
    live = tables.schema(tables.prepared(tmp_path / "live", {"l.csv": OLD}, target="churned"))
    files = dict(sorted({right: OLD, wrong: NEW}.items()))
    sentence = told(tmp_path, files, {wrong: 1_000, right: 2_000}, live)
    assert sentence.startswith(f"{wrong}: lacks")
    assert "the live model (run churn-1a2b3c4d)" in sentence
    other = text(header=("years", *HEADER[1:]))
    sentence = told(tmp_path, {right: other, wrong: NEW}, {wrong: 1_000, right: 2_000}, live)
    assert sentence.startswith(f"{right}: lacks")
    assert f"{wrong}, the older file" in sentence
