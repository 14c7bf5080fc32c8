"""Training in algorithm mode: `/opt/ml` in, `model/xgboost-model` and one line of metrics a round out.

`train(root)` does what the container does when SageMaker starts it with `train`, below another root. It may be called
many times in one process: it changes neither directory nor environment nor logging, and gives signals back as it
found them. Everything printed goes to standard output, where SageMaker (and `local.sagemaker`) reads the metrics
from. A job in script mode is handed on to script_training.py.

Deviations, each for a reason: checkpoints.py says one, cross_validation.py two; the list of metrics is printed in a
fixed order where the container's depends on Python's hash seed.
"""

import argparse
import json
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from types import FrameType
from typing import Any

import xgboost

from local.containers.errors import AlgorithmError, UserError, failure_text
from local.containers.xgboost import checkpoints, metrics, script_training
from local.containers.xgboost.channels import check_channels, read_channel
from local.containers.xgboost.cross_validation import Folds, Watched, cross_validated
from local.containers.xgboost.hyperparameters import validate
from local.containers.xgboost.objectives import MAXIMIZED
from local.containers.xgboost.script_environment import program

_CONTAINER_ROOT = PurePosixPath("/opt/ml")
# What XGBoost itself says about data and settings that the user can mend.
_CUSTOMER_ERRORS = (
    "label must be in [0,1] for logistic regression",
    "label must be in [0, num_class)",
    "Target is multiclass but average='binary'",
    "feature_names mismatch",
    "Check failed: preds.size() == info.labels_.size()",
    "Check failed: !auc_error AUC: the dataset only contains pos or neg samples",
    "Check failed: base_score > 0.0f && base_score < 1.0f base_score must be in (0,1) for logistic loss",
    "Check failed: label_correct PoissonRegression: label must be nonnegative",
    "Check failed: label_correct TweedieRegression: label must be nonnegative",
    "Parameter reg_lambda should be greater equal to 0",
)


@dataclass(frozen=True)
class Job:
    """One training job: validated hyperparameters, data, and where its files go."""

    hyperparameters: dict[str, Any]
    train: Any
    validation: Any
    both: Any
    """The rows of both channels, where they are cross-validated."""
    model: Path
    output: Path
    checkpoints: Path | None
    threads: int


def train(root: Path) -> int:
    """Run the job laid out below `root` (SageMaker's `/opt/ml`); returns its exit code, 0 or 1.

    A failure leaves its text in `output/failure`. `sagemaker_program` names a module that is run instead.
    """
    given = json.loads((root / "input" / "config" / "hyperparameters.json").read_text(encoding="utf-8"))
    if program(given, os.environ):
        return script_training.run(root)
    try:
        for name, booster in _trained(_prepared(root)).items():
            checkpoints.replace_model(booster, root / "model" / name)
    except Exception as error:  # noqa: BLE001 - the outermost edge: whatever it is becomes the job's failure
        text = failure_text(error)
        (root / "output").mkdir(parents=True, exist_ok=True)
        (root / "output" / "failure").write_text(text, encoding="utf-8")
        _say(f"Reporting training FAILURE\n{text}", level="ERROR")
        return 1
    _say("Reporting training SUCCESS")
    return 0


def _prepared(root: Path) -> Job:
    config = root / "input" / "config"
    hyperparameters = validate(json.loads((config / "hyperparameters.json").read_text(encoding="utf-8")))
    channels = json.loads((config / "inputdataconfig.json").read_text(encoding="utf-8"))
    data_format = check_channels(channels)
    threads = hyperparameters.get("nthread") or int(os.environ.get("SM_NUM_CPUS") or os.cpu_count() or 1)
    weights = hyperparameters.get("csv_weights") == 1
    data = root / "input" / "data"
    names = [name for name in ("train", "validation") if name in channels]
    read = {name: read_channel([data / name], data_format, weights=weights, threads=threads) for name in names}
    for name, what in (("train", "training"), ("validation", "validation")):
        if name in read and read[name] is None:
            raise UserError(f"No data in {what} channel path {_CONTAINER_ROOT / 'input' / 'data' / name}")
    both = read["train"]
    if "_kfold" in hyperparameters and "validation" in names:
        both = read_channel([data / name for name in names], data_format, weights=weights, threads=threads)
    output = root / "output" / "data"
    return Job(
        hyperparameters,
        read["train"],
        read.get("validation"),
        both,
        root / "model",
        output,
        _checkpoints(root),
        threads,
    )


def _checkpoints(root: Path) -> Path | None:
    """The checkpoint folder that SageMaker set up, below our root; None when the job has none."""
    config = root / "input" / "config" / "checkpointconfig.json"
    if not config.is_file():
        return None
    given = json.loads(config.read_text(encoding="utf-8")).get("LocalPath") or str(_CONTAINER_ROOT / "checkpoints")
    path = PurePosixPath(given)
    return root / path.relative_to(_CONTAINER_ROOT) if path.is_relative_to(_CONTAINER_ROOT) else Path(given)


