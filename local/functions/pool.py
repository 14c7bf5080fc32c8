"""Lambda: a small pool of warm processes that run the handlers of a Chalice app, one event at a time each.

A handler must not be able to tell the difference: it gets Lambda's environment and nothing of the user's, finds only
what the zip would hold, is killed when its time is up, and an exception, an exit or a kill is a failed invocation,
which the bus retries. Any process of the pool can run any function, unlike on AWS, because a process a function would
cost the laptop seconds and memory for nothing.
"""

import json
import queue
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.events.delivery import InvocationFailed, Rule
from local.events.envelopes import Envelope
from local.functions.logs import FunctionLogs
from local.functions.process import FunctionProcess, ProcessEnded

_SHIPPED = ("app.py", "chalicelib")  # what `chalice package` puts into the zip


@dataclass(frozen=True, slots=True)
class Limits:
    """Chalice's defaults. Seconds, MB."""

    timeout: float = 60
    memory_mb: int = 128


@dataclass(frozen=True, slots=True)
class Settings:
    """What of `.chalice/config.json` matters to a running function."""

    environment: Mapping[str, str]
    limits: Mapping[str, Limits]
    default: Limits

    def of(self, function: str) -> Limits:
        return self.limits.get(function, self.default)


def read_settings(app_directory: Path) -> Settings:
    """Reads the configuration of the app's first stage; none at all is Chalice's defaults."""
    path = app_directory / ".chalice" / "config.json"
    config = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    stage: dict[str, Any] = next(iter(config.get("stages", {}).values()), {})

    def limits(values: Mapping[str, Any]) -> Limits:
        return Limits(values.get("lambda_timeout", 60), values.get("lambda_memory_size", 128))

    whole = {**config, **stage}
    own = {name: limits({**whole, **values}) for name, values in stage.get("lambda_functions", {}).items()}
    environment = {**config.get("environment_variables", {}), **stage.get("environment_variables", {})}
    return Settings(environment, own, limits(whole))


@dataclass(frozen=True, slots=True)
class _Function:
    name: str
    handler: str
    pattern: dict[str, Any] | None
    schedule: str | None


