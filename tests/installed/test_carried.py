"""The copy that is deployed from: made once, never used when something of it is not as it must be."""

from pathlib import Path

import pytest

from sagerelay import __version__
from sagerelay.carried import copied, digest_of, is_carried, tree
from tests.installed.wheels import ROOT


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "site" / "tree"
    (folder / "jobs" / "__pycache__").mkdir(parents=True)
    (folder / ".chalice").mkdir()
    (folder / "app.py").write_text("app")
    (folder / "jobs" / "one.py").write_text("one")
    (folder / "jobs" / "__pycache__" / "one.pyc").write_text("left behind")
    (folder / ".chalice" / "config.json").write_text("{}")
    return folder


def files(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_a_copy_holds_all_but_what_python_leaves_behind(source: Path, tmp_path: Path) -> None:
    copy = copied(source, tmp_path / "cache")
    assert files(copy) == {"app.py": "app", "jobs/one.py": "one", ".chalice/config.json": "{}"}
    assert list((tmp_path / "cache").iterdir()) == [copy]
    assert copy.name.startswith(f"{__version__}-")


def test_a_copy_is_made_once(source: Path, tmp_path: Path) -> None:
    copy = copied(source, tmp_path / "cache")
    (copy / "jobs" / "__pycache__").mkdir()
    (copy / "jobs" / "__pycache__" / "one.pyc").write_text("compiled")
    before = (copy / "app.py").stat()
    assert copied(source, tmp_path / "cache") == copy
    assert (copy / "app.py").stat() == before


@pytest.mark.parametrize("damage", ["changed", "gone", "more"])
def test_a_damaged_copy_is_made_anew(source: Path, tmp_path: Path, damage: str) -> None:
    copy = copied(source, tmp_path / "cache")
    if damage == "changed":
        (copy / "app.py").write_text("apple")
    elif damage == "gone":
        (copy / "jobs" / "one.py").unlink()
    else:
        (copy / "jobs" / "two.py").write_text("two")
    assert copied(source, tmp_path / "cache") == copy
    assert digest_of(copy) == digest_of(source)


def test_another_content_is_another_copy(source: Path, tmp_path: Path) -> None:
    first = copied(source, tmp_path / "cache")
    (source / "app.py").write_text("another")
    second = copied(source, tmp_path / "cache")
    assert first != second
    assert (first / "app.py").read_text() == "app", "whoever deploys from it at this moment is not disturbed"


def test_a_read_only_tree_gives_a_copy_that_can_be_removed(source: Path, tmp_path: Path) -> None:
    for path in (source / "app.py", source / "jobs" / "one.py", source / "jobs", source):
        path.chmod(0o555 if path.is_dir() else 0o444)
    copy = copied(source, tmp_path / "cache")
    source.chmod(0o755)
    assert all(path.stat().st_mode & 0o200 for path in (copy, *copy.rglob("*")))


def test_in_a_checkout_the_tree_is_the_repository() -> None:
    assert not is_carried()
    assert tree() == ROOT
