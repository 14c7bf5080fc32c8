"""A drift check from capture files against parsing the same files and nothing else: `python -m benchmarks capture`.

Beside it stands the fastest way known to get at the same cells: pyarrow.json with only the two payloads in its schema
and pyarrow.csv with the types given, once with their own threads and once single-threaded on two files at a time, the
better of the two. (orjson, line by line, took twice pyarrow.json's time: 159 against 70 ms for 100,000 records.) It
keeps nothing, checks nothing and counts nothing. Ours is the whole check: cut, select, parse, count, judge.

A row in a record is what online callers send, a hundred what batch callers do. The files are one file named ten times
(10^6 rows) or a hundred times (10^7, for the memory). Each turn has a process of its own; the better of two counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 100_000
CLASSES = ["no", "yes"]
NUMBERS = [f"number {place}" for place in range(12)]
WORDS = {f"category {place}": count for place, count in enumerate((3, 8, 12, 20, 40, 200, 5, 6))}
_UNIT = 1 if sys.platform == "darwin" else 1024

BARE = """
import json, sys, time
from concurrent.futures import ThreadPoolExecutor
import pyarrow as pa, pyarrow.compute, pyarrow.csv as csv, pyarrow.json as pj
folder, times = sys.argv[1], int(sys.argv[2])
names = json.load(open(folder + "/names.json"))
side = pa.struct([("data", pa.string())])
schema = pa.schema([("captureData", pa.struct([("endpointInput", side), ("endpointOutput", side)]))])
words = pa.dictionary(pa.int32(), pa.string())
asked = {**{name: pa.float64() for name in names["numbers"]}, **{name: words for name in names["words"]}}
answered = {"label": words, "no": pa.float64(), "yes": pa.float64()}

def table(texts, types, threads):
    text = b"".join(pa.compute.binary_join(pa.ListArray.from_arrays([0, len(part)], part), "")[0].as_buffer()
                    for part in texts.chunks)
    return csv.read_csv(pa.BufferReader(text), csv.ReadOptions(column_names=list(types), use_threads=threads),
                        convert_options=csv.ConvertOptions(column_types=types)).num_rows

def parsed(threads):
    data = open(folder + "/capture.jsonl", "rb").read()
    read = pj.read_json(pa.BufferReader(data), pj.ReadOptions(use_threads=threads, block_size=8 << 20),
                        pj.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"))
    sides = read["captureData"].flatten()
    return [table(one.flatten()[0], types, threads) for one, types in zip(sides, (asked, answered))]

def by_arrow(): return [parsed(True) for _ in range(times)]
def by_files():
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda _: parsed(False), range(times)))

parsed(True)
found = []
for way in (by_arrow, by_files):
    started = time.perf_counter()
    rows = way()
    found.append(time.perf_counter() - started)
    assert sum(pair[0] for pair in rows) == sum(pair[1] for pair in rows) == times * names["rows"]
print(json.dumps({"seconds": min(found)}))
"""

OURS = """
import json, resource, sys, time
from pathlib import Path
from jobs.capture import cut
from jobs.drift.check import check
from jobs.profiles.profile import Reference
from jobs.drift.traffic import Baseline, count
from jobs.drift.window import Window
import jobs.report.drift_page
folder, times = Path(sys.argv[1]), int(sys.argv[2])
documents = json.loads((folder / "documents.json").read_text())
columns = tuple(Reference.read(column) for column in documents["columns"])
baseline = Baseline(documents["schema"], columns, documents["answers"])

def parts(times):
    for number in range(times):
        with (folder / "capture.jsonl").open("rb") as file:
            while part := file.read(4 << 20):
                yield f"{number}", part

window = Window.read(documents["window"])
count(cut(parts(1)), baseline, window.which)
started = time.perf_counter()
document = check(window, count(cut(parts(times)), baseline, window.which))
seconds = time.perf_counter() - started
assert document["window"]["rows"] == times * documents["rows"] and document["state"] == "stable", document["drifted"]
status = Path("/proc/self/status")  # of this program alone; ru_maxrss knows the process it was forked from, too
peak = int(status.read_text().partition("VmHWM:")[2].split()[0]) if status.exists() else \
    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"seconds": seconds, "peak": peak}))
