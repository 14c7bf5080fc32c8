"""Which hyperparameters linear-learner takes: names, values, bounds, and what it has where nothing is given.

From AWS's "Linear learner hyperparameters", the defaults as its log shows them. The words of its refusals are those of
SageMaker's algorithms of that family, as far as they were seen.
"""

import math
from collections.abc import Mapping
from typing import Any

from local.containers.errors import UserError
from local.containers.kinds import Interval, Kind
from local.containers.linear_learner.objectives import OBJECTIVES

_AUTO = ("auto",)
_WHOLE = Interval(1)
_POSITIVE = Interval(0, low_open=True)
_NOT_NEGATIVE = Interval(0)
_SHARE = Interval(0, 1, high_open=True)
_INSIDE = Interval(0, 1, low_open=True, high_open=True)
_CLASSES = Interval(1, 1_000_000)


def _real(interval: Interval, words: tuple[str, ...] = ()) -> Kind:
    return Kind(float, interval, words=words)


def _integer(interval: Interval, words: tuple[str, ...] = ()) -> Kind:
    return Kind(int, interval, words=words)


def _choice(*values: str) -> Kind:
    return Kind(str, list(values))


_YES_OR_NO = _choice("true", "false")
_AUTO_YES_OR_NO = _choice("auto", "true", "false")

LOSSES = {
    "binary_classifier": ("logistic", "hinge_loss"),
    "multiclass_classifier": ("softmax_loss",),
    "regressor": (
        "squared_loss",
        "absolute_loss",
        "eps_insensitive_squared_loss",
        "eps_insensitive_absolute_loss",
        "quantile_loss",
        "huber_loss",
    ),
}
"""By what is predicted, the one that "auto" means first."""

_TABLE: dict[str, tuple[Kind, str | None]] = {
    "predictor_type": (_choice("binary_classifier", "multiclass_classifier", "regressor"), None),
    "feature_dim": (_integer(_WHOLE, _AUTO), "auto"),
    "num_classes": (_integer(_CLASSES), None),
    "accuracy_top_k": (_integer(_CLASSES), "3"),
    "balance_multiclass_weights": (_YES_OR_NO, "false"),
    "beta_1": (_real(_SHARE, _AUTO), "auto"),
    "beta_2": (_real(_SHARE, _AUTO), "auto"),
    "bias_lr_mult": (_real(_POSITIVE, _AUTO), "auto"),
    "bias_wd_mult": (_real(_NOT_NEGATIVE, _AUTO), "auto"),
    "binary_classifier_model_selection_criteria": (
        _choice(
            "accuracy",
            "f1",
            "f_beta",
            "precision_at_target_recall",
            "recall_at_target_precision",
            "cross_entropy_loss",
            "loss_function",
        ),
        "accuracy",
    ),
    "early_stopping_patience": (_integer(_WHOLE), "3"),
    "early_stopping_tolerance": (_real(_POSITIVE), "0.001"),
    "epochs": (_integer(_WHOLE), "15"),
    "f_beta": (_real(_POSITIVE), "1.0"),
    "huber_delta": (_real(_NOT_NEGATIVE), "1.0"),
    "init_bias": (_real(Interval()), "0.0"),
    "init_method": (_choice("uniform", "normal"), "uniform"),
    "init_scale": (_real(_POSITIVE), "0.07"),
    "init_sigma": (_real(_POSITIVE), "0.01"),
    "l1": (_real(_NOT_NEGATIVE, _AUTO), "auto"),
    "learning_rate": (_real(_POSITIVE, _AUTO), "auto"),
    "loss": (_choice("auto", *(loss for those in LOSSES.values() for loss in those)), "auto"),
    "loss_insensitivity": (_real(_POSITIVE), "0.01"),
    "lr_scheduler_factor": (_real(_INSIDE, _AUTO), "auto"),
    "lr_scheduler_minimum_lr": (_real(_POSITIVE, _AUTO), "auto"),
    "lr_scheduler_step": (_integer(_WHOLE, _AUTO), "auto"),
    "margin": (_real(_NOT_NEGATIVE), "1.0"),
    "mini_batch_size": (_integer(_WHOLE), "1000"),
    "momentum": (_real(_SHARE, _AUTO), "auto"),
    "normalize_data": (_AUTO_YES_OR_NO, "true"),
    "normalize_label": (_AUTO_YES_OR_NO, "auto"),
    "num_calibration_samples": (_integer(_WHOLE, _AUTO), "10000000"),
    "num_models": (_integer(_WHOLE, _AUTO), "auto"),
    "num_point_for_scaler": (_integer(_WHOLE), "10000"),
    "optimizer": (_choice("auto", "adam", "sgd", "rmsprop"), "auto"),
    "positive_example_weight_mult": (_real(_POSITIVE, ("auto", "balanced")), "1.0"),
    "quantile": (_real(_INSIDE), "0.5"),
    "target_precision": (_real(_INSIDE), "0.8"),
    "target_recall": (_real(_INSIDE), "0.8"),
    "unbias_data": (_AUTO_YES_OR_NO, "auto"),
    "unbias_label": (_AUTO_YES_OR_NO, "auto"),
    "use_bias": (_YES_OR_NO, "true"),
    "use_lr_scheduler": (_YES_OR_NO, "true"),
    "wd": (_real(_NOT_NEGATIVE, _AUTO), "auto"),
    "_tuning_objective_metric": (_choice("", *OBJECTIVES), ""),
}
KINDS = {name: kind for name, (kind, _) in _TABLE.items()}
REQUIRED = frozenset({"predictor_type"})
TUNABLE = frozenset({"wd", "l1", "learning_rate", "mini_batch_size", "use_bias", "positive_example_weight_mult"})
"""By "Tune a linear learner model"."""


def validate(given: Mapping[str, str]) -> dict[str, Any]:
    """All hyperparameters, read; None for what has no value. Raises `UserError`.

    >>> validate({"predictor_type": "regressor", "wd": "0.1"})["loss"]
    'squared_loss'
    """
    if unknown := sorted(given.keys() - KINDS.keys()):
        were = "was" if len(unknown) == 1 else "were"
        names = ", ".join(f"'{name}'" for name in unknown)
        raise UserError(f"Additional hyperparameters are not allowed ({names} {were} unexpected)")
    if lacking := sorted(REQUIRED - given.keys()):
        raise UserError(f"No value(s) were specified for '{lacking[0]}' which are required hyperparameter(s)")
    values = {name: None if default is None else _read(name, default) for name, (_, default) in _TABLE.items()}
    values |= {name: _read(name, text) for name, text in given.items()}
    predictor, classes = values["predictor_type"], values["num_classes"]
    if predictor == "multiclass_classifier" and (classes is None or classes < 3):
        raise UserError(f"num_classes must be at least 3 for predictor_type multiclass_classifier, not {classes}")
    losses = LOSSES[str(predictor)]
    if values["loss"] == "auto":
        values["loss"] = losses[0]
    if values["loss"] not in losses:
        raise UserError(f"The loss {values['loss']} is none for the predictor_type {predictor}: {', '.join(losses)}")
    return values


def _read(name: str, text: str) -> Any:
    kind = KINDS[name]
    if text in kind.words:
        return text
    try:
        value = kind.parse(text)
    except ValueError:
        raise UserError(f"'{text}' is not of the type of the hyperparameter '{name}'") from None
    finite = not isinstance(value, float) or math.isfinite(value)
    if not finite or value not in kind.allowed:
        raise UserError(f"{value} is not valid for the hyperparameter '{name}': {kind.allowed}")
    return value
