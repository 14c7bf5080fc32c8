"""What `make` takes for a deployment: its own command line, and nothing that the shell happens to hold. And that what
`make test` does at once has failed when any part of it has.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ops.deployment.package import ROOT

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
ELSEWHERE = {"EMAIL": "else@example.com", "YES": "1", "STAGE": "prod", "WITH_BUCKET": "yes", "KMS_KEY": "none"}


def outside() -> dict[str, str]:
    """The tests themselves may run below a make, which leaves its own options in the environment."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}


def told(*arguments: str) -> list[str]:
    """The words that `python -m ops` would get."""
    asked = ["make", "--dry-run", "--always-make", *arguments, "PY=echo"]
    shown = subprocess.run(asked, cwd=ROOT, env={**outside(), **ELSEWHERE}, capture_output=True, text=True, check=True)
    line = shown.stdout.splitlines()[-1]
    said = subprocess.run(
        ["sh", "-c", line.replace("echo ", "printf '%s\\n' ", 1)], capture_output=True, text=True, check=True
    )
    return said.stdout.splitlines()[2:]


def test_the_environment_orders_nothing() -> None:
    assert told("teardown") == ["teardown", "--stage", "dev"]
    assert told("deploy") == ["deploy", "--stage", "dev"]


def test_the_command_line_orders_all() -> None:
    assert told("teardown", "STAGE=prod", "WITH_BUCKET=1", "YES=1") == [
        *("teardown", "--stage", "prod", "--with-bucket", "--yes"),
    ]
    assert told("deploy", "EMAIL=o'hara@example.com", "RUNTIME=3.12") == [
        *("deploy", "--stage", "dev", "--email", "o'hara@example.com", "--runtime", "3.12"),
    ]


def test_a_stage_is_one_word_whatever_is_in_it() -> None:
    assert len(told("doctor", "STAGE=a'b; echo x")) == 3


@pytest.mark.parametrize(
    ("failing", "code"), [("", 0), ("ruff format", 2), ("ruff check", 2), ("mypy", 2), ("pytest", 2)]
)
def test_what_runs_side_by_side_has_failed_when_one_of_them_has(tmp_path: Path, failing: str, code: int) -> None:
    stand_in = tmp_path / "python"
    stand_in.write_text(f"""#!/bin/sh
echo "ran $*"
case "$*" in "-m {failing or "nothing"}"*) exit 1 ;; esac
""")
    stand_in.chmod(0o755)
    asked = ["make", "--assume-old=.venv/.dev", "test", f"PY={stand_in}"]
    done = subprocess.run(asked, cwd=ROOT, env=outside(), capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("ran -m mypy" in done.stdout) == (not failing.startswith("ruff"))
    assert ("mypy has failed" in done.stderr) == (failing == "mypy")
