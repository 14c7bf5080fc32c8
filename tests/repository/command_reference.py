"""docs/commands.md, of the commands themselves: `python -m tests.repository.command_reference` writes it anew."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

from typer import Context
from typer.core import TyperArgument, TyperOption
from typer.main import get_command

from ops.plain_help import word
from sagerelay.commands import GROUPS, Command
from tests.repository.modules import ROOT

PAGE = ROOT / "docs" / "commands.md"
_EVERYWHERE = {"table", "bucket", "topic_arn", "prefix", "stage", "region"}
_BEGIN = """\
# Commands

Written from the commands themselves (`python -m tests.repository.command_reference`). Installed they are `sagerelay
COMMAND`; in a checkout those of the first group are `.venv/bin/python -m local COMMAND`, the others `.venv/bin/python
-m ops COMMAND`.

**Where the deployment is.** Commands about a deployment take `--stage` (the stack is `<prefix>-<stage>`; default
`dev`), `--prefix`, `--region`, and `--bucket`, `--topic-arn` and `--table` where no stack says them. Against the
embedded cloud export the lines that `up` prints: the commands are the same there.

**Commands by Tab.** `eval "$(sagerelay --completion bash)"` in `~/.bashrc`, the same with `zsh` in `~/.zshrc`; in fish
`sagerelay --completion fish | source`.

**Exit codes.** 0: it is as the command's own line says; 1: it was done, and the answer is the other one; 2: it cannot
be done, and one sentence on standard error says why and what to do; 130: Ctrl-C.

**`--json`.** A document of its own on standard output, with `version`, which changes when a key changes its meaning
or goes, and not when one is added. A listing has `kind`: `runs` (each with `run`, `dataset`, `stage`, `is_over`,
`started`, `updated`, `seconds`, `algorithm`, `mode`, `files`, `metric`, `verdict`, `failure`, `waiting_for`,
`trials`, `jobs`), `trials` (`objective`, `best` and, in order, `trials` as in trials.json with `number` and
`best_so_far`), `compare` (`runs`, `same_rows`, for each metric `values` and `difference`, `paired` with intervals
where both were measured on the same rows, and what else `differs`) and `metrics` (`versions`, each with `run`,
`state`, `judged`, `rows`, `metrics`, `reason`). `watch` prints a document a line: `at`, `what` (`stage`, `waits`,
`trial`, `end`), `line` and, of a trial, `trial`, of the end, `stage`; `logs` too: `at`, in milliseconds since 1970,
`stream` and `line`. Other times are UTC in ISO 8601, durations seconds.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_BEGIN, *(line for group, commands in GROUPS.items() for line in _group(group, commands))])


def _group(group: str, commands: dict[str, Command]) -> Iterator[str]:
    yield f"## {group}\n"
    for name, command in commands.items():
        app: Any = get_command(importlib.import_module(command.module).app)
        found = app.commands[name]
        with Context(found, info_name=name) as context:
            yield f"### {name}\n"
            yield f"    {name} {' '.join(_usage(found))}".rstrip() + "\n"
            text = inspect.cleandoc(found.help or "").replace("\\[", "[")
            yield "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n")) + "\n"
            rows = [_row(one, context) for one in found.params if one.name not in _EVERYWHERE]
            if rows:
                yield "\n".join(["| | |", "|---|---|", *rows]) + "\n"


def _usage(found: Any) -> Iterator[str]:
    for one in found.params:
        if isinstance(one, TyperArgument):
            shown = _called(one) + ("..." if one.nargs != 1 else "")
            yield shown if one.required else f"[{shown}]"
    if any(isinstance(one, TyperOption) for one in found.params):
        yield "[OPTIONS]"


def _called(argument: Any) -> str:
    return argument.metavar or str(argument.name).upper()


def _row(one: Any, context: Any) -> str:
    help_text = " ".join((one.help or "").split()).replace("|", "\\|")
    if isinstance(one, TyperArgument):
        return f"| `{_called(one)}` | {help_text} |"
    kind = one.display_type(context)
    names = " ".join([*one.opts, *one.secondary_opts, *([word(kind)] if word(kind) else [])])
    if "|" in kind:
        choices = kind.strip("<>").removeprefix("list[").removesuffix("]").split("|")
        help_text = f"{help_text} One of: {', '.join(choices)}."
    shows_default = one.default not in (None, False, "", ()) and not callable(one.default)
    default = one.opts[0] if one.default is True else one.default
    return f"| `{names}` | {help_text}{f' Default: {default}.' if shows_default else ''} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
