"""prepare against pandas' own read_csv, on a million rows by twenty columns: `python -m benchmarks.prepare [rows]`.

The whole job is timed (reading, judging, splitting, encoding, writing everything), in its own process so that its peak
memory is its own; imports are not, on either side. Both run twice, in turn, and the better time of each counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 1_000_000
MOST_RATIO, MOST_MEMORY = 3.0, 2.5

_PANDAS = """
import sys, time
import pandas
started = time.perf_counter()
pandas.read_csv(sys.argv[1])
print(time.perf_counter() - started)
"""
_PREPARE = """
import json, resource, sys, time
from pathlib import Path
import jobs.encoding.fitting
from jobs.prepare.pipeline import prepare
inputs = {"version": 1, "run": "bench", "dataset": "bench", "bucket": "b", "settings": {}}
started = time.perf_counter()
prepare(inputs, [("bench.csv", Path(sys.argv[1]))], None, Path(sys.argv[2]))
seconds = time.perf_counter() - started
print(json.dumps({"seconds": seconds, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""
_UNIT = 1 if sys.platform == "darwin" else 1024


def write_table(path: Path, rows: int) -> None:
    """Ten numbers, six categories, two booleans, a date and a target; three of a hundred numbers missing."""
    import pandas as pd

    rng = np.random.default_rng(0)
    columns: dict[str, Any] = {}
    for i in range(10):
        numbers = np.round(rng.normal(100, 20, rows), 3)
        numbers[rng.random(rows) < 0.03] = np.nan
        columns[f"number {i}"] = numbers
    for i, words in enumerate((3, 8, 12, 20, 40, 200)):
        columns[f"category {i}"] = rng.choice([f"word {j}" for j in range(words)], rows)
    columns["member"] = rng.choice(["yes", "no"], rows)
    columns["active"] = rng.choice(["true", "false"], rows)
    columns["day"] = (np.datetime64("2020-01-01") + rng.integers(0, 1500, rows)).astype(str)
    columns["target"] = rng.choice(["no", "yes"], rows, p=[0.7, 0.3])
    pd.DataFrame(columns).to_csv(path, index=False)


def _run(script: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def measure(rows: int = ROWS) -> dict[str, float]:
    """Seconds of both, their ratio, and prepare's peak memory in GB."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write_table(path, rows)
        by_pandas, by_prepare, peak = [], [], 0
        for turn in range(2):
            by_pandas.append(float(_run(_PANDAS, str(path))))
            found = json.loads(_run(_PREPARE, str(path), str(Path(folder) / f"prepared{turn}")))
            by_prepare.append(found["seconds"])
            peak = max(peak, found["peak"])
    return {
        "rows": rows,
        "pandas_seconds": min(by_pandas),
        "prepare_seconds": min(by_prepare),
        "ratio": min(by_prepare) / min(by_pandas),
        "peak_gb": peak * _UNIT / 1e9,
    }


def main() -> None:
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
    print(f"{found['rows']:,} rows by 20 columns")
    print(f"pandas.read_csv {found['pandas_seconds']:.2f} s, the whole of prepare {found['prepare_seconds']:.2f} s")
    print(f"ratio {found['ratio']:.2f} (at most {MOST_RATIO}), peak {found['peak_gb']:.2f} GB (at most {MOST_MEMORY})")


if __name__ == "__main__":
    main()
