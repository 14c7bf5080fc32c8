"""What is shipped to Lambda: small, complete, and importable where nothing else is.

The classic failure is a module that a laptop has and Lambda has not. So `app` is imported from the package alone, by
interpreters that see neither this environment's packages nor its variables.
"""

import ast
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.deployment.package import TEMPLATE, ZIP, build
from ops.target import OpsError
from tests.lambda_runtime.installed import package_folder

ROOT = Path(__file__).resolve().parents[2]
LARGEST = 15_000_000  # bytes, zipped
LAMBDA_VERSIONS = ("3.11", "3.12", "3.13")
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
IMPORT_APP = """
import os, sys
assert not os.environ.keys() - {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"}, dict(os.environ)
sys.path[:0] = sys.argv[1:]
before = set(sys.modules)
import app
loaded = set(sys.modules) - before
print("\\n".join(sorted({name.partition(".")[0] for name in loaded})))
"""


@pytest.fixture(scope="session")
def package(request: pytest.FixtureRequest) -> Path:
    """The folder that `make deploy` packages into, for this interpreter and this machine; of these files, made once."""
    assert request.config.cache is not None
    return package_folder(RUNNING, request.config.cache.mkdir("lambda-runtime"))


@pytest.fixture(scope="session")
def members(package: Path) -> dict[str, int]:
    """Everything in the zip, with its size unpacked in bytes."""
    with zipfile.ZipFile(package / ZIP) as archive:
        return {entry.filename: entry.file_size for entry in archive.infolist() if not entry.is_dir()}


def test_the_zip_is_small(package: Path) -> None:
    size = (package / ZIP).stat().st_size
    assert size < LARGEST, f"{size:,} bytes"


def test_the_zip_holds_the_app_and_its_requirements(members: dict[str, int]) -> None:
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / "chalicelib").rglob("*.py")}
    needed = {
        "app.py",
        "chalice/app.py",
        "yaml/__init__.py",
        "pydantic/__init__.py",
        "aws_lambda_powertools/__init__.py",
    }
    assert (ours | needed) - members.keys() == set()


def test_everything_in_the_zip_is_pinned(members: dict[str, int]) -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pinned = {line.partition("==")[0].lower().replace("-", "_") for line in lines if "==" in line}
    folders = {name.partition("/")[0] for name in members}
    assert {name.partition("-")[0].lower() for name in folders if name.endswith(".dist-info")} == pinned


def test_the_zip_holds_nothing_else(members: dict[str, int]) -> None:
    tops = {name.partition("/")[0] for name in members}
    unwanted = {
        "jobs",
        "local",
        "ops",
        "sagerelay",
        "tests",
        "examples",
        "benchmarks",
        "pandas",
        "numpy",
        "sklearn",
        "sagemaker",
    }
    assert tops & (unwanted | {"boto3", "botocore", "moto"}) == set()
    ours = {name for name in members if name.startswith("chalicelib/") and not name.endswith(".py")}
    assert ours == {"chalicelib/console/page.html"}


def test_the_template_has_a_function_for_every_handler(package: Path) -> None:
    """A handler that is missing in the template would never be called, and nobody would notice."""
    template = json.loads((package / TEMPLATE).read_text())
    handlers = {
        entry["Properties"]["Handler"]
        for entry in template["Resources"].values()
        if entry["Type"] == "AWS::Serverless::Function"
    }
    functions = [node for node in ast.parse((ROOT / "app.py").read_text()).body if isinstance(node, ast.FunctionDef)]
    decorated = {
        node.name for node in functions if any(ast.unparse(one).startswith("app.") for one in node.decorator_list)
    }
    assert decorated
    assert handlers == {f"app.{name}" for name in decorated}


@pytest.mark.slow
def test_what_is_deployed_is_for_lambda_s_python_and_machine_and_the_same_every_time(tmp_path: Path) -> None:
    build(tmp_path / "one")
    build(tmp_path / "two")
    with zipfile.ZipFile(tmp_path / "one" / ZIP) as archive:
        compiled = [name for name in archive.namelist() if name.endswith(".so")]
    assert compiled
    assert [name for name in compiled if not name.endswith(".cpython-313-aarch64-linux-gnu.so")] == []
    for name in (ZIP, TEMPLATE):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_cannot_be_packaged_is_told(tmp_path: Path) -> None:
    with pytest.raises(OpsError, match="no architecture riscv"):
        build(tmp_path / "out", architecture="riscv")


def test_a_package_without_a_wheel_for_lambda_is_told_and_not_left_out(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "infra", tmp_path / "infra")
    (tmp_path / ".chalice").mkdir()
    shutil.copy(ROOT / ".chalice" / "config.json", tmp_path / ".chalice")
    shutil.copy(ROOT / "app.py", tmp_path)
    shutil.copytree(ROOT / "chalicelib", tmp_path / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "requirements.txt").write_text("./nowhere-1.0.tar.gz\n")
    with pytest.raises(OpsError, match=r"failed for Python 3\.13 on arm64: (?s:.*)pip download"):
        build(tmp_path / "out", root=tmp_path)


def interpreters() -> Iterator[tuple[str, str | None]]:
    """The Python versions that Lambda offers, each with an interpreter of this machine or None."""
    for version in LAMBDA_VERSIONS:
        if sys.version_info[:2] == tuple(map(int, version.split("."))):
            yield version, sys.executable
            continue
        candidates = [
            shutil.which(f"python{version}"),
            *Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}"),
        ]
        yield version, next((str(path) for path in candidates if path and answers(str(path), version)), None)


def answers(interpreter: str, version: str) -> bool:
    """Whether it starts and is what its name says (pyenv puts shims on the PATH that may do neither)."""
    asked = subprocess.run(
        [interpreter, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip() == version


def wheels(version: str, folder: Path) -> None:
    """What requirements.txt names, for another Python or another system than the zip was made for."""
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    subprocess.run(
        [*install, "--python-version", version, "--target", folder, "-r", ROOT / "requirements.txt"], check=True
    )


@pytest.mark.parametrize(
    "version",
    [pytest.param(version, marks=() if version == RUNNING else pytest.mark.slow) for version in LAMBDA_VERSIONS],
)
def test_app_can_be_imported_from_the_package_alone(version: str, package: Path, tmp_path: Path) -> None:
    interpreter = dict(interpreters())[version]
    if interpreter is None:
        pytest.skip(f"no Python {version} on this machine")
    ours = {"app.py", "chalicelib", "chalice"}
    everything_fits = version == RUNNING and sys.platform == "linux"
    with zipfile.ZipFile(package / ZIP) as archive:
        members = [name for name in archive.namelist() if everything_fits or name.partition("/")[0] in ours]
        archive.extractall(tmp_path / "shipped", members=members)
    if not everything_fits:
        wheels(version, tmp_path / "wheels")
    done = subprocess.run(
        [interpreter, "-I", "-S", "-c", IMPORT_APP, tmp_path / "shipped", tmp_path / "wheels"],
        env={},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "app" in loaded
    assert loaded & {"boto3", "botocore"} == set(), "no client, and no boto3, before the first event needs one"
