"""One entrant on one pair: a process of its own that gets the rows' files and gives answers, and what became of it."""

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks import peers
from benchmarks.models.entrants import ENTRANTS
from benchmarks.models.losses import scores
from benchmarks.models.results import Run
from benchmarks.models.splits import Pair

LEAST_SECONDS = 10.0
"""What an entrant with a time limit gets at least: below it some end with no model at all."""
HANGS_AFTER = 4 * 3600


def run(name: str, pair: Pair, cores: int, limit: float | None = None, facts: dict[str, Any] | None = None) -> Run:
    """Train and ask; a process that fails is a result, too. `facts`: what the runner's question holds besides."""
    entrant = ENTRANTS[name]
    seconds = max(limit, LEAST_SECONDS) if entrant.limited and limit is not None else None
    about: dict[str, Any] = {
        "set": pair.of.name,
        "split": pair.number,
        "entrant": name,
        "few": pair.few,
        "task": pair.of.task,
    }
    with tempfile.TemporaryDirectory(prefix="models-") as folder:
        answers = Path(folder) / "answers"
        question = {
            "name": pair.of.name,
            "train": str(pair.train),
            "test": str(pair.test),
            "target": pair.of.target,
            "task": pair.of.task,
            "classes": list(pair.classes),
            "seconds": seconds,
            "cores": cores,
            "answers": str(answers),
            "folder": folder,
            "options": dict(entrant.options),
            **(facts or {}),
        }
        try:
            cost = answered(entrant.python(), entrant.runner, question)
            found = scores(pair.truth, read(answers, len(pair.classes)))
        except (RuntimeError, ValueError, OSError, subprocess.TimeoutExpired) as error:
            return Run(**about, limit=seconds, failed=str(error)[-2000:])
    return Run(**about, limit=seconds, scores=found, **cost)


def read(answers: Path, classes: int) -> npt.NDArray[np.float64]:
    """What a runner wrote: (rows, classes), or (rows,) numbers. Raises ValueError for half a row."""
    found = np.fromfile(answers, dtype=np.float64)
    return found.reshape(-1, classes) if classes else found


def answered(python: Path, runner: str, question: dict[str, Any]) -> dict[str, Any]:
    """What the runner's last line says. Raises RuntimeError with the end of what it complained about."""
    ended = subprocess.run(
        [str(python), "-m", f"benchmarks.models.runners.{runner}"],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        cwd=peers.ROOT,
        env=environment(question["cores"]),
        timeout=HANGS_AFTER,
        check=False,
    )
    if ended.returncode or not ended.stdout.strip():
        raise RuntimeError(f"{runner} ended with {ended.returncode}: {ended.stderr.strip()[-1500:]}")
    found: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


def environment(cores: int) -> dict[str, str]:
    """As many threads as cores, which sleep while they wait: threads that spin lose the most on a busy machine."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), str(cores))
    return {**os.environ, **threads, "OMP_WAIT_POLICY": "PASSIVE", "PYTHONHASHSEED": "0"}
