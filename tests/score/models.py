"""Small ensembles, prepared and trained as a run does, and what a run leaves beside them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from jobs.ensemble.forms import FIXED, Member
from jobs.prepare.pipeline import prepare
from jobs.schema import Schema, read_schema
from jobs.train.given import read_given
from jobs.train.program import run
from tests.evaluate import one_container

FORMS = (Member("xgboost", "XGBoost with defaults", {"num_round": 15, "eta": 0.3, "max_depth": 3}),)
TARGET = "sick"
_MEMBERS = [{"eta": "0.3", "max_depth": "3", "num_round": "15", "early_stopping_rounds": "5"}]


@dataclass(frozen=True)
class Live:
    """What a run left in `folder`: prepared/, model/ and archive/."""

    folder: Path

    @property
    def schema(self) -> Schema:
        return read_schema(self.folder / "prepared/schema.json")

    @property
    def baseline(self) -> Any:
        return json.loads((self.folder / "prepared/baseline.json").read_text())


def table(task: str, rows: int, seed: int = 3) -> list[list[str]]:
    """A header and rows of cells: a number, an amount, words, dates, yes and no, an id that is not used, the target."""
    generator = np.random.default_rng(seed)
    age, paid = generator.integers(18, 90, rows), generator.integers(100, 9_000, rows) / 4
    ward = generator.choice(["north", "süd", "east, old"], rows)
    member, day = generator.choice(["yes", "no"], rows), generator.integers(0, 300, rows)
    signal = (age - 50) / 12 + (ward == "süd") - (paid > 1_500) + generator.normal(size=rows)
    words = [f"{one:.3f}" for one in signal] if task == "regression" else np.where(signal > 0, "ill", "well").tolist()
    start = np.datetime64("2025-01-01")
    cells = [
        [f"p-{place:05d}", str(age[place]), f"{paid[place]:.2f}", str(ward[place]), str(start + int(day[place])),
         str(member[place]), words[place]]
        for place in range(rows)
    ]  # fmt: skip
    return [["patient", "age", "paid", "ward", "admitted", "member", TARGET], *cells]


def trained(folder: Path, task: str, rows: int = 240) -> Live:
    """The whole of a run without a tuning, with one small form."""
    file = folder / "jan.csv"
    file.write_text(text(table(task, rows)))
    objective = {"metric": "rmse"} if task == "regression" else {}
    return trained_on(folder, file, TARGET, FORMS, {"task": task, "members": _MEMBERS, **objective})


def trained_on(
    folder: Path, file: Path, target: str, forms: Sequence[Member] = FIXED, plan: Mapping[str, Any] | None = None
) -> Live:
    """The whole of a run on one file: a binary problem, and all forms that a run tries, where nothing else is said."""
    objects: Any = [{"key": one_container.KEY, "size": 1, "etag": "e", "version_id": None}]
    settings: Any = {"target": target, "algorithm": "auto"}
    inputs: Any = {"version": 1, "run": "clinic-1a2b3c4d", "dataset": "clinic", "bucket": "b", "objects": objects,
                   "settings": settings}  # fmt: skip
    prepare(inputs, [(one_container.KEY, file)], None, folder / "prepared", offered=one_container.OFFERED)
    (folder / "plan").mkdir()
    (folder / "plan/plan.json").write_text(json.dumps({**one_container.PLAN, "task": "binary", **(plan or {})}))
    (folder / "model").mkdir()
    run(read_given(one_container.environment(folder)), forms)
    one_container.packed(folder)
    return Live(folder)


def text(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()
