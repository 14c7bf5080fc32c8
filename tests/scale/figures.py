"""What becomes of the dataset with a number: its file, its settings, its figures and the mail that must come of it.

Every figure follows from the number and differs from every other dataset's, so that each mail can be told whether it is
about its own. The shares of the outcomes are arbitrary; what matters is that every kind is among any ten datasets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

CLASSES = ["no", "yes"]
MINIMUM = 0.7
"""What the gate of every dataset asks for."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The dataset with this number."""

    number: int

    @classmethod
    def found_in(cls, content: bytes) -> Figures:
        """The number that the step before has left."""
        match = re.search(rb"number (\d+)", content)
        assert match is not None, f"there is no number in {content[:60]!r}"
        return cls(int(match[1]))

    def text(self) -> bytes:
        return f"number {self.number}\n".encode()

    @property
    def dataset(self) -> str:
        return f"many-{self.number:03d}"

    @property
    def kind(self) -> str:
        """The kind of the one mail that its owner gets."""
        if self.has_wrong_settings:
            return "refused"
        if self.is_refused or self.fails_in_training:
            return "failed"
        return "promoted" if self.auc >= MINIMUM else "rejected"

    @property
    def has_wrong_settings(self) -> bool:
        return self.number % 10 == 9

    @property
    def is_refused(self) -> bool:
        """By prepare."""
        return self.number % 10 == 3

    @property
    def fails_in_training(self) -> bool:
        return self.number % 20 == 6

    @property
    def is_tuned(self) -> bool:
        return self.number % 10 == 5

    @property
    def settings(self) -> bytes:
        if self.has_wrong_settings:
            return f"split: {{test: 0.9}}\nunknown_{self.number}: 1\n".encode()
        tuning = (
            "{trials: 2, parallel: 2, ranges: {max_depth: {min: 2, max: 4}}}" if self.is_tuned else "{enabled: false}"
        )
        return f"target: churned\ntuning: {tuning}\ngate: {{minimum: {MINIMUM}}}\n".encode()

    @property
    def rows(self) -> int:
        return 10_000 + self.number

    @property
    def auc(self) -> float:
        """Of 400 values from 0.6 on, each dataset's own: a quarter of them is below the minimum."""
        return 0.6 + (self.number * 37 % 400) / 1000

    def refusal(self, key: str) -> str:
        return f'[constant-target] {key}: the target column "churned" holds only "no" in all {self.rows:,} rows.'

    def failure(self) -> str:
        return f"Customer Error: number {self.number} cannot be learned"

    def evaluation(self) -> dict[str, Any]:
        """Our block of evaluation.json."""
        estimate = {"value": self.auc, "low": self.auc - 0.02, "high": self.auc + 0.02, "undefined": None}
        return {
            "version": 1,
            "task": "binary",
            "target": "churned",
            "classes": CLASSES,
            "rows": self.rows,
            "metrics": dict.fromkeys(("accuracy", "precision", "recall", "f1", "auc"), estimate),
            "confusion_matrix": [[5000, self.number], [500 + self.number, 4500]],
            "naive": {"auc": 0.5},
        }

    def told(self, run: str) -> tuple[str, ...]:
        """What must stand in the mail, if `run` is the dataset's."""
        key = f"datasets/{self.dataset}/train/data.csv"
        if self.has_wrong_settings:
            return (f"datasets/{self.dataset}/relay.yaml cannot be used", f"unknown_{self.number}:")
        if self.is_refused:
            return (self.refusal(key), f"/runs/{run}/")
        if self.fails_in_training:
            return (f"number {self.number} cannot be learned", f"/runs/{run}/")
        live = f"LIVE on the endpoint sagerelay-{self.dataset}." if self.kind == "promoted" else "No model is live."
        return (
            live,
            f"ROC AUC is {self.auc:.4f} ",
            f"Measured on {self.rows:,} rows",
            f"  {self.number:,}\n",
            f"/runs/{run}/evaluation/report.html",
        )
