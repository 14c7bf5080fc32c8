"""Steps of ours as processes of their own, as SageMaker would run them: what they said, what they took, their peak.

The kernel's mark of a child begins at the size of who started it. So whoever measures this way stays small.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Ended:
    """A step that went well."""

    said: str
    seconds: float
    peak_mb: float
    cpu_seconds: float


def step(module: str, question: Mapping[str, Any] | None = None, **environment: str) -> Ended:
    """Run a module of the project to its end. Raises RuntimeError with the end of what it said."""
    with tempfile.TemporaryFile("w+") as said, tempfile.TemporaryFile("w+") as told:
        told.write(json.dumps(question))
        told.seek(0)
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=told,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, **environment},
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        said.seek(0)
        text = said.read()
    if process.returncode:
        raise RuntimeError(f"{module} ended with {process.returncode}: {text.strip()[-1500:]}")
    return Ended(text, seconds, usage.ru_maxrss * _UNIT / 1e6, usage.ru_utime + usage.ru_stime)


def training(prepared: Path, plan: bytes, hyperparameters: Mapping[str, str], model: Path, cores: int) -> Ended:
    """The training script, surrounded by what the container's toolkit puts around it."""
    with tempfile.TemporaryDirectory(dir=prepared.parent) as folder:
        (Path(folder) / "plan.json").write_bytes(plan)
        (Path(folder) / "schema").mkdir()
        (Path(folder) / "schema" / "schema.json").write_bytes((prepared / "schema.json").read_bytes())
        model.mkdir(parents=True, exist_ok=True)
        return step(
            "jobs.train",
            SM_CHANNEL_TRAIN=str(prepared / "train"),
            SM_CHANNEL_VALIDATION=str(prepared / "validation"),
            SM_CHANNEL_SCHEMA=str(Path(folder) / "schema"),
            SM_CHANNEL_PLAN=folder,
            SM_CHANNEL_CODE=str(ROOT),
            SM_HPS=json.dumps({name: _decoded(value) for name, value in hyperparameters.items()}),
            SM_MODEL_DIR=str(model),
            SM_OUTPUT_DATA_DIR=folder,
            SM_NUM_CPUS=str(cores),
        )


def _decoded(value: str) -> Any:
    """As the toolkit reads hyperparameters: JSON where it is JSON."""
    try:
        return json.loads(value)
    except ValueError:
        return value
