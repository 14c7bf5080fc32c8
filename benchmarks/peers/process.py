"""One tool in one process: reads a question as JSON from standard input, prints the answer as its last line.

`{"tool", "cells": [...]}` is answered by outcomes; `{"tool", "baseline", "current", "categorical"}`, two Parquet files,
by seconds and peak memory of one run with both frames in memory and the tool imported.
"""

import json
import sys
import warnings
from dataclasses import asdict
from typing import Any


def main() -> None:
    """Answer one question."""
    warnings.simplefilter("ignore")  # the tools' own quarrels with their dependencies
    question = json.load(sys.stdin)
    answer = _outcomes(question) if "cells" in question else _speed(question)
    print(json.dumps(answer))


def _outcomes(question: dict[str, Any]) -> list[dict[str, Any]]:
    from benchmarks.made_up.checks import Cell, run
    from benchmarks.peers.tools import judge

    return [asdict(run(Cell.read(cell), judge(question["tool"]))) for cell in question["cells"]]


def _speed(question: dict[str, Any]) -> dict[str, float]:
    import pandas as pd

    from benchmarks.made_up.measuring import measured
    from benchmarks.peers.tools import TOOLS

    baseline, current = (pd.read_parquet(question[name]) for name in ("baseline", "current"))
    tool, categorical = TOOLS[question["tool"]], question["categorical"]
    tool(baseline.head(2_000), current.head(2_000), categorical)  # imports, and what a first call sets up
    return measured(lambda: tool(baseline, current, categorical))


if __name__ == "__main__":
    main()
