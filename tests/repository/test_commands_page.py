"""docs/commands.md says what the commands say, and their help fits a terminal."""

from __future__ import annotations

import importlib

import pytest
from typer.testing import CliRunner

from sagerelay.commands import COMMANDS
from tests.repository.command_reference import PAGE, page


def test_the_page_is_of_these_commands() -> None:
    again = "run `python -m tests.repository.command_reference`"
    assert PAGE.read_text(encoding="utf-8") == page(), f"docs/commands.md is not current: {again}"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_help_fits_eighty_columns_and_shows_no_type_in_brackets(name: str) -> None:
    command = COMMANDS[name]
    app = importlib.import_module(command.module).app
    told = CliRunner(env={"COLUMNS": "80", "TERM": "dumb"}).invoke(app, [name, "--help"])
    assert told.exit_code == 0
    assert max(map(len, told.output.splitlines())) <= 80
    for kind in ("<str>", "<bool>", "<int", "<float", "<path>", "<file>"):
        assert kind not in told.output
