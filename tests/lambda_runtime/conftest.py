"""The package of this working copy, and Lambda's runtime, for each Python that what is shipped must run on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lambda_runtime.account import Account
from tests.lambda_runtime.execution import Place
from tests.lambda_runtime.installed import ROOT, functions, runtime_folder, unpacked
from tests.repository.test_package import LAMBDA_VERSIONS, interpreters, package

__all__ = ["package"]

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(
    scope="module",
    params=[pytest.param(version, marks=() if version == RUNNING else pytest.mark.slow) for version in LAMBDA_VERSIONS],
)
def place(request: pytest.FixtureRequest, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The zip and Lambda's runtime, unpacked for one Python."""
    version = request.param
    interpreter = dict(interpreters())[version]
    if interpreter is None:
        pytest.skip(f"no Python {version} on this machine")
    cache = request.config.cache.mkdir("lambda-runtime")
    root = unpacked(package, tmp_path_factory.mktemp("task"))
    if version != RUNNING or sys.platform != "linux":
        _wheels_for(interpreter, root)
    return Place(interpreter, version, runtime_folder(interpreter, version, Path(cache)), root)


def _wheels_for(interpreter: str, root: Path) -> None:
    """Compiled wheels are for one Python and one system: those in the zip give way to this interpreter's."""
    install = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    subprocess.run([*install, "--upgrade", "--target", root, "-r", ROOT / "requirements.txt"], check=True)


@pytest.fixture(scope="module")
def account(place: Place, package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    with Account(tmp_path_factory.mktemp("account"), place, functions(package)) as account:
        yield account
