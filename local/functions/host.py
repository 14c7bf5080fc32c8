"""Lambda's side of a function: a process of its own that imports `app` once and handles one event at a time.

Started by `functions.py` with exactly the environment Lambda would give, in a directory that holds exactly what the zip
would hold. It must import nothing but the standard library, and nothing of this repository but `app`: whatever else it
imported, a handler could use here and miss on AWS. Requests and answers are lines of JSON on two pipes, so that
standard output stays the function's log. When the pipe of requests closes, whoever asked is gone (by SIGKILL, perhaps),
and this process ends at once, whatever its handler is doing: a thread reads that pipe.
"""

import importlib
import json
import os
import queue
import resource
import signal
import sys
import threading
import time
import traceback
from io import TextIOWrapper
from types import ModuleType
from typing import Any, TextIO


class Context:
    """The context object of Lambda's Python runtime."""

    client_context = None
    identity = None
    function_version = "$LATEST"

    def __init__(self, request: dict[str, Any]) -> None:
        self.aws_request_id: str = request["request_id"]
        self.function_name: str = request["function_name"]
        self.memory_limit_in_mb: str = str(request["memory_mb"])  # Lambda gives it as text
        self.invoked_function_arn: str = request["arn"]
        self.log_group_name: str = request["log_group"]
        self.log_stream_name: str = request["log_stream"]
        self._deadline: float = request["deadline"]

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.time()) * 1000))

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))


def described(module: ModuleType) -> dict[str, Any]:
    """What `app` registers: its functions, and the pattern or schedule each is called by."""
    app = module.app
    sources = [
        {
            "name": source.name,
            "handler": source.handler_string,
            "pattern": getattr(source, "event_pattern", None),
            "schedule": _expression(getattr(source, "schedule_expression", None)),
        }
        for source in app.event_sources
    ]
    direct = [
        {"name": function.name, "handler": function.handler_string, "pattern": None, "schedule": None}
        for function in app.pure_lambda_functions
    ]
    return {"app_name": app.app_name, "functions": sources + direct}


def _expression(schedule: Any) -> str | None:
    return schedule if schedule is None or isinstance(schedule, str) else str(schedule.to_string())


def failure(error: BaseException) -> dict[str, Any]:
    """An exception as Lambda answers it."""
    return {
        "errorType": type(error).__name__,
        "errorMessage": str(error),
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


def handle(module: ModuleType, request: dict[str, Any]) -> dict[str, Any]:
    """Calls the handler once. The result must be JSON, as for Lambda."""
    os.environ.update(request["environment"])
    handler = getattr(module, request["handler"].rpartition(".")[2])
    try:
        answer = {"result": json.loads(json.dumps(handler(request["event"], Context(request))))}
    except Exception as error:  # noqa: BLE001 - any exception of a handler is a failed invocation
        sys.stderr.write(f"[ERROR] {type(error).__name__}: {error}\n{traceback.format_exc()}")
        answer = {"error": failure(error)}
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {**answer, "memory_mb": rss // (1024 * 1024 if sys.platform == "darwin" else 1024)}


def _say(answers: TextIO, document: dict[str, Any]) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    answers.write(json.dumps(document) + "\n")
    answers.flush()


def main(task_root: str, requests_from: int, answers_to: int) -> None:
    """Serves until the parent closes its end, which it also does by dying."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests_from, waiting), name="requests", daemon=True).start()
    sys.path.insert(0, task_root)
    for stream in (sys.stdout, sys.stderr):  # UTF-8 as on Lambda, whatever locales this machine has
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    with os.fdopen(answers_to, "w", encoding="utf-8") as answers:
        try:
            module = importlib.import_module("app")
            hello = described(module)
        except Exception as error:  # noqa: BLE001 - told to whoever started us
            traceback.print_exc()
            _say(answers, {"error": failure(error)})
            return
        _say(answers, hello)
        while True:
            _say(answers, handle(module, json.loads(waiting.get())))


def _listen(requests_from: int, waiting: "queue.SimpleQueue[str]") -> None:
    """Passes requests on; at their end ends this process and whatever it has started."""
    with os.fdopen(requests_from, encoding="utf-8") as requests:
        for line in requests:
            waiting.put(line)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
