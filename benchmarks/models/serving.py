"""Answer times of 1 and of 1,000 rows: ours against AutoGluon medium's own predict, and against one plain booster.

The model is the one that ours left when it was measured on the pair; AutoGluon is trained again, in the same sitting,
with the same seconds. Of several sets the worst ratio counts. Milliseconds are the clock's; the processor's stand
beside them, because AutoGluon answers in a process of its own, and so not by turns with ours.
"""

import itertools
import json
from typing import Any

from benchmarks.models.entrants import OURS
from benchmarks.models.results import Results
from benchmarks.models.rounds import Order, artifact, measure
from benchmarks.models.runners.processes import step
from benchmarks.models.runs import environment
from benchmarks.models.sets import DataSet
from benchmarks.models.splits import Pair, pair
from benchmarks.peers import cache

AUTOGLUON = "autogluon_medium"
ROWS = ("1", "1000")


def served(order: Order, results: Results) -> dict[str, Any]:
    """Milliseconds by set, and the worst ratios."""
    return with_ratios({of.name: _of_one(order, of, results) for of in order.sets})


def with_ratios(sets: dict[str, Any]) -> dict[str, Any]:
    """The worst of all sets' ratios, by rows and peer."""
    found: dict[str, Any] = {"sets": sets}
    for rows, kind in itertools.product(ROWS, ("", "cpu_")):
        for peer in ("autogluon", "one_booster"):
            worst = max(one[rows][f"{kind}ours"] / one[rows][f"{kind}{peer}"] for one in sets.values())
            found.setdefault(rows, {})[f"{kind}of_{peer}"] = worst
    return found


def _of_one(order: Order, of: DataSet, results: Results) -> dict[str, Any]:
    number = order.splits[0]
    chosen = pair(of, number, cache() / "models" / "splits" / f"{of.name}-{number}")
    again = frozenset({AUTOGLUON} if artifact(chosen).exists() else {AUTOGLUON, OURS})
    both = (OURS, AUTOGLUON)
    measure(Order([of], [number], both, order.cores, order.trials, again=again), results)
    run = results.runs[of.name, number, AUTOGLUON, False]
    if run.failed:
        raise RuntimeError(f"AutoGluon failed on {of.name}: {run.failed}")
    told = asked(chosen, order.cores)
    took: dict[str, Any] = {
        "ours": told["ours"],
        "one_booster": told["one_booster"],
        "autogluon": {"predict_ms": run.predict_ms, "predict_cpu_ms": run.predict_cpu_ms},
    }
    by_clock = {rows: {name: one["predict_ms"][rows] for name, one in took.items()} for rows in ROWS}
    cpu = {rows: {f"cpu_{name}": one["predict_cpu_ms"][rows] for name, one in took.items()} for rows in ROWS}
    return {rows: by_clock[rows] | cpu[rows] for rows in ROWS} | {"trees": told["trees"], "depth": told["depth"]}


def asked(chosen: Pair, cores: int) -> dict[str, Any]:
    """Milliseconds of ours and of one booster with as many trees, by name, clock or processor, and rows."""
    question = {
        "model": str(artifact(chosen)),
        "train": str(chosen.train),
        "test": str(chosen.test),
        "target": chosen.of.target,
        "classes": list(chosen.classes),
    }
    threads = {name: value for name, value in environment(cores).items() if name.startswith("OMP_")}
    said = step("benchmarks.models.runners.serving_times", question, **threads).said
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    return found
