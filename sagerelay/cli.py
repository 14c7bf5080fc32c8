"""`sagerelay COMMAND`: help, what is not installed, and handing over to the room that has the command.

A room's command line ends the process itself, with its own exit codes. Those of this module: 0 for help and version, 2
for a command that there is not, or that cannot be given here.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from sagerelay import __version__, carried
from sagerelay.commands import AWS, COMMANDS, GROUPS, LAPTOP, missing
from sagerelay.completion import SHELLS, script

CANNOT = 2
_PACKAGED = {"deploy", "plan"}
"""The commands that package a deployment."""


def main(arguments: Sequence[str] | None = None) -> None:
    """The command `sagerelay`; without arguments, those of the process."""
    asked = list(sys.argv[1:] if arguments is None else arguments)
    first = asked[0] if asked else "--help"
    if first in {"--help", "-h", "help"}:
        sys.stdout.write(help_text())
    elif first == "--version":
        sys.stdout.write(f"sagerelay {__version__}\n")
    elif first == "--completion":
        _complete(asked[1:])
    elif first in COMMANDS:
        _hand_over(first, asked)
    else:
        _end(f'There is no command "{first}".{_near(first)} `sagerelay --help` names all.')


def help_text() -> str:
    """All commands, in groups, with what the groups need."""
    width = max(map(len, COMMANDS))
    lines = ["Usage: sagerelay COMMAND [OPTIONS]", ""]
    lines += textwrap.wrap(
        "Drop a data file in S3; get a tuned, tested, deployed and monitored model, and an email that says how good it "
        "is. On AWS, or wholly on this machine.",
        width=100,
    )
    for group, commands in GROUPS.items():
        lines += ["", f"{group}:"]
        for name, command in commands.items():
            begin = f"  {name.ljust(width)}  "
            lines += textwrap.wrap(command.about, width=100, initial_indent=begin, subsequent_indent=" " * len(begin))
    lines += [
        "",
        f"What the first group needs:  {install(LAPTOP)}  (serves the others, too)",
        f"What the others need:        {install(AWS)}",
        "More of one command:         sagerelay COMMAND --help",
        "Which version this is:       sagerelay --version",
        'Commands by Tab:             eval "$(sagerelay --completion bash)", or zsh; in fish, `| source`',
    ]
    return "\n".join(lines) + "\n"


def install(extra: str, *, carried_here: bool | None = None) -> str:
    """What brings an extra. In a checkout the package may not be installed, and pip would look for one elsewhere.

    >>> install("aws", carried_here=True)
    "pip install 'sagerelay[aws]'"
    >>> install("aws", carried_here=False)
    "pip install '.[aws]'"
    """
    inside = carried.is_carried() if carried_here is None else carried_here
    return f"pip install '{'sagerelay' if inside else '.'}[{extra}]'"


def openmp(environment: Mapping[str, str], platform: str, sklearn: str | None) -> dict[str, str]:
    """What has to be in the environment for xgboost to find OpenMP: its wheel for macOS brings none, scikit-learn's
    does (`sklearn`: the folder of that package). The Makefile says the same for a checkout.

    >>> openmp({}, "darwin", "/site/sklearn")
    {'DYLD_FALLBACK_LIBRARY_PATH': '/site/sklearn/.dylibs'}
    >>> openmp({}, "linux", "/site/sklearn")
    {}
    """
    name = "DYLD_FALLBACK_LIBRARY_PATH"
    return {name: f"{sklearn}/.dylibs"} if platform == "darwin" and sklearn and name not in environment else {}


def _hand_over(name: str, asked: list[str]) -> None:
    command = COMMANDS[name]
    if lacking := missing(command.extra, lambda module: importlib.util.find_spec(module) is not None):
        _end(f"`sagerelay {name}` needs {lacking}, which is not installed: {install(command.extra)}")
    if command.extra == LAPTOP:
        found = importlib.util.find_spec("sklearn")
        os.environ |= openmp(os.environ, sys.platform, str(Path(found.origin).parent) if found and found.origin else "")
    sys.path.insert(0, str(_root(name)))
    importlib.import_module(command.module).app(args=asked, prog_name="sagerelay")


def _complete(shell: list[str]) -> None:
    if len(shell) != 1 or shell[0] not in SHELLS:
        _end(f"Say for which shell: sagerelay --completion {' or '.join(SHELLS)}.")
    sys.stdout.write(script(shell[0], {name: command.about for name, command in COMMANDS.items()}))


def _root(name: str) -> Path:
    """The tree that a command works with."""
    if name not in _PACKAGED or not carried.is_carried():
        return carried.tree()
    cache = carried.cache_folder(os.environ, Path.home(), sys.platform)
    try:
        return carried.copied(carried.tree(), cache)
    except OSError as error:
        _end(
            f"What is to be deployed cannot be copied to {cache}: {error.strerror or error}. XDG_CACHE_HOME chooses "
            "another place."
        )


def _near(name: str) -> str:
    near = difflib.get_close_matches(name, COMMANDS, n=1)
    return f" Did you mean {near[0]}?" if near else ""


def _end(why: str) -> NoReturn:
    sys.stderr.write(f"{why}\n")
    raise SystemExit(CANNOT)
