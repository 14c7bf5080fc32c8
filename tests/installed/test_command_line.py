"""`sagerelay`: every command of both rooms under one name, from any folder, and a missing extra said in a sentence."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import typer.main

from sagerelay import __version__
from sagerelay.cli import help_text
from sagerelay.commands import AWS, COMMANDS, LAPTOP
from tests.installed.wheels import ROOT, Installed

ROOMS = {"local.cli.commands": LAPTOP, "ops.cli.commands": AWS}
NO_AWS = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}


def commands_of(module: str) -> dict[str, Any]:
    group: Any = typer.main.get_command(import_module(module).app)
    return dict(group.commands)


@pytest.mark.parametrize("module", ROOMS)
def test_the_list_says_what_the_rooms_say(module: str) -> None:
    ours = {name: one.about for name, one in COMMANDS.items() if one.module == module}
    assert ours == {name: (one.help or "").partition("\n\n")[0] for name, one in commands_of(module).items()}
    assert {one.extra for one in COMMANDS.values() if one.module == module} == {ROOMS[module]}


def test_no_command_has_two_meanings() -> None:
    assert len(COMMANDS) == sum(len(commands_of(module)) for module in ROOMS)


def test_the_help_names_every_command() -> None:
    shown = {line.split()[0] for line in help_text().splitlines() if line.startswith("  ") and line[2] != " "}
    assert shown == set(COMMANDS)
    assert max(map(len, help_text().splitlines())) <= 100


@pytest.mark.parametrize("asked", [[], ["--help"], ["-h"], ["help"]])
def test_help_needs_nothing_installed(installed: Installed, tmp_path: Path, asked: list[str]) -> None:
    done = installed.run(*asked, cwd=tmp_path, isolated=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: sagerelay COMMAND")
    assert "pip install 'sagerelay[laptop]'" in done.stdout


def test_the_version(installed: Installed, tmp_path: Path) -> None:
    assert installed.run("--version", cwd=tmp_path, isolated=True).stdout == f"sagerelay {__version__}\n"


@pytest.mark.parametrize(
    ("command", "extra"), [("up", "laptop"), ("demo", "laptop"), ("deploy", "aws"), ("status", "aws")]
)
def test_a_missing_extra_is_named(installed: Installed, tmp_path: Path, command: str, extra: str) -> None:
    done = installed.run(command, cwd=tmp_path, isolated=True)
    assert (done.returncode, done.stdout) == (2, "")
    (sentence,) = done.stderr.splitlines()
    assert sentence.endswith(f"is not installed: pip install 'sagerelay[{extra}]'")


def test_a_mistyped_command_is_told(installed: Installed, tmp_path: Path) -> None:
    done = installed.run("teardwon", "--yes", cwd=tmp_path, isolated=True)
    assert done.returncode == 2
    assert done.stderr == 'There is no command "teardwon". Did you mean teardown? `sagerelay --help` names all.\n'


def test_files_of_the_working_folder_take_nothing_s_place(installed: Installed, tmp_path: Path) -> None:
    for name in ("app.py", "local.py", "ops.py"):
        (tmp_path / name).write_text("raise SystemExit('the wrong file')")
    for command in ("run", "doctor"):
        done = installed.run(command, "--help", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        assert f"Usage: sagerelay {command} [OPTIONS]" in done.stdout


@pytest.mark.parametrize("command", ["up", "doctor"])
def test_a_checkout_has_the_command_too(command: str) -> None:
    asked = [sys.executable, "-m", "sagerelay", command, "--help"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Usage: sagerelay {command} [OPTIONS]" in done.stdout


def test_a_room_s_own_words_and_exit_codes_come_through(installed: Installed, tmp_path: Path) -> None:
    done = installed.run("run", "nowhere.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert "nowhere.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_deployment_is_packaged_from_a_copy_and_nothing_is_written_where_it_is_installed(
    installed: Installed, tmp_path: Path
) -> None:
    before = installed.files()
    cached: dict[str, Any] = {"XDG_CACHE_HOME": str(tmp_path / "c"), **NO_AWS}
    done = installed.run("plan", "--region", "eu-west-1", cwd=tmp_path, **cached)
    assert done.returncode == 2, "there are no credentials"
    assert "credentials" in done.stderr
    (copy,) = (tmp_path / "c" / "sagerelay").iterdir()
    assert (copy / "app.py").read_bytes() == before["sagerelay/tree/app.py"]
    assert installed.files() == before


def test_a_cache_that_cannot_be_written_is_told(installed: Installed, tmp_path: Path) -> None:
    (tmp_path / "c").write_text("a file")
    cached: dict[str, Any] = {"XDG_CACHE_HOME": str(tmp_path / "c"), **NO_AWS}
    done = installed.run("deploy", cwd=tmp_path, **cached)
    assert done.returncode == 2
    assert "cannot be copied" in done.stderr
    assert "XDG_CACHE_HOME" in done.stderr
