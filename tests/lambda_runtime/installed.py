"""What is on the disk of an execution environment: Lambda's runtime in one folder, the unpacked zip in another.

The runtime's folder holds what requirements-runtime.txt names and nothing else, one for each Python, kept in pytest's
cache. An installation that fails is a failed test which says what to do: skipping would look like a proof.
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements-runtime.txt"
_ADVICE = """
awslambdaric, the client that Lambda runs every Python function with, could not be installed for Python {version}.
It has wheels for Linux; elsewhere it is compiled, which takes cmake, a C++ compiler, make, autoconf, automake and
libtool (Debian: apt-get install build-essential cmake autoconf automake libtool; macOS: xcode-select --install and
brew install cmake autoconf automake libtool). Then run the test again.

{output}"""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the packaged template."""

    handler: str
    pattern: Mapping[str, Any] | None
    schedule: str | None
    environment: Mapping[str, Any]
    memory_mb: int
    seconds: int


def runtime_folder(interpreter: str, version: str, cache: Path) -> Path:
    """The folder with Lambda's runtime for an interpreter; installed on first use."""
    key = hashlib.sha256(REQUIREMENTS.read_bytes() + platform.platform().encode()).hexdigest()[:12]
    folder = cache / f"python{version}-{key}"
    if folder.exists():
        return folder
    with tempfile.TemporaryDirectory(dir=cache) as made:
        target = Path(made) / "runtime"
        done = subprocess.run(
            [*[interpreter, "-m", "pip", "install", "--quiet"], *["--target", str(target), "-r", str(REQUIREMENTS)]],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.fail(_ADVICE.format(version=version, output=done.stdout + done.stderr), pytrace=False)
        if not folder.exists():
            target.rename(folder)
    return folder


def unpacked(package: Path, directory: Path) -> Path:
    """The task root: the zip as Lambda unpacks it."""
    with zipfile.ZipFile(package / "deployment.zip") as archive:
        archive.extractall(directory)
    return directory


def functions(package: Path) -> dict[str, Function]:
    """Every function of the template, by the name of its handler."""
    template = json.loads((package / "sam.json").read_text())
    shared = template.get("Globals", {}).get("Function", {})
    found = {}
    for resource in template["Resources"].values():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        own = {**shared, **resource["Properties"]}
        variables = {}
        for part in (shared, resource["Properties"]):
            variables |= part.get("Environment", {}).get("Variables", {})
        (event,) = (one["Properties"] for one in own["Events"].values())
        found[own["Handler"]] = Function(
            own["Handler"], event.get("Pattern"), event.get("Schedule"), variables, own["MemorySize"], own["Timeout"]
        )
    return found
