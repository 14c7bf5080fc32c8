"""Finished folds: those of this training, whole, and nobody else's."""

from pathlib import Path

from jobs.train.checkpoints import Checkpoints, fingerprint


def test_what_was_put_is_got_by_the_same_training_alone(tmp_path: Path) -> None:
    first, again, other = (Checkpoints(tmp_path / "folds", mark) for mark in ("a", "a", "b"))
    assert first.get("deep-0") is None
    first.put("deep-0", b"model")
    assert again.get("deep-0") == b"model"
    assert other.get("deep-0") is None
    assert again.get("deep-1") is None


def test_half_a_file_is_none(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path, "a")
    (tmp_path / "deep-0.a.part").write_bytes(b"mod")
    assert kept.get("deep-0") is None
    kept.put("deep-0", b"model")
    assert [path.name for path in tmp_path.iterdir()] == ["deep-0.a.ubj"]


def test_a_fingerprint_is_of_each_part_and_its_place() -> None:
    found = {fingerprint(*parts) for parts in ((b"a", b"b"), (b"b", b"a"), (b"ab",), (b"a", b"b", b""), (b"a", b"c"))}
    assert len(found) == 5
