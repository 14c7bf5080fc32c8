"""What a person types to start a program that is installed beside this one, in another shell as well."""

import shlex
import sys
from pathlib import Path

from ops.advice import APP, INSTALLED

_PYTHON = Path(sys.executable)


def typed(program: Path, here: Path) -> str:
    """A program's path for a shell, relative where it is below the working folder, as `.venv` is in a checkout.

    >>> typed(Path("/code/.venv/bin/aws"), Path("/code")), typed(Path("/opt/env/bin/aws"), Path("/code"))
    ('.venv/bin/aws', '/opt/env/bin/aws')
    """
    return shlex.quote(str(program.relative_to(here) if program.is_relative_to(here) else program))


def beside(name: str) -> str:
    """A program that stands in the folder of this Python."""
    return typed(_PYTHON.with_name(name), Path.cwd())


def ours(room: str, *, installed: bool = INSTALLED) -> str:
    """What stands in front of a command of this room: in a checkout its Python with the room, else `sagerelay`."""
    if not installed:
        return f"{typed(_PYTHON, Path.cwd())} -m {room}"
    # Whoever was installed by `pip --target` stands elsewhere, and only their Python can tell where.
    return beside(APP) if _PYTHON.with_name(APP).exists() else f"{typed(_PYTHON, Path.cwd())} -m {APP}"
