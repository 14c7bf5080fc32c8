"""Functions as Lambda runs them: awslambdaric in a process of its own, with Lambda's environment and nothing else.

The interpreter starts without its site-packages (-S, -s), so that what it can import is the standard library, the task
root and the runtime's folder, as on AWS. boto3 is pointed at the loopback address by the one variable that is not
Lambda's, and away from the user's own settings, which Lambda has no home directory for.
"""

from __future__ import annotations

import json
import queue
import subprocess
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from local import stack
from tests.lambda_runtime.installed import Function
from tests.lambda_runtime.runtime_api import Outcome, RuntimeApi

TIMEOUT = 60.0
"""Seconds for one event on a machine that is busy with other tests."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where functions run: an interpreter, Lambda's runtime for it, and the unpacked zip."""

    interpreter: str
    version: str
    runtime: Path
    task_root: Path


class Environment:
    """One execution environment: a function's process and its Runtime API. A context manager."""

    def __init__(
        self, place: Place, function: Function, variables: Mapping[str, str], logs: Path, *options: str
    ) -> None:
        self.function = function
        self.name = f"sagerelay-{function.handler.partition('.')[2]}"
        self.arn = f"arn:aws:lambda:{stack.REGION}:{stack.ACCOUNT}:function:{self.name}"
        self._log, self._errors = logs / f"{self.name}.log", logs / f"{self.name}.err"
        self._api = RuntimeApi()
        environment = {**self._lambdas_own(place), **variables}
        with self._log.open("wb") as log, self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                [place.interpreter, "-S", "-s", *options, "-m", "awslambdaric", function.handler],
                cwd=place.task_root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=errors,
            )

    def __enter__(self) -> Self:
        self._api.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        self._api.__exit__()
        assert self._api.complaints == []

    @property
    def log(self) -> str:
        """What CloudWatch Logs would get."""
        return self._log.read_text(encoding="utf-8")

    @property
    def errors(self) -> str:
        return self._errors.read_text(encoding="utf-8")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The structured lines of the log; one that is no JSON is a mistake."""
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]

    def initialized(self) -> Outcome | None:
        """Wait until the function is loaded and asks for its first event; the outcome if it cannot be."""
        return self._waited(lambda: self._api.asked.wait(0.02))

    def invoke(self, event: Any) -> Outcome:
        """Hand the function an event and wait for how it ends."""
        given = self._api.invoke(event, arn=self.arn, seconds=self.function.seconds)
        outcome = self._waited(lambda: False)
        assert outcome is not None
        assert outcome.request_id == given.request_id or outcome.kind == "init/error"
        return outcome

    def _waited(self, is_enough: Any) -> Outcome | None:
        for _ in range(round(TIMEOUT / 0.02)):
            if is_enough():
                return None
            try:
                return self._api.outcomes.get(timeout=0.02)
            except queue.Empty:
                assert self.process.poll() is None, f"the runtime ended:\n{self.log}\n{self.errors}"
        raise AssertionError(f"{self.name} did not answer:\n{self.log}\n{self.errors}")

    def _lambdas_own(self, place: Place) -> dict[str, str]:
        return {
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "_HANDLER": self.function.handler,
            "LAMBDA_TASK_ROOT": str(place.task_root),
            "LAMBDA_RUNTIME_DIR": str(place.runtime),
            "PYTHONPATH": str(place.runtime),
            "AWS_REGION": stack.REGION,
            "AWS_DEFAULT_REGION": stack.REGION,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{place.version}",
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.function.memory_mb),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{self.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": f"2026/11/22/[$LATEST]{uuid.uuid4().hex}",
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PATH": "/usr/local/bin:/usr/bin/:/bin",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            **stack.LAMBDA.environment(),
        }
