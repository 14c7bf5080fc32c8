"""Run by the Python of river's environment: losses row by row, to the first check at which each detector calls a drift.

DDM takes errors and no amounts: a loss that is not 0 or 1 is an error where it is above the median of the first 50
checks.
"""

import json
import sys
from pathlib import Path
from typing import Any


def first(detector: Any, losses: list[float], rows: int) -> int | None:
    """The check of the first row that rings."""
    for place, loss in enumerate(losses):
        detector.update(loss)
        if detector.drift_detected:
            return place // rows
    return None


def errors(losses: list[float], rows: int) -> list[float]:
    if set(losses) <= {0.0, 1.0}:
        return losses
    middle = sorted(losses[: 50 * rows])[25 * rows]
    return [float(loss > middle) for loss in losses]


def main() -> None:
    from river.drift import ADWIN
    from river.drift.binary import DDM

    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    rows = asked["rows"]
    told = [
        {"adwin": first(ADWIN(), losses, rows), "ddm": first(DDM(), errors(losses, rows), rows)}
        for losses in asked["lives"]
    ]
    print(json.dumps(told))


if __name__ == "__main__":
    main()
