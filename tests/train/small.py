"""The program with small forms, in a process of its own: `python -m tests.train.small [--die-after N] [--audit FILE]`.

`--die-after`: it kills itself in the middle of writing the fold after the N-th; `--audit`: what it opens and lists.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from jobs.ensemble.forms import RANDOM, Family, Member
from jobs.train import program
from jobs.train.checkpoints import Checkpoints

FIXED = (
    Member(
        "xgboost", "XGBoost with defaults", {"num_round": 20, "early_stopping_rounds": 5, "eta": 0.3, "max_depth": 4}
    ),
    Member("stumps", "trees of two levels", {"num_round": 5, "early_stopping_rounds": 0, "eta": 0.3, "max_depth": 2}),
    Member("random", "trees cut at random", {**RANDOM, "trees": 3, "leaves": 30}, family=Family.RANDOM),
    Member("logarithm", "trees of the logarithm", {"num_round": 10, "eta": 0.3}, family=Family.EXPONENTIAL),
)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--die-after", type=int)
    parser.add_argument("--audit", type=Path)
    chosen = parser.parse_args(arguments)
    if chosen.audit:
        _audit(chosen.audit)
    if chosen.die_after is not None:
        _die_after(chosen.die_after)
    return program.main(os.environ, FIXED)


def _audit(place: Path) -> None:
    log, opens = place.open("a", encoding="utf-8", buffering=1), pq.ParquetFile.__init__

    def heard(event: str, given: tuple[Any, ...]) -> None:
        if event in {"open", "os.listdir", "os.scandir"}:
            print(given[0], file=log)

    def opened(self: pq.ParquetFile, source: Any, *more: Any, **named: Any) -> None:  # by pyarrow, unheard by Python
        print(source, file=log)
        opens(self, source, *more, **named)

    sys.addaudithook(heard)
    pq.ParquetFile.__init__ = opened


def _die_after(folds: int) -> None:
    put, done = Checkpoints.put, []

    def last(self: Checkpoints, name: str, model: bytes) -> None:
        done.append(name)
        if len(done) > folds:
            place: Any = self._place(name)
            place.with_suffix(".part").write_bytes(model[: len(model) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        put(self, name, model)

    Checkpoints.put = last


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
