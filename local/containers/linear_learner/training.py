"""`/opt/ml` in, `model/model_algo-1` and lines of metrics out, below another root.

It may be called many times in one process: it changes neither directory nor environment nor logging. Everything
printed goes to standard output, where SageMaker (and `local.sagemaker`) reads the metrics from.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from local.containers.errors import UserError
from local.containers.linear_learner import scores
from local.containers.linear_learner.channels import CHANNELS, NO_DATA, Rows, check_channels, check_labels, read_channel
from local.containers.linear_learner.fitting import Fitted, fit, loss_of
from local.containers.linear_learner.hyperparameters import validate
from local.containers.linear_learner.losses import chances, title
from local.containers.linear_learner.saying import say

MODEL = "model_algo-1"
FORMAT = "SageRelay's stand-in for linear-learner, 1"
ONLY_LIKE_IT = (
    "This is not SageMaker's linear-learner, whose image is closed, but a stand-in that is like it: its requests, "
    "answers and metrics are the same, its figures are not."
)


def train(root: Path) -> int:
    """Run the job laid out below `root`; returns its exit code: 0, 2 for what the user can mend, 1 for the rest.

    A failure leaves its text in `output/failure`.
    """
    try:
        _trained(root)
    except Exception as error:  # noqa: BLE001 - the outermost edge: whatever it is becomes the job's failure
        mend = isinstance(error, UserError)
        text = f"ClientError: {error}" if mend else f"AlgorithmError: {type(error).__name__}: {error}"
        (root / "output").mkdir(parents=True, exist_ok=True)
        (root / "output" / "failure").write_text(text, encoding="utf-8")
        say(f"{'Customer' if mend else 'Algorithm'} Error: {error}", "ERROR")
        return 2 if mend else 1
    return 0


def _trained(root: Path) -> None:
    say(ONLY_LIKE_IT, "WARNING")
    config = root / "input" / "config"
    given = validate(json.loads((config / "hyperparameters.json").read_text(encoding="utf-8")))
    say(f"Final configuration: {json.dumps(given)}")
    channels = json.loads((config / "inputdataconfig.json").read_text(encoding="utf-8"))
    check_channels(channels)
    read = {name: _read(root, name, given) for name in CHANNELS if name in channels}
    width = read["train"].features.shape[1]
    for name, rows in read.items():
        if rows.features.shape[1] != width:
            raise UserError(f"The {name} channel has {rows.features.shape[1]} features, the train channel {width}")
    if given["feature_dim"] not in ("auto", width):
        raise UserError(f"feature_dim is {given['feature_dim']}, but the train channel has {width} features")
    if given["mini_batch_size"] > len(read["train"]):
        raise UserError(f"{NO_DATA} (mini_batch_size {given['mini_batch_size']}, {len(read['train'])} records)")
    judge = "validation" if "validation" in read else "train"
    with np.errstate(over="ignore", invalid="ignore"):  # a step that is too long; the loss then says so
        fitted = fit(read["train"], read[judge], judge, given, say)
        for name, rows in read.items():
            _say_scores(name, fitted, rows, given)
    if not (np.isfinite(fitted.model.weights).all() and np.isfinite(fitted.model.bias).all()):
        raise UserError("The model has no finite weights: the learning rate is too high for these data")
    say(f"Best model found for hyperparameters: {json.dumps(fitted.found)}")
    if "test" not in read:
        say("Test data is not provided.")
    _save(root / "model", fitted, given)


def _read(root: Path, name: str, given: dict[str, Any]) -> Rows:
    rows = read_channel(root / "input" / "data" / name, f"/opt/ml/input/data/{name}")
    check_labels(rows, name, given["predictor_type"], given["num_classes"])
    return rows


def _say_scores(channel: str, fitted: Fitted, rows: Rows, given: dict[str, Any]) -> None:
    found, told = fitted.model.scores(rows.features), title(given["loss"])
    loss = loss_of(fitted.model, rows, given)
    if given["predictor_type"] == "regressor":
        known, sign = scores.of_numbers(found[:, 0], rows.labels), "loss"
    else:
        shares = found if given["loss"] == "hinge_loss" else chances(found)
        known, sign = scores.of_classes(shares, rows.labels, fitted.threshold, given), "score"
    for name, value in ((told, loss), *known.items()):
        say(f"#{channel}_score (algo-1) : ('{name}', {value!r})")
    say(f"#quality_metric: host=algo-1, {channel} {told} <loss>={loss:.12g}")
    for name, value in known.items():
        say(f"#quality_metric: host=algo-1, {channel} {name} <{sign}>={value:.12g}")


def _save(folder: Path, fitted: Fitted, given: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    document = {
        "format": FORMAT,
        "predictor_type": given["predictor_type"],
        "loss": given["loss"],
        "weights": fitted.model.weights.tolist(),
        "bias": fitted.model.bias.tolist(),
        "threshold": fitted.threshold,
    }
    (folder / MODEL).write_text(json.dumps(document), encoding="utf-8")


def main() -> int:
    """`python -m local.containers.linear_learner.training --root DIR`, DIR being the job's `/opt/ml`."""
    parser = argparse.ArgumentParser(description="Train about as SageMaker's linear-learner does.")
    parser.add_argument("--root", type=Path, required=True, help="the job's /opt/ml")
    return train(parser.parse_args().root)


if __name__ == "__main__":
    sys.exit(main())
