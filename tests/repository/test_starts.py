"""What a start of a Lambda imports of ours: what every event needs, and everything where AWS starts it long before."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.relaying import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
LOADED = "print(*[name for name in sys.modules if name.partition('.')[0] == 'chalicelib'], *runtime._LATER, sep='\\n')"
"""The modules of ours that are there, and then those that need not be."""


def loaded(**environment: str) -> tuple[set[str], set[str]]:
    """The modules there are after a start with these variables; and those that most events do without."""
    code = f"import sys, app; from chalicelib import runtime; print(len(runtime._LATER)); {LOADED}"
    given = {**ENVIRONMENT, **environment, "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=given, capture_output=True, text=True, check=True)
    count, *names = done.stdout.split()
    later = names[-int(count) :]
    return set(names[: -int(count)]), {f"chalicelib.{name}" for name in later}


def test_a_start_imports_nothing_that_few_events_need() -> None:
    there, later = loaded()
    assert "chalicelib.relay.deciding" in there
    assert there & later == set()


def test_a_provisioned_start_imports_everything() -> None:
    files = (path.relative_to(ROOT).with_suffix("") for path in (ROOT / "chalicelib").rglob("*.py"))
    ours = {".".join(path.parts).removesuffix(".__init__") for path in files}
    there, _ = loaded(AWS_LAMBDA_INITIALIZATION_TYPE="provisioned-concurrency")
    assert ours - there == set()
