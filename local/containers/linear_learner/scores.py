"""What is said of a model on a channel: its metrics by the names in the log, and the threshold of a label."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn import metrics as judged

Floats = npt.NDArray[np.float64]


def criterion(given: Mapping[str, Any]) -> str | None:
    """What of labels chooses a model between two classes; None where the loss does."""
    wanted: str = given["binary_classifier_model_selection_criteria"]
    by_loss = given["predictor_type"] != "binary_classifier" or wanted in {"loss_function", "cross_entropy_loss"}
    return None if by_loss else {"f1": "f_beta"}.get(wanted, wanted)


def calibrated(chance: Floats, truth: Floats, wanted: str, given: Mapping[str, Any]) -> tuple[float, float]:
    """The least score that is labelled 1, and what it reaches of what is wanted.

    >>> calibrated(np.array([0.1, 0.3, 0.4]), np.array([0.0, 1.0, 1.0]), "accuracy", {})
    (0.3, 1.0)
    """
    order = np.argsort(-chance, kind="stable")
    ranked, right = chance[order], truth[order]
    ends = np.append(np.flatnonzero(np.diff(ranked)), len(ranked) - 1)
    hits = np.cumsum(right)[ends]
    said, positives = ends + 1.0, max(1.0, float(right.sum()))
    precision, recall = hits / said, hits / positives
    if wanted == "accuracy":
        reached = (hits + (len(right) - right.sum()) - (said - hits)) / len(right)
    elif wanted == "f_beta":
        weight = given["f_beta"] ** 2
        reached = (1 + weight) * hits / (said + weight * positives)
    elif wanted == "precision_at_target_recall":
        reached = np.where(recall >= given["target_recall"], precision, 0.0)
    else:
        reached = np.where(precision >= given["target_precision"], recall, 0.0)
    at = int(np.argmax(reached))
    return float(ranked[ends[at]]), float(reached[at])


def labels(found: Floats, threshold: float) -> npt.NDArray[np.int64]:
    """The classes that are answered, of chances (rows, outputs)."""
    if found.shape[1] == 1:
        return (found[:, 0] >= threshold).astype(np.int64)
    return np.asarray(found.argmax(axis=1), np.int64)


def of_classes(found: Floats, truth: Floats, threshold: float, given: Mapping[str, Any]) -> dict[str, float]:
    """The metrics of chances (rows, outputs), in the order of the log."""
    said, actual, beta = labels(found, threshold), truth.astype(np.int64), given["f_beta"]
    right = float(np.mean(said == actual))
    two = found.shape[1] == 1
    places = [1] if two else range(found.shape[1])
    parts = judged.precision_recall_fscore_support(actual, said, beta=beta, labels=list(places), zero_division=0)
    precision, recall, f_beta = (float(np.mean(part)) for part in parts[:3])
    if two:
        known = {"binary_classification_accuracy": right, f"binary_f_{beta:.3f}": f_beta, "precision": precision}
        known["recall"] = recall
        if 0 < actual.sum() < len(actual):
            known["roc_auc_score"] = judged.roc_auc_score(actual, found[:, 0])
        return {name: float(value) for name, value in known.items()}
    rank = 1 + (found > found[np.arange(len(actual)), actual][:, None]).sum(axis=1)
    top = given["accuracy_top_k"]
    many = {
        "multiclass_accuracy": right,
        f"multiclass_top_k_accuracy_{top}": np.mean(rank <= top),
        "dcg": np.mean(1.0 / np.log2(1.0 + rank)),
        "macro_recall": recall,
        "macro_precision": precision,
        f"macro_f_{beta:.3f}": f_beta,
    }
    return {name: float(value) for name, value in many.items()}


def of_numbers(said: Floats, truth: Floats) -> dict[str, float]:
    """The metrics of predicted numbers: they are losses."""
    return {"mse": float(np.mean((said - truth) ** 2)), "absolute_loss": float(np.mean(np.abs(said - truth)))}
