"""The package of this working copy, and Lambda's runtime, for each Python that what is shipped must run on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lambda_runtime.account import Account
from tests.lambda_runtime.execution import Place
from tests.lambda_runtime.installed import ROOT, functions, package_folder, runtime_folder, unpacked
from tests.repository.test_package import LAMBDA_VERSIONS, RUNNING, interpreters


@pytest.fixture(
    scope="module",
    params=[pytest.param(version, marks=() if version == RUNNING else pytest.mark.slow) for version in LAMBDA_VERSIONS],
)
def account(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The functions of the package for one Python, none of them started yet."""
    version: str = request.param
    interpreter = dict(interpreters())[version]
    if interpreter is None:
        pytest.skip(f"no Python {version} on this machine")
    assert request.config.cache is not None
    cache = request.config.cache.mkdir("lambda-runtime")
    package = package_folder(version, cache)
    root = unpacked(package, tmp_path_factory.mktemp("task"))
    if sys.platform != "linux":
        _wheels_of_this_machine(interpreter, root)
    place = Place(interpreter, version, runtime_folder(interpreter, version, cache), root)
    with Account(tmp_path_factory.mktemp("account"), place, functions(package)) as account:
        yield account


def _wheels_of_this_machine(interpreter: str, root: Path) -> None:
    """The zip's compiled wheels are for Lambda's Linux: elsewhere this machine's take their place."""
    install = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    subprocess.run([*install, "--upgrade", "--target", root, "-r", ROOT / "requirements.txt"], check=True)
