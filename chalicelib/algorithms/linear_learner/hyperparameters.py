"""linear-learner's hyperparameters: which it takes, what they may be, and what SageRelay sets.

Facts from AWS's "Linear learner hyperparameters" and from the bounds of the SageMaker SDK's class. Not here: what moves
only the threshold that decides a label (`target_recall` and its like), because labels follow from probabilities, and
`hinge_loss`, which answers none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.algorithms.hyperparameters import LARGEST_REAL, Choice, Kind, Number, as_text, whole
from chalicelib.algorithms.objectives import UnsuitableObjectiveError
from chalicelib.contract.metrics import Task

_AUTO = ("auto",)
_MOST_CLASSES = 1_000_000
_POSITIVE = Number(0, open_low=True)
_DECAY = Number(0, 1, open_high=True, words=_AUTO)
_PENALTY = Number(0, tunable=True, words=_AUTO)
_AUTO_OR_COUNT = Number(1, 2**31 - 1, whole=True, words=_AUTO)
_INSIDE = Number(0, 1, open_low=True, open_high=True)
_YES_OR_NO = Choice(("true", "false"))
_AUTO_YES_OR_NO = Choice(("auto", "true", "false"))

_LOSSES = {
    Task.BINARY: ("logistic",),
    Task.MULTICLASS: ("softmax_loss",),
    Task.REGRESSION: (
        "squared_loss",
        "absolute_loss",
        "eps_insensitive_squared_loss",
        "eps_insensitive_absolute_loss",
        "quantile_loss",
        "huber_loss",
    ),
}
"""Those that suit a task; "auto", the first of them, suits each."""

KINDS: dict[str, Kind] = {
    "predictor_type": Choice(("binary_classifier", "multiclass_classifier", "regressor")),
    "num_classes": whole(3, _MOST_CLASSES),
    "accuracy_top_k": whole(1, _MOST_CLASSES),
    "balance_multiclass_weights": _YES_OR_NO,
    "beta_1": _DECAY,
    "beta_2": _DECAY,
    "bias_lr_mult": Number(0, open_low=True, words=_AUTO),
    "bias_wd_mult": Number(0, words=_AUTO),
    "binary_classifier_model_selection_criteria": Choice(("accuracy", "f_beta", "loss_function")),
    "early_stopping_patience": whole(1),
    "early_stopping_tolerance": _POSITIVE,
    "epochs": whole(1),
    "f_beta": _POSITIVE,
    "huber_delta": _POSITIVE,
    "init_bias": Number(-LARGEST_REAL),
    "init_method": Choice(("uniform", "normal")),
    "init_scale": _POSITIVE,
    "init_sigma": _POSITIVE,
    "l1": _PENALTY,
    "learning_rate": Number(0, open_low=True, tunable=True, words=_AUTO),
    "loss": Choice(("auto", *(loss for those in _LOSSES.values() for loss in those))),
    "loss_insensitivity": _POSITIVE,
    "lr_scheduler_factor": Number(0, 1, open_low=True, open_high=True, words=_AUTO),
    "lr_scheduler_minimum_lr": Number(0, open_low=True, words=_AUTO),
    "lr_scheduler_step": _AUTO_OR_COUNT,
    "mini_batch_size": whole(1, tunable=True),
    "momentum": _DECAY,
    "normalize_data": _AUTO_YES_OR_NO,
    "normalize_label": _AUTO_YES_OR_NO,
    "num_calibration_samples": _AUTO_OR_COUNT,
    "num_models": _AUTO_OR_COUNT,
    "num_point_for_scaler": whole(1),
    "optimizer": Choice(("auto", "adam", "sgd", "rmsprop")),
    "positive_example_weight_mult": Number(0, open_low=True, tunable=True, words=("auto", "balanced")),
    "quantile": _INSIDE,
    "unbias_data": _AUTO_YES_OR_NO,
    "unbias_label": _AUTO_YES_OR_NO,
    "use_bias": Choice(("true", "false"), tunable=True),
    "use_lr_scheduler": _YES_OR_NO,
    "wd": _PENALTY,
}

_NEEDS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "beta_1": ("optimizer", ("auto", "adam"), "auto"),
    "beta_2": ("optimizer", ("auto", "adam"), "auto"),
    "momentum": ("optimizer", ("sgd",), "auto"),
    "init_scale": ("init_method", ("uniform",), "uniform"),
    "init_sigma": ("init_method", ("normal",), "uniform"),
    "lr_scheduler_factor": ("use_lr_scheduler", ("true",), "true"),
    "lr_scheduler_minimum_lr": ("use_lr_scheduler", ("true",), "true"),
    "lr_scheduler_step": ("use_lr_scheduler", ("true",), "true"),
    "bias_lr_mult": ("use_bias", ("true",), "true"),
    "bias_wd_mult": ("use_bias", ("true",), "true"),
    "huber_delta": ("loss", ("huber_loss",), "auto"),
    "quantile": ("loss", ("quantile_loss",), "auto"),
    "loss_insensitivity": ("loss", ("eps_insensitive_squared_loss", "eps_insensitive_absolute_loss"), "auto"),
}
"""What a hyperparameter does nothing without: another's name, the values it may have, the one it has where unsaid."""

