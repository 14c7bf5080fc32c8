"""The console's files, fetched from a bucket into a folder."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from ops import console
from ops.target import OpsError, Target
from tests.ops.world import error


class Bucket:
    """A bucket with these objects."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self._objects = objects

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == "b"
        if Key not in self._objects:
            raise error("NoSuchKey")
        return {"Body": io.BytesIO(self._objects[Key])}


def target(objects: dict[str, bytes]) -> Target:
    return Target(lambda _service: Bucket(objects), "b", "topic", "table", "sagerelay", on_laptop=False)


WHOLE = {"console/index.html": b"<html>", "console/data.js": b"window.SAGERELAY = {};"}


def test_page_and_data_lie_side_by_side_in_a_folder_that_is_made(tmp_path: Path) -> None:
    page = console.fetch(target(WHOLE), tmp_path / "new" / "folder")
    assert page.read_bytes() == b"<html>"
    assert page.with_name("data.js").read_bytes() == b"window.SAGERELAY = {};"


def test_none_yet_says_who_writes_it(tmp_path: Path) -> None:
    with pytest.raises(OpsError, match=r"no console/index\.html and no console/data\.js yet\. The sweep writes them"):
        console.fetch(target({}), tmp_path)


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OpsError, match=r"file cannot be written to: .*--out"):
        console.fetch(target(WHOLE), tmp_path / "file")
