"""Finished folds, kept where SageMaker brings them back to a spot training that was interrupted.

A file is of the training that wrote it and of no other: the fingerprint in its name is of plan, schema and labels.
"""

from __future__ import annotations

import hashlib
from pathlib import Path


class Checkpoints:
    """See `jobs.ensemble.fitting.Kept`."""

    def __init__(self, folder: Path, fingerprint: str) -> None:
        self._folder = folder
        self._fingerprint = fingerprint

    def get(self, name: str) -> bytes | None:
        place = self._place(name)
        return place.read_bytes() if place.exists() else None

    def put(self, name: str, model: bytes) -> None:
        place = self._place(name)
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(".part")
        draft.write_bytes(model)  # renamed when it is whole: SageMaker may copy the folder at any moment
        draft.replace(place)

    def _place(self, name: str) -> Path:
        return self._folder / f"{name}.{self._fingerprint}.ubj"


def fingerprint(*contents: bytes) -> str:
    """Of everything that decides what a fold's booster becomes."""
    digest = hashlib.sha256()
    for content in contents:
        digest.update(len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()[:16]
