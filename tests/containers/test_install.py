"""The start of a container in script mode: pip installs its code, and nothing may be fetched for that."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from local.containers.errors import UserError
from local.containers.xgboost.install import install
from tests.serving.endpoints import script, trained

ISOLATION = "PIP_NO_BUILD_ISOLATION"


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The code in a real encoder's artifact."""
    return trained(tmp_path_factory.mktemp("models"))["encode"] / "code"


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize("program", ["encode.py", "decode.py"])
def test_the_relays_containers_start_without_an_index(tmp_path: Path, code: Path, program: str) -> None:
    before = files(code)
    install(code, program.removesuffix(".py"), script(program), remembered=tmp_path)
    assert files(code) == before


@pytest.mark.parametrize("value", [None, "1", "true"])
def test_in_pips_isolation_no_container_starts(
    tmp_path: Path, code: Path, value: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    """`1` is not what it looks like: pip reads the variable as the answer to `--build-isolation`."""
    environment = {key: text for key, text in script("encode.py").items() if key != ISOLATION}
    with pytest.raises(UserError, match=r"pip install \. ended with exit code 1"):
        install(code, "encode", environment | ({ISOLATION: value} if value else {}), remembered=tmp_path)
    assert "setuptools" in "".join(capfd.readouterr())
    assert not list(tmp_path.iterdir())


def test_what_is_not_in_the_image_cannot_be_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "mine.py").write_text("")
    (folder / "requirements.txt").write_text("lightgbm==4.5.0\n")
    with pytest.raises(UserError, match=r"-r requirements\.txt ended"):
        install(folder, "mine", script("encode.py"), remembered=tmp_path / "notes")


def test_a_setup_of_the_codes_own_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "setup.py").write_text("raise SystemExit('my own setup')")
    with pytest.raises(UserError):
        install(folder, "mine", script("encode.py"), remembered=tmp_path / "notes")


def test_code_is_installed_once_and_changed_code_again(tmp_path: Path) -> None:
    folder, notes = tmp_path / "code", tmp_path / "notes"
    folder.mkdir()
    (folder / "mine.py").write_text("")
    environment = script("encode.py")

    install(folder, "mine", environment, remembered=notes)
    started = time.perf_counter()
    install(folder, "mine", environment, remembered=notes)
    assert time.perf_counter() - started < 0.5
    assert len(list(notes.iterdir())) == 1

    (folder / "mine.py").write_text("changed = True")
    install(folder, "mine", environment, remembered=notes)
    install(folder, "mine", environment | {"PIP_NO_INPUT": "1"}, remembered=notes)
    assert len(list(notes.iterdir())) == 3
