"""The training on a million rows by twenty columns: wall and memory against plain xgboost with as many trees.

Both read the typed rows that prepare wrote. Plain is what one writes in a notebook: read the file, make the matrix,
train. It trains as many trees as ours serves; that ours trained more of them to find out how many is ours to bear.
`rounds` bounds the one tuned member; the fixed ones have bounds of their own.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.models.runners.processes import step, training
from benchmarks.models.runs import environment

ROWS, FEATURES, ROUNDS = 1_000_000, 20, 200
TARGET = "target"


def measured(rows: int, rounds: int, cores: int) -> dict[str, Any]:
    """Seconds by the clock and of the processor, MB of both, their ratios, and the trees."""
    from benchmarks.models.runners import ours  # loads the search, which only this measurement wants here

    threads = {name: value for name, value in environment(cores).items() if name.startswith(("OMP_", "OPENBLAS_"))}
    with tempfile.TemporaryDirectory(prefix="models-") as directory:
        folder = Path(directory)
        asked = {"path": str(folder / "train.csv"), "rows": rows, "features": FEATURES, "target": TARGET}
        step("benchmarks.models.runners.made_up_rows", asked)
        settings = ours.settings_for(TARGET, "binary", 0)
        inputs = {"version": 1, "run": "run", "dataset": "million", "bucket": "bucket", "settings": settings}
        prepared, model = folder / "prepared", folder / "model"
        asked = {"inputs": inputs, "train": str(folder / "train.csv"), "output": str(prepared)}
        step("benchmarks.models.runners.preparing", asked)
        plan, chosen = ours.final(ours.begun(settings, prepared), ({"num_round": str(rounds)},))
        ended = training(prepared, plan, chosen, model, cores)
        asked = {"prepared": str(prepared), "model": str(model), "chosen": chosen, "cores": cores}
        plain = step("benchmarks.models.runners.plain", asked, **threads)
    return {
        "rows": rows,
        "trees": json.loads(plain.said.splitlines()[-1])["trees"],
        "seconds": ended.seconds,
        "plain_seconds": plain.seconds,
        "wall_ratio": ended.seconds / plain.seconds,
        "cpu_seconds": ended.cpu_seconds,
        "plain_cpu_seconds": plain.cpu_seconds,
        "cpu_ratio": ended.cpu_seconds / plain.cpu_seconds,
        "peak_mb": ended.peak_mb,
        "plain_peak_mb": plain.peak_mb,
        "memory_ratio": ended.peak_mb / plain.peak_mb,
    }