class Functions:
    """The functions of one app, between `start` and `stop`; `invoke` may be called from many threads.

    `environment`: what the stack sets, without Lambda's own variables, which are added here.
    """

    def __init__(
        self,
        app_directory: Path,
        *,
        directory: Path,
        environment: Mapping[str, str],
        region: str,
        account: str,
        logs: FunctionLogs,
        stage: str = "local",
        processes: int = 2,
    ) -> None:
        self._settings = read_settings(app_directory)
        self._task_root = _task_root(app_directory, directory)
        self._region, self._account, self._stage = region, account, stage
        self._logs = logs
        self._environment = {**self._settings.environment, **environment, **self._runtime_environment()}
        self._idle: queue.LifoQueue[FunctionProcess | None] = queue.LifoQueue()  # None: there will be no more
        self._alive: set[FunctionProcess] = set()
        self._lock = threading.Lock()
        self._stopping = False
        self._size = processes
        self._functions: dict[str, _Function] = {}
        self._app_name = ""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._functions)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Which events each function wants, as its decorator says."""
        return tuple(
            Rule(f"{self._full_name(f.name)}-event", f.name, f.pattern, f.schedule)
            for f in self._functions.values()
            if f.pattern is not None or f.schedule is not None
        )

    def spawn(self) -> None:
        """Starts the processes without waiting for them, so that something else can be done meanwhile."""
        for _ in range(self._size):
            self._idle.put(self._spawn())

    def start(self) -> None:
        """Waits until `app` is imported. Raises RuntimeError with the traceback when it cannot be."""
        if not self._alive:
            self.spawn()
        process = self._take()
        try:
            hello = process.hello()
        except (ProcessEnded, TimeoutError) as error:
            self._idle.put(process)
            self.stop()
            raise RuntimeError(str(error) or "importing app.py takes too long") from error
        self._idle.put(process)
        self._app_name = hello["app_name"]
        self._functions = {described["name"]: _Function(**described) for described in hello["functions"]}

    def invoke(self, function: str, event: Envelope) -> object:
        """Runs a handler and gives its result. Raises InvocationFailed, or KeyError for a function `app` lacks."""
        called = self._functions[function]
        timeout = self._settings.of(function).timeout
        process = self._take()
        request = self._request(called, event)
        told = f"RequestId: {request['request_id']} Error: "
        begun, answer, note = time.monotonic(), None, ""
        try:
            process.hello()
            begun = time.monotonic()
            answer = process.ask(request, timeout)
        except TimeoutError:
            note = f"{told}Task timed out after {timeout:.2f} seconds"
            raise InvocationFailed("Sandbox.Timedout", note) from None
        except ProcessEnded as error:
            note = f"{told}Runtime exited with error: {error}"
            raise InvocationFailed("Runtime.ExitError", note) from error
        finally:
            self._write_log(request, [*process.log(), *note.splitlines()], time.monotonic() - begun, answer)
            self._give_back(process, healthy=answer is not None)
        if "error" in answer:
            raise InvocationFailed(answer["error"]["errorType"], answer["error"]["errorMessage"])
        return answer["result"]

    def stop(self) -> None:
        """Ends every process, busy or not."""
        with self._lock:
            self._stopping = True
            alive = list(self._alive)
            self._alive.clear()
        for busy_or_idle in alive:
            busy_or_idle.kill()
        while not self._idle.empty():
            if (process := self._idle.get()) is not None:
                process.end()
        self._idle.put(None)

    @property
    def pids(self) -> tuple[int, ...]:
        with self._lock:
            return tuple(process.pid for process in self._alive)

    def _take(self) -> FunctionProcess:
        process = self._idle.get()
        if process is None:
            self._idle.put(None)  # for the next who waits
            raise InvocationFailed("Stopped", "the embedded cloud is stopping")
        return process

    def _spawn(self) -> FunctionProcess:
        process = FunctionProcess(self._task_root, self._environment)
        with self._lock:
            self._alive.add(process)
        return process

    def _give_back(self, process: FunctionProcess, *, healthy: bool) -> None:
        if healthy and not self._stopping:
            self._idle.put(process)
            return
        with self._lock:
            self._alive.discard(process)
        process.end()
        if not self._stopping:
            self._idle.put(self._spawn())

    def _full_name(self, function: str) -> str:
        return f"{self._app_name}-{self._stage}-{function}"

    def _request(self, called: _Function, event: Envelope) -> dict[str, Any]:
        limits, name = self._settings.of(called.name), self._full_name(called.name)
        group, stream = f"/aws/lambda/{name}", f"{datetime.now(UTC):%Y/%m/%d}/[$LATEST]{uuid.uuid4().hex}"
        return {
            "handler": called.handler,
            "event": event,
            "request_id": str(uuid.uuid4()),
            "function_name": name,
            "memory_mb": limits.memory_mb,
            "arn": f"arn:aws:lambda:{self._region}:{self._account}:function:{name}",
            "log_group": group,
            "log_stream": stream,
            "deadline": time.time() + limits.timeout,
            "environment": {
                "AWS_LAMBDA_FUNCTION_NAME": name,
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(limits.memory_mb),
                "AWS_LAMBDA_LOG_GROUP_NAME": group,
                "AWS_LAMBDA_LOG_STREAM_NAME": stream,
                "_HANDLER": called.handler,
            },
        }

    def _write_log(
        self, request: Mapping[str, Any], lines: list[str], seconds: float, answer: Mapping[str, Any] | None
    ) -> None:
        """The lines of one invocation between those that Lambda writes around them."""
        told = f"RequestId: {request['request_id']}"
        report = f"REPORT {told}\tDuration: {seconds * 1000:.2f} ms\tMemory Size: {request['memory_mb']} MB"
        report += f"\tMax Memory Used: {answer['memory_mb']} MB" if answer else "\tStatus: error"
        whole = [f"START {told} Version: $LATEST", *lines, f"END {told}", report]
        function = request["function_name"].removeprefix(self._full_name(""))
        self._logs.write(function=function, group=request["log_group"], stream=request["log_stream"], lines=whole)

    def _runtime_environment(self) -> dict[str, str]:
        return {
            "AWS_REGION": self._region,
            "AWS_DEFAULT_REGION": self._region,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            # The pool is started before there are events: functions that are kept ready, as Lambda sells them.
            "AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency",
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.12",
            "LAMBDA_TASK_ROOT": str(self._task_root),
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            # Lambda has no home directory; here boto3 would find the user's own settings and credentials.
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }


def _task_root(app_directory: Path, directory: Path) -> Path:
    """A directory that holds what the zip would hold: a handler that imports more fails here already."""
    root = directory / "task"
    root.mkdir(parents=True, exist_ok=True)
    for name in _SHIPPED:
        link, original = root / name, (app_directory / name).resolve()
        link.unlink(missing_ok=True)
        if original.exists():
            link.symlink_to(original)
    return root
