"""The wheel and what pip makes of it, for the tests of this folder."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def build(kind: str, out: Path, *, root: Path = ROOT) -> Path:
    """`kind`: wheel or sdist; the file that hatchling makes."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", str(out)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (made,) = out.iterdir()
    return made


def install(wheel: Path, folder: Path) -> None:
    """What `pip install` puts into site-packages, in a folder of its own; the packages of this environment do for an
    extra's."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    done = subprocess.run(
        [*pip, "--no-compile", "--target", str(folder), str(wheel)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


class Installed:
    """The command `sagerelay` of a folder that it was installed into."""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.program = site / "bin" / "sagerelay"

    def environment(self, **more: str) -> dict[str, str]:
        """Nothing of this checkout, and no leftovers in the folder."""
        plain = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "TERM": "dumb",
            "COLUMNS": "100",
            "HOME": str(self.site.parent),
        }
        return {**plain, "PYTHONPATH": str(self.site), "PYTHONDONTWRITEBYTECODE": "1", **more}

    def run(self, *arguments: str, cwd: Path, isolated: bool = False, **more: str) -> subprocess.CompletedProcess[str]:
        """`isolated`: where no other package is installed."""
        command = [*([sys.executable, "-S"] if isolated else []), str(self.program), *arguments]
        environment = self.environment(**more)
        return subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=240, check=False
        )

    def files(self) -> dict[str, bytes]:
        """All that lies in the folder, but for what Python itself compiles there if it may."""
        paths = (path for path in self.site.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {str(path.relative_to(self.site)): path.read_bytes() for path in paths}
