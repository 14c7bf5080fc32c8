"""What editors and pre-commit are told is what `make check` and the repository do."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".txt", ".jinja", ".css", ""}
PLACES = ("app.py", "chalicelib", "jobs", "local", "ops", "sagerelay", "infra", "docs", "tests", "benchmarks")


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
def test_pre_commit_runs_what_make_check_runs() -> None:
    # The tests themselves may run below a make, which leaves its own options in the environment.
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    asked = ["make", "--dry-run", "--old-file=.venv/.dev", "check"]
    shown = subprocess.run(asked, cwd=ROOT, env=outside, capture_output=True, text=True, check=True)
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert [hook["entry"] for hook in repository["hooks"]] == shown.stdout.splitlines()
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert (hook["language"], hook["pass_filenames"], hook["always_run"]) == ("system", False, True)


def test_files_stand_as_editors_are_told() -> None:
    """`.editorconfig`: an end of line of one character, one behind the last line, none with a space before it."""
    wrong = []
    for place in PLACES:
        for path in [ROOT / place, *(ROOT / place).rglob("*")]:
            if path.suffix in TEXT and path.is_file() and not {"golden", "__pycache__"} & set(path.parts):
                content = path.read_bytes()
                lines = content.decode().split("\n")
                if "\r" in content.decode() or (content and lines[-1]) or any(line != line.rstrip() for line in lines):
                    wrong.append(path.relative_to(ROOT).as_posix())
    assert wrong == []
