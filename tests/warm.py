"""Processes of jobs and endpoints, forked from the one of this worker that has imported what they all import.

To start such a process costs two seconds of the processor's time, and two dozen files wanted one each. What is run is
as much a process of its own as on the laptop: see local/sagemaker/fork_server.py.
"""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.sagemaker import _LATER, _WARM
from local.sagemaker.processes import REPOSITORY, ForkServer, Process

SECONDS = 120
"""How long a job may take on a busy machine."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A process's exit code, and all that it said."""

    returncode: int
    output: str


class Warm:
    """The worker's fork server, as an `Executor` that ends what was started by it and not the server."""

    def __init__(self, server: ForkServer) -> None:
        self._server = server
        self._started: list[Process] = []

    def warm(self) -> None:
        self._server.warm()

    def run(self, argv: list[str], *, environment: dict[str, str], directory: Path, log: Path) -> Process:
        return self._kept(self._server.run(argv, environment=environment, directory=directory, log=log))

    def execute(self, argv: list[str], *, environment: dict[str, str], directory: Path, log: Path) -> Process:
        return self._kept(self._server.execute(argv, environment=environment, directory=directory, log=log))

    def close(self) -> None:
        for process in self._started:
            process.signal(signal.SIGKILL)
        for process in self._started:
            assert process.wait(SECONDS) is not None
        self._started.clear()

    def _kept(self, process: Process) -> Process:
        self._started.append(process)
        return process

    def job(self, argv: list[str], environment: Mapping[str, str], directory: Path, log: Path) -> Ended:
        """`python -m *argv` to its end, with these variables and no others but where our code is."""
        given = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(REPOSITORY)} | dict(environment)
        process = self.run(argv, environment=given, directory=directory, log=log)
        code = process.wait(SECONDS)
        assert code is not None, "the job runs on"
        return Ended(code, log.read_text(encoding="utf-8"))


def server(home: Path) -> ForkServer:
    """A fork server like the laptop's."""
    return ForkServer(_WARM, _LATER, home)