"""


def made(rows: int, seed: int) -> dict[str, Any]:
    """Twelve numbers, eight categories, and the probability of "yes"."""
    chance = np.random.default_rng(seed)
    columns: dict[str, Any] = {name: np.round(chance.normal(100, 20, rows), 3) for name in NUMBERS}
    columns |= {name: chance.choice([f"word {i}" for i in range(count)], rows) for name, count in WORDS.items()}
    return columns | {"yes": np.round(chance.beta(0.7, 0.7, rows), 9)}


def schema() -> Any:
    """schema.json of the made-up model."""
    numbers = [{"name": name, "kind": "numeric", "used": True} for name in NUMBERS]
    words = [
        {"name": name, "kind": "categorical", "used": True, "categories": [f"word {i}" for i in range(count)]}
        for name, count in WORDS.items()
    ]
    target = {"name": "target", "kind": "target", "used": False}
    return {
        "task": "binary",
        "target": "target",
        "classes": CLASSES,
        "positive_class": "yes",
        "columns": [*numbers, *words, target],
    }


def write(folder: Path, per: int, rows: int = ROWS) -> None:
    """A capture file of `rows` rows, `per` in a record, and the documents of the model they were sent to."""
    from jobs.metrics.predictions import Predictions
    from jobs.performance_estimation import calibration
    from jobs.profiles.describe import describe
    from jobs.profiles.profile import Column

    folder.mkdir()
    now, before = made(rows, 1), made(20_000, 2)
    cells = [now[name].astype(str) for name in (*NUMBERS, *WORDS)]
    requests = [",".join(row) + "\n" for row in zip(*cells, strict=True)]
    answers = [f"{CLASSES[int(chance > 0.5)]},{1 - chance:.9g},{chance:.9g}\n" for chance in now["yes"].tolist()]
    with (folder / "capture.jsonl").open("w", encoding="utf-8") as file:
        for number, at in enumerate(range(0, rows, per)):
            file.write(_record(number, "".join(requests[at : at + per]), "".join(answers[at : at + per])))
    chances = np.column_stack([1 - before["yes"], before["yes"]])
    predicted = chances.argmax(axis=1)
    held_out = Predictions(
        "binary", (np.random.default_rng(3).random(20_000) < before["yes"]) * 1, predicted, chances, 1
    )
    answered = [
        Column("prediction", "categorical", np.array(CLASSES, object)[predicted]),
        Column("p(yes)", "numeric", before["yes"]),
    ]
    columns = [Column(name, "numeric", before[name]) for name in NUMBERS]
    columns += [Column(name, "categorical", before[name].astype(object)) for name in WORDS]
    about = {"task": "binary", "classes": CLASSES, "positive_class": "yes", "rows": 20_000}
    documents = {
        "schema": schema(),
        "columns": describe(columns),
        "answers": {**about, "columns": describe(answered), "calibration": calibration(held_out, schema())},
        "window": _window(),
        "rows": rows,
    }
    (folder / "documents.json").write_text(json.dumps(documents))
    (folder / "names.json").write_text(json.dumps({"numbers": NUMBERS, "words": [*WORDS], "rows": rows}))


def _window() -> dict[str, Any]:
    live = {"run": "r", "promoted": "2026-01-01T00:00:00Z"}
    names = {"check": "bench-drift-1", "started": "2026-01-02T00:00:00Z", "dataset": "bench", "endpoint": "e"}
    return {**names, "bucket": "b", "live": live, "drill": None, "objects": []}


def _record(number: int, request: str, answer: str) -> str:
    sides = {
        name: {"observedContentType": "text/csv", "mode": mode, "data": data, "encoding": "CSV"}
        for name, mode, data in (("endpointInput", "INPUT", request), ("endpointOutput", "OUTPUT", answer))
    }
    time = f"2026-01-01T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z"
    about = {"eventId": f"12b73486-e916-45de-9d82-{number:012d}", "inferenceTime": time}
    return json.dumps({"captureData": sides, "eventMetadata": about, "eventVersion": "0"}) + "\n"


def _run(script: str, folder: Path, times: int) -> dict[str, float]:
    command = [sys.executable, "-c", script, str(folder), str(times)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure() -> dict[str, Any]:
    """Seconds for 10^6 rows, bare and ours, their ratio, and the peak memory for 10^6 and 10^7 rows in MB."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as temporary:
        for name, per in (("single_row", 1), ("hundred_rows", 100)):
            folder = Path(temporary) / name
            write(folder, per)
            turns = [(_run(BARE, folder, 10), _run(OURS, folder, 10)) for _ in range(2)]
            bare = min(turn[0]["seconds"] for turn in turns)
            ours = min(turn[1]["seconds"] for turn in turns)
            peak = max(turn[1]["peak"] for turn in turns) * _UNIT / 1e6
            ten_times = _run(OURS, folder, 100)["peak"] * _UNIT / 1e6
            found[name] = {
                "bare_seconds": bare,
                "seconds": ours,
                "ratio": ours / bare,
                "peak_mb": {"million": peak, "ten_million": ten_times},
            }
    return found


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
