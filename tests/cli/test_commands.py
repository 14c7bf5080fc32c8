"""The command line as a process: what it says when something is wrong, and that it cleans up behind itself."""

import errno
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from local.cli.commands import app, clear_errors
from tests.cli.running_cloud import PLAIN, ROOT, RunningCloud, children, is_running

WINE = ROOT / "examples" / "wine" / "wine.csv"


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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the one cloud of this file was started; its state is in `state`."""
    return tmp_path_factory.mktemp("running")


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[RunningCloud]:
    """Runs for the tests of this file until the last of them interrupts it."""
    running = RunningCloud("--directory", "state", cwd=folder)
    yield running
    if running.process.poll() is None:
        running.interrupt()


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = local("up", "--port", str(port), cwd=tmp_path)
    assert ended.returncode == 2
    assert f"cannot listen on port {port}: " in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_in_a_sentence(code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, clear_errors():
        raise OSError(code, "No space left", "/data/state")
    assert ended.value.exit_code == 2
    assert capsys.readouterr().err.startswith("the disk is full: No space left (/data/state). Free some space")


def test_any_other_error_of_the_system_is_a_fault_with_its_traceback() -> None:
    with pytest.raises(OSError, match="strange"), clear_errors():
        raise OSError(errno.EIO, "strange")


@pytest.mark.timeout(300)
@pytest.mark.parametrize("command", [["up"], ["run", str(WINE)]])
def test_a_folder_in_use_is_refused_and_its_cloud_runs_on(
    command: list[str], running: RunningCloud, folder: Path
) -> None:
    ended = local(*command, "--directory", "state", cwd=folder)
    assert ended.returncode == 2
    assert f"in use by another embedded cloud, process {running.process.pid};" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert running.client("s3").list_buckets()["Buckets"]


@pytest.mark.timeout(300)
def test_up_prints_what_to_type_and_ends_cleanly_and_keeps_its_state(running: RunningCloud, folder: Path) -> None:
    s3 = running.client("s3")
    s3.put_object(Bucket=running.bucket(), Key="mine/note.txt", Body=b"kept")
    looked_over = running.ops("doctor")
    assert looked_over.returncode == 0, looked_over.stdout + looked_over.stderr
    assert "problem" not in looked_over.stdout
    below = children(running.process.pid)
    code, seconds = running.interrupt()
    assert code == 0
    assert seconds < 60
    assert [pid for pid in below if is_running(pid)] == []
    again = RunningCloud("--directory", "state", cwd=folder)
    try:
        body = again.client("s3").get_object(Bucket=again.bucket(), Key="mine/note.txt")["Body"]
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
@pytest.mark.timeout(300)
def test_a_file_that_cannot_be_used_is_answered_by_mail(tmp_path: Path) -> None:
    (tmp_path / "churn.csv").write_text("a,b,churned\n" + "1,2,no\n" * 300)
    ended = local("run", "churn.csv", "--target", "churned", cwd=tmp_path)
    assert ended.returncode == 1
    assert "mail:" in ended.stdout
    assert "churned" in ended.stdout
    assert "trial" not in ended.stdout
