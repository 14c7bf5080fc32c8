"""Seconds, processor seconds and peak memory of one call, whatever was allocated before it.

The kernel's high-water mark of a process covers its whole life: loading the frames would hide what the call needs.
Linux lets a process set the mark back; elsewhere the growth of the mark is reported, a lower bound.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

_MARK = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


def measured(call: Callable[[], object]) -> dict[str, float]:
    """`seconds` on the clock, `cpu_seconds` of all threads, and `peak_mb`, resident beyond what was resident before.

    Processor time hardly notices what else runs on the machine; the clock does, and more so for several threads.
    """
    if _MARK.exists():
        _MARK.write_text("5", encoding="ascii")
        before = _resident("VmRSS")
    else:
        before = _highest()
    started, worked = time.perf_counter(), time.process_time()
    call()
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - worked
    after = _resident("VmHWM") if _MARK.exists() else _highest()
    return {"seconds": seconds, "cpu_seconds": cpu_seconds, "peak_mb": (after - before) / 1e6}


def _resident(field: str) -> float:
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return float(line.split()[1]) * 1024
    raise LookupError(f"{_STATUS} has no line {field}")


def _highest() -> float:
    highest = float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    return highest if sys.platform == "darwin" else highest * 1024
