"""The command line, as a shell sees it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.cli.commands import app
from ops.endings import CANNOT

# Nothing listens there: a command that should not reach out would end otherwise.
NOWHERE = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "SAGERELAYLOCALUSER00",
    "AWS_SECRET_ACCESS_KEY": "local",
}


@pytest.mark.parametrize("command", ["check", "drill"])
def test_a_name_that_no_dataset_can_have_is_refused_before_anything_is_asked(command: str) -> None:
    done = CliRunner(env=NOWHERE).invoke(app, [command, "Churn!"])
    assert done.exit_code == CANNOT
    assert '"Churn!" cannot be a dataset\'s name' in done.output


def test_help_names_both_commands_and_what_a_drill_does() -> None:
    runner = CliRunner(env={"COLUMNS": "200"})
    listed = runner.invoke(app, ["--help"]).output
    assert "check" in listed
    assert "drill" in listed
    told = runner.invoke(app, ["drill", "--help"]).output
    for part in ("shifted-numeric", "--seed", "--json", "--topic-arn", "[drill]", "Exit code 0"):
        assert part in told


def test_the_paragraphs_of_a_help_fill_the_terminal() -> None:
    told = CliRunner(env={"COLUMNS": "80"}).invoke(app, ["drill", "--help"]).output
    lines = told.partition("Rows that the model")[2].partition("Exit code")[0].strip().splitlines()
    assert len(lines) > 4
    assert all(len(line.strip()) > 60 for line in lines[1:-1]), lines


def test_a_deployment_that_does_not_answer_is_one_sentence_and_no_traceback() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ops", "drill", "churn"],
        cwd=Path(__file__).parents[2], env={**os.environ, **NOWHERE, "AWS_MAX_ATTEMPTS": "1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == CANNOT
    assert "AWS cannot be asked" in done.stderr
    assert "Traceback" not in done.stderr
