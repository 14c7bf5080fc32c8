"""What holds for every test, and in which order the workers take the files."""

import gc
import os
import signal
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.doctest import DoctestModule
from hypothesis import settings

from local.sagemaker.processes import ForkServer
from tests.warm import Warm, server

# The workers share the cores already, and threads of OpenMP spin while they wait for one: a test that fits a model took
# four times the processor's time.
for library in ("OMP", "OPENBLAS"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# Where the environment forbids bytecode (as images of Python do, to stay small), each worker would compile every test
# anew, and each program that a test starts every module.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# How long an example takes says something about the machine and nothing about the code.
settings.register_profile("sagerelay", deadline=None)
settings.load_profile("sagerelay")

# What a shell starts in the background is deaf to Ctrl-C, and so would be every program that a test starts and ends.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

LONGEST = (
    "tests/end_to_end/",
    "tests/cli/test_commands.py",
    "tests/permissions/test_nothing_to_spare.py",
    "tests/requests/",
    "tests/lambda_runtime/",
    "tests/repository/test_package.py",
    "tests/local/test_cloud.py",
    "tests/cli/test_killed.py",
    "tests/relay/test_crashes.py",
    "tests/ops/deployment/test_between_parts.py",
    "tests/simulation/test_mutants.py",
    "tests/simulation/test_histories.py",
    "tests/sagemaker/",
    "tests/containers/test_install.py",
    "tests/ensemble/",
    "tests/train/",
    "tests/performance_estimation/",
)
"""Begun first, so that no worker still has one of them when the other has nothing left to do."""

TOGETHER = {
    "tests/end_to_end/": "the embedded cloud",
    "tests/lambda_runtime/": "the package",
    "tests/repository/test_package.py": "the package",
}
"""Files that go to one worker because they share something that takes long to make."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """What is imported and collected stays to the end, so that looking through it for garbage finds none.

    Python would look again and again: a million objects, a second each time, in tests that take a tenth of that.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


class Examples:
    """Files without an example are not looked through for one: three workers each import a thousand."""

    @pytest.hookimpl(wrapper=True)
    def pytest_collect_file(self, file_path: Path) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        found = yield
        if b">>>" in file_path.read_bytes():
            return found
        return [one for one in found if not isinstance(one, DoctestModule)]


def pytest_configure(config: pytest.Config) -> None:
    """What stands here alone is not asked about files outside this folder; a plugin is."""
    config.pluginmanager.register(Examples())


@pytest.fixture(scope="session")
def fork_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkServer]:
    """One of each worker; it starts when it is first asked for something."""
    made = server(tmp_path_factory.mktemp("home"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def warm(fork_server: ForkServer) -> Iterator[Warm]:
    """What a module starts by it ends with the module."""
    made = Warm(fork_server)
    yield made
    made.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((at for at, name in enumerate(LONGEST) if item.nodeid.startswith(name)), 99))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Whole files go to a worker, those of `TOGETHER` to the same one."""
    from xdist.scheduler import LoadFileScheduling

    class Files(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            shared = next((what for name, what in TOGETHER.items() if nodeid.startswith(name)), None)
            return shared or str(super()._split_scope(nodeid))

    return Files(config, log) if config.getvalue("dist") == "loadfile" else None
