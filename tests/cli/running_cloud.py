"""`python -m local up` as a process of its own, and what runs below it."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import boto3

ROOT = Path(__file__).resolve().parents[2]
PLAIN = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "dumb", "COLUMNS": "80"}


class RunningCloud:
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
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)

    def client(self, service: str) -> Any:
        exported = self.exported()
        return boto3.client(
            service,
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
        try:
            self.lines += self.process.communicate(timeout=120)[0].splitlines()
        finally:
            self.process.kill()  # nothing, when it has ended
        return self.process.returncode, time.monotonic() - start


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


def all_gone(pids: set[int], within: float) -> bool:
    """Whether all these processes end in so many seconds."""
    deadline = time.monotonic() + within
    while any(is_running(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True
