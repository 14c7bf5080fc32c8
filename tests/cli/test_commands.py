"""The command line as a process: what it says when something is wrong, and that it cleans up behind itself."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from typer.testing import CliRunner

from local.cli.commands import app

ROOT = Path(__file__).resolve().parents[2]
WINE = ROOT / "examples" / "wine" / "wine.csv"
PLAIN = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "dumb", "COLUMNS": "80"}


def local(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local", *arguments]
    return subprocess.run(command, cwd=cwd, env=PLAIN, capture_output=True, text=True, timeout=280, check=False)


@pytest.mark.parametrize("command", [[], ["demo"], ["run"], ["up"]])
def test_every_command_explains_itself(command: list[str]) -> None:
    told = CliRunner().invoke(app, [*command, "--help"])
    assert told.exit_code == 0
    assert "Usage:" in told.output


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nope.csv"], "nope.csv: no such file"),
        ([str(ROOT / "Makefile")], "does not look like a data file"),
        ([str(WINE), "--name", "My Wine"], "Try --name my-wine."),
        ([str(WINE), "--settings", "nope.yaml"], "nope.yaml cannot be read"),
        ([str(WINE), "--out", "/dev/null/reports"], "cannot write in /dev/null/reports"),
        ([str(WINE), "--directory", "/dev/null/state"], "cannot write in /dev/null/state"),
    ],
)
def test_a_mistake_is_said_once_and_without_a_traceback(arguments: list[str], complaint: str, tmp_path: Path) -> None:
    ended = local("run", *arguments, cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert complaint in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("\n") == 1


class Standing:
    """A running `up`."""

    def __init__(self, *arguments: str, cwd: Path) -> None:
        command = [sys.executable, "-u", "-m", "local", "up", *arguments]
        self.process = subprocess.Popen(
            command, cwd=cwd, env=PLAIN, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self.process.stdout is not None
        self.lines: list[str] = []
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("What happens"):
                break

    def exported(self) -> dict[str, str]:
        return dict(re.findall(r"^  export (\w+)=(.*)$", "\n".join(self.lines), re.MULTILINE))

    def ops(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ops", *arguments]
        environment = PLAIN | self.exported()
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def client(self, service: str) -> object:
        exported = self.exported()
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=exported["AWS_ENDPOINT_URL"],
            region_name=exported.get("AWS_REGION") or exported["AWS_DEFAULT_REGION"],
            aws_access_key_id=exported["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=exported["AWS_SECRET_ACCESS_KEY"],
        )

    def bucket(self) -> str:
        (name,) = re.findall(r"its bucket is (\S+)\.", "\n".join(self.lines))
        return str(name)

    def interrupt(self) -> tuple[int, float]:
        """Ctrl-C: the exit code and how long the end took."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        self.lines += self.process.communicate(timeout=30)[0].splitlines()
        return self.process.returncode, time.monotonic() - start


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[Standing]:
    running = Standing("--directory", "state", cwd=tmp_path)
    yield running
    if running.process.poll() is None:
        running.interrupt()


def children(pid: int) -> set[int]:
    """The process ids below this one, as ps tells them."""
    table = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = {int(child): int(parent) for child, parent in (line.split() for line in table.splitlines())}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def is_running(pid: int) -> bool:
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(shown.strip()) and not shown.startswith("Z")


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = local("up", "--port", str(port), cwd=tmp_path)
    assert ended.returncode == 2
    assert f"cannot listen on port {port}: " in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.timeout(120)
def test_up_prints_what_to_type_and_ends_cleanly_and_keeps_its_state(standing: Standing, tmp_path: Path) -> None:
    s3 = standing.client("s3")
    s3.put_object(Bucket=standing.bucket(), Key="mine/note.txt", Body=b"kept")  # type: ignore[attr-defined]
    looked_over = standing.ops("doctor")
    assert looked_over.returncode == 0, looked_over.stdout + looked_over.stderr
    assert "problem" not in looked_over.stdout
    below = children(standing.process.pid)
    code, seconds = standing.interrupt()
    assert code == 0
    assert seconds < 10
    assert [pid for pid in below if is_running(pid)] == []
    again = Standing("--directory", "state", cwd=tmp_path)
    try:
        body = again.client("s3").get_object(Bucket=again.bucket(), Key="mine/note.txt")["Body"]  # type: ignore[attr-defined]
        assert body.read() == b"kept"
    finally:
        again.interrupt()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_file_becomes_a_live_model_and_a_report(tmp_path: Path) -> None:
    ended = local("run", WINE, "--target", "cultivar", "--trials", "2", cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "trial 2 of 2" in ended.stdout
    (folder,) = (tmp_path / "reports").iterdir()
    assert {"report.html", "evaluation.json", "mail-1.txt"} <= {path.name for path in folder.iterdir()}
    assert f"Report: {folder / 'report.html'}" in ended.stdout


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_a_file_that_cannot_be_used_is_answered_by_mail(tmp_path: Path) -> None:
    (tmp_path / "churn.csv").write_text("a,b,churned\n" + "1,2,no\n" * 300)
    ended = local("run", "churn.csv", "--target", "churned", cwd=tmp_path)
    assert ended.returncode == 1
    assert "mail:" in ended.stdout
    assert "churned" in ended.stdout
    assert "trial" not in ended.stdout
