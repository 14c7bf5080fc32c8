"""`python -m module arguments`, without the second that starting an interpreter and importing xgboost takes.

This process imports the given modules once, then forks for each request; the child becomes an ordinary job: its own
process group, environment, working directory and log, its own exit code and its own death. It stays single-threaded
and runs none of the libraries' code before forking, which is what makes forking safe. A command that is no module is
started here as well, so that all commands live and die alike. Modules behind `--later` are imported one by one while
nothing is asked for: the first job does not wait for what only a later one needs.

Requests come as JSON lines on standard input `{"id", "argv", "module", "environment", "directory", "log"}`; answers go
to standard output: `{"id", "pid"}` when started and `{"id", "exit"}` when ended (negative: the signal that killed it).

Nobody outlives whom it works for, whatever ends that. When standard input closes, whoever asked is gone, and the
children end too. Each of them runs below a keeper, its group's first process, that waits for two things: its end, and
the end of this process, by a pipe whose other end only this process holds and the kernel closes (which, unlike Linux's
signal for it, is the same on macOS). What a command itself has started ends with it, as in a container.
"""

import contextlib
import gc
import importlib
import json
import os
import runpy
import select
import signal
import sys
import tempfile
import threading
import traceback
import warnings
from pathlib import Path
from typing import Any

from local.sagemaker.processes import LATER


def main(modules: list[str]) -> None:
    """Serve until standard input closes."""
    at = modules.index(LATER) if LATER in modules else len(modules)
    later = modules[at + 1 :]
    for module in modules[:at]:
        _warm(module)
    answers = os.dup(1)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is for the parent, which closes our input
    alive, held = os.pipe()  # nobody writes; `held` closes when this process is gone
    running: dict[int, str] = {}
    rest = b""
    while True:
        ready, _, _ = select.select([0, wake_read], [], [], 0 if later else None)
        if not ready:
            _warm(later.pop(0))
            continue
        if wake_read in ready:
            os.read(wake_read, 4096)
            _reap(running, answers)
        if 0 in ready:
            data = os.read(0, 1 << 16)
            if not data:
                break
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                request = json.loads(line)
                pid = _fork(request, alive, [answers, wake_read, wake_write, held])
                running[pid] = request["id"]
                _say(answers, {"id": request["id"], "pid": pid})
            _reap(running, answers)
    for pid in running:
        _kill_group(pid)


def _warm(module: str) -> None:
    """Import it for all; no job looks through it for garbage, which would copy every page of it that was shared."""
    with contextlib.suppress(ImportError):  # the job that needs it will say so in its own log
        importlib.import_module(module)
    gc.freeze()


def _reap(running: dict[int, str], answers: int) -> None:
    """Report the children that have ended."""
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        _kill_group(pid)
        _say(answers, {"id": running.pop(pid), "exit": os.waitstatus_to_exitcode(status)})


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _say(answers: int, message: dict[str, Any]) -> None:
    os.write(answers, json.dumps(message).encode() + b"\n")


def _fork(request: dict[str, Any], alive: int, own: list[int]) -> int:
    """The keeper's process id, which is its group's too."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # whom it reaches too early it must not pass by
    pid = os.fork()
    if pid:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.setpgid(pid, pid)  # in parent and child: whoever comes first, nobody can signal the wrong group
        return pid
    code = 70
    try:
        _become(request, own)
        command = os.fork()
        if command:
            code = _keep(command, alive)
        else:
            os.close(alive)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
            code = _run(request["argv"]) if request["module"] else _exec(request["argv"])
    except BaseException:  # noqa: BLE001 - whatever it was, the child must end here and never run the server's loop
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _keep(command: int, alive: int) -> int:
    """Wait for the command, and end as it ended; when the server is gone, end it with everything it has started."""

    def orphaned() -> None:
        os.read(alive, 1)
        _kill_group(os.getpgrp())

    if signal.SIGTERM in signal.sigpending():  # it came before there was a command; blocked here, it stops nothing else
        os.kill(command, signal.SIGTERM)
    threading.Thread(target=orphaned, daemon=True).start()
    code = os.waitstatus_to_exitcode(os.waitpid(command, 0)[1])
    if code < 0:
        with contextlib.suppress(OSError):  # SIGKILL cannot be set, and needs not
            signal.signal(-code, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
        os.kill(os.getpid(), -code)
    return code


_ENDING = {signal.SIGTERM}


def _become(request: dict[str, Any], own: list[int]) -> None:
    """Leave everything of the server behind."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    with contextlib.suppress(PermissionError):
        os.setpgid(0, 0)
    null = os.open(os.devnull, os.O_RDONLY)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    for descriptor in [*own, null, log]:
        os.close(descriptor)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["directory"])
    tempfile.tempdir = None  # the server's own choice must not outweigh the job's TMPDIR
    # The server's own start directory must not make up for a file that is missing in the job's code.
    home = str(Path(__file__).resolve().parents[2])
    added = [part for part in request["environment"].get("PYTHONPATH", "").split(os.pathsep) if part]
    sys.path[:] = [
        request["directory"],
        *added,
        *(part for part in sys.path if part and Path(part).resolve() != Path(home)),
    ]
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]


def _exec(argv: list[str]) -> int:
    """Become another program; return only when there is none."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # which Python has switched off for itself
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - the command of the request, as it stands
    except OSError as error:
        print(f"{argv[0]}: {error.strerror}", file=sys.stderr)
    return 127


def _run(argv: list[str]) -> int:
    """Do as `python -m argv[0] argv[1:]` does; return the exit code."""
    sys.argv = argv
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="runpy")
    try:
        runpy.run_module(argv[0], run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:  # noqa: BLE001 - the interpreter itself would do the same: a traceback and exit code 1
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main(sys.argv[1:])
