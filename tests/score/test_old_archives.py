"""The release that is deployed reads every archive as the release did that wrote it: a live model outlives both."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from jobs.ensemble.model import Ensemble
from jobs.score.predicting import FromArchive
from tests.score.golden import FOLDER, TASKS, rows

RELEASES = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("release", RELEASES)
def test_an_old_archive_says_what_it_said(release: str, task: str, tmp_path: Path) -> None:
    with tarfile.open(FOLDER / release / f"{task}.tar.gz") as tar:
        tar.extractall(tmp_path, filter="data")
    model = Ensemble.read(tmp_path)
    header, *asked = csv.reader(io.StringIO(rows(task)))
    cells = {name: pa.array([row[at] or None for row in asked]) for at, name in enumerate(header)}
    found = FromArchive(model).answers(cells)
    then = json.loads((FOLDER / release / f"{task}.json").read_text())
    if task == "regression":
        assert found.scores[:, 0] == pytest.approx([float(row[0]) for row in then], rel=1e-5)
        assert found.interval is not None
        return
    assert found.labels is not None
    assert model.classes is not None
    assert [model.classes[place] for place in found.labels] == [row[0] for row in then]
    assert found.scores == pytest.approx(np.array([row[1:] for row in then], np.float64), abs=1e-6)
