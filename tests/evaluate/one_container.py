"""A really trained ensemble to evaluate: generated rows, prepared and trained as a run does, and its endpoint.

Two columns count, one of them bent; two are noise.
"""

from __future__ import annotations

import csv
import io
import json
import tarfile
from argparse import Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jobs.algorithms import Registry
from jobs.algorithms.auto import Auto
from jobs.ensemble.forms import FIXED, Member
from jobs.ensemble.model import Ensemble
from jobs.evaluate.answers import actual_values
from jobs.evaluate.asking import asked
from jobs.metrics.predictions import Predictions
from jobs.prepare.pipeline import prepare
from jobs.schema import Schema
from jobs.serving.answers import write_answers
from jobs.tables.bodies import read_target
from jobs.train.given import read_given
from jobs.train.program import run
from tests.evaluate.trained import context_of

KEY = "datasets/clinic/train/jan.csv"
OFFERED = Registry({"auto": Auto})
DECISION = {"optimize": "f1", "costs": None, "threshold": "auto"}
_OBJECTIVES = {"multiclass": {"metric": "mlogloss"}, "regression": {"metric": "rmse"}}
PLAN = {
    "version": 1, "mode": "ensemble", "metric": "logloss", "intermediate": False, "seed": 7, "decision": DECISION,
    "members": [{"eta": "0.2", "max_depth": "3", "num_round": "60", "early_stopping_rounds": "10"}],
    "max_seconds": 600, "answer_nodes": 2_000_000, "failures": "",
}  # fmt: skip


def table(task: str, rows: int, *, bend: float = 1.5) -> list[list[str]]:
    """A header and rows of cells."""
    generator = np.random.default_rng(3)
    line, bent, *noise = generator.normal(size=(4, rows))
    signal = 1.5 * line + bend * (bent**2 - 1)
    if task == "regression":
        words = [f"{one:.4f}" for one in signal + 0.5 * generator.normal(size=rows)]
    elif task == "multiclass":
        words = [("low", "mid", "high")[int(one > -1) + int(one > 1)] for one in signal + generator.normal(size=rows)]
    else:
        words = ["yes" if one else "no" for one in generator.random(rows) < 1 / (1 + np.exp(-signal))]
    cells = [[f"{one:.5f}" for one in row] for row in zip(line, bent, *noise, strict=True)]
    return [["line", "bent", "n1", "n2", "sick"], *([*row, word] for row, word in zip(cells, words, strict=True))]


def trained(folder: Path, task: str, rows: int, *, bend: float = 1.5) -> None:
    """prepared/, model/ and archive/model.tar.gz below `folder`."""
    trained_on(folder, task, table(task, rows, bend=bend))


def trained_on(folder: Path, task: str, cells: list[list[str]], fixed: Sequence[Member] = FIXED) -> None:
    """The same of a header and rows of cells, the last of which are the target "sick"; `fixed`: the forms tried."""
    file = folder / "jan.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows(cells)
    objects: Any = [{"key": KEY, "size": 1, "etag": "e", "version_id": None}]
    settings: Any = {"target": "sick", "algorithm": "auto", "split": {"test": 0.4}}
    inputs: Any = {"version": 1, "run": "clinic-1a2b3c4d", "dataset": "clinic", "bucket": "b", "objects": objects,
                   "settings": settings}  # fmt: skip
    prepare(inputs, [(KEY, file)], None, folder / "prepared", offered=OFFERED)
    (folder / "plan").mkdir()
    (folder / "plan/plan.json").write_text(json.dumps({**PLAN, "task": task, **_OBJECTIVES.get(task, {})}))
    (folder / "model").mkdir()
    run(read_given(environment(folder)), fixed)
    packed(folder)


def packed(folder: Path) -> None:
    """model/ as archive/model.tar.gz."""
    (folder / "archive").mkdir()
    with tarfile.open(folder / "archive/model.tar.gz", "w:gz") as archive:
        for path in sorted((folder / "model").rglob("*")):
            if path.is_file():
                archive.add(path, path.relative_to(folder / "model").as_posix())


def environment(folder: Path) -> Mapping[str, str]:
    prepared = folder / "prepared"
    channels = {
        "TRAIN": prepared / "train",
        "VALIDATION": prepared / "validation",
        "SCHEMA": prepared,
        "PLAN": folder / "plan",
    }
    named = {f"SM_CHANNEL_{name}": str(place) for name, place in channels.items()}
    return {**named, "SM_MODEL_DIR": str(folder / "model"), "SM_HPS": "{}", "SM_NUM_CPUS": "1"}


class Endpoint:
    """What of boto3's client an evaluation calls, answered by the artifact as its container answers."""

    def __init__(self, model: Path) -> None:
        self.model = Ensemble.read(model)

    def invoke_endpoint(self, **request: Any) -> dict[str, Any]:
        header, *rows = csv.reader(io.StringIO(request["Body"].decode()))
        scores = self.model.scores(self.model.encode(header, rows))
        if self.model.classes is None:
            text = write_answers(scores, None, "text/csv")
        else:
            lines = [[self.model.classes[label], *(f"{one:.9g}" for one in row)]
                     for label, row in zip(self.model.labels(scores), scores, strict=True)]  # fmt: skip
            written = io.StringIO()
            csv.writer(written, lineterminator="\n").writerows(lines)
            text = written.getvalue()
        return {"Body": io.BytesIO(text.encode())}


def answered(folder: Path, schema: Schema) -> tuple[Path, Predictions]:
    """test.csv, and what the endpoint says of it."""
    test = folder / "prepared/test/test.csv"
    actual = actual_values(read_target(test, schema["target"]), schema)
    return test, asked(Endpoint(folder / "model"), "e", test, schema, actual, schema)[0]


def arguments(folder: Path, **gate: Any) -> Namespace:
    """What the evaluation of it is called with."""
    context = context_of()
    context["settings"]["gate"] = {"metric": "auto", **gate}
    (folder / "context.json").write_text(json.dumps(context))
    return Namespace(
        context=folder / "context.json", prepared=folder / "prepared", test=folder / "prepared/test",
        model=folder / "archive", output=folder / "evaluation", trials=None, live_schema=None, encoder=None,
        best=None, best_encoder=None, answered=None, answered_live=None, comparison=None,
    )  # fmt: skip
