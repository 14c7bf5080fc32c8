"""Where the tree lies: `app.py`, `chalicelib`, `jobs`, `local`, `ops`, `infra` and what they read.

A wheel carries it below this package, where nothing may be written (site-packages may be another user's, and are the
installer's). The laptop only reads it. A deployment is packaged from a copy in the user's cache folder, so that an
upgrade of the package halfway changes nothing of what is being deployed. A copy is named by the version and by what is
in it, is looked over before it is used, and is made anew when something of it was changed or tidied away; so the
folder may be deleted at any time. In a checkout the tree is the repository itself, and there is no copy.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from sagerelay import __version__

_HERE = Path(__file__).resolve().parent
_INSIDE = _HERE / "tree"


def is_carried(inside: Path = _INSIDE) -> bool:
    """Whether this is an installed wheel, and not a checkout."""
    return inside.is_dir()


def tree() -> Path:
    """The folder to be put on the path."""
    return _INSIDE if is_carried() else _HERE.parent


def cache_folder(environment: Mapping[str, str], home: Path, platform: str) -> Path:
    """Where copies are kept; `platform` is `sys.platform`.

    >>> cache_folder({}, Path("/h"), "linux").as_posix()
    '/h/.cache/sagerelay'
    >>> cache_folder({"XDG_CACHE_HOME": "/c"}, Path("/h"), "darwin").as_posix()
    '/c/sagerelay'
    """
    chosen = environment.get("XDG_CACHE_HOME", "")
    if Path(chosen).is_absolute():  # another one is to be ignored, says the XDG specification
        return Path(chosen) / "sagerelay"
    return home / ("Library/Caches" if platform == "darwin" else ".cache") / "sagerelay"


def copied(source: Path, cache: Path) -> Path:
    """The copy of a tree in the cache folder, made if it is not there as it must be. Raises OSError."""
    digest = digest_of(source)
    copy = cache / f"{__version__}-{digest[:12]}"
    if copy.is_dir() and digest_of(copy) == digest:
        return copy
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="unfinished-", dir=cache) as folder:
        fresh, damaged = Path(folder, "tree"), Path(folder, "damaged")
        for path in _files(source):
            target = fresh / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)  # not its mode: a read-only folder's copy could never be removed
        if copy.is_dir():
            copy.rename(damaged)
        try:
            fresh.rename(copy)
        except OSError:
            if not copy.is_dir() or digest_of(copy) != digest:  # unless another process was first
                raise
    return copy


def digest_of(folder: Path) -> str:
    """A hash of all files: their paths and what is in them."""
    digest = hashlib.sha256()
    for path in _files(folder):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    """All files but what Python leaves behind, always in the same order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path
