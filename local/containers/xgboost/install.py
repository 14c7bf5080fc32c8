"""The first thing a container in script mode does: pip installs the model's code, before any of it is imported.

As sagemaker-containers 2.8.6 does it, which the image holds (`_server.start`, `_modules.prepare`, `_modules.install`):
the code is copied, gets a setup.py unless it brings one, and `python -m pip install .` decides whether the container
starts at all. Here there is never an index to ask, as in a VPC without internet: a container whose start needs PyPI
must not start. What pip is allowed is the container's own `PIP_...` variables.

It costs the better part of a second, and the same code under the same variables always ends the same way: a success is
remembered beside this interpreter, so that only new code is ever installed. Nothing is left installed, because here the
containers of a pipeline share an interpreter; `script.py` imports from the folder itself.
"""

import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from local.containers.errors import UserError

_SETUP = {
    "setup.py": """
from setuptools import setup
setup(packages=[''],
      name="{name}",
      version='1.0.0',
      include_package_data=True)
""",
    "setup.cfg": """
[wheel]
universal = 1
""",
    "MANIFEST.in": """
recursive-include . *
recursive-exclude . __pycache__*
recursive-exclude . *.pyc
recursive-exclude . *.pyo
""",
}
_OFFLINE = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
_TOOLS = ("pip", "setuptools")


def install(folder: Path, name: str, environment: Mapping[str, str], remembered: Path | None = None) -> None:
    """Install the code of a container. Raises `UserError`, with pip's own words in the log, where it cannot be.

    `name` is the module's, `environment` the container's; `remembered` is where successes are noted.
    """
    notes = _beside_this_interpreter() if remembered is None else remembered
    pip = {key: value for key, value in environment.items() if key.startswith("PIP_")}
    note = notes / _fingerprint(folder, pip) if notes else None
    if note and note.exists():
        return
    with tempfile.TemporaryDirectory(prefix="code-") as place:
        code = Path(place) / "code"
        shutil.copytree(folder, code)
        _prepare(code, name)
        _pip(code, pip, Path(place) / "installed")
    if note:
        _noted(note)


def _prepare(code: Path, name: str) -> None:
    if not (code / "setup.py").exists():
        for file, text in _SETUP.items():
            (code / file).write_text(text.replace("{name}", name))


def _pip(code: Path, pip: Mapping[str, str], target: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "."]
    if (code / "requirements.txt").exists():
        command += ["-r", "requirements.txt"]
    of_others = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    sys.stdout.flush()
    code_of_exit = subprocess.run(
        [*command, "--target", str(target)],
        cwd=code,
        env=of_others | dict(pip) | _OFFLINE,
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode
    if code_of_exit:
        raise UserError(
            f"InstallModuleError: {' '.join(command[1:])} ended with exit code {code_of_exit}. Nothing can be fetched "
            "here: a container must start without an index (PIP_NO_BUILD_ISOLATION=0 keeps pip from asking one)"
        )


def _fingerprint(folder: Path, pip: Mapping[str, str]) -> str:
    """What decides how the installation ends: the code, pip's variables, and the tools themselves."""
    digest = hashlib.sha256()
    versions = [f"{tool} {importlib.metadata.version(tool)}" for tool in _TOOLS]
    for part in (sys.version, *versions, *(f"{key}={value}" for key, value in sorted(pip.items()))):
        digest.update(part.encode() + b"\0")
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            content = path.read_bytes()
            digest.update(f"{path.relative_to(folder)}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _beside_this_interpreter() -> Path | None:
    """In the virtual environment, with which it goes; nowhere without one, or where that cannot be written."""
    mine = sys.prefix != sys.base_prefix and os.access(sys.prefix, os.W_OK)
    return Path(sys.prefix) / "installed-by-containers" if mine else None


def _noted(note: Path) -> None:
    note.parent.mkdir(parents=True, exist_ok=True)
    note.touch()
