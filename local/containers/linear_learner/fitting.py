"""Linear models fitted by mini-batches: several at once, close to what was asked for, of which the best is kept."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from local.containers.linear_learner import scores
from local.containers.linear_learner.channels import Rows
from local.containers.linear_learner.losses import LOSSES, chances, title

Floats = npt.NDArray[np.float64]
_SEED = 7
_VARIANTS = ((1.0, 1.0), (0.1, 1.0), (1.0, 100.0), (0.1, 100.0))
"""By what a model's step and penalties are multiplied; the first is as asked for."""


@dataclass(frozen=True)
class Model:
    """Weights (features, outputs) and bias (outputs,), in the units of the data."""

    weights: Floats
    bias: Floats

    def scores(self, features: Floats) -> Floats:
        """(rows, outputs)."""
        return np.asarray(features @ self.weights + self.bias, np.float64)


@dataclass(frozen=True)
class Scaling:
    """What the data is moved and divided by."""

    mean: Floats
    spread: Floats
    label_mean: float
    label_spread: float

    @classmethod
    def of(cls, rows: Rows, given: Mapping[str, Any]) -> "Scaling":
        """Learned from the first rows, as many as asked for."""
        some = slice(given["num_point_for_scaler"])
        features, labels = rows.features[some], rows.labels[some]
        zeros, ones = np.zeros(features.shape[1]), np.ones(features.shape[1])
        spread = features.std(axis=0) if given["normalize_data"] != "false" else ones
        centred = given["use_bias"] == "true" and given["unbias_data"] != "false"
        numbers = given["predictor_type"] == "regressor"
        scaled = numbers and given["normalize_label"] != "false"
        shifted = numbers and given["use_bias"] == "true" and given["unbias_label"] != "false"
        return cls(
            features.mean(axis=0) if centred else zeros,
            np.where(spread > 0, spread, 1.0),
            float(labels.mean()) if shifted else 0.0,
            float(labels.std()) or 1.0 if scaled else 1.0,
        )

    def features(self, rows: Floats) -> Floats:
        return np.asarray((rows - self.mean) / self.spread, np.float64)

    def labels(self, labels: Floats) -> Floats:
        return np.asarray((labels - self.label_mean) / self.label_spread, np.float64)

    def undone(self, weights: Floats, bias: Floats) -> Model:
        """The model of data as it was, from that of scaled data."""
        plain = weights / self.spread[:, None]
        return Model(plain * self.label_spread, (bias - self.mean @ plain) * self.label_spread + self.label_mean)