def _trained(job: Job) -> dict[str, Any]:
    """The boosters by their files' names: one, or with `_kfold` one a fold. Early stopping cuts at the best round."""
    given = dict(job.hyperparameters)
    rounds = given.pop("num_round")
    folds, repeats = given.pop("_kfold", None), given.pop("_num_cv_round", 1)
    save_so_far = given.pop("save_model_on_termination", "false") == "true"
    fit = _fit(job, given, save_so_far=save_so_far)
    _say(f"Train matrix has {job.train.num_row()} rows and {job.train.num_col()} columns")
    if job.validation is not None:
        _say(f"Validation matrix has {job.validation.num_row()} rows")
    job.model.mkdir(parents=True, exist_ok=True)
    with _stoppable(enabled=save_so_far), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # metrics of a class that is never predicted
        try:
            if folds is None:
                start, done = checkpoints.newest(job.checkpoints)
                if start is not None:
                    _say(f"Checkpoint loaded from {start.name}\nResuming from iteration {done}")
                saving = [checkpoints.SaveCheckpoint(job.checkpoints)] if job.checkpoints is not None else []
                name = checkpoints.MODEL
                return {name: fit(job.train, name, rounds - done, callbacks=saving, xgb_model=start)}
            classes = bool(given.get("num_class") or given.get("objective").startswith("binary:"))  # type: ignore[union-attr]
            how = Folds(folds, repeats, given.get("seed", 0), classes)

            def one(rows: Any, number: int, watched: Watched) -> Any:
                return fit(rows, _of_fold(number), rounds, callbacks=[], evals_result=watched)

            boosters = cross_validated(job.both, how, rounds, one, job.output, _say, lambda line: _print(f"{line}\n"))
            return {_of_fold(number): booster for number, booster in enumerate(boosters)}
        except (xgboost.core.XGBoostError, ValueError, TypeError, AttributeError) as error:
            said = str(error).partition("\nStack trace:")[
                0
            ]  # addresses in this machine's libraries tell nobody anything
            if any(known in said for known in _CUSTOMER_ERRORS):
                raise UserError(said) from error
            raise AlgorithmError(f"XGB train call failed with exception:\n {said}") from error


def _fit(job: Job, given: dict[str, Any], *, save_so_far: bool) -> Callable[..., Any]:
    """What trains one booster, told by name: (rows, name, rounds, **more for xgboost.train)."""
    patience = given.pop("early_stopping_rounds", None)
    tuned, listed = given.pop("_tuning_objective_metric", None), given.pop("eval_metric", None)
    given.pop("use_dask_gpu_training", None)
    if "updater" in given:
        given["updater"] = ",".join(given["updater"])
    names = metrics.requested(tuned, listed)
    builtin = [name for name in names if name not in metrics.OWN]
    stopped_by = tuned.split(":")[1] if tuned else (listed[-1] if listed else None)
    channels = [(job.train, "train")] + ([(job.validation, "validation")] if job.validation is not None else [])

    def fit(rows: Any, name: str, rounds: int, *, callbacks: list[Any], **more: Any) -> Any:
        callbacks = [xgboost.callback.EvaluationMonitor(logger=_print), *callbacks]
        if save_so_far:
            callbacks.append(checkpoints.SaveModelSoFar(job.model / name))
        if patience and stopped_by and job.validation is not None:
            callbacks.append(_early_stopping(patience, stopped_by))
        return xgboost.train(
            given | {"nthread": job.threads} | ({"eval_metric": builtin} if builtin else {}),
            rows,
            num_boost_round=rounds,
            evals=channels,
            custom_metric=metrics.evaluation(names),
            callbacks=callbacks,
            verbose_eval=False,
            **more,
        )

    return fit


def _of_fold(number: int) -> str:
    return f"{checkpoints.MODEL}-{number}"


def _early_stopping(rounds: int, metric: str) -> Any:
    return xgboost.callback.EarlyStopping(
        rounds=rounds, data_name="validation", metric_name=metric, maximize=metric in MAXIMIZED, save_best=True
    )


@contextmanager
def _stoppable(*, enabled: bool) -> Iterator[None]:
    """With `save_model_on_termination`, SIGTERM ends the process with success: the model so far lies in its place."""
    if not enabled or threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        os._exit(0)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _say(text: str, level: str = "INFO") -> None:
    moment = datetime.now(UTC).strftime("%Y-%m-%d:%H:%M:%S")
    for line in text.splitlines():
        _print(f"[{moment}:{level}] {line}\n")


def _print(text: str) -> None:
    # Looked up at each call: whoever runs many jobs in one process may have redirected it in between.
    sys.stdout.write(text)
    sys.stdout.flush()


def main() -> int:
    """`python -m local.containers.xgboost.training --root DIR`, DIR being the job's `/opt/ml`."""
    parser = argparse.ArgumentParser(description="Train as SageMaker's built-in XGBoost 3.2-0 does.")
    parser.add_argument("--root", type=Path, required=True, help="the job's /opt/ml")
    return train(parser.parse_args().root)


if __name__ == "__main__":
    sys.exit(main())
