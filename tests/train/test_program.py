"""`python -m jobs.train`: what it prints, what it leaves, and how it ends."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.ensemble.model import Ensemble
from jobs.train import program
from local import containers
from local.sagemaker.metrics import last_values, points
from tests.ensemble import tables
from tests.train.channels import SMALL, Job, laid_out, plan
from tests.train.small import FIXED
from tests.warm import Warm

TASKS = ("binary", "multiclass", "regression")
REPOSITORY = Path(__file__).parents[2]


def small(job: Job) -> list[str]:
    """What the program with small forms says, which must end well."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert program.main(job.environment(), FIXED) == 0
    return said.getvalue().splitlines()


def apart(job: Job, *arguments: str) -> None:
    """The same as a process from nothing, which must end well."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.train.small", *arguments],
        cwd=REPOSITORY, env={"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"} | job.environment(),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def dies(warm: Warm, job: Job, *, after: int) -> int:
    """How a process ends that is killed while it writes the fold after so many."""
    program = ["tests.train.small", "--die-after", str(after)]
    return warm.job(program, job.environment(), REPOSITORY, job.model.parent / "log").returncode


def contents(folder: Path) -> dict[str, Any]:
    """The artifact without code, and without the seconds, which are the machine's."""
    found: dict[str, Any] = {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.suffix == ".ubj"
    }
    document = json.loads((folder / "ensemble.json").read_text())
    for one in (*document["members"], *document["contestants"]):
        del one["seconds"]
    return found | {"ensemble.json": document, "encoder.json": (folder / "encoder.json").read_text()}


@pytest.mark.parametrize("task", TASKS)
def test_a_trial_prints_one_line_of_figures_its_last(
    task: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    of = tables.table(task, rows=80)
    job = laid_out(tmp_path / "ml", of, plan(of, mode="trial"))
    given = dict(SMALL) | {
        "sagemaker_program": "jobs.train",
        "objective": "binary:logistic",
        "_tuning_objective_metric": "x",
    }
    assert program.main(job.environment(given)) == 0

    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("[")] == lines[-1:]
    assert lines[-1].startswith(f"[0]\tvalidation-{plan(of)['metric']}:")
    assert not list(job.model.iterdir())


