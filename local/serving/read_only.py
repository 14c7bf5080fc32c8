"""A disk that is not to be written, as a serverless container has it: all but /tmp.

As far as a process can be held to it: whatever Python opens, makes, moves or removes elsewhere fails as on such a disk.
What a library writes by itself, in C, is not seen.
"""

import errno
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_CHANGES = {"os.mkdir", "os.remove", "os.rmdir", "os.rename", "os.link", "os.symlink", "os.truncate", "os.chmod"}
_FREE = ("/tmp", "/dev")  # noqa: S108 - a container's own


def hold(own: Path, writable: Sequence[Path]) -> None:
    """From now on this process may write below `writable` and the machine's /tmp, but not below `own`, which may lie
    there. There is no way back."""
    forbidden, allowed = _within([own]), _within(writable)
    free = _within(map(Path, _FREE))

    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            paths = [path] if isinstance(flags, int) and flags & _WRITING else []
        elif event in _CHANGES:
            paths = [one for one in arguments if isinstance(one, str | bytes | os.PathLike)]
        else:
            return
        for one in paths:
            if isinstance(one, int):  # open already
                continue
            where = os.path.abspath(os.fsdecode(one))  # noqa: PTH100 (pathlib would follow links)
            if not where.startswith(allowed) and (where.startswith(forbidden) or not where.startswith(free)):
                raise OSError(errno.EROFS, os.strerror(errno.EROFS), where)

    sys.addaudithook(look)


def _within(folders: Iterable[Path]) -> tuple[str, ...]:
    return tuple(f"{folder.absolute()}{os.sep}" for folder in folders)
