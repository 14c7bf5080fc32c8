"""Names of objects and archives are never a way out of a folder: on the disk of a job, of the laptop, or in a mail."""

from __future__ import annotations

import contextlib
import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.mails.messages import Refusal, about_refusal
from chalicelib.records.envelopes import from_envelope
from chalicelib.records.events import Misplaced, Uploaded
from jobs.algorithms import BUILT_IN, ImportanceError, xgboost
from jobs.evaluate import artifact
from jobs.settings import PinnedObject
from jobs.tables.fetch import fetch
from local.sagemaker.objects import MissingInputError, Objects

OUTSIDE = [
    "../outside.csv", "a/../../outside.csv", "..", "a/b/../../../outside.csv", "/../outside.csv", "//../../outside",
]  # fmt: skip
ODD = [
    *OUTSIDE, "..\\outside.csv", "C:\\outside.csv", "a\nb.csv", "a\x1b[2Jb.csv", "a\u202evsc.csv", "\uff0e\uff0e/a.csv",
    "\u2024\u2024\u2215a.csv", "x" * 900, "~/a.csv", "$(touch a).csv", "%2e%2e%2fa.csv", "<b>.csv", "a b+c&d.csv",
]  # fmt: skip


class Shelf:
    """An S3 that holds one object under any name, and lists it."""

    def __init__(self, key: str, body: bytes = b"content") -> None:
        self.key, self.body = key, body

    def get_object(self, **_asked: Any) -> dict[str, Any]:
        return {"Body": Body(self.body)}

    def get_paginator(self, _name: str) -> Shelf:
        return self

    def paginate(self, **_asked: Any) -> list[dict[str, Any]]:
        return [{"Contents": [{"Key": self.key, "Size": len(self.body), "ETag": '"e"'}]}]


class Body(io.BytesIO):
    def iter_chunks(self, _size: int) -> list[bytes]:
        return [self.read()]


def everything_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", ODD)
def test_a_job_writes_the_users_files_under_names_of_its_own(name: str, tmp_path: Path) -> None:
    (tmp_path / "job").mkdir()
    pinned: PinnedObject = {"key": f"datasets/churn/train/{name}", "version_id": "v"}
    ((key, path),) = fetch(Shelf(pinned["key"]), "b", [pinned], tmp_path / "job")
    assert key == pinned["key"]
    assert everything_below(tmp_path) == {"job/00000"}
    assert path.read_bytes() == b"content"


@pytest.mark.parametrize("name", OUTSIDE)
def test_the_laptop_downloads_nothing_out_of_its_folder(name: str, tmp_path: Path) -> None:
    objects = Objects(Shelf(f"in/{name}"), tmp_path / "cache")
    with pytest.raises(MissingInputError, match="outside its directory"):
        objects.download({"S3Uri": "s3://b/in/"}, tmp_path / "channel" / "train")
    assert not {name for name in everything_below(tmp_path) if not name.startswith("cache/")}


@pytest.mark.parametrize("name", sorted(set(ODD) - set(OUTSIDE)))
def test_the_laptop_downloads_an_odd_name_into_its_folder_or_says_why_not(name: str, tmp_path: Path) -> None:
    objects = Objects(Shelf(f"in/{name}"), tmp_path / "cache")
    try:
        objects.download({"S3Uri": "s3://b/in/"}, tmp_path / "train")
    except MissingInputError as error:
        assert str(error).startswith("ClientError: Data download failed")  # noqa: PT017  either is right
    found = everything_below(tmp_path)
    assert all(one.startswith(("train/", "cache/")) for one in found)


@pytest.mark.parametrize("name", ODD)
def test_an_upload_of_any_name_is_a_hint_and_its_mail_is_in_order(name: str) -> None:
    key = f"datasets/churn/{name}"
    detail = {"bucket": {"name": "b"}, "object": {"key": key, "etag": "e"}}
    hint = from_envelope({"detail-type": "Object Created", "detail": detail}, bucket="b", prefix="sagerelay")
    if isinstance(hint, Uploaded):
        assert hint.dataset == "churn"
    if isinstance(hint, Misplaced):
        message = about_refusal("", Refusal(hint.key, (hint.problem,)))
        assert message.subject.isascii()
        assert message.subject.isprintable()
        assert all(line.isprintable() for line in message.text.split("\n"))
        assert message.text.count("\n\n") == 2


@pytest.mark.parametrize(
    "dataset", ["..", ".", "a\nb", "A", "\u0430pple", "a/b", "a" * 31, "-a", "a-", "a\u202e", "%2e"]
)
def test_a_dataset_of_such_a_name_is_refused(dataset: str) -> None:
    detail = {"bucket": {"name": "b"}, "object": {"key": f"datasets/{dataset}/train/a.csv", "etag": "e"}}
    hint = from_envelope({"detail-type": "Object Created", "detail": detail}, bucket="b", prefix="sagerelay")
    assert isinstance(hint, Misplaced)


