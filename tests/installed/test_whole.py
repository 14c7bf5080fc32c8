"""The installed command for real: the demo from an empty folder, and the package that a deployment is made of."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sagerelay.carried import copied
from tests.installed.wheels import ROOT, Installed

pytestmark = pytest.mark.slow
PACKAGE = "import sys; from pathlib import Path; from ops.deployment.package import build; build(Path(sys.argv[1]))"


def up(installed: Installed, folder: Path, directory: str) -> tuple["subprocess.Popen[str]", list[str]]:
    """`sagerelay up`, and the lines it begins with."""
    process = subprocess.Popen(
        [sys.executable, "-u", installed.program, "up", "--directory", directory],
        cwd=folder, env=installed.environment(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip())
        if line.startswith("What happens"):
            break
    return process, lines


def test_the_demo_and_what_it_tells_to_do_next(installed: Installed, tmp_path: Path) -> None:
    before = installed.files()
    done = installed.run("demo", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The model is live." in done.stdout
    assert "-m local" not in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {".sagerelay", "reports"}
    process, lines = up(installed, tmp_path, ".sagerelay/demo")
    try:
        assert [line for line in lines if "sagerelay check my" in line]
        exported = dict(re.findall(r"^  export (\w+)=(.*)$", "\n".join(lines), re.MULTILINE))
        status = installed.run("status", cwd=tmp_path, **exported)
        assert (status.returncode, "employment" in status.stdout) == (0, True), status.stderr
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
    assert process.returncode == 0
    assert installed.files() == before, "nothing is written where it is installed"


def test_what_is_deployed_is_the_same_from_a_wheel_as_from_a_checkout(installed: Installed, tmp_path: Path) -> None:
    copy = copied(installed.site / "sagerelay" / "tree", tmp_path / "cache")
    for name, tree in (("wheel", copy), ("checkout", ROOT)):
        command = [sys.executable, "-P", "-c", PACKAGE, str(tmp_path / name)]
        subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tree)}, check=True)
    for name in ("deployment.zip", "sam.json"):
        assert (tmp_path / "wheel" / name).read_bytes() == (tmp_path / "checkout" / name).read_bytes()
