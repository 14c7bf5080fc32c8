"""A file of a million rows by twenty columns answered, against pandas and the bare model: `python -m benchmarks.score`.

The peer reads with pandas, has the same ensemble encode and answer the whole table at once, and writes with pandas: no
row is judged, nothing is flagged, told or captured. Ours is the whole job but the fetching over a network. Each runs in
a process of its own, so that its peak memory is its own; imports are not timed, on either side. Both run twice, in
turn, and the better time of each counts. `peak_growth` is what the memory grows by when the file is twice as long, as a
ratio.

`python -m benchmarks.score memory 10000000` is about the memory alone: ours, with a small model, on as many rows.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.prepare import write_table

ROWS, TRAINED_ON = 1_000_000, 5_000
MOST_RATIO = 3.0
_UNIT = 1 if sys.platform == "darwin" else 1024


class OneFile:
    """What of boto3's S3 client the job calls, over one file and the live run's baseline."""

    def __init__(self, path: Path, baseline: Path) -> None:
        self._path, self._baseline = path, baseline

    def get_object(self, **asked: Any) -> dict[str, Any]:
        if asked["Key"] == "bench.csv":
            return {"Body": self, "LastModified": datetime.now(UTC)}
        return {"Body": io.BytesIO(self._baseline.read_bytes() if asked["Key"] == "baseline.json" else b"")}

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            while chunk := file.read(size):
                yield chunk


def ours(folder: Path, path: Path) -> None:
    """The job, in this process."""
    from jobs.ensemble import model  # noqa: F401 - imports are not timed
    from jobs.score.__main__ import score

    told: dict[str, Any] = {
        "version": 1, "run": "r", "dataset": "bench", "endpoint": "e", "live": None, "settings": {},
        "score": {
            "check": "bench-score-1", "bucket": "b", "upload": "u", "result": "predictions/bench/u/bench.csv",
            "object": {"key": "bench.csv", "size": 1, "etag": "e", "version_id": None},
            "began": "2026-11-30T00:00:00Z", "promoted": "2026-11-29T00:00:00Z", "capture_percentage": 100,
            "baseline": "baseline.json", "answers": "answers.json", "evaluation": "evaluation.json",
        },
    }  # fmt: skip
    out = folder / "ours"
    out.mkdir(exist_ok=True)
    (out / "context.json").write_text(json.dumps(told))
    paths = argparse.Namespace(
        context=out / "context.json", prepared=folder / "prepared", model=folder / "archive",
        result=out / "result", capture=out / "capture", output=out / "output",
    )  # fmt: skip
    started = time.perf_counter()
    score(paths, None, OneFile(path, folder / "prepared/baseline.json"))  # type: ignore[arg-type]
    _say(started)


def peer(folder: Path, path: Path) -> None:
    """The same with pandas and the bare model, in this process."""
    from jobs.ensemble.model import Ensemble

    model = Ensemble.read(folder / "model")
    used = [column for column in model.schema["columns"] if column["used"]]
    started = time.perf_counter()
    frame = pd.read_csv(path)
    scores = model.scores(model.encode_frame(pd.DataFrame({one["name"]: _typed(frame, one) for one in used})))
    assert model.classes is not None
    frame["predicted"] = pd.Categorical.from_codes(model.labels(scores), pd.Index(model.classes))
    for place, name in enumerate(model.classes):
        frame[f"p({name})"] = scores[:, place]
    frame.to_csv(folder / "peer.csv", index=False)
    _say(started)


def _typed(frame: pd.DataFrame, column: Any) -> Any:
    cells = frame[column["name"]]
    if column["kind"] == "boolean":
        words = dict.fromkeys(column["true_words"], 1.0) | dict.fromkeys(column["false_words"], 0.0)
        return cells.astype(str).map({**words, "True": 1.0, "False": 0.0})
    if column["kind"] == "date":
        return pd.to_datetime(cells)
    return cells.astype("category") if column["kind"] == "categorical" else cells


def _say(started: float) -> None:
    print(json.dumps({"seconds": time.perf_counter() - started, "peak": _peak()}))


def _peak() -> float:
    """GB. On Linux not what `getrusage` says, which counts what the process that began this one held."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT / 1e9
    (held,) = (line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
    return int(held) * 1024 / 1e9


def _run(who: str, folder: Path, path: Path) -> dict[str, float]:
    script = (
        f"import sys; from pathlib import Path; from benchmarks.score import {who}; {who}(*map(Path, sys.argv[1:]))"
    )
    command = [sys.executable, "-c", script, str(folder), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def write_answerable(path: Path, rows: int) -> None:
    """The table of `prepare`, with a target that follows from it."""
    write_table(path, rows)
    frame = pd.read_csv(path)
    signal = (frame["number 0"].fillna(100) - 100) / 20 + (frame["category 0"] == "word 1") - (frame["member"] == "no")
    chance = 1 / (1 + np.exp(-(signal - 0.3)))
    frame["target"] = np.where(np.random.default_rng(1).random(rows) < chance, "yes", "no")
    frame.to_csv(path, index=False)


def train(folder: Path) -> None:
    """An ensemble as a run makes it, by default but for the tuning, on a few thousand rows."""
    from tests.score.models import trained_on

    write_answerable(folder / "train.csv", TRAINED_ON)
    trained_on(folder, folder / "train.csv", "target")


def memory(rows: int) -> dict[str, float]:
    """Seconds and peak in GB of our job with a small model, on so many rows; the same 50,000, again and again."""
    from tests.score.models import FORMS, trained_on

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_answerable(folder / "train.csv", TRAINED_ON)
        trained_on(folder, folder / "train.csv", "target", FORMS)
        write_answerable(folder / "part.csv", 50_000)
        pd.read_csv(folder / "part.csv", dtype=str, keep_default_na=False).drop(columns="target").to_csv(
            folder / "part.csv", index=False
        )
        header, _, body = (folder / "part.csv").read_bytes().partition(b"\n")
        with (folder / "bench.csv").open("wb") as file:
            file.write(header + b"\n")
            for _ in range(max(1, rows // 50_000)):
                file.write(body)
        return _run("ours", folder, folder / "bench.csv")


def measure(rows: int = ROWS) -> dict[str, float]:
    """Seconds of both, their ratio, both peaks in GB, and how ours grows with the file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train(folder)
        path, half = folder / "bench.csv", folder / "half.csv"
        write_answerable(path, rows)
        for file, share in ((path, rows), (half, rows // 2)):
            frame = pd.read_csv(path, nrows=share, dtype=str, keep_default_na=False)
            frame.drop(columns="target", errors="ignore").to_csv(file, index=False)
        by_pandas, by_ours = [], []
        for _ in range(2):
            by_pandas.append(_run("peer", folder, path))
            by_ours.append(_run("ours", folder, path))
        small = _run("ours", folder, half)
    peer_seconds, our_seconds = (min(one["seconds"] for one in found) for found in (by_pandas, by_ours))
    peak = max(one["peak"] for one in by_ours)
    return {
        "rows": rows,
        "pandas_seconds": peer_seconds,
        "score_seconds": our_seconds,
        "ratio": our_seconds / peer_seconds,
        "pandas_peak_gb": max(one["peak"] for one in by_pandas),
        "peak_gb": peak,
        "peak_growth": peak / small["peak"],
    }


def main() -> None:
    if sys.argv[1:2] == ["memory"]:
        for rows in map(int, sys.argv[2:]):
            alone = memory(rows)
            print(f"{rows:,} rows: {alone['seconds']:.1f} s, {alone['peak']:.2f} GB", flush=True)
        return
    found = measure(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
    print(f"{found['rows']:,} rows by 20 columns")
    print(f"pandas and the bare model {found['pandas_seconds']:.1f} s, {found['pandas_peak_gb']:.2f} GB")
    print(f"the job {found['score_seconds']:.1f} s, {found['peak_gb']:.2f} GB, {found['peak_growth']:.2f} of half's")
    print(f"ratio {found['ratio']:.2f} (at most {MOST_RATIO})")


if __name__ == "__main__":
    main()
