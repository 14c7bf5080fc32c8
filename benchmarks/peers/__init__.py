"""The known tools, in an environment of their own, started as a process that reads a question and prints an answer.

The environment is made once, at the first benchmark that wants it, in the user's cache directory or where
SAGERELAY_BENCHMARKS says; a changed requirements-benchmarks.txt or another Python makes another one. It must not be the
project's own: Evidently decides about pandas, and a benchmark dependency that a job could import would be imported
one day. The tools are used as their first page tells a newcomer to: presets and defaults, column kinds declared.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements-benchmarks.txt"
TOOLS = ("evidently", "nannyml", "scipy")
DEPENDENT = ("evidently", "nannyml", "adwin", "kswin")
ESTIMATES = "benchmarks.peers.nannyml_estimates"
STREAMS = Path(__file__).parent / "environments" / "streams.txt"


def cache() -> Path:
    """Where environments lie."""
    if chosen := os.environ.get("SAGERELAY_BENCHMARKS"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "sagerelay"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sagerelay"


def python() -> Path:
    """The Python of the peers' environment; made when it is not there."""
    return environment("peers", REQUIREMENTS)


def raised(question: dict[str, Any]) -> int:
    """Of checks of dependent rows without a change, how many `question["tool"]` raises: in the Python that holds it."""
    if question["tool"] in TOOLS:
        return int(ask(question))
    return int(ask(question, environment("streams", STREAMS), "benchmarks.peers.streams"))


def environment(name: str, requirements: Path, *options: str) -> Path:
    """The Python of an environment that holds what a requirements file names; made once, whole or not at all.

    `options`: what else pip is told. Raises RuntimeError with pip's words.
    """
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    mark = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    home = cache() / f"{name}-{version}-{mark}"
    if not (home / "complete").exists():
        print(
            f"installing the tools to compare with into {home} (once, a few minutes) ...", file=sys.stderr, flush=True
        )
        shutil.rmtree(home, ignore_errors=True)
        venv.create(home, with_pip=True)
        install = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", *options]
        installed = subprocess.run(
            [*install, "--requirement", str(requirements)], capture_output=True, text=True, check=False
        )
        if installed.returncode:
            raise RuntimeError(f"pip could not install {requirements.name}: {installed.stderr.strip()[-2000:]}")
        (home / "complete").touch()
    return home / "bin" / "python"


def ask(question: dict[str, Any], interpreter: Path | None = None, module: str = "benchmarks.peers.process") -> Any:
    """What the module answers; with `interpreter` another Python than the peers' own."""
    answered = subprocess.run(
        [interpreter or python(), "-m", module],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    if answered.returncode:
        raise RuntimeError(f"{question.get('tool')} failed: {answered.stderr.strip()[-2000:]}")
    return json.loads(answered.stdout.splitlines()[-1])
