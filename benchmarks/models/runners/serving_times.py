"""Ours against one XGBoost booster of as many trees, both behind the same encoding of the same rows of text.

The booster's trees are as deep as ours are on average, and it has as many threads; so the ratio tells what merging the
members costs, and the linear member, and calibration.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost

from benchmarks.models.runners.asking import Rows, answer_times, model_at, read

BOOSTER = "model.ubj"


def main() -> None:
    question = json.load(sys.stdin)
    folder = Path(question["model"])
    model = model_at(folder)
    columns, rows = read(Path(question["test"]), folder)
    trees = trees_of(folder)
    depth = max(1, round(model.nodes / max(1, trees)))
    matrix = model.encode(*read(Path(question["train"]), folder))
    booster = one_booster(matrix, question["classes"], trees, depth)

    def ours(asked: Rows) -> object:
        return model.scores(model.encode(columns, asked))

    def plain(asked: Rows) -> object:
        return booster.inplace_predict(model.encode(columns, asked), validate_features=False)

    found: dict[str, Any] = answer_times({"ours": ours, "one_booster": plain}, rows)
    found |= {"trees": trees, "depth": depth}
    print(json.dumps(found))


def trees_of(folder: Path) -> int:
    """Of what is served; 0 where a linear member answers alone."""
    if not (folder / BOOSTER).exists():
        return 0
    booster = xgboost.Booster()
    booster.load_model(bytearray((folder / BOOSTER).read_bytes()))
    return len(booster.get_dump())


def one_booster(matrix: npt.NDArray[np.float32], classes: list[str], trees: int, depth: int) -> xgboost.Booster:
    """Trained on noise: what the trees say makes no difference to how long they take."""
    groups = len(classes) if len(classes) > 2 else 1
    drawn = np.random.default_rng(7).integers(0, max(2, groups), len(matrix))
    parameters: dict[str, Any] = {"max_depth": depth, "eta": 0.05, "nthread": 1}
    if classes:
        parameters["objective"] = "multi:softprob" if groups > 1 else "binary:logistic"
    if groups > 1:
        parameters["num_class"] = groups
    rounds = max(1, trees // groups)
    return xgboost.train(parameters, xgboost.DMatrix(matrix, label=drawn), num_boost_round=rounds)


if __name__ == "__main__":
    main()
