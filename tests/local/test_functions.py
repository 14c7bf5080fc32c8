"""Lambda with real processes and tiny Chalice apps."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.events.delivery import InvocationFailed, Rule
from local.functions.logs import FunctionLogs
from local.functions.pool import Functions, Limits, read_settings

APP = """
import json, os, subprocess, sys, time
from chalice.app import Chalice, Rate
from chalicelib.word import WORD

app = Chalice(app_name="tiny")
print("imported")

@app.on_cw_event({"source": ["aws.s3"], "detail": {"object": {"key": [{"prefix": "datasets/"}]}}})
def uploaded(event):
    print("got", event.detail["object"]["key"])
    return {"key": event.detail["object"]["key"], "word": WORD}

@app.schedule(Rate(5, unit=Rate.MINUTES))
def sweep(event):
    return event.to_dict()["detail-type"]

@app.lambda_function()
def see(event, context):
    found = []
    for name in ("local", "jobs", "ops"):
        try:
            __import__(name)
            found.append(name)
        except ImportError:
            pass
    return {"environment": dict(os.environ), "pid": os.getpid(), "found": found, "cwd": sorted(os.listdir()),
            "context": {name: getattr(context, name) for name in (
                "function_name", "memory_limit_in_mb", "aws_request_id", "invoked_function_arn", "function_version")},
            "remaining": context.get_remaining_time_in_millis()}

@app.lambda_function()
def fails(event, context):
    raise ValueError("no such column: b")

@app.lambda_function()
def leaves(event, context):
    sys.exit(3)

@app.lambda_function()
def hangs(event, context):
    print("about to hang")
    time.sleep(60)

@app.lambda_function()
def answers_no_json(event, context):
    return object()

@app.lambda_function()
def waits(event, context):
    time.sleep(0.3)
    return os.getpid()
