"""`python -m local.serving --config FILE`: serve an endpoint until SIGTERM.

The parent opens a free loopback port and forks one worker a core; all accept from the same socket. Forking comes
before any model is loaded, because XGBoost's threads do not survive it, and after the imports, which are paid once.
The ready file is written when every worker has its models; a worker that dies ends the endpoint, as a container that
dies would. A worker whose parent is gone ends by itself.
"""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import traceback
from pathlib import Path
from types import FrameType

import uvicorn

from local.containers.errors import UserError
from local.serving import read_only
from local.serving.application import LARGEST_PAYLOAD, Application
from local.serving.capture import Capture, Settings, s3_put
from local.serving.config import EndpointConfig, captured_directory, read_config
from local.serving.pipeline import install_code, load

_BACKLOG = 512


def main() -> int:
    """Exit code 0 after SIGTERM or SIGINT, 1 when a worker could not start or died."""
    parser = argparse.ArgumentParser(description="Serve an endpoint on a free loopback port.")
    parser.add_argument("--config", type=Path, required=True)
    config = read_config(parser.parse_args().config)
    _redirect(config.log_file)
    try:
        install_code(config.containers)
    except UserError as error:
        print(error, flush=True)
        return 1
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in the container: processes, not threads, share the cores
    # The protocol is named because asyncio switches Nagle's algorithm off (40 ms a request) only where it is.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(_BACKLOG)
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    alive_read, alive_write = os.pipe()
    ready_read, ready_write = os.pipe()
    children: list[int] = []
    try:
        for _ in range(config.workers or os.cpu_count() or 1):
            child = os.fork()
            if child == 0:
                os.close(alive_write)
                os.close(ready_read)
                _work(config, listening, alive_read, ready_write)
            children.append(child)
        os.close(ready_write)
        if not _all_ready(ready_read, len(children)):
            return 1
        _write_ready(config.ready_file, listening.getsockname()[1])
        ended, status = os.wait()
        children.remove(ended)
        print(f"worker {ended} died with {os.waitstatus_to_exitcode(status)}", flush=True)
    except SystemExit:
        return 0
    finally:
        _end(children)
    return 1


def _leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    for again in (signal.SIGTERM, signal.SIGINT):  # told twice, it must still wait for the workers
        signal.signal(again, signal.SIG_IGN)
    raise SystemExit(0)


def _redirect(log_file: Path | None) -> None:
    if log_file is None:
        return
    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("ab") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())


def _all_ready(ready: int, expected: int) -> bool:
    """One byte a worker; end of file before that means that one has died."""
    told = 0
    while told < expected:
        said = os.read(ready, expected)
        if not said or b"x" in said:
            return False
        told += len(said)
    return True


def _write_ready(path: Path, port: int) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(json.dumps({"port": port, "pid": os.getpid()}))
    unfinished.replace(path)


def _end(children: list[int]) -> None:
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)
    for child in children:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(child, 0)


def _work(config: EndpointConfig, listening: socket.socket, alive: int, ready: int) -> None:
    """A worker's whole life; never returns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal reaches everybody; the parent decides
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn raises it again when it has shut down; capture comes after
    code = 1
    try:
        if config.read_only_but:
            read_only.hold(config.ready_file.parent, config.read_only_but)
        pipeline = load(config.containers)
        settings = Settings.read(config.capture)
        capture = (
            Capture(settings, config.endpoint, config.variant, s3_put(), captured_directory(config.ready_file.parent))
            if settings
            else None
        )
        application = Application(pipeline, config.variant, capture, config.largest or LARGEST_PAYLOAD)
        server = uvicorn.Server(_settings(application))
        asyncio.run(_serve(server, listening, alive, ready))
        if capture is not None:
            capture.close()
        code = 0
    except BaseException:  # noqa: BLE001 - the outermost edge of a forked process: nothing may reach the parent's code
        traceback.print_exc()
        os.write(ready, b"x")
    finally:
        sys.stdout.flush()
        os._exit(code)


def _settings(application: Application) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http="httptools",
        loop="asyncio",
        lifespan="off",
        ws="none",
        backlog=1,  # asyncio accepts so many connections at once: one worker must not take them all
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=10,
    )


async def _serve(server: uvicorn.Server, listening: socket.socket, alive: int, ready: int) -> None:
    def orphaned() -> None:
        server.should_exit = True

    asyncio.get_running_loop().add_reader(alive, orphaned)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started and not serving.done():
        await asyncio.sleep(0.01)
    listening.listen(_BACKLOG)  # the kernel's queue may be long again
    os.write(ready, b"r")
    await serving


if __name__ == "__main__":
    sys.exit(main())
