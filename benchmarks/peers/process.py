"""One tool in one process: reads a question as JSON from standard input, prints the answer as its last line.

`{"tool", "cells": [...]}` is answered by outcomes, `{"tool", "dependent", "rows", "checks"}` by how many checks raised;
`{"tool", "baseline", "current", "categorical", "runs"}`, two Parquet files, by seconds and peak memory of the best of
so many runs, both frames in memory and the tool imported. The tool "ours" wants the project's own Python; what it makes
of the baseline beforehand is stored with a model, and is timed apart.
"""

import json
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pandas as pd

from benchmarks.made_up.measuring import measured


def main() -> None:
    """Answer one question."""
    warnings.simplefilter("ignore")  # the tools' own quarrels with their dependencies
    question = json.load(sys.stdin)
    if "dependent" in question:
        answer: Any = _raised(question)
    else:
        answer = _outcomes(question) if "cells" in question else _speed(question)
    print(json.dumps(answer))


def _raised(question: dict[str, Any]) -> int:
    """How many checks of a family without a change the tool raises."""
    from benchmarks.made_up.dependent import FEATURES, NUMBERS, of_name, tables

    tool, raised = question["tool"], 0
    for check in range(question["checks"]):
        baseline, current, _ = tables(of_name(question["dependent"]), question["rows"], check)
        from benchmarks.peers.tools import TOOLS

        names = [f"feature {place}" for place in range(FEATURES)]
        before, now = (pd.DataFrame(dict(zip(names, table, strict=True))) for table in (baseline, current))
        for frame in (before, now):
            frame[names[NUMBERS:]] = frame[names[NUMBERS:]].astype(str).astype(object)
        raised += bool(TOOLS[tool](before, now, names[NUMBERS:]))
    return raised


def _outcomes(question: dict[str, Any]) -> list[dict[str, Any]]:
    from benchmarks.made_up.checks import Cell, run
    from benchmarks.peers.tools import judge

    return [asdict(run(Cell.read(cell), judge(question["tool"]))) for cell in question["cells"]]


def _speed(question: dict[str, Any]) -> dict[str, float]:
    baseline, current = (pd.read_parquet(question[name]) for name in ("baseline", "current"))
    if question["tool"] == "ours":
        call, beforehand = _ours(baseline, current, question["categorical"])
    else:
        call, beforehand = _theirs(baseline, current, question["categorical"], question["tool"]), 0.0
    runs = [measured(call) for _ in range(question["runs"])]
    return {**min(runs, key=lambda run: run["seconds"]), "baseline_seconds": beforehand}


def _theirs(baseline: pd.DataFrame, current: pd.DataFrame, categorical: list[str], name: str) -> Callable[[], object]:
    from benchmarks.peers.tools import TOOLS

    tool = TOOLS[name]
    tool(baseline.head(2_000), current.head(2_000), categorical)  # imports, and what a first call sets up
    return lambda: tool(baseline, current, categorical)


def _ours(baseline: pd.DataFrame, current: pd.DataFrame, categorical: list[str]) -> tuple[Callable[[], object], float]:
    from benchmarks.made_up import ours

    kinds = {str(name): "categorical" if name in categorical else "numeric" for name in baseline.columns}

    def columns(frame: pd.DataFrame) -> dict[str, Any]:
        return {str(name): frame[name].to_numpy() for name in frame.columns}

    def stored_of(frame: pd.DataFrame) -> tuple[Any, Any]:
        references = ours.references(kinds, columns(frame))
        return references, ours.known(references, columns(frame))

    references, known = stored_of(baseline.head(2_000))
    ours.found(references, columns(current.head(2_000)), known)
    stored: list[Any] = []
    beforehand = measured(lambda: stored.extend(stored_of(baseline)))
    return lambda: ours.found(stored[0], columns(current), stored[1]), beforehand["seconds"]


if __name__ == "__main__":
    main()
