"""The folder an embedded cloud keeps its state in: one cloud at a time, and nothing left behind by one that was killed.

Two clouds on one folder would each save what it knows over what the other has saved. So a folder is held by a lock of
the kernel on a file in it, which is let go of however its holder ends, by kill -9 too; the file names the holder, for
whoever is refused. A temporary folder that nobody holds any more belonged to a cloud that was killed, and is removed
by the next one. What lies in a folder is its owners' affair and not this module's.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_LOCK = "in-use-by"
_PREFIX = "sagerelay-"


class DirectoryInUseError(Exception):
    """Another embedded cloud holds the folder; the message says which process, and what to do."""


@contextlib.contextmanager
def held(directory: Path) -> Iterator[Path]:
    """The folder itself, made if need be, and this process' alone meanwhile. Raises DirectoryInUseError."""
    directory.mkdir(parents=True, exist_ok=True)
    directory = directory.resolve()
    with _locked(directory / _LOCK) as lock:
        if lock is None:
            raise DirectoryInUseError(_in_use(directory))
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        yield directory


def emptied(directory: Path) -> None:
    """Make a folder that held a cloud as new. Raises DirectoryInUseError; FileExistsError where it is no cloud's."""
    if directory.exists() and not (directory / _LOCK).exists() and any(directory.iterdir()):
        raise FileExistsError(f"{directory} holds something else than an embedded cloud; name another folder")
    with held(directory) as mine:
        for path in mine.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != _LOCK:
                path.unlink()


@contextlib.contextmanager
def temporary(parent: Path | None = None) -> Iterator[Path]:
    """A new folder in `parent`, removed at the end; those of clouds that were killed are removed first."""
    within = parent or Path(tempfile.gettempdir())
    for abandoned in within.glob(f"{_PREFIX}*"):
        _remove_if_abandoned(abandoned)
    directory = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=within))
    try:
        with held(directory) as mine:
            yield mine
    finally:
        shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int | None]:
    """The descriptor of the lock file, or None when somebody else holds it. No child process inherits it."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield lock
    finally:
        os.close(lock)


def _in_use(directory: Path) -> str:
    holder = _holder(directory)
    if holder is None:
        return f"{directory} is in use by another embedded cloud; end that one first, or name another folder"
    return (
        f"{directory} is in use by another embedded cloud, process {holder}; end that one first (kill {holder}), "
        "or name another folder"
    )


def _holder(directory: Path) -> int | None:
    """The process that the lock file names; None before it has written its name."""
    try:
        return int((directory / _LOCK).read_text())
    except (OSError, ValueError):
        return None


def _remove_if_abandoned(directory: Path) -> None:
    """Whoever has not written its name yet is just beginning, and what has no lock file or is another user's is not
    ours to judge."""
    try:
        if _holder(directory) is None or directory.stat().st_uid != os.getuid():
            return
        with _locked(directory / _LOCK) as lock:
            if lock is not None:
                shutil.rmtree(directory, ignore_errors=True)
    except OSError:
        return
