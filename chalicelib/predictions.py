"""Where a user puts rows to be predicted, and where the answers lie."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from chalicelib.names import DatasetKeys

_NAME_LIMIT, _ENDING_LIMIT = 200, 12
"""Bytes of a file's name on a job's disk, which takes 255; characters of what stands behind its point."""


def folder(dataset: str) -> str:
    """Of the files that are to be answered.

    >>> folder("churn")
    'datasets/churn/score/'
    """
    return f"{DatasetKeys(dataset).root}/score/"


@dataclass(frozen=True, slots=True)
class PredictionKeys:
    """Where the answers to a file of score/ lie. `upload` stands for its key, its contents and the model that answered.

    >>> PredictionKeys("churn", "0a1b2c3d4e5f").result("datasets/churn/score/2026/feb.csv")
    'predictions/churn/0a1b2c3d4e5f/feb.csv'
    """

    dataset: str
    upload: str

    @classmethod
    def of(cls, dataset: str, key: str, etag: str, run: str) -> PredictionKeys:
        """Of this file as this run's model answers it: the same file uploaded again has the same."""
        text = json.dumps([key, etag, run], separators=(",", ":"))
        return cls(dataset, hashlib.sha256(text.encode()).hexdigest()[:12])

    @property
    def root(self) -> str:
        return f"predictions/{self.dataset}/{self.upload}"

    def result(self, key: str) -> str:
        """The answered file, called as the user's is, but where that is longer than a disk allows."""
        name = key.rpartition("/")[2]
        if len(name.encode()) > _NAME_LIMIT:
            stem, point, ending = name.rpartition(".")
            kept = name if not stem or len(ending) > _ENDING_LIMIT else stem
            behind = "" if kept is name else f"{point}{ending}"
            name = kept.encode()[: _NAME_LIMIT - 4 * _ENDING_LIMIT].decode("utf-8", "ignore") + behind
        return f"{self.root}/{name}"
