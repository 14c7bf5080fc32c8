"""The processes jobs run in: forked from a warm one, watched, stopped, and never left behind.

Stopping is SageMaker's: SIGTERM to the whole process group, a time of grace, SIGKILL. Environments are a container's:
nothing of this machine's user leaks into a job. That a job never outlives this process is the fork server's promise
(see fork_server.py), since it holds after a SIGKILL, too.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

REPOSITORY = Path(__file__).resolve().parents[2]
GRACE_SECONDS = 10.0  # 120 on AWS; a laptop's jobs have less to write
_POLL_SECONDS = 0.05
LATER = "--later"
"""Before the modules that the warm process imports only when it has nothing to do."""


class Process(Protocol):
    """One running command."""

    def wait(self, seconds: float) -> int | None:
        """The exit code, negative for a signal, or None while it runs."""

    def signal(self, number: int) -> None:
        """To the whole process group; nothing happens when it has ended."""


class Executor(Protocol):
    """What starts the commands of jobs and endpoints.

    A `ForkServer`, except where so many jobs are looked at that none of them can really run: the tests of scale hand in
    one whose commands leave their results at once.
    """

    def warm(self) -> None:
        """A command will come soon."""

    def run(self, argv: list[str], *, environment: dict[str, str], directory: Path, log: Path) -> Process:
        """Start `python -m *argv`."""

    def execute(self, argv: list[str], *, environment: dict[str, str], directory: Path, log: Path) -> Process:
        """Start any other command."""

    def close(self) -> None:
        """End whatever still runs."""


class Ending(StrEnum):
    """Who ended a command."""

    ITSELF = "itself"
    STOPPED = "stopped"
    OVERTIME = "overtime"


@dataclass(frozen=True)
class Outcome:
    code: int
    ending: Ending


def container_environment(**more: str) -> dict[str, str]:
    """What a container's shell would hold, and no more."""
    path = os.pathsep.join([str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin"])
    return {
        "PATH": path,
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        **{name: os.environ[name] for name in _OPENMP_ON_MACOS if name in os.environ},
        **more,
    }


# xgboost's wheel for macOS brings no OpenMP; the Makefile points at the one in scikit-learn's.
_OPENMP_ON_MACOS = ("DYLD_FALLBACK_LIBRARY_PATH",)


def supervise(process: Process, *, stop: threading.Event, seconds: float, grace: float = GRACE_SECONDS) -> Outcome:
    """Wait for a command to end, ending it when it is told to stop or its time is over."""
    deadline = time.monotonic() + seconds
    while True:
        code = process.wait(_POLL_SECONDS)
        if code is not None:
            return Outcome(code, Ending.STOPPED if stop.is_set() else Ending.ITSELF)
        if stop.is_set() or time.monotonic() > deadline:
            ending = Ending.STOPPED if stop.is_set() else Ending.OVERTIME
            return Outcome(end(process, grace), ending)


def end(process: Process, grace: float = GRACE_SECONDS) -> int:
    """SIGTERM, wait, SIGKILL; returns the exit code."""
    process.signal(signal.SIGTERM)
    code = process.wait(grace)
    # Also after a willing end: what the command itself started must not outlive it.
    process.signal(signal.SIGKILL)
    while code is None:
        code = process.wait(1.0)
    return code


class Forked:
    """A command below the warm process; its id is its keeper's, and so its group's."""

    def __init__(self) -> None:
        self.pid: int | None = None
        self._code: int | None = None
        self._started = threading.Event()
        self._ended = threading.Event()

    def heard(self, message: dict[str, Any]) -> None:
        """The fork server's word about this command."""
        if "pid" in message:
            self.pid = message["pid"]
            self._started.set()
        else:
            self._code = message["exit"]
            self._started.set()
            self._ended.set()

    def wait(self, seconds: float) -> int | None:
        return self._code if self._ended.wait(seconds) else None

    def signal(self, number: int) -> None:
        self._started.wait()
        if self.pid is not None and not self._ended.is_set():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, number)


class ForkServer:
    """Keeps one warm process (see fork_server.py), started on first use and again if it dies."""

    def __init__(self, modules: tuple[str, ...], later: tuple[str, ...], home: Path) -> None:
        """It imports `modules` at its start, `later` when it has nothing to do.

        `home`: where they find and leave what they keep for the next start, and nothing of this machine's user.
        """
        self._modules = (*modules, LATER, *later)
        self._home = home
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._commands: dict[str, Forked] = {}

    def warm(self) -> None:
        """Start importing now, so that the first command need not wait."""
        with self._lock:
            self._running()

    def run(self, argv: list[str], *, environment: dict[str, str], directory: Path, log: Path) -> Process:
        """Run `python -m *argv`."""
        return self._ask(argv, {"module": True, "environment": environment}, directory, log)

    def execute(self, argv: list[str], *, environment: dict[str, str], directory: Path, log: Path) -> Process:
        """Run any other command."""
        return self._ask(argv, {"module": False, "environment": environment}, directory, log)

    def _ask(self, argv: list[str], how: dict[str, Any], directory: Path, log: Path) -> Process:
        command, key = Forked(), uuid.uuid4().hex
        request = {**how, "id": key, "argv": argv, "directory": str(directory), "log": str(log)}
        with self._lock:
            server = self._running()
            self._commands[key] = command
            if server.stdin is None:
                raise RuntimeError("the fork server has no standard input")
            server.stdin.write(json.dumps(request).encode() + b"\n")
            server.stdin.flush()
        return command

    def close(self) -> None:
        """End the warm process and everything forked from it."""
        with self._lock:
            server, self._server = self._server, None
        if server is not None and server.stdin is not None:
            with contextlib.suppress(OSError):
                server.stdin.close()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._server is None or self._server.poll() is not None:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "local.sagemaker.fork_server", *self._modules],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                cwd=REPOSITORY,
                # One BLAS thread: a pool started while importing would not survive the fork.
                env=container_environment(
                    OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", PYTHONPATH=str(REPOSITORY), HOME=str(self._home)
                ),
                start_new_session=True,
            )
            self._commands = {}
            listener = threading.Thread(
                target=_listen, args=(self._server, self._commands), daemon=True, name="fork-server"
            )
            listener.start()
        return self._server


def _listen(server: "subprocess.Popen[bytes]", commands: dict[str, Forked]) -> None:
    """Pass the fork server's words on, until it ends; what it had not finished then counts as killed."""
    if server.stdout is not None:
        with server.stdout as answers:
            for line in answers:
                message = json.loads(line)
                commands[message["id"]].heard(message)
                if "exit" in message:
                    del commands[message["id"]]
    server.wait()
    for command in list(commands.values()):
        command.heard({"exit": -signal.SIGKILL})