def packed(path: Path, *members: tarfile.TarInfo) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for member in members:
            content = io.BytesIO(b"evil" * 3)
            member.size = 12 if member.isreg() else 0
            tar.addfile(member, content)
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, link
    return made


EVIL_MEMBERS: dict[str, Callable[[Path], list[tarfile.TarInfo]]] = {
    "a path that climbs": lambda _: [member("../outside")],
    "a link out, and a file through it": lambda root: [
        member("code", tarfile.SYMTYPE, str(root)), member("code/outside"),
    ],
    "a hard link out": lambda root: [member("outside", tarfile.LNKTYPE, str(root / "kept"))],
    "a device": lambda _: [member("outside", tarfile.CHRTYPE)],
}  # fmt: skip


@pytest.mark.parametrize("made", EVIL_MEMBERS.values(), ids=EVIL_MEMBERS)
def test_the_laptop_unpacks_no_archive_that_leaves_its_folder(
    made: Callable[[Path], list[tarfile.TarInfo]], tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("kept")
    archive = packed(tmp_path / "model.tar.gz", *made(tmp_path))
    objects = Objects(Shelf("m", archive.read_bytes()), tmp_path / "cache")
    with pytest.raises((tarfile.TarError, MissingInputError)):
        objects.extract("s3://b/m", tmp_path / "model")
    assert (tmp_path / "kept").read_text() == "kept"
    assert not (tmp_path / "outside").exists()


def test_an_absolute_path_in_an_archive_stays_below_its_folder(tmp_path: Path) -> None:
    archive = packed(tmp_path / "model.tar.gz", member(f"{tmp_path}/outside"))
    objects = Objects(Shelf("m", archive.read_bytes()), tmp_path / "cache")
    with contextlib.suppress(tarfile.TarError):  # refusing it is right, too
        objects.extract("s3://b/m", tmp_path / "model")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize(
    "evil",
    [member("xgboost-model", tarfile.SYMTYPE, "/etc/passwd"), member("xgboost-model", tarfile.LNKTYPE, "a"),
     member("xgboost-model", tarfile.CHRTYPE), member("xgboost-model", tarfile.DIRTYPE)],
    ids=["link", "hard link", "device", "folder"],
)  # fmt: skip
def test_the_evaluation_reads_models_that_are_files_only(evil: tarfile.TarInfo, tmp_path: Path) -> None:
    with pytest.raises(ImportanceError, match="holds no file named xgboost-model"):
        BUILT_IN.of({}).gain_by_feature(packed(tmp_path / "model.tar.gz", evil))


def test_a_model_that_unpacks_to_more_than_the_machine_has_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xgboost, "LARGEST", 10)
    with pytest.raises(ImportanceError, match="more than"):
        BUILT_IN.of({}).gain_by_feature(packed(tmp_path / "model.tar.gz", member("xgboost-model")))


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00damaged"])
def test_a_damaged_archive_is_a_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_bytes(content)
    with pytest.raises(ImportanceError, match=r"cannot be opened"):
        BUILT_IN.of({}).gain_by_feature(tmp_path / "model.tar.gz")


@pytest.mark.parametrize("evil", EVIL_MEMBERS.values(), ids=EVIL_MEMBERS)
def test_an_ensembles_archive_puts_nothing_outside_its_folder(
    evil: Callable[[Path], list[tarfile.TarInfo]], tmp_path: Path
) -> None:
    (tmp_path / "kept").write_text("kept")
    packed(tmp_path / "model.tar.gz", member("ensemble.json"), *evil(tmp_path))
    with pytest.raises(artifact.UNREADABLE):
        artifact.one_container(tmp_path / "model.tar.gz", tmp_path / "model")
    assert (tmp_path / "kept").read_text() == "kept"
    assert not (tmp_path / "outside").exists()


def test_an_ensemble_that_unpacks_to_more_than_the_machine_has_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(artifact, "LARGEST", 10)
    with pytest.raises(ValueError, match="more than"):
        artifact.one_container(packed(tmp_path / "model.tar.gz", member("ensemble.json")), tmp_path / "model")
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00damaged"])
def test_a_damaged_archive_keeps_no_evaluation_from_its_end(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "model.tar.gz").write_bytes(content)
    rows: Any = None  # nothing of them is looked at
    found, warned = artifact.inside(tmp_path / "model.tar.gz", None, rows)
    assert found.permutation is None
    assert [one.code for one in warned] == ["importance-unavailable"]


def test_an_empty_model_does_not_end_the_process(tmp_path: Path) -> None:
    made = tarfile.TarInfo("xgboost-model")
    with tarfile.open(tmp_path / "model.tar.gz", "w:gz") as tar:
        tar.addfile(made)
    with pytest.raises(ImportanceError, match="holds no file named xgboost-model"):
        BUILT_IN.of({}).gain_by_feature(tmp_path / "model.tar.gz")
