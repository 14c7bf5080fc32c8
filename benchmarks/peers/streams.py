"""river's ADWIN and KSWIN as judges: each feature is a stream, the baseline's last rows first, then the window's.

A process of its own, for it lives where there is no pandas: a question as JSON from standard input, the number of
checks that raised anything as its last line.

Defaults, and of words the code of the word is the stream's number, as one does who has only numbers. KSWIN compares its
last rows with older ones at every row, which takes long: it gets fewer of the baseline.
"""

import json
import sys
from typing import Any

from benchmarks.made_up.dependent import FEATURES, Column, of_name, tables

BEFORE = {"adwin": 10_000, "kswin": 300}


def raised(tool: str, baseline: list[Column], current: list[Column]) -> bool:
    """Whether the detector of any feature calls a change within the window."""
    return any(_called(tool, baseline[place][-BEFORE[tool] :], current[place]) for place in range(FEATURES))


def _called(tool: str, before: Column, now: Column) -> bool:
    from river import drift

    detector: Any = drift.ADWIN() if tool == "adwin" else drift.KSWIN(seed=1)
    for value in before.tolist():
        detector.update(float(value))
    for value in now.tolist():
        detector.update(float(value))
        if detector.drift_detected:
            return True
    return False


def main() -> None:
    """Answer one question."""
    question = json.load(sys.stdin)
    hits = 0
    for check in range(question["checks"]):
        baseline, current, _ = tables(of_name(question["dependent"]), question["rows"], check)
        hits += raised(question["tool"], baseline, current)
    print(hits)


if __name__ == "__main__":
    main()