def test_its_line_holds_each_metric_once_that_the_tuner_reads(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    of = tables.table("binary", rows=80)
    job = laid_out(tmp_path / "ml", of, plan(of, mode="trial", metric="f1"))
    assert program.main(job.environment(SMALL)) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    names = re.findall(r"validation-(\w+):", last)
    assert names[0] == "f1"
    assert len(names) == len(set(names)) >= 10
    read = last_values(points([last], known=containers.BUILT_IN.of("/sagemaker-xgboost:3.2-0").metadata()))
    assert read.keys() == {f"validation:{name}" for name in names}


def test_what_is_heard_on_the_way_is_of_a_growing_model_and_the_last_of_the_finished_one(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    of = tables.table("binary", rows=120)
    given = {"eta": "0.1", "max_depth": "3", "num_round": "45", "early_stopping_rounds": "45"}
    said: list[list[str]] = []
    for intermediate in (False, True):
        asked = plan(of, mode="trial", intermediate=intermediate)
        job = laid_out(tmp_path / str(intermediate), of, asked)
        assert program.main(job.environment(given)) == 0
        said.append([line for line in capsys.readouterr().out.splitlines() if line.startswith("[")])
    (quiet,), aloud = said
    assert [int(line[1 : line.index("]")]) for line in aloud[:-1]] == [9, 19, 29, 39]
    assert aloud[-1] == quiet
    on_the_way = [float(line.split("logloss:")[1].split("\t")[0]) for line in aloud[:-1]]
    assert on_the_way[0] > min(on_the_way)


def test_a_trial_without_patience_is_trained_to_its_last_round(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of = tables.table("binary", rows=120)
    job = laid_out(tmp_path, of, plan(of, mode="trial"))
    patient = {name: value for name, value in SMALL.items() if name != "early_stopping_rounds"}
    assert program.main(job.environment(patient)) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if line.startswith("fold ")]
    assert said
    assert all(line.endswith(": 20 rounds") for line in said)


@pytest.mark.parametrize("task", TASKS)
def test_an_ensemble_leaves_what_is_served_and_prints_its_figures(task: str, tmp_path: Path) -> None:
    of = tables.table(task, rows=80)
    job = laid_out(tmp_path / "ml", of, plan(of))
    assert small(job)[-1].startswith(f"[0]\tvalidation-{plan(of)['metric']}:")
    assert {path.name for path in job.model.iterdir()} == {
        "schema.json", "encoder.json", "ensemble.json", "model.ubj", "leaderboard", "code",
    }  # fmt: skip
    model = Ensemble.read(job.model)
    assert model.schema == of.schema
    assert np.isfinite(model.scores(model.encode_frame(of.frame))).all()


def broken_plan(job: Job, text: str) -> None:
    (job.channel("plan") / "plan.json").write_text(text)


def without(of: dict[str, Any], name: str) -> str:
    return json.dumps({key: value for key, value in of.items() if key != name})


def unknown_word(job: Job) -> None:
    path = job.channel("train") / "train.parquet"
    rows = pq.read_table(path)
    place = rows.schema.get_field_index("city")
    words = pa.array(["Ada Lovelace"] * len(rows)).dictionary_encode()
    pq.write_table(rows.set_column(place, rows.schema.field(place), pa.chunked_array([words])), path)


def other_type(job: Job) -> None:
    path = job.channel("validation") / "validation.parquet"
    rows = pq.read_table(path)
    pq.write_table(rows.set_column(1, "size", pa.array(["Ada Lovelace"] * len(rows))), path)


def cut_short(job: Job) -> None:
    path = job.channel("train") / "train.parquet"
    path.write_bytes(path.read_bytes()[:-100])


OF = tables.table("binary", rows=40)
BROKEN: dict[str, tuple[Any, str]] = {
    "no plan": (lambda job: (job.channel("plan") / "plan.json").unlink(), "FileNotFoundError"),
    "a plan without an end": (lambda job: broken_plan(job, '{"Ada": "Lovelace'), "plan.json is not JSON"),
    "a plan that lacks": (lambda job: broken_plan(job, without(plan(OF), "members")), "plan.json lacks members"),
    "a plan of another version": (lambda job: broken_plan(job, json.dumps(plan(OF, version=2))), "not of version 1"),
    "a plan that is a list": (lambda job: broken_plan(job, "[]"), "plan.json lacks"),
    "a schema without an end": (
        lambda job: (job.channel("schema") / "schema.json").write_text('{"Ada": "Lovelace'),
        "JSONDecodeError",
    ),
    "a word that no one knows": (unknown_word, 'column "city" holds words that are not among its categories'),
    "a column of another type": (other_type, 'column "size" is string; numeric columns are double'),
    "rows that end in the middle": (cut_short, "ArrowInvalid in jobs/encoding/typed_rows.py"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_cannot_be_used_ends_it_with_a_sentence_and_without_a_cell(
    what: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    job = laid_out(tmp_path / "ml", OF, plan(OF))
    breaks, sentence = BROKEN[what]
    breaks(job)
    assert program.main(job.environment()) == 1
    log = capsys.readouterr()
    assert sentence in log.err
    assert "Lovelace" not in log.out + log.err
    assert not list(job.model.iterdir())


def test_hyperparameters_that_xgboost_does_not_take_end_a_trial_and_not_the_ensemble(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    odd = dict(SMALL) | {"grow_policy": "sideways"}
    job = laid_out(tmp_path / "trial", OF, plan(OF, mode="trial"))
    assert program.main(job.environment(odd)) == 1
    assert "XGBoostError" in capsys.readouterr().err
    job = laid_out(tmp_path / "ensemble", OF, plan(OF, members=[odd, dict(SMALL)]))
    assert any(line.startswith("best trial could not be fitted: ") for line in small(job))
    names = [one["name"] for one in json.loads((job.model / "ensemble.json").read_text())["members"]]
    assert "trial-1" not in names
    assert "trial-2" in names


def test_killed_in_the_middle_of_writing_it_goes_on_and_ends_the_same(tmp_path: Path, warm: Warm) -> None:
    of = tables.table("binary", rows=80)
    whole = laid_out(tmp_path / "whole", of, plan(of))
    small(whole)
    job = laid_out(tmp_path / "killed", of, plan(of), checkpoints=True)
    assert dies(warm, job, after=5) == -signal.SIGKILL
    kept = sorted(path.name for path in job.checkpoints.glob("*.ubj"))
    assert len(kept) == 5
    assert not list(job.model.iterdir())
    assert dies(warm, job, after=4) == -signal.SIGKILL
    assert len(list(job.checkpoints.glob("*.ubj"))) == 9
    before = {name: (job.checkpoints / name).stat().st_mtime_ns for name in kept}
    small(job)
    assert {name: (job.checkpoints / name).stat().st_mtime_ns for name in kept} == before
    assert contents(job.model) == contents(whole.model)


def test_at_the_end_of_its_time_it_keeps_what_it_has_and_says_so(tmp_path: Path) -> None:
    of = tables.table("regression", rows=60)
    job = laid_out(tmp_path / "ml", of, plan(of, max_seconds=0))
    lines = small(job)
    assert any("time was over" in line for line in lines)
    assert lines[-1].startswith("[0]\tvalidation-rmse:")
    assert np.isfinite(Ensemble.read(job.model).scores(Ensemble.read(job.model).encode_frame(of.frame))).all()


def test_it_opens_nothing_but_its_channels(tmp_path: Path) -> None:
    of = tables.table("multiclass", rows=60)
    job = laid_out(tmp_path / "ml", of, plan(of), checkpoints=True)
    for folder in (job.channel("test"), job.root / "prepared" / "test"):
        folder.mkdir(parents=True)
        (folder / "test.csv").write_text("size,answer\n1,low\n")
        (folder / "test.parquet").write_bytes((job.channel("train") / "train.parquet").read_bytes())
    apart(job, "--audit", str(tmp_path / "opened"))
    opened = [Path(os.path.realpath(line)) for line in (tmp_path / "opened").read_text().splitlines() if line[0] == "/"]
    own = [path for path in opened if path.is_relative_to(tmp_path)]
    allowed = [job.channel(name) for name in ("train", "validation", "schema", "plan")]
    allowed += [job.model, job.checkpoints, job.root / "input" / "config" / "checkpointconfig.json"]
    assert {path.name for path in own} >= {"train.parquet", "plan.json", "schema.json"}
    assert [path for path in own if not any(path.is_relative_to(one) for one in allowed)] == []
    elsewhere = [Path(os.path.realpath(one)) for one in (sys.prefix, sys.base_prefix, REPOSITORY, "/usr", "/etc")]
    system = [Path(one) for one in ("/proc", "/sys", "/dev", "/lib")]
    others = [path for path in opened if not path.is_relative_to(tmp_path)]
    assert [path for path in others if not any(path.is_relative_to(one) for one in elsewhere + system)] == []


def test_folds_of_other_rows_are_not_taken(tmp_path: Path) -> None:
    of = tables.table("binary", rows=60)
    other = replace(of, labels=of.labels[::-1].copy())
    job = laid_out(tmp_path / "ml", of, plan(of), checkpoints=True)
    small(job)
    again = laid_out(tmp_path / "again", other, plan(other), checkpoints=True)
    for path in job.checkpoints.iterdir():
        (again.checkpoints / path.name).write_bytes(path.read_bytes())
    small(again)
    fresh = laid_out(tmp_path / "fresh", other, plan(other))
    small(fresh)
    assert contents(again.model) == contents(fresh.model)
