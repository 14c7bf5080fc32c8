"""river's ADWIN and KSWIN as judges: each feature is a stream, the baseline's last rows first, then the window's.

Defaults, and of words the code of the word is the stream's number, as one does who has only numbers. KSWIN compares its
last rows with older ones at every row, which takes long: it gets fewer of the baseline.
"""

from typing import Any

from benchmarks.made_up.dependent import FEATURES, Column

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
