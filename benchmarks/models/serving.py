"""Answer times of 1 and of 1,000 rows: ours against AutoGluon medium's own predict, and against one plain booster.

The model is the one that ours left when it was measured on the pair; AutoGluon is trained again, in the same sitting,
with the same seconds. Of several sets the worst ratio counts.
"""

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


def served(order: Order, results: Results) -> dict[str, Any]:
    """Milliseconds by set, and the worst ratios."""
    found: dict[str, Any] = {"sets": {}}
    for of in order.sets:
        found["sets"][of.name] = _of_one(order, of, results)
    for rows in ("1", "1000"):
        for peer in ("autogluon", "one_booster"):
            worst = max(one[rows]["ours"] / one[rows][peer] for one in found["sets"].values())
            found.setdefault(rows, {})[f"of_{peer}"] = worst
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
    ours = asked(chosen, order.cores)
    return {rows: {**ours[rows], "autogluon": run.predict_ms[rows]} for rows in ("1", "1000")} | {
        "trees": ours["trees"],
        "depth": ours["depth"],
    }


def asked(chosen: Pair, cores: int) -> dict[str, Any]:
    """Milliseconds of ours and of one booster with as many trees, by rows."""
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
