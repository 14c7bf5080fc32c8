"""A million rows of 20 features for drift: ours against Evidently, NannyML and scipy column by column, in one run.

`python -m benchmarks drift_speed`. Both frames are in memory as pandas reads them from Parquet: 12 columns of float64,
8 of Python strings; every tool's process reads the same two files. Ours includes everything that is made of the current
frame: bins, words to codes, measures, p-values, sentences. The baseline is counted once, when the model is trained,
and stored with it: that is the design, so it is timed apart (`ours.baseline_seconds`); the others read the baseline's
rows in every check. Ours and scipy run several times and the best counts, the slow ones run once. Processor time stands
beside the clock, because ours uses two threads and loses most where the machine is busy with something else.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import peers
from benchmarks.made_up.families import EVERYDAY, Change, Words, table

ROWS = 1_000_000
RUNS = {"ours": 5, "scipy": 3, "nannyml": 1, "evidently": 1}


def measure(rows: int = ROWS) -> dict[str, Any]:
    """Seconds and peak memory of each tool, and how many times faster ours is."""
    with tempfile.TemporaryDirectory() as directory:
        question = _written(Path(directory), rows)
        found = {}
        for tool, runs in RUNS.items():
            print(f"  {tool} ...", file=sys.stderr, flush=True)
            interpreter = Path(sys.executable) if tool == "ours" else peers.python()
            found[tool] = peers.ask({**question, "tool": tool, "runs": runs}, interpreter)
    for tool in peers.TOOLS:
        del found[tool]["baseline_seconds"]
    return {
        **found,
        "times_faster_than": {tool: _times(found, tool, "seconds") for tool in peers.TOOLS},
        "times_less_computing_than": {tool: _times(found, tool, "cpu_seconds") for tool in peers.TOOLS},
    }


def _times(found: dict[str, dict[str, float]], tool: str, figure: str) -> float:
    return found[tool][figure] / found["ours"][figure]


def _written(directory: Path, rows: int) -> dict[str, Any]:
    import pandas as pd

    generator = np.random.default_rng(7)
    changes = {EVERYDAY[0].name: Change(shift=0.25), EVERYDAY[-1].name: Change(new=0.02)}
    paths = {}
    for name, changed in (("baseline", {}), ("current", changes)):
        values = table(EVERYDAY, generator, rows, changed)
        frame = pd.DataFrame({n: v.objects() if isinstance(v, Words) else v for n, v in values.items()})
        paths[name] = str(directory / f"{name}.parquet")
        frame.to_parquet(paths[name])
    return {**paths, "categorical": [feature.name for feature in EVERYDAY if feature.categorical]}


def main() -> None:
    """Print the figures by themselves."""
    for name, value in measure().items():
        print(name, value)


if __name__ == "__main__":
    main()