class Candidate:
    """One model under way, of scaled data."""

    def __init__(self, shape: tuple[int, int], given: Mapping[str, Any], step: float, penalty: float) -> None:
        draw = np.random.default_rng(_SEED)
        small = given["init_sigma"] if given["init_method"] == "normal" else given["init_scale"]
        start = (
            draw.normal(0.0, small, shape) if given["init_method"] == "normal" else draw.uniform(-small, small, shape)
        )
        self.parameters = np.vstack([start, np.full((1, shape[1]), given["init_bias"])])
        self.given, self.steps = given, 0
        self.rate = step * (0.05 if given["learning_rate"] == "auto" else given["learning_rate"])
        self.wd = penalty * (1e-4 if given["wd"] == "auto" else given["wd"])
        self.l1 = penalty * (0.0 if given["l1"] == "auto" else given["l1"])
        self.has_bias = given["use_bias"] == "true"
        if not self.has_bias:
            self.parameters[-1] = 0.0
        self.first, self.second = np.zeros_like(self.parameters), np.zeros_like(self.parameters)

    def scores(self, features: Floats) -> Floats:
        return np.asarray(features @ self.parameters[:-1] + self.parameters[-1], np.float64)

    def step(self, features: Floats, truth: Floats, weights: Floats) -> float:
        """Learn from a batch; its mean loss before that."""
        loss, slope = LOSSES[self.given["loss"]](self.scores(features), truth, self.given)
        slope *= weights[:, None] / len(truth)
        self.steps += 1
        rate = self._rate()
        moved = rate * self._direction(np.vstack([features.T @ slope, slope.sum(axis=0, keepdims=True)]))
        moved[-1] *= _number(self.given["bias_lr_mult"], 1.0) if self.has_bias else 0.0
        kept = 1.0 - min(1.0, rate * self.wd)
        self.parameters[:-1] *= kept
        self.parameters -= moved
        if self.l1:
            inner = self.parameters[:-1]
            self.parameters[:-1] = np.sign(inner) * np.maximum(0.0, np.abs(inner) - rate * self.l1)
        return float(np.mean(loss * weights))

    def _rate(self) -> float:
        if self.given["use_lr_scheduler"] == "false":
            return self.rate
        every, factor = _number(self.given["lr_scheduler_step"], 100), _number(self.given["lr_scheduler_factor"], 0.99)
        return max(
            float(self.rate * factor ** (self.steps // every)), _number(self.given["lr_scheduler_minimum_lr"], 1e-5)
        )

    def _direction(self, slope: Floats) -> Floats:
        optimizer = self.given["optimizer"]
        if optimizer == "sgd":
            self.first = _number(self.given["momentum"], 0.0) * self.first + slope
            return self.first
        if optimizer == "rmsprop":
            self.second = 0.9 * self.second + 0.1 * slope**2
            return np.asarray(slope / (np.sqrt(self.second) + 1e-8), np.float64)
        one, two = _number(self.given["beta_1"], 0.9), _number(self.given["beta_2"], 0.999)
        self.first = one * self.first + (1 - one) * slope
        self.second = two * self.second + (1 - two) * slope**2
        mean, square = self.first / (1 - one**self.steps), self.second / (1 - two**self.steps)
        return np.asarray(mean / (np.sqrt(square) + 1e-8), np.float64)


def _number(value: Any, auto: float) -> float:
    return auto if value == "auto" else float(value)


@dataclass(frozen=True)
class Fitted:
    """The best model, what it was fitted with, and the least score that is labelled 1 between two classes."""

    model: Model
    found: Mapping[str, Any]
    threshold: float


def fit(train: Rows, judge: Rows, channel: str, given: Mapping[str, Any], say: Callable[[str], None]) -> Fitted:
    """The best of several models by the rows of `judge`, which is the channel of that name; told epoch by epoch."""
    scaling = Scaling.of(train, given)
    features, truth, weights = scaling.features(train.features), scaling.labels(train.labels), _weights(train, given)
    outputs = given["num_classes"] if given["predictor_type"] == "multiclass_classifier" else 1
    several = 1 if given["_tuning_objective_metric"] else int(_number(given["num_models"], len(_VARIANTS)))
    candidates = [Candidate((features.shape[1], outputs), given, *one) for one in _VARIANTS[: max(1, several)]]
    draw, batch = np.random.default_rng(_SEED), given["mini_batch_size"]
    best: Fitted | None = None
    record, patience = np.inf, given["early_stopping_patience"]
    for epoch in range(given["epochs"]):
        begun, order, losses = time.monotonic(), draw.permutation(len(train)), []
        for start in range(0, len(order) - batch + 1, batch):
            some = order[start : start + batch]
            each = [one.step(features[some], truth[some], weights[some]) for one in candidates]
            losses.append(each[0])
        told = title(given["loss"])
        say(f"#quality_metric: host=algo-1, epoch={epoch}, train {told} <loss>={np.mean(losses):.12g}")
        models = [scaling.undone(one.parameters[:-1], one.parameters[-1]) for one in candidates]
        seen = [loss_of(model, judge, given) for model in models]
        if channel != "train":
            say(f"#quality_metric: host=algo-1, epoch={epoch}, {channel} {told} <loss>={seen[0]:.12g}")
        judged = [_judged(model, loss, judge, given) for model, loss in zip(models, seen, strict=True)]
        at = int(np.argmin([cost for cost, _ in judged]))
        cost, threshold = judged[at]
        name = scores.criterion(given)
        shown = -cost if name else cost
        criteria = f"sampled_{name}" if name else told
        say(f"#early_stopping_criteria_metric: host=algo-1, epoch={epoch}, criteria={criteria}, value={shown:.12g}")
        if best is None or cost < record:
            say(f"Epoch {epoch}: Loss improved. Updating best model")
            one = candidates[at]
            found = {"optimizer": given["optimizer"], "learning_rate": one.rate, "l1": one.l1, "wd": one.wd}
            best = Fitted(models[at], found, threshold)
        else:
            say(f"Epoch {epoch}: Loss has not improved for {given['early_stopping_patience'] - patience + 1} epochs.")
        improved = record == np.inf or (record - cost) > given["early_stopping_tolerance"] * abs(record)
        patience = given["early_stopping_patience"] if improved else patience - 1
        record = min(record, cost)
        say(f"#progress_metric: host=algo-1, completed {100 * (epoch + 1) // given['epochs']} % of epochs")
        seconds = max(1e-6, time.monotonic() - begun)
        say(f"#throughput_metric: host=algo-1, train throughput={len(train) / seconds:.12g} records/second")
        if patience <= 0:
            say(f"Early stop condition met. Stopping training after epoch {epoch}.")
            break
    assert best is not None  # noqa: S101  there is at least one epoch
    return best


def _weights(train: Rows, given: Mapping[str, Any]) -> Floats:
    ones, labels = np.ones(len(train)), train.labels
    if given["predictor_type"] == "binary_classifier":
        wanted, positive = given["positive_example_weight_mult"], labels.sum()
        if wanted == "balanced":
            wanted = (len(labels) - positive) / max(1.0, positive)
        return np.where(labels > 0, _number(wanted, 1.0), ones)
    if given["predictor_type"] == "multiclass_classifier" and given["balance_multiclass_weights"] == "true":
        counts = np.bincount(labels.astype(np.int64), minlength=given["num_classes"])
        return np.asarray((len(labels) / (given["num_classes"] * np.maximum(1, counts)))[labels.astype(np.int64)])
    return ones


def loss_of(model: Model, rows: Rows, given: Mapping[str, Any]) -> float:
    """The mean loss, in the units of the data."""
    loss, _ = LOSSES[given["loss"]](model.scores(rows.features), rows.labels, given)
    return float(np.mean(loss))


def _judged(model: Model, loss: float, rows: Rows, given: Mapping[str, Any]) -> tuple[float, float]:
    """What it costs, less is better, and the threshold that this is at."""
    is_margin = given["loss"] == "hinge_loss"
    wanted = scores.criterion(given)
    if wanted is None:
        return loss, 0.0 if is_margin else 0.5
    found = model.scores(rows.features)
    threshold, reached = scores.calibrated((found if is_margin else chances(found))[:, 0], rows.labels, wanted, given)
    return -reached, threshold