_ONLY_FOR: dict[str, Task] = {
    "binary_classifier_model_selection_criteria": Task.BINARY,
    "positive_example_weight_mult": Task.BINARY,
    "accuracy_top_k": Task.MULTICLASS,
    "balance_multiclass_weights": Task.MULTICLASS,
    "normalize_label": Task.REGRESSION,
    "unbias_label": Task.REGRESSION,
}
_PREDICTOR = {
    Task.BINARY: "binary_classifier",
    Task.MULTICLASS: "multiclass_classifier",
    Task.REGRESSION: "regressor",
}
LARGEST_BATCH = 1_000
"""The algorithm's own default. It ends with an error where there are fewer rows than that."""
STEPS_AN_EPOCH = 20


def contradictions(chosen: Mapping[str, str]) -> list[str]:
    """What is right by itself and does nothing beside the others."""
    found = []
    for name in chosen.keys() & _NEEDS.keys():
        other, values, unsaid = _NEEDS[name]
        if chosen.get(other, unsaid) not in values:
            found.append(f'"{name}" does nothing without "{other}: {values[0]}"{_or(values[1:])}')
    return sorted(found)


def _or(values: tuple[str, ...]) -> str:
    return f" (or {', '.join(values)})" if values else ""


def static(task: Task, classes: int | None, chosen: Mapping[str, Any], rows: int | None) -> dict[str, str]:
    """All hyperparameters of a training but the tuned ones, as the strings SageMaker wants.

    Of the models that are trained at once, the one with the least loss is kept, because probabilities decide; the
    algorithm's own choice would be that with the most labels right. Batches are smaller than there are rows.

    Raises:
        UnsuitableObjectiveError: what is chosen means nothing for this task, or needs more rows.
    """
    for name, of in _ONLY_FOR.items():
        if name in chosen and task is not of:
            raise UnsuitableObjectiveError(f'"{name}" is for a {of} target, and this is a {task} one; take it out.')
    losses = ("auto", *_LOSSES[task])
    if (loss := as_text(chosen.get("loss", "auto"))) not in losses:
        raise UnsuitableObjectiveError(
            f'"loss: {loss}" does not suit a {task} target. Allowed for it: {", ".join(losses)}.'
        )
    if rows is not None and (batch := int(chosen.get("mini_batch_size", 1))) > rows:
        raise UnsuitableObjectiveError(
            f'"mini_batch_size: {batch}" is more than the {rows} training rows, and linear-learner would end with an '
            "error; make it smaller, or leave it out."
        )
    values: dict[str, Any] = {"epochs": 15, "mini_batch_size": _batch(rows)}
    if task is Task.BINARY:
        values["binary_classifier_model_selection_criteria"] = "loss_function"
    values |= {**chosen, "predictor_type": _PREDICTOR[task]}
    if task is Task.MULTICLASS:
        values["num_classes"] = classes
    return {name: as_text(value) for name, value in sorted(values.items())}


def _batch(rows: int | None) -> int:
    return LARGEST_BATCH if rows is None else min(LARGEST_BATCH, max(1, rows // STEPS_AN_EPOCH))
