"""What the warm process has imported when a command is forked from it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.sagemaker.processes import ForkServer, container_environment

PROBE = "import sys\nprint('wave' in sys.modules, 'colorsys' in sys.modules)\n"


@pytest.fixture
def forks(tmp_path: Path) -> Iterator[ForkServer]:
    server = ForkServer(("wave",), ("nobody_has_this", "colorsys"), tmp_path / "home")
    yield server
    server.close()


def probed(forks: ForkServer, place: Path) -> str:
    (place / "probe.py").write_text(PROBE)
    log = place / f"{time.monotonic_ns()}.log"
    process = forks.run(["probe"], environment=container_environment(), directory=place, log=log)
    assert process.wait(60) == 0, log.read_text()
    return log.read_text().strip()


def test_some_modules_are_imported_at_once_and_others_when_there_is_time(forks: ForkServer, tmp_path: Path) -> None:
    assert probed(forks, tmp_path).startswith("True")
    deadline = time.monotonic() + 60
    while probed(forks, tmp_path) != "True True":
        assert time.monotonic() < deadline
        time.sleep(0.1)
