"""Commands by Tab, as a real shell completes them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from sagerelay.cli import CANNOT, main
from sagerelay.commands import COMMANDS
from sagerelay.completion import script

ABOUT = {name: command.about for name, command in COMMANDS.items()}
ASKS = 'COMP_WORDS=(sagerelay {0}); COMP_CWORD={1}; _sagerelay; echo "${{COMPREPLY[@]}}"'


@pytest.mark.parametrize(
    ("typed", "place", "found"), [("te", 1, "teardown"), ("plan", 1, "plan plan-run"), ("te", 2, "")]
)
def test_bash_completes_a_command_and_leaves_the_rest_to_files(typed: str, place: int, found: str) -> None:
    bash = shutil.which("bash")
    assert bash
    lines = script("bash", ABOUT) + ASKS.format(typed if place == 1 else f"drop {typed}", place)
    done = subprocess.run([bash, "-c", lines], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.strip() == found


def test_fish_is_told_what_each_command_does() -> None:
    lines = script("fish", {"report": "Save a run's report."}).splitlines()
    assert lines == [r"complete -c sagerelay -n __fish_use_subcommand -f -a 'report' -d 'Save a run\'s report.'"]
    assert len(script("fish", ABOUT).splitlines()) == len(COMMANDS)


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--completion", "zsh"])
    assert capsys.readouterr().out == script("zsh", ABOUT)
    with pytest.raises(SystemExit) as ended:
        main(["--completion", "cmd"])
    assert ended.value.code == CANNOT
    assert "bash or zsh or fish" in capsys.readouterr().err