"""
CONFIG = {
    "version": "2.0",
    "app_name": "tiny",
    "lambda_memory_size": 256,
    "environment_variables": {"POWERTOOLS_SERVICE_NAME": "tiny", "OVERRIDDEN": "by the app"},
    "stages": {
        "prod": {
            "environment_variables": {"STAGE": "prod"},
            "lambda_functions": {"hangs": {"lambda_timeout": 0.3}},
        }
    },
}


def make_app(directory: Path, source: str = APP) -> Path:
    (directory / "chalicelib").mkdir(parents=True)
    (directory / "chalicelib" / "__init__.py").touch()
    (directory / "chalicelib" / "word.py").write_text('WORD = "from the library"\n')
    (directory / "app.py").write_text(source)
    (directory / ".chalice").mkdir()
    (directory / ".chalice" / "config.json").write_text(json.dumps(CONFIG))
    return directory


Make = Callable[..., Functions]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Functions] = []

    def make(source: str = APP, **options: Any) -> Functions:
        functions = Functions(
            make_app(tmp_path / "repository", source),
            directory=tmp_path / "state",
            environment={"SAGERELAY_BUCKET": "b", "OVERRIDDEN": "by the stack"},
            region="us-east-1",
            account="123456789012",
            logs=FunctionLogs(tmp_path / "logs", None),
            **options,
        )
        made.append(functions)
        return functions

    yield make
    for functions in made:
        functions.stop()


def test_an_app_is_described_and_its_handlers_run(make: Make, tmp_path: Path) -> None:
    functions = make()
    functions.start()
    pattern = {"source": ["aws.s3"], "detail": {"object": {"key": [{"prefix": "datasets/"}]}}}
    assert functions.rules == (
        Rule("tiny-local-uploaded-event", "uploaded", pattern=pattern),
        Rule("tiny-local-sweep-event", "sweep", schedule="rate(5 minutes)"),
    )
    event = {
        "version": "0", "id": "i", "detail-type": "Object Created", "source": "aws.s3", "account": "1", "time": "t",
        "region": "r", "resources": [], "detail": {"object": {"key": "datasets/grün"}},
    }  # fmt: skip
    assert functions.invoke("uploaded", event) == {"key": "datasets/grün", "word": "from the library"}
    assert functions.invoke("sweep", event) == "Object Created"
    assert "got datasets/grün\n" in (tmp_path / "logs" / "uploaded.log").read_text("utf-8")


def test_a_function_sees_lambdas_environment_and_nothing_of_ours(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "the user's own")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    functions = make()
    functions.start()
    seen: Any = functions.invoke("see", {})
    environment = seen["environment"]
    assert environment["SAGERELAY_BUCKET"] == "b"
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == "tiny-local-see"
    assert (environment["POWERTOOLS_SERVICE_NAME"], environment["STAGE"]) == ("tiny", "prod")
    assert environment["OVERRIDDEN"] == "by the stack"
    assert not {"AWS_PROFILE", "PYTHONPATH", "HOME", "PYTEST_CURRENT_TEST"} & set(environment)
    assert seen["found"] == []
    assert set(seen["cwd"]) - {"__pycache__"} == {"app.py", "chalicelib"}
    assert seen["context"]["function_name"] == "tiny-local-see"
    assert seen["context"]["memory_limit_in_mb"] == "256"
    assert seen["context"]["invoked_function_arn"] == "arn:aws:lambda:us-east-1:123456789012:function:tiny-local-see"
    assert 59_000 < seen["remaining"] <= 60_000


def test_failures_are_what_lambda_calls_them_and_the_next_event_is_served(make: Make) -> None:
    functions = make(processes=1)
    functions.start()
    for name, kind, text in (
        ("fails", "ValueError", "no such column: b"),
        ("answers_no_json", "TypeError", "not JSON serializable"),
        ("leaves", "Runtime.ExitError", "exit status 3"),
        ("hangs", "Sandbox.Timedout", "timed out after 0.30 seconds"),
    ):
        with pytest.raises(InvocationFailed) as failed:
            functions.invoke(name, {})
        assert failed.value.kind == kind
        assert text in failed.value.message
    assert functions.invoke("see", {})


def test_a_warm_process_is_kept_and_a_killed_one_replaced(make: Make) -> None:
    functions = make(processes=1)
    functions.start()
    first: Any = functions.invoke("waits", {})
    assert functions.invoke("waits", {}) == first
    killer = threading.Timer(0.1, os.kill, (first, signal.SIGKILL))
    killer.start()
    with pytest.raises(InvocationFailed, match="SIGKILL"):
        functions.invoke("waits", {})
    killer.join()
    assert functions.invoke("waits", {}) not in (None, first)


def test_the_log_of_an_invocation_stands_between_lambdas_own_lines(make: Make, tmp_path: Path) -> None:
    functions = make(processes=1)
    functions.start()
    with pytest.raises(InvocationFailed):
        functions.invoke("fails", {})
    with pytest.raises(InvocationFailed):
        functions.invoke("hangs", {})
    lines = (tmp_path / "logs" / "fails.log").read_text().splitlines()
    assert lines[0].startswith("START RequestId: ")
    assert lines[1:3] == ["imported", "[ERROR] ValueError: no such column: b"]
    assert lines[-1].startswith("REPORT RequestId: ")
    assert "Max Memory Used" in lines[-1]
    hung = (tmp_path / "logs" / "hangs.log").read_text()
    assert "about to hang\n" in hung
    assert "Task timed out" in hung


def test_two_events_run_at_once_and_each_process_one_at_a_time(make: Make) -> None:
    functions = make()
    functions.start()
    pids: list[Any] = []
    threads = [threading.Thread(target=lambda: pids.append(functions.invoke("waits", {}))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(pids)) == 2
    assert len(pids) == 4


def test_an_app_that_cannot_be_imported_says_why_and_leaves_no_process(make: Make) -> None:
    functions = make("import pandas_of_the_moon\n")
    with pytest.raises(RuntimeError, match="No module named 'pandas_of_the_moon'"):
        functions.start()
    assert functions.pids == ()


def test_stopping_ends_every_process_even_a_busy_one(make: Make) -> None:
    functions = make()
    functions.start()
    pids = functions.pids
    failures: list[InvocationFailed] = []

    def call() -> None:
        try:
            functions.invoke("waits", {})
        except InvocationFailed as error:
            failures.append(error)

    threads = [threading.Thread(target=call) for _ in range(3)]  # the third waits for a process
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    functions.stop()
    for thread in threads:
        thread.join(5)
    assert len(failures) == 3
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_limits_are_the_apps_own_for_the_function_then_the_stage_then_chalices(tmp_path: Path) -> None:
    settings = read_settings(make_app(tmp_path / "app"))
    assert settings.of("hangs") == Limits(0.3, 256)
    assert settings.of("see") == Limits(60, 256)
    assert read_settings(tmp_path).of("see") == Limits(60, 128)


class FakeLogsClient:
    class exceptions:  # noqa: N801 - as boto3 spells it
        class ResourceAlreadyExistsException(Exception):  # noqa: N818
            pass

    def __init__(self) -> None:
        self.groups: list[str] = []
        self.lines: list[str] = []

    def create_log_group(self, *, logGroupName: str) -> None:  # noqa: N803
        if logGroupName in self.groups:
            raise self.exceptions.ResourceAlreadyExistsException
        self.groups.append(logGroupName)

    def create_log_stream(self, **names: str) -> None:
        """Nothing to keep."""

    def put_log_events(self, *, logEvents: list[dict[str, Any]], **_names: str) -> None:  # noqa: N803
        self.lines += [event["message"] for event in logEvents]


def test_logs_are_shipped_whole_before_the_end(tmp_path: Path) -> None:
    client = FakeLogsClient()
    logs = FunctionLogs(tmp_path, lambda: client)
    for number in range(3):
        logs.write(
            function="f", group="/aws/lambda/f", stream=str(number), lines=[f"{number}-{n}" for n in range(1500)]
        )
    logs.close()
    assert client.groups == ["/aws/lambda/f"]
    assert len(client.lines) == 4500
    assert (tmp_path / "f.log").read_text().splitlines() == client.lines
