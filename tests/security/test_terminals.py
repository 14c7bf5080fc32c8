"""Names reach logs and terminals without what moves them: no escape, no line break of a file's name."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import pytest
from rich.console import Console

from jobs.tables.notes import Notes, refusal
from local.cli.progress import Progress
from local.cli.screen import PlainTeller
from tests.prepare import tables

NAME = "a\x1b[2J\x1b]0;owned\x07\nERROR all is lost.csv"


def test_sentences_of_jobs_name_files_printably() -> None:
    notes = Notes()
    notes.warn("preamble", f"{NAME}: 2 lines.", file=NAME)

    assert notes.warnings[0].sentence.isprintable()
    assert str(refusal("empty-file", f"{NAME}: empty.")).isprintable()


def test_the_log_of_preparing_holds_no_escape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables.judged(tmp_path, {NAME: tables.text()}, target="churned")

    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert all(not line.startswith("ERROR") for line in out.splitlines())


def test_the_terminal_is_told_a_reason_on_one_line() -> None:
    screen = io.StringIO()
    ended = dataclasses.replace(Progress(), run="churn-1a2b3c4d", stage="failed", over=True, reason=NAME)

    PlainTeller(Console(file=screen, force_terminal=True, width=200)).look(ended)

    assert "\x1b" not in screen.getvalue()
    assert "\nERROR" not in screen.getvalue()
