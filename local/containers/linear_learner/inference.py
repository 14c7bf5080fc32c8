"""The scoring service: feature rows as CSV, JSON or JSON lines in, JSON or JSON lines out, and no CSV.

The forms are those of "Linear learner response formats" and of SageMaker's common formats for inference. Statuses are
those of its other algorithms: 415 for a body of another type, 400 for one that cannot be evaluated, 406 for an answer
that is not offered.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from local.containers.errors import UserError
from local.containers.linear_learner.fitting import Floats, Model
from local.containers.linear_learner.losses import chances
from local.containers.linear_learner.scores import labels
from local.containers.linear_learner.training import FORMAT, MODEL
from local.containers.reply import Reply, served_as

_CSV, _JSON, _LINES = "text/csv", "application/json", "application/jsonlines"


class ScoringService:
    """Serves the model in `model_dir`."""

    def __init__(self, model_dir: Path) -> None:
        try:
            document = json.loads((model_dir / MODEL).read_text(encoding="utf-8"))
            known = document["format"] == FORMAT
        except (OSError, ValueError, KeyError, TypeError):
            known = False
        if not known:
            raise UserError(
                f"no {MODEL} that the laptop's stand-in for linear-learner has written: it reads none of AWS's"
            )
        self._model = Model(np.array(document["weights"]), np.array(document["bias"]))
        self._is_number = document["predictor_type"] == "regressor"
        self._is_margin = document["loss"] == "hinge_loss"
        self._threshold = float(document["threshold"])

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Reply:
        """The answer to one request."""
        media = (content_type or "").partition(";")[0].strip().lower()
        wanted = (accept or "*/*").partition(";")[0].strip().lower()
        if wanted not in ("", "*/*", _JSON, _LINES):
            return _said(406, f"Accept type {wanted} is not supported: {_JSON} or {_LINES}")
        reader = {_CSV: _of_csv, _JSON: _of_json, _LINES: _of_lines}.get(media)
        if reader is None:
            return _said(415, f"Content type {media} is not supported: {_CSV}, {_JSON} or {_LINES}")
        try:
            rows = np.array(reader(body.decode()), dtype=np.float32).astype(np.float64)
        except (ValueError, KeyError, TypeError, AttributeError):
            return _said(400, "unable to evaluate payload provided")
        if rows.ndim != 2 or rows.shape[1] != len(self._model.weights) or not np.isfinite(rows).all():
            return _said(400, "unable to evaluate payload provided")
        answers = self._answers(rows)
        if wanted == _LINES:
            return _said(200, "".join(json.dumps(one) + "\n" for one in answers), _LINES)
        return _said(200, json.dumps({"predictions": answers}), _JSON)

    def _answers(self, rows: Floats) -> list[dict[str, Any]]:
        found = self._model.scores(rows)
        if self._is_number:
            return [{"score": score} for score in found[:, 0].tolist()]
        shares = found if self._is_margin else chances(found)
        said = labels(shares, self._threshold).tolist()
        scores = shares[:, 0].tolist() if shares.shape[1] == 1 else shares.tolist()
        return [{"score": score, "predicted_label": label} for score, label in zip(scores, said, strict=True)]


def _of_csv(text: str) -> list[list[float]]:
    return [[float(cell) for cell in line.split(",")] for line in text.strip().splitlines()]


def _of_json(text: str) -> list[Any]:
    return [_features(one) for one in json.loads(text)["instances"]]


def _of_lines(text: str) -> list[Any]:
    return [_features(json.loads(line)) for line in text.splitlines() if line.strip()]


def _features(instance: Any) -> Any:
    """Of `{"features": [...]}` or `{"data": {"features": {"values": [...]}}}`."""
    return instance["features"] if "features" in instance else instance["data"]["features"]["values"]


def _said(status: int, text: str, media: str = "text/html") -> Reply:
    return Reply(status, served_as(media), text.encode())
