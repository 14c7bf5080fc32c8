"""Every table ends with a model that is served, and whose answers are what training computed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.ensemble import training
from jobs.ensemble.building import build
from jobs.ensemble.model import Ensemble
from jobs.ensemble.training import Table
from jobs.serving import serve
from jobs.train import program
from jobs.train.given import read_given
from tests.train.channels import SMALL, laid_out, plan
from tests.train.odd import Computed, as_rows, decision, odd
from tests.train.small import FIXED

KNOWN = (5, 9, 10, 33, 41, 42)
"""Each once ended otherwise."""


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[Computed]:
    """What the last training fitted."""
    found: list[Computed] = []

    def heard(*given: Any) -> Any:
        found.append(Computed(*given))
        return build(*given)

    monkeypatch.setattr(training, "build", heard)
    return found


@pytest.mark.parametrize("seed", [*KNOWN, *range(1000, 1006)])
def test_an_odd_table_is_served_as_it_was_computed(seed: int, computed: list[Computed], tmp_path: Path) -> None:
    of = odd(seed)
    job = laid_out(tmp_path / "ml", of, plan(of, decision=decision(seed)))
    program.run(read_given(job.environment()), FIXED)

    model, document = Ensemble.read(job.model), json.loads((job.model / "ensemble.json").read_text())
    matrix = model.encode_frame(of.frame)
    spread, centre = document["unit"]["spread"], document["unit"]["centre"]
    margins = (model.margins(matrix) - centre) / spread
    np.testing.assert_allclose(margins, computed[0].margins(matrix, document), rtol=1e-5, atol=1e-5)
    assert document["notes"] == []
    _is_answered(of, job.model, model.scores(matrix))


def _is_answered(of: Table, folder: Path, scores: np.ndarray[Any, np.dtype[np.float64]]) -> None:
    media = "application/json"
    text, _ = serve.transform_fn(serve.model_fn(str(folder)), json.dumps(as_rows(of)), media, media)
    answers = json.loads(text)["predictions"]
    if of.schema["classes"]:
        told = [[one["probabilities"][name] for name in of.schema["classes"]] for one in answers]
        assert all(one["label"] in of.schema["classes"] for one in answers)
    else:
        told = [[one["prediction"]] for one in answers]
        assert all(one["interval"][0] <= one["prediction"] <= one["interval"][1] for one in answers)
    np.testing.assert_allclose(np.array(told), scores, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("seed", KNOWN)
def test_a_trial_of_an_odd_table_has_a_figure(seed: int, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    of = odd(seed)
    job = laid_out(tmp_path / "ml", of, plan(of, mode="trial"))
    assert program.main(job.environment(SMALL)) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(f"[0]\tvalidation-{plan(of)['metric']}:")
    assert "nan" not in last
