"""What the peers' processes share: read the question, train, answer for the test rows, and tell what it cost.

The question is `{"train", "test": CSV files, "target", "task", "classes", "seconds", "cores", "answers": a file,
"options"}`. `answers` gets the probabilities, columns in the order of `classes`, or the predicted numbers, as bare
float64. The last line of the output is `{"seconds", "cpu_seconds", "peak_mb", "predict_ms": {"1", "1000"},
"predict_cpu_ms": ...}`: seconds from the training file's first byte to the trained model, the peak of this process
until then, and medians of an answer, by the clock and of the processor.
"""

import json
import os
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

Question = Mapping[str, Any]
Predict = Callable[[pd.DataFrame], Any]
Fit = Callable[[Question, pd.DataFrame, Any], Predict]
"""Question, training rows without the target, and the target: class places or numbers."""

_STATUS = Path("/proc/self/status")
REPEATED = {1: 100, 1000: 7}


def main(fit: Fit) -> None:
    """Answer one question."""
    warnings.simplefilter("ignore")  # the tools' own quarrels with their dependencies
    question = json.load(sys.stdin)
    said = sys.stdout
    sys.stdout = sys.stderr  # some tools print whatever they are told
    started = time.perf_counter()
    train, target = read(question, question["train"])
    predict = fit(question, train, target)
    cost: dict[str, Any] = {
        "seconds": time.perf_counter() - started,
        "cpu_seconds": cpu_seconds(),
        "peak_mb": peak_mb(),
    }
    test, _ = read(question, question["test"])
    np.ascontiguousarray(predict(test), dtype=np.float64).tofile(question["answers"])
    cost |= answer_times(predict, test)
    print(json.dumps(cost), file=said, flush=True)
    said.flush()
    os._exit(0)  # some tools leave threads behind that hold up the end


def read(question: Question, path: str) -> tuple[pd.DataFrame, Any]:
    """Features as pandas reads them, and the target."""
    name = question["target"]
    frame = pd.read_csv(path, low_memory=False).drop(columns=[name])
    words = pd.read_csv(path, usecols=[name], dtype=str, keep_default_na=False)[name]  # "NA" may be a class
    if question["task"] == "regression":
        return frame, words.astype(float).to_numpy()
    places = {word: place for place, word in enumerate(question["classes"])}
    return frame, np.array([places[word] for word in words], dtype=np.int64)


def cpu_seconds() -> float:
    """Of all threads of this process, and of the processes that it started and that ended."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak_mb() -> float:
    """Of this process, in MB; the kernel's other mark would count the process that started it, too."""
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return float(line.split()[1]) / 1000
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 1e6


def answer_times(predict: Predict, test: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Median milliseconds for 1 and for 1,000 rows, the model loaded and asked once before: see `medians`."""
    taken = {}
    for rows, times in REPEATED.items():
        asked = pd.concat([test] * (rows // len(test) + 1), ignore_index=True).head(rows)
        predict(asked)
        taken[rows] = [timed(partial(predict, asked)) for _ in range(times)]
    return medians(taken)


def medians(taken: Mapping[int, Sequence[tuple[float, float]]]) -> dict[str, dict[str, float]]:
    """Of what `timed` found, by the count of rows.

    >>> medians({1: [(2.0, 1.0), (9.0, 1.0), (3.0, 1.5)]})
    {'predict_ms': {'1': 3.0}, 'predict_cpu_ms': {'1': 1.0}}
    """
    return {
        name: {str(rows): statistics.median(times[place] for times in found) for rows, found in taken.items()}
        for place, name in enumerate(("predict_ms", "predict_cpu_ms"))
    }


def timed(call: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds by the clock, and those of all threads of this process, which hold on a busy machine, too."""
    started, worked = time.perf_counter(), time.process_time()
    call()
    return 1000 * (time.perf_counter() - started), 1000 * (time.process_time() - worked)
