"""Who holds a folder, seen from real processes: one at a time, and nobody once it has ended, however it did."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local import directory as directories
from local.directory import DirectoryInUseError, emptied, held, temporary

ROOT = Path(__file__).parents[2]
HOLDER = """
import sys
from pathlib import Path
from local import directory
how, where = sys.argv[1:]
with (directory.held if how == "held" else directory.temporary)(Path(where)) as mine:
    print(mine, flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(how: str, where: Path) -> Iterator[tuple["subprocess.Popen[str]", Path]]:
    """A process that holds a folder until its input closes, and which folder that is."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, how, str(where)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process, Path(process.stdout.readline().strip())
    finally:
        process.communicate()


def test_a_held_folder_is_refused_with_its_holder_s_process_id(tmp_path: Path) -> None:
    with holder("held", tmp_path / "state") as (process, _), pytest.raises(DirectoryInUseError) as refused:
        held(tmp_path / "state").__enter__()
    assert f"process {process.pid};" in str(refused.value)
    assert f"kill {process.pid}" in str(refused.value)


def test_another_name_of_the_same_folder_is_the_same_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "state")
    with held(tmp_path / "state"), pytest.raises(DirectoryInUseError, match=f"process {os.getpid()}"):
        held(tmp_path / "link").__enter__()


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, None])
def test_a_folder_is_free_however_its_holder_ended(ending: signal.Signals | None, tmp_path: Path) -> None:
    with holder("held", tmp_path) as (process, _):
        if ending is not None:
            process.send_signal(ending)
    with held(tmp_path) as mine:
        assert mine == tmp_path.resolve()


def test_the_lock_does_not_pass_to_children(tmp_path: Path) -> None:
    with held(tmp_path):
        program = "print(flush=True); input()"
        child = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, close_fds=False
        )
        assert child.stdout is not None
        child.stdout.readline()
    with held(tmp_path):
        child.communicate("\n")


def test_a_temporary_folder_is_gone_at_the_end(tmp_path: Path) -> None:
    with temporary(tmp_path) as mine:
        (mine / "file").touch()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_holder_left_is_removed_by_the_next_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "sagerelay-mine").mkdir()
    begun = tmp_path / "sagerelay-begun"
    begun.mkdir()
    (begun / directories._LOCK).touch()
    with holder("temporary", tmp_path) as (process, abandoned):
        process.kill()
    assert abandoned.exists()
    with holder("temporary", tmp_path) as (_, living), temporary(tmp_path) as mine:
        assert {path.name for path in tmp_path.iterdir()} == {"sagerelay-mine", begun.name, living.name, mine.name}
    assert not abandoned.exists()


def test_a_cloud_s_folder_is_made_as_new_and_no_other_ever(tmp_path: Path) -> None:
    emptied(tmp_path / "state")
    (tmp_path / "state" / "deep").mkdir()
    (tmp_path / "state" / "file").touch()
    with holder("held", tmp_path / "state"), pytest.raises(DirectoryInUseError):
        emptied(tmp_path / "state")
    emptied(tmp_path / "state")
    assert [path.name for path in (tmp_path / "state").iterdir()] == [directories._LOCK]
    with pytest.raises(FileExistsError, match="something else"):
        emptied(tmp_path)
    assert (tmp_path / "state").exists()
