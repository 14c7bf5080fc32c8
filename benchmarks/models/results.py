"""Results in a file that only grows, a JSON object a line: a measurement that was stopped goes on where it was.

What was measured again stands further down, and counts.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import peers


@dataclass(frozen=True)
class Run:
    """One entrant on one pair: what it cost and how far it was off; `failed` says why there is no loss."""

    set: str
    split: int
    entrant: str
    few: bool = False
    task: str = ""
    limit: float | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    predict_ms: dict[str, float] = field(default_factory=dict)
    predict_cpu_ms: dict[str, float] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    failed: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, int, str, bool]:
        return self.set, self.split, self.entrant, self.few


def place() -> Path:
    """Where results lie when nothing else is said."""
    return peers.cache() / "models" / "results.jsonl"


@dataclass
class Results:
    """The file, and what it holds."""

    path: Path
    runs: dict[tuple[str, int, str, bool], Run] = field(default_factory=dict)
    others: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Figures of the measurements that are no runs, by name: serving, million."""

    @classmethod
    def read(cls, path: Path) -> "Results":
        """Raises ValueError for a file that is no such file."""
        results = cls(path)
        for line in _lines(path):
            if "figures" in line:
                results.others[line["measurement"]] = line["figures"]
            else:
                run = Run(**line)
                results.runs[run.key] = run
        return results

    def add(self, run: Run) -> None:
        self.runs[run.key] = run
        self._write(asdict(run))

    def add_figures(self, measurement: str, figures: dict[str, Any]) -> None:
        self.others[measurement] = figures
        self._write({"measurement": measurement, "figures": figures})

    def _write(self, line: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)
