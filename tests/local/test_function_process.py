"""A function's process ends with whoever started it, even by SIGKILL, and even in the middle of an event."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.running_cloud import all_gone

ROOT = Path(__file__).parents[2]
APP = """
import os, subprocess, time
from chalice.app import Chalice

app = Chalice(app_name="tiny")
{early}

@app.lambda_function()
def hangs(event, context):
    tell()
    time.sleep(600)
"""
TELL = """
def tell():
    child = subprocess.Popen(["sleep", "600"])
    with open("told.new", "w") as file:
        file.write(f"{os.getpid()} {child.pid}")
    os.rename("told.new", "told")
"""
PARENT = """
import json, sys, time
from pathlib import Path
from local.functions.process import FunctionProcess

process = FunctionProcess(Path(sys.argv[1]), {"PATH": "/usr/local/bin:/usr/bin:/bin"})
process.hello()
process.ask(json.loads(sys.argv[2]), 600)
"""
REQUEST = {"handler": "app.hangs", "event": {}, "request_id": "r", "function_name": "hangs", "memory_mb": 128,
           "arn": "a", "log_group": "g", "log_stream": "s", "deadline": 0, "environment": {}}  # fmt: skip


@pytest.mark.parametrize("early", [TELL, TELL + "tell()\ntime.sleep(600)"], ids=["in a handler", "while importing"])
def test_it_ends_with_its_parent_and_so_does_what_it_started(early: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP.replace("{early}", early))
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path), json.dumps(REQUEST)], cwd=ROOT)
    told, deadline = tmp_path / "told", time.monotonic() + 120
    try:
        while not told.exists():
            assert time.monotonic() < deadline
            assert parent.poll() is None
            time.sleep(0.05)
    finally:
        parent.kill()
        parent.wait()
    pids = {int(pid) for pid in told.read_text().split()}
    assert os.getpid() not in pids
    assert all_gone(pids, within=60)
