"""The code of a run as its training is given it: the user's files as they were pinned, and ours beside them."""

from __future__ import annotations

import ast
import json
import shutil
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from jobs.refusals import Refusal, printable, shown
from jobs.schema import Schema

ORIGIN = "code"
"""What inputs.json says of an object that is code and no data."""
FOLDER = "code"
"""Below prepared/, and in a model's archive."""
TOLD = "sagerelay.json"
"""What our programs are told of the script; beside it."""
_HERE = Path(__file__).parent
_OURS = {"sagerelay_train.py": "launch.py", "sagerelay_serve.py": "serve.py"}


def data_alone(
    files: Iterable[tuple[str, Path]], code: Mapping[str, str], script: str, output: Path
) -> Iterator[tuple[str, Path]]:
    """The files that are data; the others, keys by the place below `code/`, are checked and laid into `output`.

    They come first. Raises Refusal for code that cannot run, before any data is read.
    """
    laid = False
    for key, path in files:
        if key in code:
            _lay(path, code[key], output / FOLDER)
            continue
        if not laid:
            _check(output / FOLDER, script)
            laid = True
        yield key, path


def write_ours(output: Path, chosen: Mapping[str, Any], schema: Schema) -> None:
    """Our programs, and what they have to know of script and answers."""
    folder = output / FOLDER
    for name, ours in _OURS.items():
        shutil.copyfile(_HERE / ours, folder / name)
    told = {
        "version": 1,
        "script": chosen["script"],
        "metrics": chosen.get("metrics", {}),
        "task": schema["task"],
        "classes": len(schema["classes"] or ()),
    }
    (folder / TOLD).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _lay(path: Path, place: str, folder: Path) -> None:
    """Only below the folder, whatever a key says; a regular file, because the disk has no other for a download."""
    target = folder / place
    if ".." in Path(place).parts or Path(place).is_absolute() or not target.resolve().is_relative_to(folder.resolve()):
        raise Refusal("script-place", f"code/{shown(place)} lies outside its folder. Rename it.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


def _check(folder: Path, script: str) -> None:
    if not (folder / script).is_file():
        raise Refusal("script-missing", f"There is no code/{script}, which relay.yaml names. Upload it.")
    for path in sorted(folder.rglob("*.py")):
        if sentence := syntax_error(path.read_bytes(), f"code/{path.relative_to(folder).as_posix()}"):
            raise Refusal("script-syntax", sentence)


def syntax_error(source: bytes, name: str) -> str | None:
    """Where a file is no Python, in a sentence; None where it is. The file is read and not run.

    >>> syntax_error(b"x = 1\\nif x\\n  pass", "code/train.py")
    "code/train.py, line 2: expected ':'. Correct it and upload it again."
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(source, name)
    except SyntaxError as error:
        return f"{name}, line {error.lineno or 1}: {printable(str(error.msg))}. Correct it and upload it again."
    except (ValueError, RecursionError, MemoryError) as error:
        return f"{name} cannot be read as Python ({type(error).__name__}). Correct it and upload it again."
    return None
