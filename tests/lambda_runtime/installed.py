"""What is on the disk of an execution environment: Lambda's runtime in one folder, the unpacked zip in another.

The runtime's folder holds what requirements-runtime.txt names and nothing else, one for each Python. It and the package
are kept in pytest's cache under a hash of what they are made of. An installation that fails is a failed test which says
what to do: skipping would look like a proof.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ops.deployment.package import build

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "requirements-runtime.txt"
PACKAGED = ("app.py", "chalicelib", "infra", ".chalice/config.json", "requirements.txt", "requirements-deploy.txt",
            "ops/deployment")  # fmt: skip
"""What a package is made of, and what makes it."""
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
    patterns: tuple[Mapping[str, Any], ...]
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


def package_folder(version: str, cache: Path) -> Path:
    """The folder with the template and the zip, packaged for a Python and for this machine's architecture."""
    parts = [file for part in PACKAGED for file in sorted((ROOT / part).rglob("*")) or [ROOT / part]]
    made_of = b"".join(file.read_bytes() for file in parts if file.is_file() and "__pycache__" not in file.parts)
    folder = cache / f"package{version}-{hashlib.sha256(made_of).hexdigest()[:12]}"
    if folder.exists():
        return folder
    for outdated in cache.glob(f"package{version}-*"):
        shutil.rmtree(outdated)
    with tempfile.TemporaryDirectory(dir=cache) as made:
        machine = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
        built = build(Path(made) / "package", python=version, architecture=machine).parent
        if not folder.exists():
            built.rename(folder)
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
        variables: dict[str, str] = {}
        for part in (shared, resource["Properties"]):
            variables |= part.get("Environment", {}).get("Variables", {})
        events = [one["Properties"] for one in own["Events"].values()]
        patterns = tuple(event["Pattern"] for event in events if "Pattern" in event)
        schedule = next((event["Schedule"] for event in events if "Schedule" in event), None)
        found[own["Handler"]] = Function(
            own["Handler"], patterns, schedule, variables, own["MemorySize"], own["Timeout"]
        )
    return found
