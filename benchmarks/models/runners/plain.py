"""Plain xgboost on prepared rows: `{"prepared", "model", "chosen", "cores"}`, as many trees as the model at `model`."""

import json
import sys
from pathlib import Path

import pandas as pd
import xgboost

from benchmarks.models.runners.serving_times import trees_of

NOT_ITS_OWN = {"num_round", "early_stopping_rounds"}


def main() -> None:
    question = json.load(sys.stdin)
    trees = trees_of(Path(question["model"]))
    parts = [Path(question["prepared"]) / part for part in ("train", "validation")]
    frame = pd.concat([pd.read_parquet(part) for part in parts], ignore_index=True)
    words = frame.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]]
    frame[words] = frame[words].astype("category")
    matrix = xgboost.DMatrix(frame.drop(columns="label"), label=frame["label"], enable_categorical=True)
    settings = {name: value for name, value in question["chosen"].items() if name not in NOT_ITS_OWN}
    booster = xgboost.train(settings | {"nthread": question["cores"]}, matrix, num_boost_round=trees)
    print(json.dumps({"trees": len(booster.get_dump())}))


if __name__ == "__main__":
    main()
